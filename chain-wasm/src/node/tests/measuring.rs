//! How long peers take to answer.

use super::{Bench, peer};
use crate::api::{Event, Outcome};
use crate::chain::spec::Spec;
use crate::node::limits::MAX_MEASURED;
use crate::node::{Input, NodeCommand, Output};
use crate::primitives::PeerId;
use crate::wire::{Message, RequestId};

impl Bench {
    /// Whom the node asks for nothing, and under which numbers.
    fn measured(&mut self) -> Vec<(PeerId, RequestId)> {
        self.input(Input::Command { request: 5, command: NodeCommand::Measure });
        let outputs: Vec<Output> = self.taken(Some);
        let done = Output::Reply { request: 5, outcome: Ok(Outcome::Done) };
        assert!(outputs.contains(&done), "{outputs:?}");
        let questions = outputs.into_iter().filter_map(|output| {
            let Output::Send { to, bytes } = output else { return None };
            match Message::decode(&bytes).unwrap() {
                Message::GetTransactions { request, ids } => {
                    assert_eq!(ids, []);
                    Some((to, request))
                }
                other => panic!("{other:?}"),
            }
        });
        questions.collect()
    }

    fn round_trip(&self, of: PeerId) -> Option<u32> {
        let view = self.node.view();
        view.peers.iter().find(|view| view.peer == of).unwrap().round_trip
    }

    fn answer(&mut self, from: PeerId, request: RequestId) {
        self.frame(from, &Message::SentTransactions { request, transactions: Vec::new() });
    }
}

#[test]
fn a_peer_that_answers_is_measured_and_told_of() {
    let mut bench = Bench::new(Spec::open("measure").unwrap());
    bench.run(1_000);
    bench.join(peer(1));
    bench.taken(Some);
    assert_eq!(bench.round_trip(peer(1)), None);
    let asked = bench.measured();
    let [(to, request)] = asked[..] else { panic!("{asked:?}") };
    assert_eq!(to, peer(1));
    // Once is enough while the answer is on its way.
    assert_eq!(bench.measured(), []);
    bench.now += 34;
    bench.answer(peer(1), request.wrapping_add(9));
    assert_eq!(bench.round_trip(peer(1)), None, "another question's answer tells nothing");
    bench.answer(peer(1), request);
    bench.run(1_000);
    assert_eq!(bench.round_trip(peer(1)), Some(34));
    let told = bench.taken(|output| match output {
        Output::Event(Event::Peers(peers)) => peers.first().and_then(|peer| peer.round_trip),
        _ => None,
    });
    assert_eq!(told.last(), Some(&34));
    // One that comes back is another one.
    bench.input(Input::PeerLeft { peer: peer(1) });
    bench.join(peer(1));
    assert_eq!(bench.round_trip(peer(1)), None);
}

#[test]
fn all_of_many_peers_have_their_turn() {
    let mut bench = Bench::new(Spec::open("many").unwrap());
    let all = 3 * u32::try_from(MAX_MEASURED).unwrap();
    for n in 1..=all {
        bench.join(peer(n));
    }
    bench.taken(Some);
    for _ in 0..3 {
        let asked = bench.measured();
        assert_eq!(asked.len(), MAX_MEASURED);
        bench.now += 5;
        for (to, request) in asked {
            bench.answer(to, request);
        }
        bench.taken(Some);
    }
    assert!((1..=all).all(|n| bench.round_trip(peer(n)) == Some(5)));
}

#[test]
fn nobody_is_asked_without_a_connection() {
    let mut bench = Bench::new(Spec::open("alone").unwrap());
    bench.join(peer(1));
    bench.input(Input::LinkDown);
    bench.taken(Some);
    assert_eq!(bench.measured(), []);
}
