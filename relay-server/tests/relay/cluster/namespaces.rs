//! Relays in network namespaces of their own, cut off from the NATS server without a word:
//! no connection is closed, packets just do not arrive.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::Command;

use hyper::StatusCode;

use super::nats::Nats;
use super::{Member, process, room, wait_ready};

/// Where NATS listens: an address that only this machine and the namespaces have.
const HUB: Ipv4Addr = Ipv4Addr::new(10, 213, 77, 1);

fn ip(arguments: &str) -> bool {
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/sbin";
    let mut command = Command::new("ip");
    let done = command.env("PATH", path).args(arguments.split_whitespace()).output();
    done.is_ok_and(|output| output.status.success())
}

/// A namespace with one cable to this machine.
struct Namespace {
    name: String,
    cable: String,
    address: Ipv4Addr,
}

impl Namespace {
    /// None if this user may not make one.
    fn new(n: u8) -> Option<Self> {
        let name = format!("tabchain-{}-{n}", std::process::id());
        let cable = format!("tab{}-{n}", std::process::id());
        if !ip(&format!("netns add {name}")) {
            return None;
        }
        let (gateway, address) =
            (Ipv4Addr::new(10, 213, 77, 4 * n + 1), Ipv4Addr::new(10, 213, 77, 4 * n + 2));
        let space = Self { name, cable, address };
        let Self { name, cable, .. } = &space;
        for command in [
            format!("link add {cable} type veth peer name inner netns {name}"),
            format!("addr add {gateway}/30 dev {cable}"),
            format!("link set {cable} up"),
            format!("-n {name} addr add {address}/30 dev inner"),
            format!("-n {name} link set lo up"),
            format!("-n {name} link set inner up"),
            format!("-n {name} route add default via {gateway}"),
        ] {
            assert!(ip(&command), "ip {command}");
        }
        Some(space)
    }

    /// What it sends to NATS does not arrive.
    fn cut(&self) {
        assert!(ip(&format!("-n {} route add blackhole {HUB}/32", self.name)));
    }

    fn heal(&self) {
        assert!(ip(&format!("-n {} route del blackhole {HUB}/32", self.name)));
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        ip(&format!("link del {}", self.cable));
        ip(&format!("netns del {}", self.name));
    }
}

/// The address of NATS, on the loopback device.
struct Hub;

impl Drop for Hub {
    fn drop(&mut self) {
        ip(&format!("addr del {HUB}/32 dev lo"));
    }
}

#[tokio::test]
async fn relays_cut_off_without_a_word_notice_and_come_together_again() {
    let Some(first) = Namespace::new(1) else {
        println!("skipped: network namespaces need root and iproute2");
        return;
    };
    let second = Namespace::new(2).unwrap();
    assert!(ip(&format!("addr add {HUB}/32 dev lo")));
    let _hub = Hub;
    let nats = Nats::start_at(&HUB.to_string(), "").await;
    let start = async |space: &Namespace| {
        let listen = SocketAddr::new(IpAddr::V4(space.address), 8_080);
        let inside = ["ip", "netns", "exec", &space.name];
        let (child, _) = process::start_in(
            &inside,
            &["--listen", &listen.to_string(), "--nats", &nats.url(), "--nats-prefix", "test"],
        )
        .await;
        (child, listen)
    };
    let (_one, left) = start(&first).await;
    let (_two, right) = start(&second).await;
    wait_ready(left, StatusCode::OK).await;
    wait_ready(right, StatusCode::OK).await;
    let mut a = Member::join(left, 1, room(0), b"").await;
    let mut b = Member::join(right, 2, room(0), b"").await;
    let mut c = Member::join(right, 3, room(0), b"").await;
    for (member, others) in [(&mut a, [2, 3]), (&mut b, [1, 3]), (&mut c, [1, 2])] {
        member.sees(&others).await;
    }
    first.cut();
    // The one that is cut off notices by pings, the other one by missing beats.
    a.until(|it| !it.whole).await;
    a.sees(&[]).await;
    b.sees(&[3]).await;
    c.sees(&[2]).await;
    assert!(b.whole);
    wait_ready(left, StatusCode::SERVICE_UNAVAILABLE).await;
    wait_ready(right, StatusCode::OK).await;
    first.heal();
    a.until(|it| it.whole).await;
    for (member, others) in [(&mut a, [2, 3]), (&mut b, [1, 3]), (&mut c, [1, 2])] {
        member.sees(&others).await;
    }
    a.tab.broadcast(b"one again").await;
    b.hears(1, b"one again").await;
    c.tell(1, b"one again").await;
    a.hears(3, b"one again").await;
}
