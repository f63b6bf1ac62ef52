//! Where other devices find the relay: its addresses in the network, and the first of them
//! as a QR code for a terminal.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around a QR code, by ISO/IEC 18004.
const QUIET: i32 = 4;

/// The URLs under which other devices reach a relay that listens on `listen`: those that
/// are likely to be meant first. Empty if only this machine can reach it, or the system does
/// not tell its addresses.
pub fn urls(listen: SocketAddr, tls: bool) -> Vec<String> {
    let scheme = if tls { "https" } else { "http" };
    let addresses = if listen.ip().is_unspecified() {
        let all = if_addrs::get_if_addrs().unwrap_or_else(|error| {
            tracing::warn!(%error, "cannot tell the addresses of this machine");
            Vec::new()
        });
        reachable(all.into_iter().map(|interface| interface.ip()), listen.is_ipv6())
    } else {
        reachable([listen.ip()], true)
    };
    let url = |ip| format!("{scheme}://{}/", SocketAddr::new(ip, listen.port()));
    addresses.into_iter().map(url).collect()
}

/// Those that other devices can reach, private IPv4 addresses first.
fn reachable(addresses: impl IntoIterator<Item = IpAddr>, v6: bool) -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> =
        addresses.into_iter().filter(|ip| is_reachable(ip) && (v6 || ip.is_ipv4())).collect();
    addresses.sort_by_key(|ip| (ip.is_ipv6(), !is_private(ip), *ip));
    addresses.dedup();
    addresses
}

fn is_reachable(ip: &IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => !ip.is_loopback() && !ip.is_link_local() && !ip.is_unspecified(),
        // A link-local one would need the name of the other device's interface.
        IpAddr::V6(ip) => !ip.is_loopback() && !is_link_local(ip) && !ip.is_unspecified(),
    }
}

const fn is_link_local(ip: &Ipv6Addr) -> bool {
    ip.segments()[0] & 0xffc0 == 0xfe80
}

const fn is_private(ip: &IpAddr) -> bool {
    matches!(ip, IpAddr::V4(ip) if ip.is_private())
}

/// A text as a QR code, two modules to a character: light ones are drawn, dark ones left
/// out, since most terminals are dark; in colour it is black on white on any of them. `None`
/// if the text is too long for one.
pub fn qr_code(text: &str, colour: bool) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let is_light = |x: i32, y: i32| !code.get_module(x, y);
    let (start, end) = (-QUIET, code.size() + QUIET);
    let mut drawn = String::new();
    let mut y = start;
    while y < end {
        if colour {
            drawn.push_str("\x1b[97;40m");
        }
        for x in start..end {
            drawn.push(match (is_light(x, y), y + 1 < end && is_light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        if colour {
            drawn.push_str("\x1b[0m");
        }
        drawn.push('\n');
        y += 2;
    }
    Some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ips(texts: &[&str]) -> Vec<IpAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn addresses_that_only_this_machine_has_are_left_out() {
        let all = ips(&[
            "127.0.0.1",
            "203.0.113.5",
            "169.254.1.2",
            "fe80::1",
            "192.168.1.7",
            "::1",
            "2001:db8::7",
            "10.0.0.3",
            "10.0.0.3",
        ]);
        let v4 = ["10.0.0.3", "192.168.1.7", "203.0.113.5"];
        assert_eq!(reachable(all.clone(), false), ips(&v4));
        assert_eq!(reachable(all, true), ips(&[&v4[..], &["2001:db8::7"]].concat()));
    }

    #[test]
    fn who_listens_for_this_machine_only_invites_nobody() {
        assert_eq!(urls("127.0.0.1:80".parse().unwrap(), false), Vec::<String>::new());
        let one = urls("[2001:db8::7]:8080".parse().unwrap(), true);
        assert_eq!(one, ["https://[2001:db8::7]:8080/"]);
    }

    #[test]
    fn a_qr_code_has_its_three_corners_and_a_quiet_zone() {
        let drawn = qr_code("http://192.168.1.7:8080/", false).unwrap();
        let rows: Vec<Vec<char>> = drawn.lines().map(|row| row.chars().collect()).collect();
        let size = rows[0].len();
        assert!(rows.iter().all(|row| row.len() == size));
        assert!(rows[..2].iter().flatten().all(|module| *module == '█'), "the quiet zone");
        // Corner patterns begin with seven dark modules in a row above a light one.
        let corner = [' ', '▄', '▄', '▄', '▄', '▄', ' '];
        let (left, right) = (4, size - 4 - 7);
        assert_eq!(rows[2][left..left + 7], corner);
        assert_eq!(rows[2][right..right + 7], corner);
        assert!(drawn.lines().count() * 2 >= size);
        assert!(qr_code(&"x".repeat(5_000), false).is_none());
    }
}
