//! Every check of a block, each by itself, with what it compares.

use crate::api::{LabCheck, LabRule, LabValue};
use crate::chain::block::{Block, VERSION};
use crate::chain::spec::Spec;
use crate::chain::transaction::{Body, Transaction};
use crate::chain::verify::{BlockFault, HeaderContext, check_body, check_signatures};
use crate::chain::work::next_difficulty;
use crate::primitives::{ChainId, Hash, UnixMillis};

/// Where a block stands.
pub(super) struct Place<'a> {
    pub(super) spec: &'a Spec,
    pub(super) chain: ChainId,
    pub(super) context: HeaderContext,
    /// Which block the next one of the chain says comes before it.
    pub(super) above: Option<Hash>,
}

/// The first rule that a block breaks in its place, as any block is judged that comes: all
/// but what depends on the ledger.
pub(super) fn judge(place: &Place<'_>, block: &Block) -> Result<(), BlockFault> {
    place.context.check(place.spec, &block.header, &block.header.hash())?;
    let size = block.encode().len();
    check_signatures(&check_body(place.spec, &place.chain, block, size)?)
}

/// All checks of a block. What [`judge`] says is among those that do not hold.
pub(super) fn examine(place: &Place<'_>, block: &Block) -> Vec<LabCheck> {
    let mut checks = Vec::from(header_checks(place, block));
    checks.extend(body_checks(place, block));
    if let Some(above) = place.above {
        let hash = block.header.hash();
        checks.push(compare(LabRule::Next, LabValue::Hash(above), LabValue::Hash(hash)));
    }
    if let Err(fault) = judge(place, block)
        && checks.iter().all(|check| check.holds || check.rule == LabRule::Next)
    {
        checks.push(LabCheck {
            rule: LabRule::Other,
            holds: false,
            stated: LabValue::Text(fault.code().to_owned()),
            computed: LabValue::Nothing,
        });
    }
    checks
}

fn compare(rule: LabRule, stated: LabValue, computed: LabValue) -> LabCheck {
    LabCheck { rule, holds: stated == computed, stated, computed }
}

fn header_checks(place: &Place<'_>, block: &Block) -> [LabCheck; 7] {
    let (context, header) = (&place.context, &block.header);
    let hash = header.hash();
    let least = context.median_time().after(1);
    let wanted = next_difficulty(place.spec, &context.recent);
    [
        compare(LabRule::Version, number(header.version.into()), number(VERSION.into())),
        compare(
            LabRule::Previous,
            LabValue::Hash(header.previous_hash),
            LabValue::Hash(context.parent),
        ),
        compare(LabRule::Height, number(header.height.into()), number(context.height.into())),
        compare(
            LabRule::HistoryRoot,
            LabValue::Hash(header.history_root),
            LabValue::Hash(context.history_root),
        ),
        LabCheck {
            rule: LabRule::Time,
            holds: header.timestamp >= least,
            stated: LabValue::Time(header.timestamp),
            computed: LabValue::Time(least),
        },
        compare(LabRule::Difficulty, hashes(header.difficulty.hashes()), hashes(wanted.hashes())),
        LabCheck {
            rule: LabRule::Work,
            holds: header.difficulty.is_met_by(&hash),
            stated: hashes(header.difficulty.hashes()),
            computed: LabValue::Hash(hash),
        },
    ]
}

fn body_checks(place: &Place<'_>, block: &Block) -> [LabCheck; 3] {
    let (spec, header) = (place.spec, &block.header);
    let first = block.transactions.first();
    let (to, reward) = match first.map(Transaction::body) {
        Some(Body::Coinbase { to, reward, .. }) => (Some(*to), number(*reward)),
        _ => (None, LabValue::Nothing),
    };
    let due = to.map(|to| {
        Transaction::coinbase(place.chain, to, spec.reward(), header.height, header.timestamp)
    });
    let entries = block.transactions.get(1..).unwrap_or_default();
    let fitting = entries.iter().filter(|entry| entry.check(&place.chain).is_ok()).count();
    [
        compare(
            LabRule::MerkleRoot,
            LabValue::Hash(header.merkle_root),
            LabValue::Hash(block.merkle_root()),
        ),
        LabCheck {
            rule: LabRule::Reward,
            holds: first.is_some() && first == due.as_ref(),
            stated: reward,
            computed: number(spec.reward()),
        },
        compare(LabRule::Signatures, count(entries.len()), count(fitting)),
    ]
}

const fn number(value: u64) -> LabValue {
    LabValue::Number(value)
}

fn hashes(value: u128) -> LabValue {
    number(u64::try_from(value).unwrap_or(u64::MAX))
}

fn count(value: usize) -> LabValue {
    number(u64::try_from(value).unwrap_or(u64::MAX))
}

/// A time, for showing.
pub(super) const fn time(at: UnixMillis) -> LabValue {
    LabValue::Time(at)
}
