//! Synchronisation at its limits.

use std::collections::BTreeSet;

use super::{Bench, EPOCH, peer};
use crate::chain::block::Block;
use crate::chain::genesis_hash;
use crate::chain::spec::Spec;
use crate::chain::transaction::{Body, Content, MAX_DATA, Transaction};
use crate::chain::tree::{Rank, Tree};
use crate::node::limits::{
    ANSWER_BYTES, FIRST_WINDOW, MAX_BLOCKS_IN_FLIGHT, MAX_LATE, MAX_REQUESTS_PER_PEER, MAX_STORING,
    MAX_WINDOW, REQUEST_TIMEOUT, STALLED,
};
use crate::node::{Input, Output};
use crate::primitives::{Hash, Keypair, PeerId, UnixMillis};
use crate::wire::{MAX_HEADERS, MAX_RESPONSE, Message, RequestId, Status};

fn room() -> Spec {
    Spec::open("sync").unwrap()
}

/// A question for blocks that is not answered yet.
struct Question {
    to: PeerId,
    request: RequestId,
    hashes: Vec<Hash>,
}

/// A chain that others have, and what the node asked them.
struct Others {
    blocks: Vec<Block>,
    hashes: Vec<Hash>,
    work: u128,
    open: Vec<Question>,
    /// How many of them give headers; the blocks are given as a test sees fit.
    asked_for_headers: usize,
}

impl Others {
    /// Blocks with so many entries of so many bytes.
    fn new(count: usize, entries: usize, size: usize) -> Self {
        let author = Keypair::from_seed([77; 32]);
        let chain = genesis_hash(&room());
        let mut tree = Tree::new(room());
        let mut others = Self {
            blocks: Vec::new(),
            hashes: vec![chain],
            work: 0,
            open: Vec::new(),
            asked_for_headers: 0,
        };
        for n in 0..count {
            let parent = others.hashes[n];
            let context = tree.context(parent).unwrap();
            let mut header = context.template(&room(), Hash::ZERO, UnixMillis(EPOCH - 1_000_000));
            let mut transactions = vec![Transaction::coinbase(
                chain,
                author.public(),
                room().reward(),
                header.height,
                header.timestamp,
            )];
            for entry in 0..entries {
                let mut salt = [0; 16];
                salt[..8].copy_from_slice(&u64::try_from(n * 1_000 + entry).unwrap().to_be_bytes());
                let body = Body::Data { media_type: "a/b".to_owned(), bytes: vec![7; size] };
                let timestamp = UnixMillis(EPOCH);
                let signed = Content { chain, author: author.public(), timestamp, salt, body };
                transactions.push(Transaction::sign(signed, &author));
            }
            let mut block = Block { header: header.clone(), transactions };
            header.merkle_root = block.merkle_root();
            tree.insert(&header).unwrap();
            others.hashes.push(header.hash());
            block.header = header;
            others.blocks.push(block);
        }
        others.work = tree.best_header().work;
        others
    }

    fn tip(&self) -> Rank {
        Rank::new(self.work, self.hashes[self.blocks.len()])
    }

    /// So many peers come who say that they have the chain.
    fn join(&mut self, bench: &mut Bench, count: u32) {
        let height = u32::try_from(self.blocks.len()).unwrap();
        for n in 1..=count {
            let status = Status::new(peer(n), self.tip().hash.0, height, self.work).encode();
            bench.input(Input::PeerJoined { peer: peer(n), status });
        }
        self.listen(bench);
    }

    /// Notes what the node asks, and gives it the headers that it asks for.
    fn listen(&mut self, bench: &mut Bench) {
        self.listen_to(bench, |_| true);
    }

    /// The same, but only for those that are asked who answer.
    fn listen_to(&mut self, bench: &mut Bench, answers: impl Fn(PeerId) -> bool) {
        loop {
            let mut asked = Vec::new();
            let sent = bench.taken(|output| match output {
                Output::Send { to, bytes } => Some((to, Message::decode(&bytes).unwrap())),
                _ => None,
            });
            for (to, message) in sent.into_iter().filter(|(to, _)| answers(*to)) {
                match message {
                    Message::GetBlocks { request, hashes } => {
                        self.open.push(Question { to, request, hashes });
                    }
                    Message::GetHeaders { request, locator } => {
                        asked.push((to, request, locator));
                    }
                    _ => {}
                }
            }
            if asked.is_empty() {
                return;
            }
            for (to, request, locator) in asked {
                self.asked_for_headers += 1;
                let shared =
                    locator.iter().find_map(|hash| self.hashes.iter().position(|h| h == hash));
                let headers = self.blocks.iter().skip(shared.unwrap()).take(MAX_HEADERS);
                let headers = headers.map(|block| block.header.encode_sealed().into()).collect();
                bench.frame(to, &Message::Headers { request, headers });
            }
        }
    }

    fn block(&self, hash: &Hash) -> &Block {
        let at = self.hashes.iter().position(|other| other == hash).unwrap();
        &self.blocks[at - 1]
    }

    /// Answers the oldest question, as an honest peer does.
    fn answer(&mut self, bench: &mut Bench) {
        let Question { to, request, hashes } = self.open.remove(0);
        let mut size = 0;
        let blocks = hashes.iter().map(|hash| self.block(hash).encode());
        let blocks = blocks.take_while(|bytes| {
            let first = size == 0;
            size += bytes.len();
            first || size <= MAX_RESPONSE
        });
        let blocks = blocks.map(Into::into).collect();
        bench.frame(to, &Message::Blocks { request, blocks });
        self.listen(bench);
    }

    fn in_flight(&self) -> usize {
        self.open.iter().map(|question| question.hashes.len()).sum()
    }

    fn questions_to(&self, to: PeerId) -> usize {
        self.open.iter().filter(|question| question.to == to).count()
    }
}

#[test]
fn blocks_are_asked_of_all_peers_at_once_within_each_bound() {
    let mut bench = Bench::new(room());
    let mut others = Others::new(3_000, 0, 0);
    others.join(&mut bench, 6);
    assert!(others.open.iter().all(|question| question.hashes.len() <= FIRST_WINDOW));
    let (mut most, mut widest, mut busiest) = (0, 0, 0);
    while !others.open.is_empty() {
        let asked: BTreeSet<&Hash> = others.open.iter().flat_map(|q| &q.hashes).collect();
        assert_eq!(asked.len(), others.in_flight(), "a block is asked of one peer at a time");
        most = most.max(others.in_flight());
        widest = others.open.iter().map(|q| q.hashes.len()).max().unwrap().max(widest);
        busiest = (1..=6).map(|n| others.questions_to(peer(n))).max().unwrap().max(busiest);
        others.answer(&mut bench);
    }
    assert_eq!(most, MAX_BLOCKS_IN_FLIGHT);
    assert_eq!(widest, MAX_WINDOW);
    assert_eq!(busiest, MAX_REQUESTS_PER_PEER);
    assert_eq!(bench.node.chain.tip_rank(), others.tip());
}

#[test]
fn fewer_blocks_are_asked_for_when_they_are_large() {
    let mut bench = Bench::new(room());
    let mut others = Others::new(120, 1, 20_000);
    others.join(&mut bench, 1);
    others.answer(&mut bench);
    others.answer(&mut bench);
    while !others.open.is_empty() {
        let size: usize =
            others.open[0].hashes.iter().map(|hash| others.block(hash).encode().len()).sum();
        assert!(size <= ANSWER_BYTES, "{size}");
        others.answer(&mut bench);
    }
    assert_eq!(bench.node.chain.tip_rank(), others.tip());
}

#[test]
fn no_more_is_asked_for_while_the_store_is_behind() {
    let mut bench = Bench::new(room());
    // The largest blocks there are, nearly.
    let mut others = Others::new(90, 15, MAX_DATA);
    let size = others.blocks[0].encode().len();
    bench.stores = false;
    others.join(&mut bench, 3);
    // An answer has room for one of them.
    let under_way = 3 * MAX_REQUESTS_PER_PEER;
    while !others.open.is_empty() {
        assert!(others.open.len() <= under_way);
        others.answer(&mut bench);
        assert!(bench.node.storing.queued() <= MAX_STORING + under_way * size);
    }
    assert!(bench.node.storing.queued() >= MAX_STORING);
    assert!(bench.node.sync.wanted().0 > 0, "it waits");
    // The store catches up: so does the node.
    bench.stores = true;
    for store in 0..1_000 {
        bench.input(Input::Stored { store });
        others.listen(&mut bench);
        while !others.open.is_empty() {
            others.answer(&mut bench);
        }
    }
    assert_eq!(bench.node.storing.queued(), 0);
    assert_eq!(bench.node.chain.tip_rank(), others.tip());
}

#[test]
fn so_many_late_requests_are_remembered_and_their_answers_are_of_use() {
    let mut bench = Bench::new(room());
    let mut others = Others::new(1_500, 0, 0);
    others.join(&mut bench, 400);
    let mut latest = Vec::new();
    for _ in 0..40 {
        latest = std::mem::take(&mut others.open);
        bench.run(REQUEST_TIMEOUT);
        others.listen(&mut bench);
        assert!(bench.node.sync.late() <= MAX_LATE);
        // Not just when the branch has been given up.
        let whole = bench.node.sync.wanted().0 == others.blocks.len();
        if bench.node.sync.late() == MAX_LATE && whole && !latest.is_empty() {
            break;
        }
    }
    let wanted = bench.node.sync.wanted().0;
    assert_eq!((bench.node.sync.late(), wanted), (MAX_LATE, others.blocks.len()));
    others.open = vec![latest.pop().unwrap()];
    let given = others.open[0].hashes.len();
    others.answer(&mut bench);
    assert_eq!(bench.node.sync.wanted().0, wanted - given);
    assert_eq!(bench.node.sync.late(), MAX_LATE - 1);
}

#[test]
fn a_peer_that_does_not_answer_is_passed_over_and_nobody_waits_for_it_for_ever() {
    let mut bench = Bench::new(room());
    let mut others = Others::new(64, 0, 0);
    others.join(&mut bench, 2);
    // The first one asked says nothing at all; the other answers.
    let silent = others.open[0].to;
    let mut waited = 0;
    while bench.node.chain.tip_rank() != others.tip() {
        others.open.retain(|question| question.to != silent);
        if others.open.is_empty() {
            assert!(waited <= STALLED, "the next peer is asked in time");
            bench.run(1_000);
            waited += 1_000;
            others.listen(&mut bench);
        } else {
            others.answer(&mut bench);
        }
    }
}

#[test]
fn a_tab_that_slept_reads_the_answers_before_it_gives_a_branch_up() {
    let mut bench = Bench::new(room());
    let mut others = Others::new(40, 0, 0);
    others.join(&mut bench, 1);
    let asked_for_headers = others.asked_for_headers;
    // Each time it runs again, the answers lie there behind a timer that is due.
    while bench.node.chain.tip_rank() != others.tip() {
        let answered = others.open.len();
        assert!(answered > 0, "it asks on");
        bench.now += 60_000;
        bench.input(Input::Wakeup);
        for _ in 0..answered {
            others.answer(&mut bench);
        }
    }
    assert_eq!(others.asked_for_headers, asked_for_headers, "nothing was asked for again");

    // A peer that gives nothing is not waited for any longer for that.
    let mut bench = Bench::new(room());
    others.join(&mut bench, 1);
    let mut rounds = 0;
    while bench.node.sync.wanted().0 > 0 {
        assert!(rounds < 3, "it is given up");
        rounds += 1;
        bench.now += 60_000;
        bench.input(Input::Wakeup);
    }
}

#[test]
fn peers_on_other_branches_are_not_asked_for_blocks_that_are_withheld() {
    let mut bench = Bench::new(room());
    let mut liar = Others::new(40, 0, 0);
    liar.join(&mut bench, 1);
    let asked = liar.open.len();
    assert!(asked > 0 && liar.open.iter().all(|question| question.to == peer(1)));
    // Of less work, and of tips that no header shows: they can't be on the liar's branch.
    let come = |bench: &mut Bench, n: u32, work: u128, tip: u32| {
        let tip = Hash::of(&tip.to_be_bytes());
        let status = Status::new(peer(n), tip, 40, work).encode();
        bench.input(Input::PeerJoined { peer: peer(n), status });
    };
    for n in 2..20 {
        come(&mut bench, n, liar.work - 1, n);
    }
    for question in std::mem::take(&mut liar.open) {
        let nothing = Message::Blocks { request: question.request, blocks: Vec::new() };
        bench.frame(question.to, &nothing);
    }
    // A peer whose tip moved is not asked either.
    for n in 2..20 {
        come(&mut bench, n, liar.work - 1, 100 + n);
    }
    liar.listen(&mut bench);
    assert_eq!(liar.open.iter().map(|question| question.to).find(|to| *to != peer(1)), None);
    // Who claims more may have that branch below its tip, and is asked.
    come(&mut bench, 20, liar.work + 1, 20);
    liar.listen(&mut bench);
    assert!(liar.open.iter().any(|question| question.to == peer(20)));
}

#[test]
fn liars_under_ever_new_names_do_not_keep_a_node_from_asking_others() {
    let mut bench = Bench::new(room());
    let mut others = Others::new(40, 0, 0);
    let silent = |n: u32| {
        let work = u128::MAX - u128::from(n);
        Status::new(peer(1_000 + n), Hash::of(&n.to_be_bytes()), 1_000_000, work).encode()
    };
    let come = |bench: &mut Bench, n: u32| {
        bench.input(Input::PeerJoined { peer: peer(1_000 + n), status: silent(n) });
    };
    come(&mut bench, 0);
    let status = Status::new(peer(1), others.tip().hash.0, 40, others.work).encode();
    bench.input(Input::PeerJoined { peer: peer(1), status });
    let mut liars = 1;
    while bench.node.chain.tip_rank() != others.tip() {
        assert!(liars < 20, "an honest peer is asked");
        // It has not failed yet when the one that is asked has, and claims more than anybody.
        bench.run(REQUEST_TIMEOUT - 1_000);
        come(&mut bench, liars);
        liars += 1;
        bench.run(1_000);
        others.listen_to(&mut bench, |to| to == peer(1));
        while !others.open.is_empty() {
            others.answer(&mut bench);
        }
    }
}
