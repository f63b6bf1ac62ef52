//! Experiments in rooms that are for them: everything that an honest node never does. In a
//! room for records all of it is refused here, at one place.
//!
//! A changed block lives beside the chain in [`tamper`], a secret branch in [`secret`]: the
//! chain itself takes in nothing but what its rules let in, here as anywhere.

mod examine;
mod secret;
mod tamper;

use super::limits::{EMPTY_INTERVAL, FAST_INTERVAL, SLOW_INTERVAL};
use super::timers::Timer;
use super::{JobId, Node, Output, SealJob};
use crate::api::{
    ApiError, Event, LabAnswer, LabCommand, LabPace, LabView, MAX_LAB_ANSWERS, Outcome,
    ReleasedView, Repair, RequestId, SentView,
};
use crate::chain::BlockVerdict;
use crate::chain::block::Header;
use crate::chain::spec::{Consensus, Purpose};
use crate::primitives::{Hash, PeerId};
use crate::wire::Message;
use secret::Secret;
use tamper::Tampered;

/// How the experiments stand.
#[derive(Debug, Default)]
pub(super) struct Lab {
    tampered: Option<Tampered>,
    sent: Option<SentView>,
    secret: Option<Secret>,
    released: Option<ReleasedView>,
    pace: LabPace,
    job: Option<(JobId, Search)>,
    /// The others are to be asked to listen again, once there is a link.
    asks_anew: bool,
    told: LabView,
}

/// What a nonce is searched for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Search {
    /// The changed copy; the request is answered once it is found.
    Repair(RequestId),
    /// The next block of the secret branch.
    Secret,
}

impl Lab {
    /// Whether the tab mines all the time, whatever was chosen otherwise.
    pub(super) fn mines_always(&self) -> bool {
        self.pace != LabPace::Normal
    }

    /// The rest after an own block, before one without entries is looked for.
    pub(super) const fn interval(&self) -> u64 {
        match self.pace {
            LabPace::Slow => SLOW_INTERVAL,
            LabPace::Normal => EMPTY_INTERVAL,
            LabPace::Fast => FAST_INTERVAL,
        }
    }

    /// Whether blocks with entries wait for that rest, too.
    pub(super) fn is_slow(&self) -> bool {
        self.pace == LabPace::Slow
    }
}

impl Node {
    /// Whether this room is for experiments.
    pub(super) fn is_lab(&self) -> bool {
        self.chain.spec().terms().purpose == Purpose::Lab
    }

    pub(super) fn lab_command(&mut self, request: RequestId, command: LabCommand) {
        if !self.is_lab() {
            return self.reply(request, Err(ApiError::NotLab));
        }
        let done = match command {
            LabCommand::Look => Ok(()),
            LabCommand::Tamper { block, change } => {
                let outcome = self.tamper(block, &change).map(Box::new).map(Outcome::Tampered);
                return self.reply(request, outcome);
            }
            LabCommand::Repair(Repair::MerkleRoot) => {
                let outcome = self.repair_root().map(Box::new).map(Outcome::Tampered);
                return self.reply(request, outcome);
            }
            LabCommand::Repair(Repair::Work) => match self.repair_work(request) {
                Ok(()) => return,
                Err(error) => Err(error),
            },
            LabCommand::Overwrite => {
                let outcome = self.overwrite().map(|()| Outcome::Done);
                return self.reply(request, outcome);
            }
            LabCommand::SendTampered => self.send_tampered(),
            LabCommand::BeginSecret { back } => self.begin_secret(back),
            LabCommand::Release => self.release(),
            LabCommand::DropSecret => {
                self.drop_secret();
                Ok(())
            }
            LabCommand::SetPace(pace) => self.set_pace(pace),
            LabCommand::Reset => {
                self.reset_lab();
                Ok(())
            }
        };
        let outcome = done.map(|()| Outcome::Lab(Box::new(self.lab_view())));
        self.reply(request, outcome);
    }

    pub(super) fn lab_view(&self) -> LabView {
        LabView {
            secret: self.lab.secret.as_ref().map(|secret| self.secret_view(secret)),
            released: self.lab.released,
            pace: self.lab.pace,
            sent: self.lab.sent.clone(),
        }
    }

    /// Tells the page of the experiments if they stand otherwise than it was told.
    pub(super) fn flush_lab(&mut self) {
        if self.is_lab() {
            let view = self.lab_view();
            if view != self.lab.told {
                self.lab.told.clone_from(&view);
                self.event(Event::Lab(Box::new(view)));
            }
        }
    }

    fn set_pace(&mut self, pace: LabPace) -> Result<(), ApiError> {
        self.check_work()?;
        if self.lab.pace != pace {
            self.lab.pace = pace;
            self.rest_again();
            self.status_changed();
        }
        Ok(())
    }

    /// Nothing can be mined where there is no work.
    fn check_work(&self) -> Result<(), ApiError> {
        match self.chain.spec().consensus() {
            Consensus::Work { .. } => Ok(()),
            _ => Err(ApiError::NeedsWork),
        }
    }

    fn reset_lab(&mut self) {
        self.end_lab_job();
        let told = std::mem::take(&mut self.lab.told);
        self.lab = Lab { told, asks_anew: true, ..Lab::default() };
        self.rest_again();
        self.status_changed();
        self.ask_anew();
    }

    /// Asks the others to listen to this node again, if it was reset and there is a link.
    pub(super) fn ask_anew(&mut self) {
        if self.linked && std::mem::take(&mut self.lab.asks_anew) {
            self.outputs.push_back(Output::Broadcast(Message::LabReset.encode()));
        }
    }

    /// Searches a nonce with the miners. Sealing waits meanwhile.
    fn begin_search(&mut self, header: &Header, search: Search) {
        self.end_lab_job();
        self.stop_sealing();
        let id = self.sealing.next_id();
        let job = SealJob { job: id, header: header.encode(), difficulty: header.difficulty };
        self.lab.job = Some((id, search));
        self.outputs.push_back(Output::Seal(job));
    }

    fn end_lab_job(&mut self) {
        if let Some((_, search)) = self.lab.job.take() {
            self.outputs.push_back(Output::StopSealing);
            if let Search::Repair(request) = search {
                self.reply(request, Err(ApiError::Superseded));
            }
        }
    }

    /// Sees to the searches of the experiments. Gives whether sealing has to wait for them.
    pub(super) fn plan_lab(&mut self) -> bool {
        if !self.is_lab() {
            return false;
        }
        if self.lab.job.is_some() {
            return true;
        }
        let secret = self.lab.secret.as_ref().filter(|secret| !secret.is_full());
        let Some(not_before) = secret.map(|secret| secret.not_before) else { return false };
        self.stop_sealing();
        if not_before > self.mono {
            self.timers.set(Timer::Seal, not_before);
        } else {
            self.seal_in_secret();
        }
        true
    }

    /// A nonce was found, or there is none. Gives whether it was an experiment's.
    pub(super) fn lab_searched(&mut self, job: JobId, nonce: Option<u32>) -> bool {
        let Some((_, search)) = self.lab.job.take_if(|(id, _)| *id == job) else { return false };
        match (search, nonce) {
            (Search::Repair(request), Some(nonce)) => {
                let outcome = self.work_repaired(nonce).map(Box::new).map(Outcome::Tampered);
                self.reply(request, outcome);
            }
            (Search::Repair(request), None) => self.reply(request, Err(ApiError::Busy)),
            (Search::Secret, Some(nonce)) => self.sealed_in_secret(nonce),
            // The next job has another time, and with it other hashes.
            (Search::Secret, None) => {}
        }
        true
    }

    /// Tells a peer what became of a block that it announced: in a room for experiments
    /// only, and before it is ignored for it.
    pub(super) fn tell_verdict(&mut self, to: PeerId, block: Hash, verdict: &BlockVerdict) {
        if !self.is_lab() {
            return;
        }
        let verdict = match verdict {
            BlockVerdict::Invalid(fault) => fault.code(),
            // Whoever sealed a block that is in the chain sees that by itself.
            BlockVerdict::Inserted if !self.chain.is_main(&block) => TAKEN,
            BlockVerdict::Orphan => ORPHAN,
            BlockVerdict::Ahead => AHEAD,
            BlockVerdict::Known => KNOWN,
            BlockVerdict::Inserted | BlockVerdict::Full => return,
        };
        self.send(to, &Message::Verdict { block, verdict: verdict.to_owned() });
    }

    /// A peer says what became of a block that this node sent.
    pub(super) fn verdict(&mut self, from: PeerId, block: Hash, verdict: String) {
        let author = self.peers.get(&from).and_then(|peer| peer.status.as_ref());
        let author = author.map(|status| status.author);
        let Some(sent) = self.lab.sent.as_mut().filter(|sent| sent.block == block) else { return };
        let known = sent.answers.iter().any(|answer| answer.peer == from);
        if !known && sent.answers.len() < MAX_LAB_ANSWERS {
            sent.answers.push(LabAnswer { peer: from, author, verdict });
        }
    }

    /// What a peer that is ignored may still say in a room for experiments: that it begins
    /// anew. Nobody keeps records there, so nobody is harmed.
    pub(super) fn begins_anew(&mut self, from: &PeerId, bytes: &[u8]) -> bool {
        let anew = self.is_lab() && bytes == Message::LabReset.encode();
        if anew && self.peers.forgive(from) {
            self.events.peers = true;
        }
        anew
    }
}

/// What is said of a block that is kept, be it beside the chain.
const TAKEN: &str = "taken";
/// What is said of a block whose header is known: nothing else of it is looked at.
const KNOWN: &str = "known";
/// What is said of a block whose predecessor is not known.
const ORPHAN: &str = "orphan";
/// What is said of a block from the future.
const AHEAD: &str = "ahead";
