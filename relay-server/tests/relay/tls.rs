//! https: the certificate that is shown, and a new one without a new start.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use relay_server::connection::Context;
use relay_server::tls::{Tls, TlsError, TlsFiles};
use relay_server::{Config, Server};
use rustls_pki_types::{CertificateDer, ServerName};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_util::sync::CancellationToken;

use futures_util::StreamExt;

use super::support::{config, in_time, patient};

/// Writes a new certificate for this machine, and gives it.
fn issue(directory: &Path) -> CertificateDer<'static> {
    let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(directory.join("cert.pem"), issued.cert.pem()).unwrap();
    fs::write(directory.join("key.pem"), issued.signing_key.serialize_pem()).unwrap();
    issued.cert.der().clone()
}

fn files(directory: &Path) -> TlsFiles {
    TlsFiles { certificate: directory.join("cert.pem"), key: directory.join("key.pem") }
}

/// The first frame of a WebSocket connection over TLS, if the certificate is this one.
async fn first_frame(
    address: SocketAddr,
    trusted: &CertificateDer<'static>,
) -> Result<usize, String> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let client = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(client)).connect(name, stream).await;
    let stream = stream.map_err(|error| error.to_string())?;
    let request = format!("wss://localhost:{}/ws", address.port()).into_client_request().unwrap();
    let (mut socket, _) = client_async(request, stream).await.unwrap();
    Ok(socket.next().await.unwrap().unwrap().into_data().len())
}

#[tokio::test]
async fn a_new_certificate_is_taken_without_a_new_start_and_a_bad_one_is_not() {
    let directory = tempfile::tempdir().unwrap();
    let first = issue(directory.path());
    let stop = CancellationToken::new();
    let tls = Some(files(directory.path()));
    let server = Server::bind(Config { tls, ..config(patient()) }, stop.clone()).await.unwrap();
    let (address, tls) = (server.address(), Arc::clone(server.tls().unwrap()));
    let Context { metrics, .. } = server.context().clone();
    let running = tokio::spawn(server.run());
    assert!(in_time(Box::pin(first_frame(address, &first))).await.unwrap() > 32);
    let second = issue(directory.path());
    assert!(in_time(Box::pin(first_frame(address, &second))).await.is_err(), "not read yet");
    tls.reload().unwrap();
    assert!(in_time(Box::pin(first_frame(address, &second))).await.is_ok());
    assert!(in_time(Box::pin(first_frame(address, &first))).await.is_err());
    // Half of a new pair: the one from before goes on.
    let old_key = fs::read(directory.path().join("key.pem")).unwrap();
    issue(directory.path());
    fs::write(directory.path().join("key.pem"), old_key).unwrap();
    assert!(matches!(tls.reload(), Err(TlsError::Unusable(_))));
    assert!(in_time(Box::pin(first_frame(address, &second))).await.is_ok());
    assert_eq!(metrics.accepted.get(), 3);
    stop.cancel();
    in_time(running).await.unwrap();
}

#[test]
fn what_is_wrong_with_the_files_is_said() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let failure = |files| Tls::load(files).unwrap_err().to_string();
    assert!(failure(files(path)).contains("cert.pem"));
    issue(path);
    fs::write(path.join("cert.pem"), "").unwrap();
    assert!(failure(files(path)).contains("no certificate"));
    issue(path);
    fs::write(path.join("key.pem"), "nonsense").unwrap();
    assert!(failure(files(path)).contains("key.pem"));
}
