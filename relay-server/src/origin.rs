//! Which pages may connect.
//!
//! A browser sends the page's origin with a WebSocket request. Pages that this
//! relay serves may connect, and those on the allow list. A request without an
//! origin comes from a program, not from somebody's browser, and may connect.

use std::str::FromStr;

use http::header::{HOST, ORIGIN};
use http::uri::{Authority, Uri};
use http::{HeaderMap, HeaderValue};

/// A web origin: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

/// A text that is no origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin is a scheme, a host and perhaps a port, like https://example.org:8443")]
pub struct ParseOriginError;

impl FromStr for Origin {
    type Err = ParseOriginError;

    fn from_str(text: &str) -> Result<Self, ParseOriginError> {
        let uri: Uri = text.parse().map_err(|_| ParseOriginError)?;
        let (Some(scheme), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(ParseOriginError);
        };
        let bare = uri.path() == "/" && uri.query().is_none() && !authority.as_str().contains('@');
        let port = match (authority.port_u16(), scheme) {
            (Some(port), _) => port,
            (None, "http") => 80,
            (None, "https") => 443,
            (None, _) => return Err(ParseOriginError),
        };
        let host = authority.host().to_ascii_lowercase();
        if bare {
            Ok(Self { scheme: scheme.to_owned(), host, port })
        } else {
            Err(ParseOriginError)
        }
    }
}

impl Origin {
    /// Whether the page was served under this `Host`. The scheme does not count:
    /// a proxy in front may speak https where the relay speaks http.
    fn is_served_as(&self, host: &Authority) -> bool {
        let default = if self.scheme == "https" { 443 } else { 80 };
        self.host.eq_ignore_ascii_case(host.host())
            && self.port == host.port_u16().unwrap_or(default)
    }
}

/// Whether a request with these headers may connect.
pub fn is_allowed(headers: &HeaderMap, allowed: &[Origin]) -> bool {
    let Some(origin) = headers.get(ORIGIN) else { return true };
    let Some(origin) = parse::<Origin>(origin) else { return false };
    let host = headers.get(HOST).and_then(parse::<Authority>);
    host.is_some_and(|host| origin.is_served_as(&host)) || allowed.contains(&origin)
}

fn parse<T: FromStr>(value: &HeaderValue) -> Option<T> {
    value.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(origin: &str, host: &str, allowed: &[&str]) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ORIGIN, origin.parse().unwrap());
        headers.insert(HOST, host.parse().unwrap());
        let allowed: Vec<Origin> = allowed.iter().map(|text| text.parse().unwrap()).collect();
        is_allowed(&headers, &allowed)
    }

    #[test]
    fn the_relays_own_page_may_connect() {
        assert!(allows("http://127.0.0.1:8080", "127.0.0.1:8080", &[]));
        assert!(allows("https://chain.example", "chain.example", &[]));
        assert!(allows("https://chain.example", "chain.example:443", &[]));
        assert!(allows("http://Chain.Example", "chain.example:80", &[]));
        assert!(allows("http://[::1]:8080", "[::1]:8080", &[]));
    }

    #[test]
    fn other_pages_may_not() {
        assert!(!allows("http://127.0.0.1:8081", "127.0.0.1:8080", &[]));
        assert!(!allows("http://evil.example", "127.0.0.1:8080", &[]));
        assert!(!allows("http://127.0.0.1", "127.0.0.1:8080", &[]));
        assert!(!allows("null", "127.0.0.1:8080", &[]));
        assert!(!allows("http://a@127.0.0.1:8080", "127.0.0.1:8080", &[]));
        assert!(!allows("file:///page", "127.0.0.1:8080", &[]));
    }

    #[test]
    fn those_on_the_list_may() {
        let list = ["https://other.example", "http://third.example:81/"];
        assert!(allows("https://other.example", "127.0.0.1:8080", &list));
        assert!(allows("https://other.example:443", "127.0.0.1:8080", &list));
        assert!(allows("http://third.example:81", "127.0.0.1:8080", &list));
        assert!(!allows("http://other.example", "127.0.0.1:8080", &list));
    }

    #[test]
    fn programs_may() {
        assert!(is_allowed(&HeaderMap::new(), &[]));
    }

    #[test]
    fn a_list_takes_origins_only() {
        for wrong in ["", "*", "example.org", "http://", "http://x/path", "http://x/?q", "ftp://x"]
        {
            assert_eq!(wrong.parse::<Origin>(), Err(ParseOriginError), "{wrong}");
        }
    }
}
