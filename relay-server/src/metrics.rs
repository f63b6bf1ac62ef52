//! What the relay counts, and how Prometheus is told: the `OpenMetrics` text format.
//!
//! The hot path counts once a batch, not once a frame. What can be looked up (rooms, peers,
//! what waits) is looked up when somebody asks.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use chain_wasm::relay::Refusal;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

/// The media type of [`Metrics::encode`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Upper bounds of the histogram of waiting times, in seconds.
const WAITS: [f64; 12] =
    [0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10.0];

type Count = Counter<u64, AtomicU64>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    reason: &'static str,
}

/// What is looked up when somebody asks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// WebSocket connections.
    pub connections: usize,
    /// Rooms with somebody in them.
    pub rooms: usize,
    /// Registered peers.
    pub peers: usize,
    /// Peers of the same rooms at other relays.
    pub remote_peers: usize,
    /// Whether other relays are in reach; none without a cluster.
    pub cluster: Option<bool>,
    /// What waits for all receivers, in bytes.
    pub queued: usize,
    /// What waits for the slowest receiver, in bytes.
    pub queued_most: usize,
}

/// The relay's counters.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    connections: Gauge,
    rooms: Gauge,
    peers: Gauge,
    remote_peers: Gauge,
    cluster_connected: Gauge,
    queued: Gauge,
    queued_most: Gauge,
    /// WebSocket connections since the start.
    pub accepted: Count,
    /// Frames from tabs.
    pub received: Count,
    /// Their bytes.
    pub received_bytes: Count,
    /// Frames written to tabs.
    pub delivered: Count,
    /// Their bytes.
    pub delivered_bytes: Count,
    /// Messages published to other relays.
    pub cluster_published: Count,
    /// Messages from other relays.
    pub cluster_received: Count,
    /// Messages to other relays that there was no place or no way for.
    pub cluster_dropped: Count,
    refusals: Family<Kind, Count>,
    registration_failures: Count,
    slow_closes: Count,
    foreign_pages: Count,
    waits: Histogram,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All zero.
    pub fn new() -> Self {
        let mut all = Self {
            registry: Registry::with_prefix("tabchain_relay"),
            connections: Gauge::default(),
            rooms: Gauge::default(),
            peers: Gauge::default(),
            remote_peers: Gauge::default(),
            cluster_connected: Gauge::default(),
            queued: Gauge::default(),
            queued_most: Gauge::default(),
            accepted: Count::default(),
            received: Count::default(),
            received_bytes: Count::default(),
            delivered: Count::default(),
            delivered_bytes: Count::default(),
            cluster_published: Count::default(),
            cluster_received: Count::default(),
            cluster_dropped: Count::default(),
            refusals: Family::default(),
            registration_failures: Count::default(),
            slow_closes: Count::default(),
            foreign_pages: Count::default(),
            waits: Histogram::new(WAITS),
        };
        // Each reason is there from the start, so that a rate can be taken of its first.
        for reason in Refusal::ALL {
            drop(all.refusals.get_or_create(&Kind { reason: name(reason) }));
        }
        all.register();
        all
    }

    fn register(&mut self) {
        let all = &mut self.registry;
        all.register("connections", "WebSocket connections", self.connections.clone());
        all.register("rooms", "Rooms with somebody in them", self.rooms.clone());
        all.register("peers", "Registered peers", self.peers.clone());
        let there = "Peers of the same rooms at other relays";
        all.register("remote_peers", there, self.remote_peers.clone());
        let connected = "1 if other relays are in reach, 0 if not or if there are none";
        all.register("cluster_connected", connected, self.cluster_connected.clone());
        let published = "Messages published to other relays";
        all.register("cluster_published_messages", published, self.cluster_published.clone());
        let received = "Messages from other relays";
        all.register("cluster_received_messages", received, self.cluster_received.clone());
        let dropped = "Messages to other relays that there was no place or no way for";
        all.register("cluster_dropped_messages", dropped, self.cluster_dropped.clone());
        let waiting = "What waits for all receivers";
        all.register_with_unit("queue", waiting, Unit::Bytes, self.queued.clone());
        let most = "What waits for the slowest receiver";
        all.register_with_unit("queue_largest", most, Unit::Bytes, self.queued_most.clone());
        let accepted = "WebSocket connections since the start";
        all.register("accepted_connections", accepted, self.accepted.clone());
        all.register("received_frames", "Frames from tabs", self.received.clone());
        let bytes = "Bytes of the frames from tabs";
        all.register_with_unit("received", bytes, Unit::Bytes, self.received_bytes.clone());
        all.register("delivered_frames", "Frames written to tabs", self.delivered.clone());
        let bytes = "Bytes of the frames written to tabs";
        all.register_with_unit("delivered", bytes, Unit::Bytes, self.delivered_bytes.clone());
        let refusals = "Connections that the relay closed, by reason";
        all.register("refusals", refusals, self.refusals.clone());
        let failures = "Connections that were refused before they had registered";
        all.register("registration_failures", failures, self.registration_failures.clone());
        let slow = "Connections closed because they did not read";
        all.register("slow_closes", slow, self.slow_closes.clone());
        let foreign = "Requests refused because a page of another origin made them";
        all.register("foreign_pages", foreign, self.foreign_pages.clone());
        let waits = "How long the oldest frame of a batch waited until the batch was written";
        all.register_with_unit("delivery_wait", waits, Unit::Seconds, self.waits.clone());
    }

    /// The relay closes a connection.
    pub fn refused(&self, reason: Refusal, registered: bool) {
        self.refusals.get_or_create(&Kind { reason: name(reason) }).inc();
        if reason == Refusal::TooSlow {
            self.slow_closes.inc();
        }
        // A relay that stops refuses nobody.
        if !registered && reason != Refusal::Stopping {
            self.registration_failures.inc();
        }
    }

    /// A page of another origin was turned away.
    pub fn refused_page(&self) {
        self.foreign_pages.inc();
    }

    /// So many connections were closed for this reason.
    pub fn refusals(&self, reason: Refusal) -> u64 {
        self.refusals.get_or_create(&Kind { reason: name(reason) }).get()
    }

    /// A batch was written.
    pub fn wrote(&self, frames: usize, bytes: usize, waited: Option<Duration>) {
        self.delivered.inc_by(u64::try_from(frames).unwrap_or(u64::MAX));
        self.delivered_bytes.inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
        if let Some(waited) = waited {
            self.waits.observe(waited.as_secs_f64());
        }
    }

    /// Everything, in the `OpenMetrics` text format; behind it what there is of an archive.
    ///
    /// # Errors
    /// None in practice: writing to a string does not fail.
    pub fn encode(
        &self,
        now: &Snapshot,
        archive: Option<&Registry>,
    ) -> Result<String, std::fmt::Error> {
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.connections.set(number(now.connections));
        self.rooms.set(number(now.rooms));
        self.peers.set(number(now.peers));
        self.remote_peers.set(number(now.remote_peers));
        self.cluster_connected.set(i64::from(now.cluster == Some(true)));
        self.queued.set(number(now.queued));
        self.queued_most.set(number(now.queued_most));
        let mut text = String::new();
        text::encode_registry(&mut text, &self.registry)?;
        if let Some(archive) = archive {
            text::encode_registry(&mut text, archive)?;
        }
        text::encode_eof(&mut text)?;
        Ok(text)
    }
}

/// A reason as a label.
const fn name(reason: Refusal) -> &'static str {
    match reason {
        Refusal::Malformed => "malformed",
        Refusal::TooLarge => "too_large",
        Refusal::Version => "version",
        Refusal::BadSignature => "bad_signature",
        Refusal::OutOfOrder => "out_of_order",
        Refusal::RegistrationTimeout => "registration_timeout",
        Refusal::RoomFull => "room_full",
        Refusal::TooManyRooms => "too_many_rooms",
        Refusal::TooManyConnections => "too_many_connections",
        Refusal::RateLimited => "rate_limited",
        Refusal::TooSlow => "too_slow",
        Refusal::Replaced => "replaced",
        Refusal::PingTimeout => "ping_timeout",
        Refusal::Stopping => "stopping",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_in_the_text() {
        let metrics = Metrics::new();
        metrics.wrote(3, 700, Some(Duration::from_millis(2)));
        metrics.refused(Refusal::TooSlow, true);
        metrics.refused(Refusal::BadSignature, false);
        metrics.refused(Refusal::Stopping, false);
        let now = Snapshot {
            connections: 5,
            rooms: 2,
            peers: 4,
            remote_peers: 3,
            cluster: Some(true),
            queued: 90,
            queued_most: 60,
        };
        let text = metrics.encode(&now, None).unwrap();
        for line in [
            "tabchain_relay_connections 5",
            "tabchain_relay_rooms 2",
            "tabchain_relay_peers 4",
            "tabchain_relay_remote_peers 3",
            "tabchain_relay_cluster_connected 1",
            "tabchain_relay_queue_bytes 90",
            "tabchain_relay_queue_largest_bytes 60",
            "tabchain_relay_delivered_frames_total 3",
            "tabchain_relay_delivered_bytes_total 700",
            "tabchain_relay_refusals_total{reason=\"too_slow\"} 1",
            "tabchain_relay_refusals_total{reason=\"room_full\"} 0",
            "tabchain_relay_registration_failures_total 1",
            "tabchain_relay_slow_closes_total 1",
            "tabchain_relay_delivery_wait_seconds_count 1",
            "tabchain_relay_delivery_wait_seconds_bucket{le=\"0.0025\"} 1",
        ] {
            assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
        }
        assert!(text.ends_with("# EOF\n"));
    }

    #[test]
    fn each_reason_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Refusal::ALL.into_iter().map(name).collect();
        assert_eq!(names.len(), Refusal::ALL.len());
    }
}
