//! The address of another relay.

use std::fmt::{self, Display, Formatter};
use std::str::FromStr;

use http::Uri;

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
        if text.contains('#') {
            return Err(RelayUrlError::Parts);
        }
        let uri: Uri = text.parse().map_err(|_| RelayUrlError::Form)?;
        let scheme = match uri.scheme_str() {
            Some("http" | "ws") => "ws",
            Some("https" | "wss") => "wss",
            Some(_) => return Err(RelayUrlError::Scheme),
            None => return Err(RelayUrlError::Form),
        };
        let authority = uri.authority().ok_or(RelayUrlError::Form)?;
        if authority.host().is_empty() {
            return Err(RelayUrlError::Form);
        }
        if authority.as_str().contains('@') || uri.query().is_some() {
            return Err(RelayUrlError::Parts);
        }
        let path = uri.path().trim_end_matches('/');
        let path = path.strip_suffix("/ws").unwrap_or(path);
        let authority = authority.as_str().to_ascii_lowercase();
        Ok(Self(format!("{scheme}://{authority}{path}/ws")))
    }
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
            ("file:///etc/passwd", RelayUrlError::Form),
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
