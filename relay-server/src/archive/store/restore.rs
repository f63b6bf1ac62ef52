//! Reading all that a node starts from, and finding what is damaged of it.

use std::fmt::{self, Display, Formatter};

use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::Transaction;
use chain_wasm::node::{Change, Packed, Restored};
use chain_wasm::primitives::Hash;
use redb::{ReadableDatabase, ReadableTable};

use super::{BLOCKS, PACKS, SUMMARIES, Store, StoreError, TRANSACTIONS};

/// What a store held.
#[derive(Debug)]
pub struct Found {
    /// What a node starts from.
    pub restored: Restored,
    /// What is not as it was stored.
    pub damage: Vec<Damage>,
}

/// A record that is not as it was stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Damage {
    /// A pack, which was taken apart; why.
    Pack(u32, String),
    /// A pack's summary, which was made again.
    Summary(u32),
    /// A block's own record.
    Block(Hash),
    /// A transaction's.
    Transaction(Hash),
}

impl Display for Damage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pack(first, why) => write!(f, "the pack at height {first}: {why}"),
            Self::Summary(first) => write!(f, "the summary of the pack at height {first}"),
            Self::Block(hash) => write!(f, "block {hash}"),
            Self::Transaction(id) => write!(f, "transaction {id}"),
        }
    }
}

impl Store {
    /// Reads and checks everything. Packs that are of no use are taken apart, and summaries
    /// that do not fit are made again. `key` is for the node's index of headers: random.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn restore(&mut self, spec: &Spec, key: [u64; 2]) -> Result<Found, StoreError> {
        let mut damage = Vec::new();
        let packed = self.restore_packs(Packed::new(spec.clone(), key), &mut damage)?;
        let blocks = self.restore_blocks(&mut damage)?;
        let transactions = self.restore_transactions(&mut damage)?;
        let restored = Restored { packed: Some(packed), blocks, transactions, former: Vec::new() };
        Ok(Found { restored, damage })
    }

    fn restore_packs(
        &mut self,
        mut packed: Packed,
        damage: &mut Vec<Damage>,
    ) -> Result<Packed, StoreError> {
        let (mut useless, mut renewed) = (Vec::new(), Vec::new());
        {
            let reading = self.database()?.begin_read()?;
            let (packs, summaries) = (reading.open_table(PACKS)?, reading.open_table(SUMMARIES)?);
            for pack in packs.iter()? {
                let (first, pack) = pack?;
                let first = first.value();
                // From the blocks themselves: the summary says nothing of their bytes.
                match packed.rebuild(first, pack.value()) {
                    Ok(summary) => {
                        let stored = summaries.get(first)?;
                        if stored.is_none_or(|stored| stored.value() != summary) {
                            damage.push(Damage::Summary(first));
                            renewed.push((first, summary));
                        }
                    }
                    Err(fault) => {
                        damage.push(Damage::Pack(first, fault.to_string()));
                        useless.push(first);
                    }
                }
            }
        }
        if !useless.is_empty() || !renewed.is_empty() {
            self.write::<StoreError>(|tables| {
                for (first, summary) in &renewed {
                    tables.summaries.insert(first, summary.as_slice())?;
                }
                useless.iter().try_for_each(|first| tables.make(&Change::Unpack { first: *first }))
            })?;
        }
        Ok(packed)
    }

    fn restore_blocks(&mut self, damage: &mut Vec<Damage>) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut blocks = Vec::new();
        let mut lost = Vec::new();
        {
            let reading = self.database()?.begin_read()?;
            for record in reading.open_table(BLOCKS)?.iter()? {
                let (hash, bytes) = record?;
                let hash = Hash::from_bytes(hash.value());
                let Ok(block) = Block::decode(bytes.value()) else {
                    damage.push(Damage::Block(hash));
                    lost.push(Change::DeleteBlock { hash });
                    continue;
                };
                let fits =
                    block.header.hash() == hash && block.header.merkle_root == block.merkle_root();
                if !fits {
                    damage.push(Damage::Block(hash));
                }
                // Its entries may be whole: the node looks.
                blocks.push(bytes.value().to_vec());
            }
        }
        if !lost.is_empty() {
            self.apply(&lost)?;
        }
        Ok(blocks)
    }

    fn restore_transactions(&self, damage: &mut Vec<Damage>) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut transactions = Vec::new();
        let reading = self.database()?.begin_read()?;
        for record in reading.open_table(TRANSACTIONS)?.iter()? {
            let (id, bytes) = record?;
            let id = Hash::from_bytes(id.value());
            if Transaction::decode(bytes.value()).is_ok_and(|entry| entry.id() == id) {
                transactions.push(bytes.value().to_vec());
            } else {
                damage.push(Damage::Transaction(id));
            }
        }
        Ok(transactions)
    }
}
