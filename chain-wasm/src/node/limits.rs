//! The bounds of everything that a peer, the relay or the user can make grow, and
//! the node's intervals. Times are in milliseconds.
//!
//! What is bounded elsewhere: messages ([`wire`](crate::wire)), the mempool
//! ([`chain::mempool`](crate::chain::mempool)), side branches
//! ([`chain::MAX_SIDE_BLOCKS`](crate::chain::MAX_SIDE_BLOCKS)), headers
//! ([`chain::tree::MAX_HEADERS`](crate::chain::tree::MAX_HEADERS)).

/// Peers of the room that are known. Further ones are ignored; the relay's own bound
/// is lower.
pub const MAX_PEERS: usize = 4_096;

/// Faulty peers that are remembered after they left.
pub const MAX_FAULTY: usize = 1_024;

/// Blocks whose predecessor is not known. They are asked for again once it is.
pub const MAX_ORPHANS: usize = 64;

/// Bytes of stored blocks that are kept in memory because a record below them is damaged.
/// The others are fetched again from peers, as the damaged one is.
pub const MAX_CUT_OFF: usize = 32 * 1024 * 1024;

/// Blocks that are too far ahead of the clock. They are asked for again later.
pub const MAX_EARLY: usize = 16;

/// Headers that must have come since side branches were last cut down to their bound
/// before they are again: so far it may be exceeded.
pub const PRUNE_EVERY: usize = 256;

/// Peers' requests that wait for the store, in all and for each peer. Further ones
/// get an empty answer.
pub const MAX_SERVING: usize = 64;
/// See [`MAX_SERVING`].
pub const MAX_SERVING_PER_PEER: usize = 4;

/// Whom a block came from is remembered for this many blocks.
pub const MAX_PROVIDERS: usize = 4_096;

/// The page's entries that wait for the store. Further ones are refused.
pub const MAX_ACCEPTING: usize = 1_024;

/// The page's requests that wait for the store.
pub const MAX_READING: usize = 256;

/// Requests for blocks under way to one peer.
pub const MAX_REQUESTS_PER_PEER: usize = 2;

/// Requests for blocks that ran out and whose answers are still taken.
pub const MAX_LATE: usize = 256;

/// Blocks asked for at once, in all.
pub const MAX_BLOCKS_IN_FLIGHT: usize = 1_024;

/// Bytes on the way to the store above which no more blocks are asked for, and those that
/// are announced are left to be asked for later.
pub const MAX_STORING: usize = 32 * 1024 * 1024;

/// Blocks in the first request to a peer. Doubled by each full answer, halved by each
/// that does not come in time.
pub const FIRST_WINDOW: usize = 16;

/// Blocks in a request at the most.
pub const MAX_WINDOW: usize = 128;

/// Bytes of blocks in an answer to aim at: their signatures are checked at once, some 20 ms
/// in a tab, and nothing else is done meanwhile.
pub const ANSWER_BYTES: usize = 128 * 1024;

/// How long an answer may take.
pub const REQUEST_TIMEOUT: u64 = 10_000;

/// A node that finds the time for an answer passed by more than this did not run meanwhile,
/// as a hidden tab may for a minute. It first reads what lies there, for as long.
pub const NOTICED_LATE: u64 = 1_000;

/// Peers that are asked at a time only to see how long they take to answer.
pub const MAX_MEASURED: usize = 8;

/// How long an answer usually takes at the most: so long a node that asks does not seal,
/// since the answer may move its tip.
pub const ANSWER_EXPECTED: u64 = 3_000;

/// How long a peer that did not answer is not asked; doubled each time.
pub const COOLING: u64 = 5_000;

/// How long a peer that gave nothing of a branch is not asked for blocks of it, unless
/// its tip changes: less than [`STALLED`], since it may just have been too busy. Doubled
/// each time, up to [`LACKS_DOUBLINGS`] times.
pub const LACKS: u64 = 7_000;
/// See [`LACKS`].
pub const LACKS_DOUBLINGS: u32 = 4;

/// How long a branch whose blocks nobody gives is waited for.
pub const STALLED: u64 = 30_000;

/// How long a block of the chain that is lost is waited for while peers are there that
/// lack it, too: twice as long as a hidden tab may take to answer. The chain is then left.
pub const LOST_FOR: u64 = 120_000;

/// How long a peer whose claim came to nothing is not asked for headers, unless it
/// claims another tip.
pub const DOUBT: u64 = 15_000;

/// After more answers than this in a row that held no new header, a claim of another
/// tip does not help any more: or a liar that claims ever new ones would be the only one
/// to be asked. [`DOUBT`] is then doubled each time, up to [`DOUBT_DOUBLINGS`] times.
pub const VAIN_ANSWERS: u32 = 3;
/// See [`VAIN_ANSWERS`].
pub const DOUBT_DOUBLINGS: u32 = 3;

/// The least time between two statuses, and what each peer of the room adds to it:
/// each status goes to all of them.
pub const STATUS_INTERVAL: u64 = 200;
/// See [`STATUS_INTERVAL`].
pub const STATUS_INTERVAL_PER_PEER: u64 = 4;

/// The least time between two events of one kind to the page.
pub const EVENT_INTERVAL: u64 = 100;

/// As [`EVENT_INTERVAL`], for a page that is hidden: only its title is seen, and each event
/// costs as much as if all of it were.
pub const HIDDEN_INTERVAL: u64 = 1_000;

/// As [`EVENT_INTERVAL`], for the chain while many blocks are on their way: it is told with
/// no more than [`TOLD_WHEN_FAR`] blocks, since each is on the page for a moment only.
pub const FAR_INTERVAL: u64 = 500;
/// See [`FAR_INTERVAL`].
pub const TOLD_WHEN_FAR: u32 = 3;

/// What each peer of the room adds to it for the list of peers, which holds all of them.
pub const EVENT_INTERVAL_PER_PEER: u64 = 2;

/// The first wait before a waiting own entry is announced again; doubled each time, up
/// to [`ANNOUNCE_MAX`].
pub const ANNOUNCE_FIRST: u64 = 5_000;
/// See [`ANNOUNCE_FIRST`].
pub const ANNOUNCE_MAX: u64 = 60_000;

/// The wait between two messages of waiting entries, if one cannot hold them all.
pub const ANNOUNCE_PACE: u64 = 250;

/// Others' entries that a reorganisation returned are announced after a random wait of
/// this much at the most, unless somebody else did first.
pub const ANNOUNCE_OTHERS: u64 = 4_000;

/// The wait between two comparisons of mempools.
pub const COMPARE_INTERVAL: u64 = 10_000;

/// How long a peer that was asked for its mempool and has not answered is not asked again:
/// a hidden tab may run once a minute only. Others may be asked meanwhile.
pub const COMPARE_PATIENCE: u64 = 60_000;

/// The wait before the first comparison with a peer whose mempool differs: most
/// differences are gone by then.
pub const COMPARE_SOON: u64 = 1_500;

/// How long after others' entries came a node waits before it joins in sealing, at
/// least; as much again is drawn at random, and [`JOIN_PER_PEER`] for each peer.
pub const JOIN_DELAY: u64 = 1_500;
/// See [`JOIN_DELAY`].
pub const JOIN_PER_PEER: u64 = 10;

/// The least time between two blocks of one node in an `open` or `authority` room, where
/// they cost nothing: entries gather meanwhile.
pub const OPEN_INTERVAL: u64 = 100;

/// In an `authority` room: how much later than the one before it each member seals that
/// stands back, at least; so much is drawn at random, too.
pub const SEAL_SPREAD: u64 = 400;

/// The least time between a node's own block and its search for one without entries.
/// While the difficulty has not caught up yet such a block is found within
/// milliseconds, and the node has more to do than to seal.
pub const EMPTY_INTERVAL: u64 = 100;

/// As [`EMPTY_INTERVAL`], for a node of a lab room that was asked to mine slowly: some
/// targets, so that the difficulty is seen to fall.
pub const SLOW_INTERVAL: u64 = 4_000;
/// As [`SLOW_INTERVAL`], for one that was asked to mine as quickly as it can.
pub const FAST_INTERVAL: u64 = 20;

/// How long a job is kept before it is made anew for entries that came since.
pub const JOB_REFRESH: u64 = 250;

/// After own blocks lost against others' at the same height, sealing waits a random
/// time up to this, doubled each time, up to [`BACKOFF_DOUBLINGS`] times.
pub const BACKOFF: u64 = 100;
/// See [`BACKOFF`].
pub const BACKOFF_DOUBLINGS: u32 = 5;

/// How far this device's clock may be from the relay's before the relay's is used.
pub const CLOCK_TOLERANCE: u64 = 2_000;

/// Blocks that a validation reads and checks at a time.
pub const VALIDATE_STEP: usize = 128;

/// Blocks that a search reads at a time: at first, and at the most. Doubled while they are
/// small, halved while they are large, so that each step is over soon.
pub const SEARCH_FIRST: usize = 16;
/// See [`SEARCH_FIRST`].
pub const MAX_SEARCH_STEP: usize = 128;

/// Bytes of blocks in a step of a search to aim at: some milliseconds in a tab, and nothing
/// else is done meanwhile.
pub const SEARCH_BYTES: usize = 256 * 1024;

/// Blocks that a search for a file reads and looks through at a time.
pub const FILE_SEARCH_STEP: usize = 64;

/// Keys that may have been a tab's wallet before. A further one is not imported.
pub const MAX_FORMER_KEYS: usize = 64;

/// Bytes of packs on their way to the store above which no more are made.
pub const MAX_PACKING: usize = 8 * 1024 * 1024;

/// Blocks read back at a time to be packed.
pub const PACK_READ: usize = 64;

/// Bytes of blocks far below the best header that are held back from the store, to go
/// into packs at once. Further ones are stored one by one.
pub const MAX_UNSTORED: usize = 8 * 1024 * 1024;

/// How long blocks are held back from the store while no pack gets full.
pub const UNSTORED: u64 = 2_000;
