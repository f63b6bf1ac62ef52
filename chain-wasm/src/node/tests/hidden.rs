//! A page that nobody sees.

use super::{Bench, peer};
use crate::api::Event;
use crate::chain::spec::Spec;
use crate::node::limits::{EVENT_INTERVAL, HIDDEN_INTERVAL};
use crate::node::{Input, Output};
use crate::wire::Message;

/// Blocks that come one by one for so long, one in each [`EVENT_INTERVAL`].
fn give_blocks(bench: &mut Bench, source: &mut Bench, millis: u64) {
    let mut given = 0;
    while given * EVENT_INTERVAL < millis {
        source.add(&format!("entry {given} of {millis}"));
        source.run(EVENT_INTERVAL);
        let tip = source.node.chain.tip();
        let block = source.node.chain.body(&tip).unwrap().bytes.clone();
        bench.frame(peer(1), &Message::Block { block });
        bench.run(EVENT_INTERVAL);
        given += 1;
    }
}

/// The heights that the page was told of.
fn told(bench: &mut Bench) -> Vec<u32> {
    bench.taken(|output| match output {
        Output::Event(Event::Chain { tip, .. }) => Some(tip.height),
        _ => None,
    })
}

#[test]
fn a_hidden_page_is_told_less_often_and_of_everything_once_it_is_seen() {
    let room = || Spec::open("hidden").unwrap();
    let (mut source, mut bench) = (Bench::new(room()), Bench::new(room()));
    bench.join(peer(1));
    bench.run(1_000);
    give_blocks(&mut bench, &mut source, 5 * HIDDEN_INTERVAL);
    let seen = told(&mut bench).len();

    bench.input(Input::Hidden(true));
    give_blocks(&mut bench, &mut source, 5 * HIDDEN_INTERVAL);
    // One at once, and then one in each interval.
    let hidden = told(&mut bench).len();
    assert!((5..=6).contains(&hidden), "{hidden} times, and {seen} times while it was seen");
    assert!(seen > 5 * hidden);

    source.add("the last");
    source.run(EVENT_INTERVAL);
    let tip = source.node.chain.tip();
    let block = source.node.chain.body(&tip).unwrap().bytes.clone();
    bench.frame(peer(1), &Message::Block { block });
    assert!(told(&mut bench).is_empty(), "it was told a moment ago");
    bench.input(Input::Hidden(false));
    assert_eq!(told(&mut bench), [source.node.chain.height()]);
    bench.run(10 * HIDDEN_INTERVAL);
    assert!(told(&mut bench).is_empty());
}
