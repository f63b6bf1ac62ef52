//! What writing takes: a token, in a header that no other site's page can make a browser send.

use std::fmt::{self, Debug, Formatter};
use std::str::FromStr;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use chain_wasm::primitives::Hash;
use subtle::ConstantTimeEq;

/// The least characters of a token.
pub const MIN_TOKEN: usize = 16;

/// The most characters of a token.
pub const MAX_TOKEN: usize = 256;

/// A secret that whoever may write has. Only its hash is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Hash);

/// The token is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a token has {MIN_TOKEN} to {MAX_TOKEN} printable ASCII characters without spaces")]
pub struct TokenError;

/// Why somebody may not write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denied {
    /// Nobody may: there is no token.
    Off,
    /// No token was sent.
    Missing,
    /// Another one was sent.
    Wrong,
}

impl Debug for Token {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

impl FromStr for Token {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if printable && (MIN_TOKEN..=MAX_TOKEN).contains(&text.len()) {
            Ok(Self(Hash::of(text.as_bytes())))
        } else {
            Err(TokenError)
        }
    }
}

impl Token {
    /// Whether a request carries the token, as `Authorization: Bearer TOKEN`. How long the
    /// answer takes says nothing of the token: hashes of one length are compared, all of them.
    ///
    /// # Errors
    /// [`Denied`]
    pub fn check(token: Option<&Self>, headers: &HeaderMap) -> Result<(), Denied> {
        let token = token.ok_or(Denied::Off)?;
        let sent = headers.get(AUTHORIZATION).ok_or(Denied::Missing)?;
        let (scheme, sent) = sent.as_bytes().split_at_checked(7).ok_or(Denied::Wrong)?;
        if !scheme.eq_ignore_ascii_case(b"bearer ") {
            return Err(Denied::Wrong);
        }
        let sent = Hash::of(sent.trim_ascii());
        let same = sent.as_bytes().as_slice().ct_eq(token.0.as_bytes());
        if same.into() { Ok(()) } else { Err(Denied::Wrong) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "correct-horse-battery";

    fn check(sent: Option<&str>) -> Result<(), Denied> {
        let mut headers = HeaderMap::new();
        if let Some(sent) = sent {
            headers.insert(AUTHORIZATION, sent.parse().unwrap());
        }
        Token::check(Some(&TOKEN.parse().unwrap()), &headers)
    }

    #[test]
    fn only_the_token_will_do() {
        assert_eq!(check(Some(&format!("Bearer {TOKEN}"))), Ok(()));
        assert_eq!(check(Some(&format!("bearer {TOKEN}"))), Ok(()));
        assert_eq!(check(None), Err(Denied::Missing));
        for wrong in ["", "Bearer", "Bearer ", TOKEN, "Basic correct-horse-battery"] {
            assert_eq!(check(Some(wrong)), Err(Denied::Wrong), "{wrong}");
        }
        assert_eq!(check(Some(&format!("Bearer {TOKEN}x"))), Err(Denied::Wrong));
        assert_eq!(Token::check(None, &HeaderMap::new()), Err(Denied::Off));
    }

    #[test]
    fn a_token_is_neither_short_nor_long() {
        assert!("x".repeat(MIN_TOKEN).parse::<Token>().is_ok());
        assert!("x".repeat(MAX_TOKEN).parse::<Token>().is_ok());
        for bad in ["x".repeat(MIN_TOKEN - 1), "x".repeat(MAX_TOKEN + 1), "a b".repeat(8)] {
            assert_eq!(bad.parse::<Token>(), Err(TokenError));
        }
    }
}
