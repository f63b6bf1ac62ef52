//! What a node wants done, but for the network.

use chain_wasm::api::{Event, Outcome, TipChange};
use chain_wasm::chain::block::Header;
use chain_wasm::node::{Output, SealJob};

use super::happening::Happening;
use super::trace::Detail;
use super::world::World;

/// Virtual milliseconds that one hash takes.
const HASH_TIME: f64 = 25.0;

impl World {
    pub(super) fn carry_out(&mut self, tab: usize, output: Output) {
        let life = self.tabs[tab].life;
        match output {
            Output::Store { store, changes } => {
                self.tabs[tab].store.give(store, changes);
                let delay = 1 + self.random(self.tabs[tab].store_delay);
                self.later(delay, Happening::StoreDone(tab, life));
            }
            Output::Load { load, blocks } => {
                self.tabs[tab].store.ask(load, blocks);
                self.later(3, Happening::StoreDone(tab, life));
            }
            Output::Seal(job) => self.start_sealing(tab, life, job),
            Output::Broadcast(_)
            | Output::Send { .. }
            | Output::SetStatus(_)
            | Output::StopSealing => {}
            Output::Event(event) => self.told(tab, event),
            Output::Reply { outcome, .. } => {
                if let Ok(Outcome::Entry(entry)) = &outcome {
                    self.accepted.insert(entry.id);
                    self.tabs[tab].promised.insert(entry.id);
                    self.statistics.accepted += 1;
                    if self.tabs[tab].store.is_volatile() {
                        self.tabs[tab].volatile.insert(entry.id);
                    }
                }
                self.trace.log(Detail::Steps, self.now, tab, || match &outcome {
                    Ok(Outcome::Entry(entry)) => format!("accepts {:?}", entry.id),
                    Err(error) => format!("refuses: {error}"),
                    Ok(_) => "answers".to_owned(),
                });
                self.tabs[tab].asked -= 1;
                if self.keeps_events {
                    self.tabs[tab].replies.push(outcome);
                }
            }
        }
    }

    fn told(&mut self, tab: usize, event: Event) {
        self.trace.event(self.now, tab, &event);
        if let Event::Chain { change: TipChange::Reorganised { .. }, .. } = &event {
            self.statistics.reorganisations += 1;
        }
        if let Event::EntryRefused { id, .. } = &event {
            self.refused.insert(*id);
            self.tabs[tab].promised.remove(id);
        }
        self.check_blame(&event);
        if self.keeps_events {
            self.tabs[tab].events.push(event);
        }
    }

    fn start_sealing(&mut self, tab: usize, life: u32, job: SealJob) {
        if !self.tabs[tab].seals {
            return;
        }
        // Exponentially distributed, as a search is: minus the log of a uniform number.
        let uniform = f64::from(u32::try_from(self.random(1 << 20)).unwrap() + 1) / 1_048_576.0;
        let expected = u32::try_from(job.difficulty.hashes()).unwrap();
        let millis = f64::from(expected) * -uniform.ln() * HASH_TIME;
        let delay = 1 + std::time::Duration::from_secs_f64(millis / 1_000.0).as_millis();
        self.later(u64::try_from(delay).unwrap(), Happening::Sealed(tab, life, job));
    }
}

/// The first nonce that fits.
pub fn search(job: &SealJob) -> u32 {
    let mut header = Header::decode(&job.header).unwrap();
    while !job.difficulty.is_met_by(&header.hash()) {
        header.nonce += 1;
    }
    header.nonce
}
