//! What the link sends.

use super::{Link, LinkOutput, Phase};
use crate::api::LinkReason;
use crate::node::Now;
use crate::primitives::{Instant, PeerId};
use crate::relay::{ClientFrame, MAX_PAYLOAD, MAX_STATUS};

/// How long the relay may take to give it; milliseconds.
const PROBE: u64 = 10_000;
/// The most bytes that may wait in the socket to be sent. Beyond it the network is
/// too slow to catch up: the link is dropped and the node synchronises anew.
pub(super) const MAX_BUFFERED: usize = 8 * 1024 * 1024;

impl Link {
    /// Sends a payload to every other peer; `buffered` is how many bytes wait in the
    /// socket. Without a connection it is dropped: the node announces itself anew
    /// after [`Input::LinkUp`](crate::node::Input::LinkUp).
    pub fn broadcast(&mut self, now: Now, payload: &[u8], buffered: usize) {
        if self.fits(payload.len()) {
            self.transmit(now, &ClientFrame::Broadcast { payload }, buffered);
        }
    }

    /// Sends a payload to one peer; as [`broadcast`](Self::broadcast).
    pub fn send(&mut self, now: Now, to: PeerId, payload: &[u8], buffered: usize) {
        if self.fits(payload.len()) {
            self.transmit(now, &ClientFrame::Send { to, payload }, buffered);
        }
    }

    /// Shows a status to the room, and keeps it for later registrations.
    pub fn set_status(&mut self, now: Now, status: Vec<u8>, buffered: usize) {
        if status.len() > MAX_STATUS {
            self.log(format!("a status of {} bytes is too long and was not sent", status.len()));
            return;
        }
        self.transmit(now, &ClientFrame::SetStatus { status: &status }, buffered);
        self.status = status;
    }

    fn fits(&mut self, payload: usize) -> bool {
        if payload > MAX_PAYLOAD {
            self.log(format!("a payload of {payload} bytes is too long and was not sent"));
        }
        payload <= MAX_PAYLOAD
    }

    fn transmit(&mut self, now: Now, frame: &ClientFrame<'_>, buffered: usize) {
        if !matches!(self.phase, Phase::Online { .. }) {
            return;
        }
        let bytes = frame.encode();
        if buffered.saturating_add(bytes.len()) > MAX_BUFFERED {
            self.log(format!("{buffered} bytes wait to be sent: the connection is too slow"));
            self.retry(now, LinkReason::Lost);
        } else {
            self.put(bytes);
        }
    }

    /// Hands a frame to the socket.
    pub(super) fn put(&mut self, frame: Vec<u8>) {
        self.traffic.sent += 1;
        self.traffic.sent_bytes += u64::try_from(frame.len()).unwrap_or_default();
        self.outputs.push_back(LinkOutput::Transmit(frame));
    }

    /// Asks the relay for a sign of life.
    pub(super) fn probe(&mut self, now: Instant) {
        let frame = ClientFrame::Send { to: self.nobody, payload: &[] };
        if let Phase::Online { probe, .. } = &mut self.phase {
            *probe = Some(now.after(PROBE));
            let frame = frame.encode();
            self.probes = self.probes.wrapping_add(1).max(1);
            self.round_trips.asked(self.probes, now);
            self.put(frame);
        }
    }
}
