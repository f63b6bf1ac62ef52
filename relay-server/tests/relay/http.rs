//! What a browser gets: the page, its headers, and who may connect.

use std::net::SocketAddr;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1::handshake;
use hyper::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
    HOST, IF_NONE_MATCH, ORIGIN, VARY,
};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::support::{Relay, in_time, patient};

pub(crate) async fn get(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Response<Bytes> {
    request("GET", address, path, headers).await
}

async fn request(
    method: &str,
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
) -> Response<Bytes> {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let mut request = Request::builder().method(method).uri(path).header(HOST, address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let (parts, body) = in_time(sender.send_request(request)).await.unwrap().into_parts();
    Response::from_parts(parts, body.collect().await.unwrap().to_bytes())
}

fn header(response: &Response<Bytes>, name: impl hyper::header::AsHeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn the_page_comes_with_its_type_its_policy_and_a_tag() {
    let relay = Relay::start().await;
    let page = get(relay.address, "/", &[]).await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(header(&page, CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(header(&page, CACHE_CONTROL), "no-cache");
    assert_eq!(header(&page, VARY), "accept-encoding");
    assert_eq!(header(&page, CONTENT_ENCODING), "");
    assert_eq!(header(&page, "x-content-type-options"), "nosniff");
    assert_eq!(header(&page, "referrer-policy"), "no-referrer");
    let policy = header(&page, CONTENT_SECURITY_POLICY);
    for part in [
        "default-src 'none';",
        "script-src 'self' 'wasm-unsafe-eval';",
        "style-src 'self';",
        "worker-src 'self';",
        "frame-ancestors 'none'",
        &format!("connect-src 'self' ws://{0} wss://{0};", relay.address),
    ] {
        assert!(policy.contains(part), "{part} in {policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    assert!(String::from_utf8_lossy(page.body()).contains("<title>"));

    let known = get(relay.address, "/", &[(IF_NONE_MATCH.as_str(), header(&page, ETAG))]).await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&known, ETAG), header(&page, ETAG));
    assert!(known.body().is_empty());
}

#[tokio::test]
async fn files_come_compressed_to_who_accepts_it() {
    let relay = Relay::start().await;
    let plain = get(relay.address, "/", &[]).await;
    let mut tags = vec![header(&plain, ETAG).to_owned()];
    for (accepts, encoding) in [("gzip, deflate, br", "br"), ("gzip", "gzip")] {
        let page = get(relay.address, "/", &[(ACCEPT_ENCODING.as_str(), accepts)]).await;
        assert_eq!(header(&page, CONTENT_ENCODING), encoding);
        assert_eq!(header(&page, CONTENT_TYPE), "text/html; charset=utf-8");
        assert!(page.body().len() < plain.body().len());
        tags.push(header(&page, ETAG).to_owned());
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "each encoding has a tag of its own");
}

#[tokio::test]
async fn every_file_the_page_names_is_there_and_may_be_kept_for_ever() {
    let relay = Relay::start().await;
    let page = get(relay.address, "/", &[]).await;
    let text = String::from_utf8(page.body().to_vec()).unwrap();
    for (_, rest) in text.match_indices("\"./").map(|(at, quote)| text.split_at(at + quote.len())) {
        let name = rest.split('"').next().unwrap();
        if name.is_empty() {
            continue;
        }
        let file = get(relay.address, &format!("/{name}"), &[]).await;
        assert_eq!(file.status(), StatusCode::OK, "{name}");
        assert_eq!(header(&file, CACHE_CONTROL), "public, max-age=31536000, immutable");
        let expected = match name.rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "wasm" => "application/wasm",
            "svg" => "image/svg+xml",
            _ => header(&file, CONTENT_TYPE),
        };
        assert_eq!(header(&file, CONTENT_TYPE), expected);
    }
}

#[tokio::test]
async fn other_paths_and_methods_are_refused_in_words() {
    let relay = Relay::start().await;
    for path in ["/nothing", "/index.html", "/../Cargo.toml", "/ws/", "//"] {
        let missing = get(relay.address, path, &[]).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&missing, CONTENT_TYPE), "text/plain; charset=utf-8");
        assert!(!missing.body().is_empty());
    }
    let posted = request("POST", relay.address, "/", &[]).await;
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    let head = request("HEAD", relay.address, "/", &[]).await;
    assert_eq!(head.status(), StatusCode::OK);
    assert!(head.body().is_empty());
    let no_socket = get(relay.address, "/ws", &[]).await;
    assert_eq!(no_socket.status(), StatusCode::BAD_REQUEST);
    let healthy = get(relay.address, "/healthz", &[]).await;
    assert_eq!((healthy.status(), healthy.body().as_ref()), (StatusCode::OK, b"ok\n".as_slice()));
}

/// Asks for a WebSocket as a page of this origin; the status and text of a refusal.
async fn connect_from(relay: &Relay, origin: &str) -> Result<(), (StatusCode, String)> {
    let stream = TcpStream::connect(relay.address).await.unwrap();
    let mut request = format!("ws://{}/ws", relay.address).into_client_request().unwrap();
    request.headers_mut().insert(ORIGIN, origin.parse().unwrap());
    match in_time(client_async(request, stream)).await {
        Ok(_) => Ok(()),
        Err(Error::Http(response)) => {
            let text = response.body().as_deref().map(String::from_utf8_lossy);
            Err((response.status(), text.unwrap_or_default().into_owned()))
        }
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn pages_of_other_origins_may_not_connect_unless_allowed() {
    let relay = Relay::start_with(patient(), &["https://friend.example"]).await;
    let own = format!("http://{}", relay.address);
    assert_eq!(connect_from(&relay, &own).await, Ok(()));
    assert_eq!(connect_from(&relay, "https://friend.example").await, Ok(()));
    for origin in ["https://evil.example", "null", "http://friend.example", "http://127.0.0.1:1"] {
        let (status, text) = connect_from(&relay, origin).await.unwrap_err();
        assert_eq!(status, StatusCode::FORBIDDEN, "{origin}");
        assert!(text.contains("--allow-origin"), "{text}");
    }
}
