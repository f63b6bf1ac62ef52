use chain_wasm::api::{Event, LinkView, PeerView, RoomChoice, SyncView, TipChange, TipView};

use super::*;
use crate::model::tests::{chain, running, tip};
use crate::model::{Model, Node};

fn key(n: u8) -> PublicKey {
    PublicKey::from_bytes([n; 32])
}

fn peer(n: u8) -> PeerView {
    PeerView {
        peer: key(n),
        author: Some(key(n + 100)),
        height: 0,
        tip: None,
        pending: 0,
        hidden: false,
        sealing: false,
        fault: None,
        round_trip: None,
    }
}

fn who(n: u8) -> Who {
    Who { peer: key(n), author: Some(key(n + 100)) }
}

/// What is logged after the start, newest first.
fn after_start(model: &Model) -> Vec<Happening> {
    let all = model.log.newest_first().map(|event| event.what.clone());
    all.take_while(|what| !matches!(what, Happening::Started { .. })).collect()
}

fn online(model: &mut Model) {
    model.apply(Event::Link(LinkView::Online { clock_offset: 0, whole: true }), 0);
}

fn node(model: &Model) -> &Node {
    model.node.as_ref().expect("a node")
}

#[test]
fn a_block_is_told_with_who_sent_it() {
    let mut model = running(3);
    model.apply(Event::Peers(vec![peer(1)]), 5);
    let blocks = chain(4..=4);
    let (new, hash) = (tip(&blocks), blocks[0].hash);
    let change = TipChange::Extended { added: 1 };
    let source = Some(key(1));
    model.apply(Event::Chain { fork_height: 3, tip: new, change, source, blocks }, 9);
    let from = Some(who(1));
    let block = Happening::Block { height: 4, hash, added: 1, entries: 0, from, own: false };
    assert_eq!(after_start(&model), [block, Happening::Joined(who(1))]);
    let last = model.log.newest_first().next().expect("an event");
    assert_eq!((last.at, last.what.kind()), (9, Kind::Blocks));
}

#[test]
fn many_blocks_are_told_once_they_are_here() {
    let mut model = running(3);
    model.apply(Event::Sync(SyncView::Blocks { done: 0, total: 500, rate: 0 }), 0);
    let blocks = chain(4..=5);
    let change = TipChange::Extended { added: 2 };
    let new = TipView { height: 503, ..tip(&blocks) };
    model.apply(Event::Chain { fork_height: 3, tip: new, change, source: None, blocks }, 0);
    assert_eq!(after_start(&model), []);
    model.apply(Event::Sync(SyncView::Idle), 0);
    assert_eq!(after_start(&model), [Happening::CaughtUp { height: 503, blocks: 500 }]);
}

#[test]
fn who_comes_and_goes_is_told_by_name_or_number() {
    let mut model = running(1);
    online(&mut model);
    model.apply(Event::Peers(vec![peer(1), peer(2)]), 0);
    model.apply(Event::Peers(vec![peer(2), peer(3)]), 0);
    model.apply(Event::Peers((1..10).map(peer).collect()), 0);
    model.apply(Event::Peers(Vec::new()), 0);
    assert_eq!(
        after_start(&model),
        [
            Happening::ManyLeft(9),
            Happening::ManyJoined(7),
            Happening::Joined(who(3)),
            Happening::Left(who(1)),
            Happening::Joined(who(2)),
            Happening::Joined(who(1)),
            Happening::Connected,
        ]
    );
    const { assert!(MAX_NAMED < 7) };
}

#[test]
fn a_lost_relay_is_told_once_and_not_that_everybody_left() {
    let mut model = running(1);
    online(&mut model);
    model.apply(Event::Peers(vec![peer(1)]), 0);
    let reason = LinkReason::Lost;
    for attempt in 1..4 {
        model.apply(Event::Link(LinkView::Waiting { reason, retry_in: 1, attempt }), 0);
        model.apply(Event::Peers(Vec::new()), 0);
        model.apply(Event::Link(LinkView::Connecting { attempt }), 0);
    }
    let told = [Happening::Disconnected(reason), Happening::Joined(who(1)), Happening::Connected];
    assert_eq!(after_start(&model), told);
    online(&mut model);
    assert_eq!(after_start(&model)[0], Happening::Connected);
}

#[test]
fn a_liar_is_told_of_with_the_rule_it_broke() {
    let mut model = running(1);
    model.apply(Event::Peers(vec![peer(7)]), 0);
    let (fault, rule) = (PeerFault::InvalidBlock, Some("merkle-root".to_owned()));
    model.apply(Event::Fault { peer: key(7), fault, rule: rule.clone() }, 0);
    assert_eq!(after_start(&model)[0], Happening::Fault { who: who(7), fault, rule });
}

#[test]
fn the_oldest_are_dropped_and_their_number_is_known() {
    let mut log = Log::default();
    for _ in 0..MAX_LOGGED + 5 {
        log.note(1, Happening::Connected);
    }
    assert_eq!(log.newest_first().count(), MAX_LOGGED);
    assert_eq!(log.count(), MAX_LOGGED as u64 + 5);
    assert_eq!(log.newest_first().last().map(|event| event.number), Some(6));
    assert_eq!(log.of(&[Kind::Relay]).count(), MAX_LOGGED);
    assert_eq!(log.of(&[Kind::Blocks, Kind::Tab]).count(), 0);
}

#[test]
fn another_room_has_a_log_of_its_own() {
    let room = |name: &str| RoomChoice::named(name.into());
    let mut log = Log::default();
    log.enter(Some(&room("a")));
    log.note(1, Happening::Failed);
    log.enter(Some(&room("a")));
    assert_eq!(log.count(), 1, "a node that was started again goes on");
    log.enter(Some(&room("b")));
    assert_eq!(log.count(), 0);
}

#[test]
fn files_hold_time_and_sentence_oldest_first() {
    let mut model = running(1);
    model.apply(Event::Peers(vec![peer(1)]), 60_000);
    let hash = node(&model).tip.hash;
    let from = Some(who(1));
    let block = Happening::Block { height: 2, hash, added: 1, entries: 3, from, own: false };
    model.log.note(61_000, block);
    let events: Vec<&Logged> = model.log.newest_first().collect();
    let sentence = |what: &Happening| what.kind().name().to_owned();
    let text = text(events.iter().copied(), |_| 60, sentence);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1..], ["1970-01-01 01:01:00  peers", "1970-01-01 01:01:01  blocks"]);
    let json = json(events.iter().copied(), sentence);
    let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json[2]["time"], "1970-01-01T00:01:01Z");
    assert_eq!(json[2]["event"], "block");
    assert_eq!(json[2]["height"], 2);
    assert_eq!(json[2]["hash"], hash.to_string());
    assert_eq!(json[2]["author"], key(101).to_string());
    assert_eq!((&json[1]["number"], &json[1]["text"]), (&2.into(), &"peers".into()));
}
