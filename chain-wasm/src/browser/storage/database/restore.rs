//! Reading all that a node starts from, and repairing what is damaged of it.

use std::collections::BTreeSet;
use std::future::IntoFuture;

use idb::{KeyRange, Query};
use wasm_bindgen::JsValue;

use super::super::StoreError;
use super::super::schema::{BLOCKS, FORMER, META, PACKS, SUMMARIES, TRANSACTIONS};
use super::{Database, bytes, put};
use crate::browser::scope;
use crate::chain::pack;
use crate::node::{Change, Packed, Restored};
use crate::primitives::PublicKey;

/// How many records are read at a time: bounds the memory that they take twice, in the
/// browser's heap and in this one.
const CHUNK: u32 = 128;

/// Where reading records has come to.
enum Cursor {
    Start,
    After(JsValue),
    End,
}

impl Database {
    pub(super) async fn read_all(&self, packed: Packed) -> Result<Restored, StoreError> {
        let (packed, mut blocks) = self.packed(packed).await?;
        let singles = self.hashes(&self.read(BLOCKS)?).await?;
        *self.singles.borrow_mut() = singles;
        blocks.extend(self.all(BLOCKS).await?);
        let transactions = self.all(TRANSACTIONS).await?;
        Ok(Restored { packed: Some(packed), blocks, transactions, former: self.former().await? })
    }

    /// The keys that were the wallet's before.
    async fn former(&self) -> Result<Vec<PublicKey>, StoreError> {
        let keys = self.get(META, vec![FORMER.into()]).await?.into_iter().flatten().next();
        let keys = keys.unwrap_or_default();
        let (keys, rest) = keys.as_chunks::<32>();
        if !rest.is_empty() {
            scope::log("the record of former wallets does not end with a key");
        }
        Ok(keys.iter().copied().map(PublicKey::from_bytes).collect())
    }

    /// The chain of the packs; and the blocks of those that are of no use, as far as they
    /// could not be stored one by one.
    async fn packed(&self, mut packed: Packed) -> Result<(Packed, Vec<Vec<u8>>), StoreError> {
        let mut packs: BTreeSet<u32> = self.heights(PACKS).await?;
        self.packs.borrow_mut().clone_from(&packs);
        let mut blocks = Vec::new();
        let mut cursor = Cursor::Start;
        loop {
            let records = self.next(SUMMARIES, &mut cursor).await?;
            if records.is_empty() {
                break;
            }
            for (key, value) in records {
                let Some(first) = height(SUMMARIES, &key) else { continue };
                let later = packs.split_off(&first);
                for lower in std::mem::replace(&mut packs, later) {
                    blocks.extend(self.repair(&mut packed, lower).await);
                }
                packs.remove(&first);
                let taken = bytes(&value).is_some_and(|record| packed.push(first, &record).is_ok());
                if !taken {
                    blocks.extend(self.repair(&mut packed, first).await);
                }
            }
        }
        for first in packs {
            blocks.extend(self.repair(&mut packed, first).await);
        }
        Ok((packed, blocks))
    }

    /// Makes a pack's summary again, or takes the pack apart. What cannot be written is
    /// left for the next start, and the blocks are given as they are.
    async fn repair(&self, packed: &mut Packed, first: u32) -> Vec<Vec<u8>> {
        let pack = self.get(PACKS, vec![first.into()]).await;
        let pack = pack.ok().and_then(|values| values.into_iter().next()).flatten();
        let pack = pack.unwrap_or_default();
        match packed.rebuild(first, &pack) {
            Ok(summary) => {
                scope::log(&format!("the summary of the pack at {first} was damaged: made again"));
                if let Err(error) = self.put_summary(first, &summary).await {
                    scope::log(&format!("the summary was not stored: {error}"));
                }
                Vec::new()
            }
            Err(fault) => {
                scope::log(&format!("the pack at {first} is taken apart: {fault}"));
                match self.write(&[Change::Unpack { first }]).await {
                    Ok(()) => Vec::new(),
                    Err(error) => {
                        scope::log(&format!("the pack was left as it is: {error}"));
                        pack::split(first, &pack).map(<[u8]>::to_vec).collect()
                    }
                }
            }
        }
    }

    async fn put_summary(&self, first: u32, summary: &[u8]) -> Result<(), StoreError> {
        let change = self.change(&[SUMMARIES])?;
        put(&change.store(SUMMARIES)?, &first.into(), summary).map_err(|e| self.error(&e))?;
        change.complete().await
    }

    /// Every record of an object store that is bytes.
    async fn all(&self, name: &str) -> Result<Vec<Vec<u8>>, StoreError> {
        let mut all = Vec::new();
        let mut cursor = Cursor::Start;
        loop {
            let records = self.next(name, &mut cursor).await?;
            if records.is_empty() {
                return Ok(all);
            }
            for (_, value) in records {
                match bytes(&value) {
                    Some(bytes) => all.push(bytes),
                    None => scope::log(&format!("a record in {name} is not bytes: skipped")),
                }
            }
        }
    }

    /// The next records of an object store, in the order of their keys; none at the end.
    async fn next(
        &self,
        name: &str,
        cursor: &mut Cursor,
    ) -> Result<Vec<(JsValue, JsValue)>, StoreError> {
        let range = match &*cursor {
            Cursor::Start => None,
            Cursor::After(key) => Some(KeyRange::lower_bound(key, Some(true))),
            Cursor::End => return Ok(Vec::new()),
        };
        let range = range.transpose().map_err(|e| self.error(&e))?.map(Query::from);
        let store = self.read(name)?;
        let keys = store.get_all_keys(range.clone(), Some(CHUNK)).map_err(|e| self.error(&e))?;
        let values = store.get_all(range, Some(CHUNK)).map_err(|e| self.error(&e))?;
        // Both must listen before either is waited for.
        let (keys, values) = (keys.into_future(), values.into_future());
        let keys = keys.await.map_err(|e| self.error(&e))?;
        let values = values.await.map_err(|e| self.error(&e))?;
        let whole = u32::try_from(keys.len()).is_ok_and(|got| got >= CHUNK);
        *cursor = match keys.last() {
            Some(last) if whole => Cursor::After(last.clone()),
            _ => Cursor::End,
        };
        Ok(keys.into_iter().zip(values).collect())
    }

    /// All keys of an object store that are heights.
    async fn heights(&self, name: &str) -> Result<BTreeSet<u32>, StoreError> {
        let keys = self.read(name)?.get_all_keys(None, None).map_err(|e| self.error(&e))?;
        let keys = keys.await.map_err(|e| self.error(&e))?;
        Ok(keys.iter().filter_map(|key| height(name, key)).collect())
    }
}

/// The height that a key is.
fn height(name: &str, key: &JsValue) -> Option<u32> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "compared below")]
    let height = key.as_f64().map(|number| number as u32).filter(|height| key == height);
    if height.is_none() {
        scope::log(&format!("a record in {name} is under no height: skipped"));
    }
    height
}
