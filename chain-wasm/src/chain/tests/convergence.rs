//! Random trees of blocks, in any order, end in one tip with one ledger.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use proptest::sample::Index;

use super::forge::{Forge, NOW, authority_spec, data, open_spec, settle, transfer, work_spec};
use crate::chain::block::Block;
use crate::chain::spec::{Spec, Writers};
use crate::chain::transaction::{Body, Transaction};
use crate::chain::tree::Rank;
use crate::chain::validate::Validator;
use crate::chain::{BlockVerdict, Chain, Trust};
use crate::primitives::{Hash, PublicKey};

/// What a block of a random tree is made from.
#[derive(Debug, Clone)]
struct Plan {
    parent: Index,
    /// Whether it builds on the block made last, rather than on `parent`.
    grows: bool,
    miner: u8,
    step: u64,
    entries: Vec<Index>,
}

fn plan() -> impl Strategy<Value = Plan> {
    let entries = prop::collection::vec(any::<Index>(), 0..3);
    (any::<Index>(), any::<bool>(), 0_u8..4, 300_u64..4_000, entries).prop_map(
        |(parent, grows, miner, step, entries)| Plan { parent, grows, miner, step, entries },
    )
}

/// A few entries that all branches draw from: transfers among them that are covered
/// on some branches only.
fn entries(id: Hash) -> Vec<Transaction> {
    let data = (0..40).map(|n| data(id, u8::try_from(n % 4).unwrap(), n, 4));
    let transfers = (0..16_u64).map(|n| {
        let (from, to) = (u8::try_from(n % 4).unwrap(), u8::try_from(n / 4 % 4).unwrap());
        transfer(id, from, 100 + n, to, 3 + n * 4)
    });
    data.chain(transfers).collect()
}

/// A second opinion on blocks, as plain as can be: their ledgers kept whole.
struct Model {
    reward: u64,
    valid: BTreeMap<Hash, State>,
}

/// What the chain up to a valid block adds up to: work, coins and entries.
type State = (u128, BTreeMap<PublicKey, u64>, BTreeSet<Hash>);

impl Model {
    fn new(spec: &Spec, id: Hash) -> Self {
        let genesis = (0, BTreeMap::new(), BTreeSet::new());
        Self { reward: spec.reward(), valid: BTreeMap::from([(id, genesis)]) }
    }

    fn add(&mut self, block: &Block) {
        let parent = self.valid.get(&block.header.previous_hash);
        let Some((mut work, mut coins, mut entries)) = parent.cloned() else { return };
        work += block.header.difficulty.hashes();
        *coins.entry(block.miner().unwrap()).or_default() += self.reward;
        for entry in block.entries() {
            if !entries.insert(entry.id()) {
                return;
            }
            if let Body::Transfer { to, amount } = *entry.body() {
                let from = coins.entry(entry.author()).or_default();
                let Some(left) = from.checked_sub(amount) else { return };
                *from = left;
                *coins.entry(to).or_default() += amount;
            }
        }
        self.valid.insert(block.header.hash(), (work, coins, entries));
    }

    fn best(&self) -> Rank {
        self.valid.iter().map(|(hash, (work, ..))| Rank::new(*work, *hash)).max().unwrap()
    }
}

fn grow(spec: &Spec, plans: &[Plan]) -> (Vec<Block>, Model) {
    let mut forge = Forge::new(spec.clone());
    let mut model = Model::new(spec, forge.id);
    let pool = entries(forge.id);
    let mut all = vec![forge.id];
    let mut blocks = Vec::new();
    for plan in plans {
        let parent =
            if plan.grows { all[all.len() - 1] } else { all[plan.parent.index(all.len())] };
        let chosen = plan.entries.iter().map(|index| index.get(&pool).clone()).collect();
        let block = forge.block_after(parent, plan.miner, plan.step, chosen);
        let hash = block.header.hash();
        if !all.contains(&hash) {
            all.push(hash);
            model.add(&block);
            blocks.push(block);
        }
    }
    (blocks, model)
}

/// Hands all blocks over in an order drawn from `keys`, some of them twice, in
/// calls of various sizes; orphans are tried again until nothing changes.
fn deliver(chain: &mut Chain, blocks: &[Block], keys: &[u32]) {
    let mut order: Vec<(u32, &Block)> = Vec::new();
    for (n, block) in blocks.iter().enumerate() {
        let key = keys[n % keys.len()].wrapping_mul(u32::try_from(2 * n + 1).unwrap());
        order.push((key, block));
        if key.is_multiple_of(3) {
            order.push((key.rotate_left(16), block));
        }
    }
    order.sort_by_key(|(key, _)| *key);
    let mut waiting: Vec<&Block> = order.iter().map(|(_, block)| *block).collect();
    while !waiting.is_empty() {
        let before = waiting.len();
        let mut orphans = Vec::new();
        for (n, group) in waiting.chunks(1 + before % 4).enumerate() {
            let bytes = group.iter().map(|block| block.encode()).collect();
            let verdicts = chain.insert_blocks(bytes, Trust::Peer, NOW);
            for (block, (_, verdict)) in group.iter().zip(verdicts) {
                match verdict {
                    BlockVerdict::Orphan => orphans.push(*block),
                    BlockVerdict::Inserted | BlockVerdict::Known | BlockVerdict::Invalid(_) => {}
                    other => panic!("{other:?}"),
                }
            }
            if n % 2 == 0 {
                settle(chain);
            }
        }
        settle(chain);
        for block in waiting {
            chain.rescue(&block.header.hash());
        }
        assert!(orphans.len() < before, "no progress");
        waiting = orphans;
    }
}

fn main_chain(chain: &Chain, blocks: &[Block]) -> Vec<Block> {
    let by_hash: BTreeMap<Hash, &Block> = blocks.iter().map(|b| (b.header.hash(), b)).collect();
    chain.main.hashes_from(&chain.tree, 1).iter().map(|hash| by_hash[hash].clone()).collect()
}

fn converges(spec: &Spec, plans: &[Plan], orders: &[Vec<u32>]) -> Result<(), TestCaseError> {
    let (blocks, model) = grow(spec, plans);
    let data: BTreeSet<Hash> = blocks
        .iter()
        .filter(|block| model.valid.contains_key(&block.header.hash()))
        .flat_map(Block::entries)
        .filter(|entry| entry.spends() == 0)
        .map(Transaction::id)
        .collect();
    for keys in orders {
        let mut chain = Chain::new(spec.clone());
        deliver(&mut chain, &blocks, keys);
        // The tip is the best of what is valid, and the ledger is its ledger.
        prop_assert_eq!(chain.tip_rank(), model.best());
        let (_, coins, entries) = &model.valid[&chain.tip()];
        let ledger = chain.ledger();
        for (key, coins) in coins {
            prop_assert_eq!(ledger.balance(key), *coins);
        }
        prop_assert_eq!(ledger.entry_count(), entries.len());
        prop_assert!(entries.iter().all(|id| ledger.height_of(id).is_some()));
        prop_assert_eq!(ledger.supply(), spec.reward() * u64::from(chain.height()));
        // So says the full check, from nothing.
        let mut validator = Validator::new(spec.clone());
        for block in main_chain(&chain, &blocks) {
            let hash = block.header.hash();
            prop_assert_eq!(validator.push(&block.encode(), Some(&hash)), Ok(()));
        }
        prop_assert_eq!(validator.ledger(), ledger);
        // No entry is lost, and none is both in the chain and waiting.
        let waits: BTreeSet<Hash> =
            chain.mempool().iter().map(|waiting| waiting.transaction.id()).collect();
        prop_assert!(waits.iter().all(|id| !entries.contains(id)));
        let held: BTreeSet<Hash> = waits.union(entries).copied().collect();
        prop_assert!(data.is_subset(&held), "lost: {:?}", data.difference(&held));
        // What is left to be mined can be mined.
        if let Some(block) = chain.template(super::forge::public(1), NOW) {
            let block = super::forge::finish(spec, block, 1);
            super::forge::adopt(&mut chain, std::slice::from_ref(&block));
            prop_assert_eq!(chain.tip(), block.header.hash());
        }
    }
    Ok(())
}

fn plans() -> impl Strategy<Value = Vec<Plan>> {
    prop::collection::vec(plan(), 1..30)
}

fn orders() -> impl Strategy<Value = Vec<Vec<u32>>> {
    prop::collection::vec(prop::collection::vec(any::<u32>(), 7..20), 3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nodes_of_a_work_room_agree(plans in plans(), orders in orders()) {
        converges(&work_spec(), &plans, &orders)?;
    }

    /// Four members seal in any order; then one of them is alone.
    #[test]
    fn nodes_of_an_authority_room_agree(plans in plans(), orders in orders()) {
        converges(&authority_spec(0..4, Writers::Members), &plans, &orders)?;
        let one: Vec<Plan> = plans.into_iter().map(|plan| Plan { miner: 1, ..plan }).collect();
        converges(&authority_spec(1..2, Writers::Anyone), &one, &orders)?;
    }

    #[test]
    fn nodes_of_an_open_room_agree(plans in plans(), orders in orders()) {
        converges(&open_spec(), &plans, &orders)?;
    }
}

/// The trees above must have what they are meant to have.
#[test]
fn the_random_trees_hold_forks_reorganisations_and_invalid_blocks() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::{Config, TestRunner};
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let (mut forks, mut invalid, mut transfers) = (0, 0, 0);
    for _ in 0..40 {
        let plans = plans().new_tree(&mut runner).unwrap().current();
        let (blocks, model) = grow(&work_spec(), &plans);
        let parents: BTreeSet<Hash> = blocks.iter().map(|b| b.header.previous_hash).collect();
        forks += blocks.len() - parents.len();
        invalid += blocks.len() + 1 - model.valid.len();
        transfers += blocks
            .iter()
            .filter(|block| model.valid.contains_key(&block.header.hash()))
            .flat_map(Block::entries)
            .filter(|entry| entry.spends() > 0)
            .count();
    }
    assert!(forks > 40 && invalid > 40 && transfers > 20, "{forks} {invalid} {transfers}");
}
