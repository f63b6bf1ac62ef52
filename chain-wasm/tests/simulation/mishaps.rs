//! The faults of a campaign: how each is brought about, and how it ends.

use chain_wasm::node::Input;

use super::campaign::{Campaign, Kind, Step};
use super::happening::Happening;
use super::statistics::Fault;
use super::tab::{Crash, Link};
use super::trace::Detail;

impl Campaign {
    pub(super) fn fault(&mut self, kind: Kind) {
        if matches!(kind, Kind::Partition | Kind::RelayRestart) {
            if self.cuts > 0 {
                self.cuts -= 1;
                if kind == Kind::Partition { self.partition() } else { self.restart_relay() }
            }
            return;
        }
        let Some(tab) = self.running() else { return };
        match kind {
            Kind::Offline => {
                self.inject(tab, Fault::Offline);
                self.world.cut(tab);
                let pause = 1 + self.world.random(8_000);
                self.world.later(pause, Happening::Join(tab, 0));
            }
            Kind::Kill => {
                self.inject(tab, Fault::CrashBetweenBatches);
                self.close_for_a_while(tab);
            }
            Kind::Damage => {
                self.close_for_a_while(tab);
                self.world.damage(tab);
            }
            Kind::CrashInBatch => self.crash_in_batch(tab),
            Kind::BadLink => self.worsen_link(tab),
            Kind::Throttle => {
                self.inject(tab, Fault::Throttle);
                let every = [500, 1_000, 60_000][self.world.random_index(3)];
                self.world.tabs[tab].throttle = Some(every);
                self.world.input(tab, Input::Hidden(true));
                if every < 60_000 || self.world.random(2) == 0 {
                    self.soon(15_000, Step::Mend(tab, kind));
                }
            }
            Kind::WrongClock => {
                self.inject(tab, Fault::WrongClock);
                let skew = i64::try_from(self.world.random(1_200_000)).unwrap() - 600_000;
                self.world.tabs[tab].clock_skew = skew;
            }
            Kind::FullDisk => {
                self.inject(tab, Fault::FullDisk);
                self.world.tabs[tab].disk_full = true;
                self.soon(10_000, Step::Mend(tab, kind));
            }
            Kind::SlowDisk => {
                self.inject(tab, Fault::SlowDisk);
                self.world.tabs[tab].store_delay = 20 + self.world.random(3_000);
                self.soon(10_000, Step::Mend(tab, kind));
            }
            Kind::NoSealing => {
                self.inject(tab, Fault::NoSealing);
                self.world.tabs[tab].seals = false;
                self.soon(10_000, Step::Mend(tab, kind));
            }
            Kind::GoneForEver => {
                if self.leaving > 0 {
                    self.leaving -= 1;
                    self.world.leave_for_ever(tab);
                }
            }
            Kind::Partition | Kind::RelayRestart => {}
        }
    }

    fn inject(&mut self, tab: usize, fault: Fault) {
        self.world.statistics.injected(fault);
        self.world.trace.log(Detail::Steps, self.world.now, tab, || format!("fault: {fault:?}"));
    }

    /// A tab ends, and is started again some time later.
    fn close_for_a_while(&mut self, tab: usize) {
        let relay = self.world.tabs[tab].relay.unwrap_or(0);
        self.world.crash(tab);
        let pause = 1 + self.world.random(6_000);
        self.world.later(pause, Happening::Start(tab, relay));
    }

    fn crash_in_batch(&mut self, tab: usize) {
        let crash = [Crash::Before, Crash::Torn, Crash::After][self.world.random_index(3)];
        let batches = 1 + self.world.random(4);
        let pause = self.world.random(4_000);
        let state = &mut self.world.tabs[tab];
        state.crash_after = Some(state.store.done + batches);
        state.crash = crash;
        state.crash_pause = 1 + pause;
        self.log(tab, "is to crash in a batch");
    }

    fn worsen_link(&mut self, tab: usize) {
        self.inject(tab, Fault::BadLink);
        let world = &mut self.world;
        let mut one = |most| if world.random(2) == 0 { world.random(most) } else { 0 };
        let quality = Link {
            latency: one(2_000),
            jitter: one(1_000),
            loss: one(300),
            duplication: one(300),
            reordering: one(300),
        };
        self.world.tabs[tab].quality = quality;
        self.soon(10_000, Step::Mend(tab, Kind::BadLink));
    }

    /// The room falls apart into two or three.
    fn partition(&mut self) {
        self.world.statistics.injected(Fault::Partition);
        let parts = 2 + self.world.random(2);
        self.world.trace.log_world(Detail::Steps, self.world.now, || format!("{parts} parts"));
        for tab in 0..self.world.tabs.len() {
            let part = u32::try_from(self.world.random(parts)).unwrap();
            let at = self.world.tabs[tab].relay;
            if at.is_some() && at != Some(part) {
                self.world.join(tab, part);
            }
        }
        for liar in 0..self.world.liars.len() {
            let part = u32::try_from(self.world.random(parts)).unwrap();
            self.world.move_liar(liar, part);
        }
        self.soon(10_000, Step::Heal);
    }

    pub(super) fn heal(&mut self) {
        self.world.trace.log_world(Detail::Steps, self.world.now, || "the room is one".to_owned());
        for tab in 0..self.world.tabs.len() {
            if self.world.tabs[tab].relay.is_some_and(|relay| relay != 0) {
                self.world.join(tab, 0);
            }
        }
        for liar in 0..self.world.liars.len() {
            if self.world.liars[liar].relay != 0 {
                self.world.move_liar(liar, 0);
            }
        }
    }

    fn restart_relay(&mut self) {
        self.world.statistics.injected(Fault::RelayRestart);
        self.world.trace.log_world(Detail::Steps, self.world.now, || "relay restarts".to_owned());
        for tab in 0..self.world.tabs.len() {
            if self.world.tabs[tab].relay == Some(0) {
                self.world.cut(tab);
                let wait = 1 + self.world.random(3_000);
                self.world.later(wait, Happening::Join(tab, 0));
            }
        }
    }

    pub(super) fn mend(&mut self, tab: usize, kind: Kind) {
        let state = &mut self.world.tabs[tab];
        match kind {
            Kind::BadLink => state.quality = Link::default(),
            Kind::Throttle => {
                state.throttle = None;
                self.world.input(tab, Input::Hidden(false));
            }
            Kind::FullDisk => state.disk_full = false,
            Kind::SlowDisk => state.store_delay = 20,
            Kind::NoSealing => state.seals = true,
            _ => {}
        }
    }

    /// All faults end, but for the liars and some slow tabs.
    pub(super) fn mend_all(&mut self) {
        self.world.trace.log_world(Detail::Steps, self.world.now, || "all is mended".to_owned());
        self.world.loss = 0;
        self.world.duplication = 0;
        for tab in 0..self.world.tabs.len() {
            let state = &mut self.world.tabs[tab];
            if state.gone {
                continue;
            }
            state.quality = Link::default();
            state.disk_full = false;
            state.store_delay = 20;
            state.seals = true;
            state.crash_after = None;
            let wrong_clock = state.clock_skew != 0;
            if state.node.is_none() {
                self.world.start(tab);
            }
            // A clock that was set wrong is put right with the next link.
            if wrong_clock || self.world.tabs[tab].relay != Some(0) {
                self.world.join(tab, 0);
            }
        }
        self.heal();
    }
}
