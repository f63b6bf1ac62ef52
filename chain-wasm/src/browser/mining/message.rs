//! What a node worker and its miners tell each other.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::node::{JobId, SealJob};
use crate::primitives::Difficulty;

/// To a miner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ToMiner {
    /// Search these nonces; whatever was searched before is dropped.
    Search {
        /// The job.
        job: JobId,
        /// Its header, 117 bytes.
        #[serde(with = "serde_bytes")]
        header: Vec<u8>,
        /// Its difficulty's compact form.
        difficulty: u32,
        /// The first nonce.
        start: u64,
        /// The nonce after the last.
        end: u64,
    },
    /// Search nothing.
    Stop,
}

/// From a miner.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::browser) enum FromMiner {
    /// It can receive messages; nothing posted earlier arrives.
    Ready,
    /// A nonce that meets the difficulty.
    Sealed {
        /// The job.
        job: JobId,
        /// The nonce.
        nonce: u32,
    },
    /// There is none among those it was given.
    Exhausted {
        /// The job.
        job: JobId,
    },
    /// How quickly it searched lately.
    Rate {
        /// Hashes a second.
        per_second: f64,
    },
    /// It failed and will not answer again.
    Failed {
        /// What the panic said.
        message: String,
    },
}

impl ToMiner {
    /// The message that gives a miner a part of a job.
    pub(super) fn search(job: &SealJob, part: Range<u64>) -> Self {
        Self::Search {
            job: job.job,
            header: job.header.to_vec(),
            difficulty: job.difficulty.to_bits(),
            start: part.start,
            end: part.end,
        }
    }
}

/// The job of a message, unless its header or difficulty is none.
pub(super) fn job(job: JobId, header: Vec<u8>, difficulty: u32) -> Option<SealJob> {
    let header = header.try_into().ok()?;
    let difficulty = Difficulty::from_bits(difficulty).ok()?;
    Some(SealJob { job, header, difficulty })
}
