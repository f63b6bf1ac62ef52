//! What the link makes of what comes from the relay.

use super::{Delay, HANDSHAKE, Link, LinkOutput, Phase, SocketEvent, SocketId};
use crate::api::LinkReason;
use crate::node::{Input, Now};
use crate::primitives::{PeerId, UnixMillis};
use crate::relay::{self, Refusal, RelayFrame};

impl Link {
    /// Takes what a socket did.
    pub fn socket(&mut self, now: Now, socket: SocketId, event: &SocketEvent) {
        let open = !matches!(self.phase, Phase::Waiting { .. } | Phase::Offline { .. });
        if socket != self.socket || !open {
            return;
        }
        match event {
            SocketEvent::InvalidAddress => self.stop(LinkReason::InvalidAddress),
            SocketEvent::Closed { code } => self.closed(now, *code),
            SocketEvent::Text => self.malformed(now, "a text message"),
            SocketEvent::Message(bytes) => {
                self.traffic.received += 1;
                self.traffic.received_bytes += u64::try_from(bytes.len()).unwrap_or_default();
                match RelayFrame::decode(bytes) {
                    Ok(frame) => self.frame(now, &frame),
                    Err(error) => self.malformed(now, &error.to_string()),
                }
            }
        }
    }

    fn frame(&mut self, now: Now, frame: &RelayFrame<'_>) {
        if let RelayFrame::Refused { reason } = frame {
            return self.refused(now, *reason);
        }
        if let RelayFrame::GoingAway { retry_after } = frame {
            return self.wait(now.mono, Delay::After(*retry_after), LinkReason::RelayStopping);
        }
        match &mut self.phase {
            Phase::Connecting { .. } => match frame {
                RelayFrame::Challenge { version, .. } if *version != relay::VERSION => {
                    self.stop(LinkReason::Version);
                }
                RelayFrame::Challenge { nonce, .. } => {
                    let answer = relay::register(&self.session, nonce, self.room, &self.status);
                    let answer = answer.encode();
                    self.round_trips.asked(0, now.mono);
                    self.put(answer);
                    self.phase = Phase::Registering { deadline: now.mono.after(HANDSHAKE) };
                }
                _ => self.malformed(now, "no challenge"),
            },
            Phase::Registering { .. } => match frame {
                RelayFrame::Welcome { time, peers } => {
                    let peers = peers.iter().map(|one| (one.peer, one.status.to_vec())).collect();
                    self.welcome(now, *time, peers);
                }
                _ => self.malformed(now, "no welcome"),
            },
            Phase::Online { heard, probe, whole, .. } => {
                *heard = now.mono;
                *probe = None;
                if let RelayFrame::Reach { whole: now_whole } = frame {
                    *whole = *now_whole;
                    self.show(now.mono);
                } else {
                    self.deliver(now, frame);
                }
            }
            Phase::Waiting { .. } | Phase::Offline { .. } => {}
        }
    }

    fn welcome(&mut self, now: Now, relay_time: UnixMillis, peers: Vec<(PeerId, Vec<u8>)>) {
        let clock_offset = offset(relay_time, now.wall);
        self.measured(0, now);
        let (since, heard) = (now.mono, now.mono);
        self.phase = Phase::Online { since, heard, probe: None, clock_offset, whole: true };
        self.show(now.mono);
        self.outputs.push_back(LinkOutput::Node(Input::LinkUp { peers, relay_time }));
    }

    fn deliver(&mut self, now: Now, frame: &RelayFrame<'_>) {
        let input = match *frame {
            RelayFrame::PeerJoined { peer, status } => {
                Input::PeerJoined { peer, status: status.to_vec() }
            }
            RelayFrame::PeerLeft { peer } => Input::PeerLeft { peer },
            RelayFrame::PeerStatus { peer, status } => {
                Input::PeerStatus { peer, status: status.to_vec() }
            }
            RelayFrame::Deliver { from, payload } => Input::Frame { from, bytes: payload.to_vec() },
            // Answers come in the order of the questions.
            RelayFrame::Undeliverable { to } if to == self.nobody => {
                if let Some(probe) = self.round_trips.oldest() {
                    self.measured(probe, now);
                }
                return;
            }
            RelayFrame::Undeliverable { to } => Input::Undeliverable { to },
            _ => return self.malformed(now, "a frame out of order"),
        };
        self.outputs.push_back(LinkOutput::Node(input));
    }

    fn measured(&mut self, question: u32, now: Now) {
        self.round_trips.answered(question, now.mono);
        self.traffic.round_trip = self.round_trips.median();
    }

    fn closed(&mut self, now: Now, code: u16) {
        match (Refusal::from_close_code(code), &self.phase) {
            (Some(refusal), _) => self.refused(now, refusal),
            (None, Phase::Connecting { .. }) => self.retry(now, LinkReason::Unreachable),
            (None, _) => self.retry(now, LinkReason::Lost),
        }
    }

    fn refused(&mut self, now: Now, refusal: Refusal) {
        let refused = LinkReason::Refused { code: refusal as u16 };
        match refusal {
            Refusal::Version => self.stop(LinkReason::Version),
            Refusal::Stopping => self.retry(now, LinkReason::RelayStopping),
            // Passing troubles of the connection: a new one may fare better.
            Refusal::TooSlow | Refusal::PingTimeout | Refusal::RegistrationTimeout => {
                self.retry(now, refused);
            }
            // Trying at once would be refused again.
            Refusal::Malformed
            | Refusal::TooLarge
            | Refusal::BadSignature
            | Refusal::OutOfOrder
            | Refusal::RoomFull
            | Refusal::TooManyRooms
            | Refusal::TooManyConnections
            | Refusal::RateLimited
            | Refusal::Replaced => {
                self.wait(now.mono, Delay::Long, refused);
            }
        }
    }

    /// The relay talks something else than the protocol: it is broken, or no relay.
    fn malformed(&mut self, now: Now, what: &str) {
        self.log(format!("the relay sent {what}"));
        self.wait(now.mono, Delay::Long, LinkReason::Lost);
    }
}

/// The relay's clock less this device's, in milliseconds.
fn offset(relay: UnixMillis, here: UnixMillis) -> i64 {
    let difference = i128::from(relay.0) - i128::from(here.0);
    i64::try_from(difference).unwrap_or(if difference < 0 { i64::MIN } else { i64::MAX })
}
