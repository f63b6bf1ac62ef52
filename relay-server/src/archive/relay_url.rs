//! The address of another relay.

use std::fmt::{self, Display, Formatter};
use std::net::Ipv6Addr;
use std::str::FromStr;

/// The longest address of a relay, in bytes.
pub const MAX_RELAY_URL: usize = 256;

/// The WebSocket address of a relay: `ws` or `wss`, a host, perhaps a port and a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RelayUrl(String);

/// Why a text is no relay's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RelayUrlError {
    /// It is too long.
    #[error("an address has at most {MAX_RELAY_URL} bytes")]
    Length,
    /// It is no address, or has no host.
    #[error("it is not an address like https://relay.example")]
    Form,
    /// Another scheme.
    #[error("its scheme must be http, https, ws or wss")]
    Scheme,
    /// A name and password, a query or a fragment.
    #[error("it must have neither a user's name nor a query")]
    Parts,
}

impl RelayUrl {
    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for RelayUrl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RelayUrl {
    type Err = RelayUrlError;

    /// Reads the address of a relay's page or of its socket: `https://relay.example` is
    /// `wss://relay.example/ws`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > MAX_RELAY_URL {
            return Err(RelayUrlError::Length);
        }
        let (scheme, rest) = text.split_once("://").ok_or(RelayUrlError::Form)?;
        let scheme = match scheme {
            "http" | "ws" => "ws",
            "https" | "wss" => "wss",
            _ => return Err(RelayUrlError::Scheme),
        };
        if rest.contains(['@', '?', '#']) {
            return Err(RelayUrlError::Parts);
        }
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        if !is_authority(authority) {
            return Err(RelayUrlError::Form);
        }
        let path = path.strip_suffix('/').unwrap_or(path);
        if !path.is_empty() && !path.split('/').all(is_segment) {
            return Err(RelayUrlError::Form);
        }
        let path = if path == "ws" { "" } else { path.strip_suffix("/ws").unwrap_or(path) };
        let slash = if path.is_empty() { "" } else { "/" };
        Ok(Self(format!("{scheme}://{}{slash}{path}/ws", authority.to_ascii_lowercase())))
    }
}

/// A host and perhaps a port.
fn is_authority(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let is_name = !host.is_empty() && host.bytes().all(is_name_byte);
    let is_host = bracketed.map_or(is_name, |address| address.parse::<Ipv6Addr>().is_ok());
    let is_port = |port: &str| {
        (1..=5).contains(&port.len())
            && port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse::<u16>().is_ok()
    };
    is_host && port.is_none_or(is_port)
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-')
}

/// What RFC 3986 leaves unreserved, so that nothing is to be escaped.
fn is_segment(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| is_name_byte(byte) || matches!(byte, b'_' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_of_the_page_or_of_the_socket_will_do() {
        for (text, url) in [
            ("https://Relay.Example", "wss://relay.example/ws"),
            ("http://127.0.0.1:8080/", "ws://127.0.0.1:8080/ws"),
            ("ws://[::1]:80/ws", "ws://[::1]:80/ws"),
            ("ws://[::1]", "ws://[::1]/ws"),
            ("http://a.example:65535/ws", "ws://a.example:65535/ws"),
            ("wss://a.example/tabs/ws/", "wss://a.example/tabs/ws"),
        ] {
            assert_eq!(text.parse::<RelayUrl>().map(|url| url.to_string()), Ok(url.to_owned()));
        }
    }

    #[test]
    fn anything_else_is_refused() {
        let long = format!("https://{}", "a".repeat(MAX_RELAY_URL));
        for (text, why) in [
            ("", RelayUrlError::Form),
            ("relay.example", RelayUrlError::Form),
            ("/ws", RelayUrlError::Form),
            ("file:///etc/passwd", RelayUrlError::Scheme),
            ("HTTP://a.example", RelayUrlError::Scheme),
            ("http://a.example:65536", RelayUrlError::Form),
            ("http://a.example:", RelayUrlError::Form),
            ("http://[a]", RelayUrlError::Form),
            ("http://a*", RelayUrlError::Form),
            ("http://a//b", RelayUrlError::Form),
            ("http://", RelayUrlError::Form),
            ("ftp://a.example/", RelayUrlError::Scheme),
            ("gopher://a.example/", RelayUrlError::Scheme),
            ("https://a:b@c.example/", RelayUrlError::Parts),
            ("https://a.example/?b=c", RelayUrlError::Parts),
            ("https://a.example/#b", RelayUrlError::Parts),
            (&long, RelayUrlError::Length),
        ] {
            assert_eq!(text.parse::<RelayUrl>(), Err(why), "{text}");
        }
    }
}
