//! Chains for tests.

use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::chain::{Advance, Chain, Trust};
use chain_wasm::primitives::{Keypair, UnixMillis};

/// The blocks of a chain from height 1 on, an entry in each; of a room where they cost no work.
pub(super) fn blocks(spec: &Spec, count: u64) -> Vec<Vec<u8>> {
    let author = Keypair::from_seed([7; 32]);
    let mut chain = Chain::new(spec.clone());
    let next = |n| {
        let time = UnixMillis(1_700_000_000_000 + n);
        let bytes = format!("entry {n}").into_bytes();
        let content = Content {
            chain: chain.id(),
            author: author.public(),
            timestamp: time,
            salt: [0; 16],
            body: Body::Data { media_type: "text/plain".to_owned(), bytes },
        };
        chain.insert_transaction(Transaction::sign(content, &author)).unwrap();
        let block = chain.template(author.public(), time).unwrap().encode();
        chain.insert_blocks(vec![block.clone()], Trust::Peer, time);
        while chain.advance() != Advance::Done {}
        block
    };
    (1..=count).map(next).collect()
}
