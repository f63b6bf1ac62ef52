//! Which inputs there are, and how they are made.

use arbitrary::{Result, Unstructured};
use chain_wasm::api::{BlockAt, Find, StorageReason};
use chain_wasm::chain::block::{Block, Header};
use chain_wasm::chain::transaction::Transaction;
use chain_wasm::node::{Input, NodeCommand, Restored};
use chain_wasm::primitives::{Difficulty, Hash, PeerId, Signature, UnixMillis};
use chain_wasm::wire::{MAX_HASHES, MAX_HEADERS, Message, Status};

use super::driver::Driver;
use super::room::{Room, seal};
use crate::values;

/// Makes one input and hands it over, with what it takes to make it.
pub(crate) fn step(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    match u.int_in_range(0..=25_u8)? {
        0 => link_up(driver, u)?,
        1 => {
            driver.linked = false;
            driver.present.clear();
            driver.input(Input::LinkDown);
        }
        2 | 3 => peer_status(driver, u)?,
        4 => {
            let peer = peer(u)?;
            driver.present.remove(&peer);
            let left = u.arbitrary()?;
            driver.input(if left {
                Input::PeerLeft { peer }
            } else {
                Input::Undeliverable { to: peer }
            });
        }
        5 => {
            let bytes = <&[u8] as arbitrary::Arbitrary>::arbitrary(u)?.to_vec();
            driver.input(Input::Frame { from: peer(u)?, bytes });
        }
        6 => {
            let message = values::message(u)?;
            frame(driver, u, &message)?;
        }
        7..=9 => block(driver, u)?,
        10 | 11 => transactions(driver, u)?,
        12..=15 => answer(driver, u)?,
        16 | 17 => command(driver, u)?,
        18 => sealed(driver, u)?,
        19 | 20 => stored(driver, u)?,
        21 => loaded(driver, u)?,
        22 => {
            driver.wall = driver.wall.saturating_add_signed(i64::from(u.arbitrary::<i32>()?));
            driver.input(Input::Hidden(u.arbitrary()?));
        }
        23 => restart(driver, u)?,
        _ => driver.pass(1 << (u.arbitrary::<u8>()? % 18)),
    }
    Ok(())
}

fn peer(u: &mut Unstructured<'_>) -> Result<PeerId> {
    Ok(PeerId::from_bytes([1 + u.arbitrary::<u8>()? % 4; 32]))
}

fn status(driver: &Driver, u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let tip = driver.room.pick(u.arbitrary()?);
    let mut status = driver.room.status(u.arbitrary()?, tip);
    match u.int_in_range(0..=7_u8)? {
        0 => return Ok(u.arbitrary::<[u8; 5]>()?.to_vec()),
        // A claim that nothing bears out.
        1 => {
            status.tip = Hash::from_bytes(u.arbitrary()?);
            status.height = u.arbitrary()?;
        }
        2 => {
            let (height, work) = (u.arbitrary()?, u.arbitrary()?);
            status = Status::new(status.author, tip, height, work);
        }
        3..=5 => {
            status.mempool_count = u.arbitrary()?;
            status.mempool_digest = u.arbitrary()?;
        }
        _ => {}
    }
    Ok(status.encode())
}

fn link_up(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    let mut peers = Vec::new();
    for _ in 0..u.int_in_range(0..=4_u8)? {
        peers.push((peer(u)?, status(driver, u)?));
    }
    driver.linked = true;
    driver.present = peers.iter().map(|(peer, _)| *peer).collect();
    let ahead = if u.arbitrary()? { u.arbitrary::<i32>()? } else { 0 };
    let relay_time = UnixMillis(driver.wall.saturating_add_signed(i64::from(ahead)));
    driver.input(Input::LinkUp { peers, relay_time });
    Ok(())
}

fn peer_status(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    let (peer, status) = (peer(u)?, status(driver, u)?);
    // Over a link only: there is no other way to hear of a peer.
    if driver.linked {
        driver.present.insert(peer);
        let joins = u.arbitrary()?;
        driver.input(if joins {
            Input::PeerJoined { peer, status }
        } else {
            Input::PeerStatus { peer, status }
        });
    }
    Ok(())
}

/// Sends a message as a peer, sometimes damaged.
fn frame(driver: &mut Driver, u: &mut Unstructured<'_>, message: &Message) -> Result<()> {
    let from = peer(u)?;
    frame_from(driver, u, from, message)
}

fn frame_from(
    driver: &mut Driver,
    u: &mut Unstructured<'_>,
    from: PeerId,
    message: &Message,
) -> Result<()> {
    let mut bytes = message.encode();
    if u.ratio(1, 16)? {
        damage(&mut bytes, u)?;
    }
    driver.input(Input::Frame { from, bytes });
    Ok(())
}

pub(crate) fn damage(bytes: &mut Vec<u8>, u: &mut Unstructured<'_>) -> Result<()> {
    if bytes.is_empty() || u.ratio(1, 8)? {
        bytes.truncate(u.arbitrary::<u8>()?.into());
        return Ok(());
    }
    let at = u.choose_index(bytes.len())?;
    bytes[at] ^= u.arbitrary::<u8>()?.max(1);
    Ok(())
}

/// An entry that a block or a message may hold: an old one or a new one.
pub(crate) fn entry(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<Transaction> {
    let waiting = driver.node.chain().mempool().iter().map(|waiting| &waiting.transaction);
    Ok(match u.int_in_range(0..=3_u8)? {
        0 if !driver.room.entries.is_empty() => u.choose(&driver.room.entries)?.clone(),
        1 if !driver.node.chain().mempool().is_empty() => {
            u.choose_iter(waiting.collect::<Vec<_>>())?.clone()
        }
        _ => driver.room.entry(u.arbitrary()?, u.arbitrary()?),
    })
}

fn entries(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<Vec<Transaction>> {
    let count = u.int_in_range(0..=3_u8)?;
    (0..count).map(|_| entry(driver, u)).collect()
}

/// A block on any block: valid, or with one thing wrong.
pub(crate) fn make_block(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<Option<Block>> {
    let parent = driver.room.pick(u.arbitrary()?);
    let entries = entries(driver, u)?;
    let time = match u.int_in_range(0..=7_u8)? {
        0 => u.arbitrary()?,
        1 => driver.wall.saturating_add(u.arbitrary::<u32>()?.into()),
        _ => driver.wall,
    };
    let Some(mut block) = driver.room.block(parent, u.arbitrary()?, time, entries) else {
        return Ok(None);
    };
    let header = &mut block.header;
    match u.int_in_range(0..=31_u8)? {
        0 => header.version = u.arbitrary()?,
        1 => header.height = u.arbitrary()?,
        2 => header.previous_hash = Hash::from_bytes(u.arbitrary()?),
        3 => header.history_root = Hash::from_bytes(u.arbitrary()?),
        4 => header.timestamp = UnixMillis(u.arbitrary()?),
        5 => header.difficulty = Difficulty::from_hashes(u.arbitrary()?),
        6 => header.merkle_root = Hash::from_bytes(u.arbitrary()?),
        7 => {
            block.transactions.pop();
        }
        8 => block.transactions.reverse(),
        9 => {
            let twice = block.transactions.first().cloned();
            block.transactions.extend(twice);
        }
        10 if header.seal.is_some() => {
            header.seal = Some(Signature::from_bytes([u.arbitrary()?; 64]));
            return Ok(Some(block));
        }
        _ => return Ok(Some(block)),
    }
    if u.arbitrary()? {
        block.header.merkle_root = block.merkle_root();
    }
    if u.arbitrary()? {
        seal(&driver.room.spec, &mut block);
    }
    Ok(Some(block))
}

fn block(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    let Some(block) = make_block(driver, u)? else { return Ok(()) };
    let block = block.encode();
    driver.room.note(&block);
    // It may be told at once, later, or only in an answer.
    if u.ratio(3, 4)? {
        frame(driver, u, &Message::Block { block })?;
    }
    Ok(())
}

fn transactions(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    let mut transactions = Vec::new();
    for entry in entries(driver, u)? {
        let mut bytes = entry.encode();
        if u.ratio(1, 16)? {
            damage(&mut bytes, u)?;
        }
        transactions.push(bytes.into());
    }
    frame(driver, u, &Message::Transactions { transactions })
}

/// Answers a question of the node as an honest peer would, or nearly so.
fn answer(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    if driver.asked.is_empty() {
        return Ok(());
    }
    let at = u.choose_index(driver.asked.len())?;
    let (from, question) = driver.asked.remove(at);
    let room = &driver.room;
    let message = match question {
        Message::GetHeaders { request, locator } => {
            let tip = room.pick(u.arbitrary()?);
            Message::Headers { request, headers: headers_above(room, tip, &locator, u)? }
        }
        Message::GetBlocks { request, hashes } => {
            let mut blocks = Vec::new();
            for hash in &hashes {
                let Some(bytes) = room.blocks.get(hash) else { continue };
                let mut bytes = bytes.clone();
                match u.int_in_range(0..=31_u8)? {
                    0 => damage(&mut bytes, u)?,
                    1 => continue,
                    2 => {
                        let other = room.blocks.get(&room.pick(u.arbitrary()?));
                        bytes = other.cloned().unwrap_or(bytes);
                    }
                    _ => {}
                }
                blocks.push(bytes.into());
            }
            Message::Blocks { request, blocks }
        }
        Message::GetMempool { request } => {
            let last = room.entries.iter().rev().take(u.arbitrary::<u8>()?.into());
            Message::Mempool { request, ids: last.map(Transaction::id).collect() }
        }
        Message::GetTransactions { request, ids } => {
            let asked = room.entries.iter().filter(|entry| ids.contains(&entry.id()));
            let transactions = asked.take(MAX_HASHES).map(|entry| entry.encode().into()).collect();
            Message::SentTransactions { request, transactions }
        }
        // The node's own answers.
        _ => return Ok(()),
    };
    let from = if u.ratio(1, 16)? { peer(u)? } else { from };
    frame_from(driver, u, from, &message)
}

fn headers_above(
    room: &Room,
    tip: Hash,
    locator: &[Hash],
    u: &mut Unstructured<'_>,
) -> Result<Vec<minicbor::bytes::ByteVec>> {
    let branch = room.tree.ancestors(tip).take_while(|(hash, _)| !locator.contains(hash));
    let blocks = branch.filter_map(|(hash, _)| Block::decode(room.blocks.get(&hash)?).ok());
    let mut headers: Vec<Header> = blocks.map(|block| block.header).collect();
    headers.reverse();
    headers.truncate(MAX_HEADERS);
    match u.int_in_range(0..=15_u8)? {
        0 => headers.reverse(),
        1 => headers.truncate(u.arbitrary::<u8>()?.into()),
        2 => {
            if let Some(header) = headers.last_mut() {
                header.nonce ^= 1;
            }
        }
        _ => {}
    }
    Ok(headers.into_iter().map(|header| header.encode_sealed().into()).collect())
}

fn command(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    let command = match u.int_in_range(0..=15_u8)? {
        0 => NodeCommand::GetNode,
        1 => NodeCommand::GetBlocks { from: u.arbitrary()?, count: u.arbitrary()? },
        2 => NodeCommand::GetEntry { id: driver.room.pick(u.arbitrary()?) },
        3 => match driver.room.entries.last() {
            Some(entry) => NodeCommand::GetEntry { id: entry.id() },
            None => NodeCommand::GetNode,
        },
        4 => NodeCommand::Validate,
        5 => NodeCommand::AddEntry { media_type: u.arbitrary()?, bytes: u.arbitrary()? },
        6..=8 => NodeCommand::Transfer {
            to: Room::key(u.arbitrary()?).public(),
            amount: u.int_in_range(0..=100_u64)?,
        },
        9 => {
            let at = BlockAt::Height(u.arbitrary::<u8>()?.into());
            NodeCommand::GetBlock { at, skip: u.arbitrary::<u8>()?.into() }
        }
        10 => {
            let find = if u.arbitrary()? {
                Find::Author { author: Room::key(u.arbitrary()?).public() }
            } else {
                Find::Text { text: u.arbitrary()?, name: None }
            };
            NodeCommand::Search { search: u.arbitrary()?, find, from: None }
        }
        11 => NodeCommand::GetEntryDetails { id: driver.room.pick(u.arbitrary()?) },
        _ => {
            let bytes = vec![u.arbitrary()?; 1 + usize::from(u.arbitrary::<u8>()?)];
            NodeCommand::AddEntry { media_type: "text/plain".to_owned(), bytes }
        }
    };
    driver.command(command);
    Ok(())
}

fn sealed(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    let Some(job) = driver.job.clone() else { return Ok(()) };
    let header = Header::decode(&job.header);
    let input = match (u.int_in_range(0..=7_u8)?, header) {
        (0, _) => Input::SealExhausted { job: job.job },
        (1, _) => Input::Sealed { job: job.job, nonce: u.arbitrary()? },
        (2, _) => Input::Sealed { job: u.arbitrary()?, nonce: u.arbitrary()? },
        (_, Ok(header)) => {
            let mut block = Block { header, transactions: Vec::new() };
            if !seal(&driver.room.spec, &mut block) {
                return Ok(());
            }
            Input::Sealed { job: job.job, nonce: block.header.nonce }
        }
        (_, Err(_)) => panic!("a job's header cannot be read"),
    };
    driver.job = None;
    driver.input(input);
    Ok(())
}

fn stored(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    if u.ratio(1, 32)? {
        // Of a batch that was ended, or never begun.
        let store = 1_000_000 + u.arbitrary::<u64>()? % 1_000_000;
        let reason = StorageReason::Failed;
        driver.input(if u.arbitrary()? {
            Input::Stored { store }
        } else {
            Input::StorageFailed { store, reason }
        });
    }
    let fails = u.ratio(1, 32)?;
    for _ in 0..=u.int_in_range(0..=7_u8)? {
        let Some(store) = driver.disk.end_batch(fails) else { break };
        driver.input(if fails {
            Input::StorageFailed { store, reason: StorageReason::Full }
        } else {
            Input::Stored { store }
        });
    }
    Ok(())
}

fn loaded(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    if driver.loads.is_empty() {
        return Ok(());
    }
    let at = u.choose_index(driver.loads.len())?;
    let (load, asked) = driver.loads.remove(at);
    let mut blocks: Vec<_> = asked.iter().map(|block| driver.disk.load(block)).collect();
    if u.ratio(1, 8)? && !blocks.is_empty() {
        driver.damaged = true;
        let at = u.choose_index(blocks.len())?;
        match &mut blocks[at] {
            Some(bytes) if u.arbitrary()? => damage(bytes, u)?,
            block => *block = None,
        }
    }
    let load = if u.ratio(1, 32)? { u.arbitrary()? } else { load };
    driver.input(Input::Loaded { load, blocks });
    Ok(())
}

fn restart(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<()> {
    let mut outcome = Ok(());
    driver.restart(|restored| match damage_store(restored, u) {
        Ok(damaged) => damaged,
        Err(error) => {
            outcome = Err(error);
            true
        }
    });
    outcome
}

/// Damages what a store held, sometimes; gives whether it did.
fn damage_store(restored: &mut Restored, u: &mut Unstructured<'_>) -> Result<bool> {
    let records = if u.arbitrary()? { &mut restored.blocks } else { &mut restored.transactions };
    if records.is_empty() || !u.ratio(1, 4)? {
        return Ok(false);
    }
    let at = u.choose_index(records.len())?;
    if u.arbitrary()? {
        damage(&mut records[at], u)?;
    } else {
        records.swap_remove(at);
    }
    Ok(true)
}
