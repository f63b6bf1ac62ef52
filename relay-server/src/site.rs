//! The embedded page: what `build.rs` made of `web` and `chain-wasm`.
//!
//! File names carry a hash of the content, so browsers may keep them for ever;
//! only the page itself, `/`, is asked for again each time. Everything is
//! compressed at build time.

mod encoding;

use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HOST, IF_NONE_MATCH, REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use encoding::Encoding;

use crate::app::plain;

/// A file of the page.
#[derive(Debug)]
struct Asset {
    /// Where it is served.
    path: &'static str,
    content_type: &'static str,
    /// Hex digits of a hash of the content.
    hash: &'static str,
    /// Whether the path carries the hash.
    immutable: bool,
    identity: &'static [u8],
    /// Compressed, where that makes it shorter.
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/site.rs"));

const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// Answers with a file of the page, or 404.
pub async fn serve(uri: Uri, headers: HeaderMap) -> Response {
    match ASSETS.iter().find(|asset| asset.path == uri.path()) {
        Some(asset) => asset.respond(&headers),
        None => plain(StatusCode::NOT_FOUND, "There is nothing here. The page is at /.\n"),
    }
}

/// Logs what the page weighs, at level debug.
pub fn log_sizes() {
    for asset in ASSETS {
        let (raw, brotli) = (asset.identity.len(), asset.brotli.map(<[u8]>::len));
        tracing::debug!(path = asset.path, raw, brotli, "page file");
    }
}

impl Asset {
    fn respond(&self, request: &HeaderMap) -> Response {
        let accepted = request.get_all(ACCEPT_ENCODING);
        let accepted = accepted.iter().filter_map(|value| value.to_str().ok());
        let (encoding, body) = match Encoding::choose(accepted) {
            Encoding::Brotli => (Some("br"), self.brotli),
            Encoding::Gzip => (Some("gzip"), self.gzip),
            Encoding::Identity => (None, None),
        };
        let (encoding, body) = match body {
            Some(body) => (encoding, body),
            None => (None, self.identity),
        };
        let tag = format!("\"{}-{}\"", self.hash, encoding.unwrap_or("id"));
        let known = request.get_all(IF_NONE_MATCH).iter().any(|value| names_tag(value, &tag));
        let caching = [
            (CACHE_CONTROL, if self.immutable { IMMUTABLE } else { "no-cache" }),
            (VARY, "accept-encoding"),
            (ETAG, tag.as_str()),
        ];
        if known {
            return (StatusCode::NOT_MODIFIED, caching).into_response();
        }
        let content_type = [(CONTENT_TYPE, self.content_type)];
        let mut response =
            (caching, content_type, Body::from(Bytes::from_static(body))).into_response();
        if let Some(encoding) = encoding {
            response.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
        }
        response
    }
}

fn names_tag(header: &HeaderValue, tag: &str) -> bool {
    header.to_str().is_ok_and(|tags| {
        tags.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag)
    })
}

/// Adds the headers that keep a page from doing what it has no need to do.
pub async fn add_security_headers(request: Request, next: Next) -> Response {
    let policy = content_security_policy(request.headers().get(HOST));
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, policy);
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

/// The policy: everything from this relay, nothing from elsewhere, no inline code.
/// Older browsers do not count a WebSocket to the page's own host as `'self'`, so
/// the host is named.
fn content_security_policy(host: Option<&HeaderValue>) -> HeaderValue {
    let host = host.and_then(|host| host.to_str().ok()).filter(|host| is_plain_host(host));
    let sockets = host.map(|host| format!(" ws://{host} wss://{host}")).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'{sockets}; \
         worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    );
    HeaderValue::from_str(&policy)
        .unwrap_or_else(|_| HeaderValue::from_static("default-src 'none'"))
}

/// Whether a `Host` header is a host and port and nothing that could mean more in
/// a policy.
fn is_plain_host(host: &str) -> bool {
    !host.is_empty() && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_names_the_host_only_if_it_is_one() {
        let policy = |host: &'static str| {
            let policy = content_security_policy(Some(&HeaderValue::from_static(host)));
            policy.to_str().unwrap().to_owned()
        };
        assert!(policy("[::1]:8080").contains(" ws://[::1]:8080 wss://[::1]:8080;"));
        for host in ["a; script-src *", "*", "a b", "a,b", ""] {
            assert!(policy(host).contains("connect-src 'self';"), "{host}");
        }
    }

    #[test]
    fn the_page_itself_is_embedded() {
        let page = ASSETS.iter().find(|asset| asset.path == "/").unwrap();
        assert!(!page.immutable);
        assert_eq!(page.content_type, "text/html; charset=utf-8");
        for asset in ASSETS {
            assert_eq!(asset.immutable, asset.path.contains(asset.hash), "{}", asset.path);
        }
    }
}
