//! Who connects from where, and how often.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use ipnet::IpNet;

/// What a proxy adds the address to that it was called from.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The connections of each address. It has no more entries than there are connections.
#[derive(Debug)]
pub struct Addresses {
    counts: Mutex<HashMap<IpAddr, usize>>,
    limit: usize,
}

/// One of an address's connections, until it is dropped.
#[derive(Debug)]
pub struct AddressPlace {
    addresses: Arc<Addresses>,
    address: IpAddr,
}

impl Addresses {
    /// Nobody yet, and at most `limit` connections from each address.
    pub fn new(limit: usize) -> Self {
        Self { counts: Mutex::default(), limit }
    }

    /// Takes a place for a connection from an address, if it has one left.
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<AddressPlace> {
        let address = customer(address);
        let mut counts = self.lock();
        let count = counts.entry(address).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(AddressPlace { addresses: Arc::clone(self), address })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for AddressPlace {
    fn drop(&mut self) {
        let mut counts = self.addresses.lock();
        if let Some(count) = counts.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.address);
            }
        }
    }
}

/// An IPv4 address as it is, of an IPv6 address the first 64 bits: all that come after are
/// the customer's own to choose.
fn customer(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() >> 64 << 64;
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

/// The address that a request comes from: that of the connection, unless that is a trusted
/// proxy's. Then it is the last one in `X-Forwarded-For` that is not one itself: what stands
/// before it, its sender may have made up.
pub fn client_of(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut client = peer.to_canonical();
    let values: Vec<&str> =
        headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
    for hop in values.iter().rev().flat_map(|value| value.rsplit(',')) {
        if !is_trusted(&client) {
            break;
        }
        let Ok(address) = hop.trim().parse::<IpAddr>() else { break };
        client = address.to_canonical();
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_address_has_so_many_places_and_gets_them_back() {
        let addresses = Arc::new(Addresses::new(2));
        let first = addresses.take(ip("192.0.2.1")).unwrap();
        let _second = addresses.take(ip("::ffff:192.0.2.1")).unwrap();
        assert!(addresses.take(ip("192.0.2.1")).is_none());
        assert!(addresses.take(ip("192.0.2.2")).is_some());
        drop(first);
        assert!(addresses.take(ip("192.0.2.1")).is_some());
        assert_eq!(addresses.lock().len(), 1, "who is gone is forgotten");
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let addresses = Arc::new(Addresses::new(1));
        let _one = addresses.take(ip("2001:db8:1:2::1")).unwrap();
        assert!(addresses.take(ip("2001:db8:1:2:ffff::9")).is_none());
        assert!(addresses.take(ip("2001:db8:1:3::1")).is_some());
    }

    #[test]
    fn only_a_trusted_proxy_is_believed() {
        let client = |peer: &str, forwarded: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append(FORWARDED_FOR, value.parse().unwrap());
            }
            client_of(ip(peer), &headers, &["10.0.0.0/8".parse().unwrap()])
        };
        assert_eq!(client("192.0.2.1", &["198.51.100.7"]), ip("192.0.2.1"));
        assert_eq!(client("10.0.0.1", &["198.51.100.7"]), ip("198.51.100.7"));
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 198.51.100.7, 10.9.9.9"]), ip("198.51.100.7"));
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "198.51.100.7"]), ip("198.51.100.7"));
        assert_eq!(client("10.0.0.1", &[]), ip("10.0.0.1"));
        assert_eq!(client("10.0.0.1", &["1.1.1.1, nonsense"]), ip("10.0.0.1"));
    }
}
