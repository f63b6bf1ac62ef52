//! The connection to the relay, without the socket: registration, reconnection, and
//! what each frame means to the node.
//!
//! [`Link`] is sans-IO. The driver opens and closes one socket as [`LinkOutput`]
//! says, tells what the socket did under the number it was opened with (what an
//! older socket still has to say is ignored), and calls [`Link::wakeup`] at
//! [`Link::next_wakeup`]. Nothing here touches a browser: tabs and archives share it.
//!
//! **Silence.** A browser answers the relay's pings out of sight, so a page cannot
//! tell a quiet relay from a dead one. After [`SILENCE`] without a frame the link
//! sends an empty message to a peer that does not exist; a live relay must answer
//! [`Undeliverable`](crate::relay::RelayFrame::Undeliverable). The same is done at once when the page is shown or
//! the browser comes online, which is when a connection is likely to have died.

mod backoff;
mod receive;
mod send;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

use backoff::Backoff;

use crate::api::{LinkReason, LinkView, TrafficView};
use crate::node::round_trips::RoundTrips;
use crate::node::{Input, Now};
use crate::primitives::{Instant, Keypair, PeerId};
use crate::relay::RoomId;

/// How long opening a socket may take until the relay's challenge is here, and then
/// the registration until its welcome; milliseconds.
const HANDSHAKE: u64 = 10_000;
/// How long nothing may come before the relay is asked for a sign of life;
/// milliseconds.
const SILENCE: u64 = 25_000;
/// A timer this late means that the device slept: what was due meanwhile may just
/// not have been read yet; milliseconds.
const SLEPT: u64 = 5_000;

/// Numbers the sockets that a link asked for.
pub type SocketId = u64;

/// What a link is made with.
pub struct LinkConfig {
    /// The room.
    pub room: RoomId,
    /// The key to register with; kept over reconnections.
    pub session: Keypair,
    /// Where the jitter comes from.
    pub seed: [u8; 32],
    /// Whether the relay is on this device, so that it can be reached without a
    /// network.
    pub loopback: bool,
    /// Whether the browser says that it is online.
    pub online: bool,
}

/// What a socket did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SocketEvent {
    /// It can't be opened: the address is none, or the browser forbids it.
    InvalidAddress,
    /// A binary message came.
    Message(Vec<u8>),
    /// A text message came; the protocol has none.
    Text,
    /// It closed, or could not be opened.
    Closed {
        /// The close code (RFC 6455, section 7.4).
        code: u16,
    },
}

/// What the driver has to do for a link.
#[derive(Debug, PartialEq)]
pub enum LinkOutput {
    /// Open a socket.
    Open(SocketId),
    /// Close the socket that was opened last.
    Close,
    /// Send this frame on it.
    Transmit(Vec<u8>),
    /// Tell the node.
    Node(Input),
    /// Tell the page.
    View(LinkView),
    /// Tell whoever reads the log.
    Log(String),
}

/// What the link is doing.
enum Phase {
    /// Waits for the relay's challenge.
    Connecting { deadline: Instant },
    /// Waits for the relay's welcome.
    Registering { deadline: Instant },
    /// Registered.
    Online {
        since: Instant,
        heard: Instant,
        probe: Option<Instant>,
        clock_offset: i64,
        whole: bool,
    },
    /// Waits before the next try.
    Waiting { until: Instant, reason: LinkReason },
    /// Does not try.
    Offline { reason: LinkReason },
}

/// How long to wait before the next try.
#[derive(Clone, Copy)]
enum Delay {
    /// After a passing trouble.
    Short,
    /// After a refusal that a new connection would meet again.
    Long,
    /// As the relay asked, in milliseconds.
    After(u32),
}

/// The connection to the relay.
pub struct Link {
    room: RoomId,
    session: Keypair,
    /// A peer that nobody is: see the module's word on silence.
    nobody: PeerId,
    status: Vec<u8>,
    phase: Phase,
    backoff: Backoff,
    socket: SocketId,
    loopback: bool,
    online: bool,
    wanted: bool,
    traffic: TrafficView,
    /// Of the relay, by the numbers of the probes; a registration is the 0th.
    round_trips: RoundTrips,
    probes: u32,
    outputs: VecDeque<LinkOutput>,
}

impl Link {
    /// A link that has yet to be [started](Self::start).
    pub fn new(config: LinkConfig) -> Self {
        let LinkConfig { room, session, seed, loopback, online } = config;
        let mut backoff = Backoff::new(seed);
        let nobody = Keypair::from_seed(backoff.random_bytes()).public();
        Self {
            room,
            session,
            nobody,
            status: Vec::new(),
            phase: Phase::Offline { reason: LinkReason::Disconnected },
            backoff,
            socket: 0,
            loopback,
            online,
            wanted: true,
            traffic: TrafficView::default(),
            round_trips: RoundTrips::default(),
            probes: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Begins to connect.
    pub fn start(&mut self, now: Now) {
        self.resume(now);
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<LinkOutput> {
        self.outputs.pop_front()
    }

    /// When [`wakeup`](Self::wakeup) is due.
    pub fn next_wakeup(&self) -> Option<Instant> {
        match self.phase {
            Phase::Connecting { deadline } | Phase::Registering { deadline } => Some(deadline),
            Phase::Online { heard, probe, .. } => Some(probe.unwrap_or(heard.after(SILENCE))),
            Phase::Waiting { until, .. } => Some(until),
            Phase::Offline { .. } => None,
        }
    }

    /// The state as the page is shown it.
    pub fn view(&self, now: Instant) -> LinkView {
        match self.phase {
            Phase::Connecting { .. } | Phase::Registering { .. } => {
                LinkView::Connecting { attempt: self.backoff.attempt() }
            }
            Phase::Online { clock_offset, whole, .. } => LinkView::Online { clock_offset, whole },
            Phase::Waiting { until, reason } => LinkView::Waiting {
                reason,
                retry_in: u32::try_from(until.since(now)).unwrap_or(u32::MAX),
                attempt: self.backoff.attempt() + 1,
            },
            Phase::Offline { reason } => LinkView::Offline { reason },
        }
    }

    /// What has gone over the connection.
    pub const fn traffic(&self) -> TrafficView {
        self.traffic
    }

    /// Somebody wants to know how long the relay takes to answer.
    pub fn measure(&mut self, now: Now) {
        if let Phase::Online { probe: None, .. } = self.phase {
            self.probe(now.mono);
        }
    }

    /// Does what is due by now; early calls do no harm.
    pub fn wakeup(&mut self, now: Now) {
        match self.phase {
            Phase::Connecting { deadline } if now.mono >= deadline => {
                self.retry(now, LinkReason::Unreachable);
            }
            Phase::Registering { deadline } if now.mono >= deadline => {
                self.retry(now, LinkReason::Silent);
            }
            Phase::Online { probe: Some(deadline), .. } if now.mono >= deadline => {
                if now.mono.since(deadline) > SLEPT {
                    self.probe(now.mono);
                } else {
                    self.retry(now, LinkReason::Silent);
                }
            }
            Phase::Online { heard, probe: None, .. } if now.mono.since(heard) >= SILENCE => {
                self.probe(now.mono);
            }
            Phase::Waiting { until, .. } if now.mono >= until => self.connect(now.mono),
            _ => {}
        }
    }

    /// The user joins or leaves the network.
    pub fn set_connected(&mut self, now: Now, connected: bool) {
        self.wanted = connected;
        if connected {
            if matches!(self.phase, Phase::Offline { .. } | Phase::Waiting { .. }) {
                self.backoff.reset();
                self.resume(now);
            }
        } else {
            self.stop(LinkReason::Disconnected);
        }
    }

    /// The browser says that it is online, or not.
    pub fn set_online(&mut self, now: Now, online: bool) {
        if online == self.online {
            return;
        }
        self.online = online;
        match self.phase {
            Phase::Online { .. } if online => self.probe(now.mono),
            Phase::Offline { reason: LinkReason::BrowserOffline } | Phase::Waiting { .. }
                if online =>
            {
                self.backoff.reset();
                self.resume(now);
            }
            Phase::Offline { .. } => {}
            _ if !online && !self.loopback => self.stop(LinkReason::BrowserOffline),
            _ => {}
        }
    }

    /// The page was shown: somebody is looking, so don't wait any longer.
    pub fn shown(&mut self, now: Now) {
        match self.phase {
            Phase::Waiting { .. } => self.connect(now.mono),
            Phase::Online { .. } => self.probe(now.mono),
            _ => {}
        }
    }

    /// Connects if the user and the browser let it.
    fn resume(&mut self, now: Now) {
        if !self.wanted {
            self.stop(LinkReason::Disconnected);
        } else if !self.online && !self.loopback {
            self.stop(LinkReason::BrowserOffline);
        } else {
            self.connect(now.mono);
        }
    }

    fn connect(&mut self, now: Instant) {
        self.round_trips.forget_questions();
        self.backoff.count();
        self.socket += 1;
        self.phase = Phase::Connecting { deadline: now.after(HANDSHAKE) };
        self.outputs.push_back(LinkOutput::Open(self.socket));
        self.show(now);
    }

    fn retry(&mut self, now: Now, reason: LinkReason) {
        self.wait(now.mono, Delay::Short, reason);
    }

    fn wait(&mut self, now: Instant, delay: Delay, reason: LinkReason) {
        if let Phase::Online { since, .. } = self.phase {
            self.backoff.connected_for(now.since(since));
        }
        self.leave();
        let delay = match delay {
            Delay::Short => self.backoff.short(),
            Delay::Long => self.backoff.long(),
            Delay::After(millis) => self.backoff.after(millis),
        };
        self.phase = Phase::Waiting { until: now.after(delay), reason };
        self.show(now);
    }

    fn stop(&mut self, reason: LinkReason) {
        self.leave();
        self.phase = Phase::Offline { reason };
        self.outputs.push_back(LinkOutput::View(LinkView::Offline { reason }));
    }

    /// Closes the socket, if there is one.
    fn leave(&mut self) {
        match self.phase {
            Phase::Online { .. } => {
                self.outputs.push_back(LinkOutput::Close);
                self.outputs.push_back(LinkOutput::Node(Input::LinkDown));
            }
            Phase::Connecting { .. } | Phase::Registering { .. } => {
                self.outputs.push_back(LinkOutput::Close);
            }
            Phase::Waiting { .. } | Phase::Offline { .. } => {}
        }
    }

    fn show(&mut self, now: Instant) {
        let view = self.view(now);
        self.outputs.push_back(LinkOutput::View(view));
    }

    fn log(&mut self, message: String) {
        self.outputs.push_back(LinkOutput::Log(message));
    }
}
