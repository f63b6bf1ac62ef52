//! Accepts connections, serves them, and stops cleanly.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use ipnet::IpNet;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use crate::addresses::{AddressPlace, Addresses};
use crate::app::{self, App, Caller};
use crate::archive::keeper::OwnRelay;
use crate::archive::{Archive, ArchiveConfig, ArchiveError, Checked, discovery};
use crate::cluster::{Backplane, ClusterError, Nats, NatsConfig};
use crate::connection::{Activity, Budget, Context, Watched};
use crate::invitation;
use crate::limits::{Limits, LimitsError};
use crate::metrics::Metrics;
use crate::origin::Origin;
use crate::report::{self, Refusals};
use crate::rooms::Rooms;
use crate::tls::{Tls, TlsError, TlsFiles};

/// TCP connections beyond the WebSocket connections: page loads, and those that
/// are told there is no place. More than this wait in the system's backlog.
const HTTP_CONNECTIONS: usize = 1_000;

/// TCP connections from one address beyond its WebSocket connections. A connection over
/// that is closed unread, unless it is a trusted proxy's.
const HTTP_PER_ADDRESS: usize = 100;

/// How long a TLS handshake may take.
const TLS_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a request's head may take, and a connection may wait for the next.
const HEADER_TIMEOUT: Duration = Duration::from_secs(15);

/// How long a TCP connection may serve plain requests; a slow page load included.
const HTTP_TIMEOUT: Duration = Duration::from_mins(5);

/// The longest request head, in bytes.
const HEADER_BYTES: usize = 16 * 1024;

/// What the system may hold of a connection's bytes that it has not sent yet.
#[cfg(any(target_os = "linux", target_os = "android"))]
const UNSENT_BYTES: u32 = 64 * 1024;

/// How long accepting pauses when the system has no more file handles.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// How to run a relay.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes any free port.
    pub listen: SocketAddr,
    /// The pages that may connect beside the relay's own.
    pub allowed_origins: Vec<Origin>,
    /// The proxies that are believed about where a request comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// What others may take.
    pub limits: Limits,
    /// The certificate and key, to speak https.
    pub tls: Option<TlsFiles>,
    /// Where it meets other relays.
    pub nats: Option<NatsConfig>,
    /// What to keep, beside relaying.
    pub archive: Option<ArchiveConfig>,
}

/// Why a relay cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Another program has the port.
    #[error(
        "{0} is already in use: stop the program that uses it, \
         or choose another address with --listen (port 0 takes any free port)"
    )]
    InUse(SocketAddr),
    /// The system does not let this user listen there.
    #[error("not permitted to listen on {0}: ports below 1024 need a privileged user")]
    NotPermitted(SocketAddr),
    /// The address is not this machine's.
    #[error("{0} is not an address of this machine: choose another with --listen")]
    NotHere(SocketAddr),
    /// Anything else.
    #[error("cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] io::Error),
    /// The limits contradict each other.
    #[error(transparent)]
    Limits(#[from] LimitsError),
    /// The certificate or its key cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// Other relays cannot be met.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The archive cannot keep its rooms.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The archive's check of what it has did not end.
    #[error("the archive was not checked")]
    Unchecked,
}

/// A relay that has its port and accepts once it runs.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    app: App,
    doors: Doors,
    archive: Option<Arc<Archive>>,
}

/// What comes before a request: a place for the TCP connection, and TLS.
#[derive(Debug, Clone)]
struct Doors {
    sockets: Arc<Semaphore>,
    addresses: Arc<Addresses>,
    trusted_proxies: Arc<[IpNet]>,
    tls: Option<Arc<Tls>>,
}

impl Server {
    /// Takes the port. `stop`, once cancelled, ends [`Server::run`].
    ///
    /// # Errors
    /// [`StartError`] if the port is not to be had or the limits are unusable.
    pub async fn bind(config: Config, stop: CancellationToken) -> Result<Self, StartError> {
        let Config { listen, allowed_origins, trusted_proxies, mut limits, tls, nats, archive } =
            config;
        limits.check()?;
        let tls = tls.map(Tls::load).transpose()?.map(Arc::new);
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::AddrInUse => StartError::InUse(listen),
            io::ErrorKind::PermissionDenied => StartError::NotPermitted(listen),
            io::ErrorKind::AddrNotAvailable => StartError::NotHere(listen),
            _ => StartError::Listen(listen, error),
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let checked = check(archive).await?;
        let address = listener.local_addr().map_err(failed)?;
        limits.max_connections =
            limits.max_connections.min(Semaphore::MAX_PERMITS - HTTP_CONNECTIONS);
        let places = limits.max_connections;
        let metrics = Arc::new(Metrics::new());
        let cluster = match nats {
            Some(nats) => Some(Arc::new(Nats::connect(nats, Arc::clone(&metrics)).await?)),
            None => None,
        };
        let backplane = cluster.clone().map(|cluster| cluster as Arc<dyn Backplane>);
        let trusted_proxies: Arc<[IpNet]> = trusted_proxies.into();
        let app = App {
            allowed_origins: allowed_origins.into(),
            trusted_proxies: Arc::clone(&trusted_proxies),
            addresses: Arc::new(Addresses::new(limits.max_per_address)),
            invitations: invitation::urls(address, tls.is_some()).into(),
            connections: TaskTracker::new(),
            context: Context {
                rooms: Arc::new(Rooms::new(&limits, backplane)),
                cluster,
                refusals: Arc::new(Refusals::new(Arc::clone(&metrics))),
                metrics,
                places: Arc::new(Semaphore::new(places)),
                budget: Arc::new(Budget::new(limits.queue_total)),
                limits: Arc::new(limits.clone()),
                stop,
                open_at_stop: Arc::default(),
            },
        };
        let per_address = limits.max_per_address.saturating_add(HTTP_PER_ADDRESS);
        let doors = Doors {
            sockets: Arc::new(Semaphore::new(places + HTTP_CONNECTIONS)),
            addresses: Arc::new(Addresses::new(per_address)),
            trusted_proxies,
            tls,
        };
        let archive =
            checked.map(|checked| checked.begin(&own_relay(&app))).transpose()?.map(Arc::new);
        Ok(Self { listener, address, app, doors, archive })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where other devices find it, as URLs; empty if it listens on one address.
    pub fn invitations(&self) -> &[String] {
        &self.app.invitations
    }

    /// Its certificate, if it speaks https.
    pub fn tls(&self) -> Option<&Arc<Tls>> {
        self.doors.tls.as_ref()
    }

    /// What its connections share, its rooms among it.
    pub fn context(&self) -> &Context {
        &self.app.context
    }

    /// Serves until it is told to stop: then it accepts no more, tells every tab
    /// when to come back, and returns when all connections are closed or the
    /// limit's `drain` is over.
    pub async fn run(self) {
        let Self { listener, app, doors, archive, .. } = self;
        let Context { limits, stop, cluster, .. } = app.context.clone();
        let tasks = app.connections.clone();
        if let Some(archive) = &archive
            && archive.keeps_all()
        {
            tokio::spawn(discovery::run(Arc::clone(archive), own_relay(&app)));
        }
        let router = app::router(app.clone(), archive.clone());
        let accepting = async {
            while let Some((stream, caller, place)) = accept(&listener, &doors, &stop).await {
                let (router, stop, tls) = (router.clone(), stop.clone(), doors.tls.clone());
                tasks.spawn(serve_tcp(stream, caller, place, router, stop, tls));
            }
        };
        tokio::select! {
            () = accepting => {}
            () = report::tell(app) => {}
        }
        drop(listener);
        let open = tasks.len();
        tracing::info!(open, "stopping: connections are told to come back later");
        tasks.close();
        if timeout(limits.drain, tasks.wait()).await.is_err() {
            tracing::info!(open = tasks.len(), "some connections did not close in time");
        }
        drop(router);
        if let Some(archive) = archive {
            close(archive).await;
        }
        if let Some(cluster) = cluster {
            cluster.finish().await;
        }
    }
}

/// The relay, as its archive joins it.
fn own_relay(app: &App) -> OwnRelay {
    OwnRelay {
        context: app.context.clone(),
        connections: app.connections.clone(),
        runtime: Handle::current(),
    }
}

/// Opens and checks what an archive has, which takes its time.
async fn check(archive: Option<ArchiveConfig>) -> Result<Option<Checked>, StartError> {
    let Some(config) = archive else { return Ok(None) };
    match spawn_blocking(move || Checked::open(&config)).await {
        Ok(checked) => Ok(Some(checked?)),
        Err(_) => Err(StartError::Unchecked),
    }
}

/// Waits until all stores of an archive are closed.
async fn close(archive: Arc<Archive>) {
    // Requests that are cut off may hold it still; their answers are lost, nothing else.
    let closing = spawn_blocking(move || archive.join());
    if closing.await.is_err() {
        tracing::error!("the archive was not closed");
    }
}

/// What a TCP connection takes up until it is dropped.
type Place = (OwnedSemaphorePermit, Option<AddressPlace>);

/// The next connection, or none if the relay stops.
async fn accept(
    listener: &TcpListener,
    doors: &Doors,
    stop: &CancellationToken,
) -> Option<(TcpStream, SocketAddr, Place)> {
    let accepting = async {
        let place = Arc::clone(&doors.sockets).acquire_owned().await.ok()?;
        loop {
            match listener.accept().await {
                Ok((stream, caller)) if doors.trusts(caller.ip()) => {
                    return Some((stream, caller, (place, None)));
                }
                Ok((stream, caller)) => {
                    let of_address = doors.addresses.take(caller.ip());
                    if of_address.is_some() {
                        return Some((stream, caller, (place, of_address)));
                    }
                    tracing::debug!(%caller, "too many connections from this address");
                }
                Err(error) if is_the_peers(&error) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot accept connections");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    };
    tokio::select! {
        accepted = accepting => accepted,
        () = stop.cancelled() => None,
    }
}

fn is_the_peers(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

impl Doors {
    fn trusts(&self, address: std::net::IpAddr) -> bool {
        self.trusted_proxies.iter().any(|net| net.contains(&address.to_canonical()))
    }
}

/// Lets little wait in the system's own buffer, which may take megabytes: for one who does
/// not read, what waits is to wait in the connection's queue, where it is counted, and
/// costs no more writing. What is on its way is not limited, so that far peers get as much.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn keep_unsent_short(stream: &TcpStream) -> io::Result<()> {
    socket2::SockRef::from(stream).set_tcp_notsent_lowat(UNSENT_BYTES)
}

/// Other systems' buffers stay as they are.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn keep_unsent_short(_: &TcpStream) -> io::Result<()> {
    Ok(())
}

/// Serves one TCP connection, until it ends or is upgraded.
async fn serve_tcp(
    stream: TcpStream,
    caller: SocketAddr,
    place: Place,
    router: axum::Router,
    stop: CancellationToken,
    tls: Option<Arc<Tls>>,
) {
    if let Err(error) = stream.set_nodelay(true).and_then(|()| keep_unsent_short(&stream)) {
        tracing::debug!(%error, "cannot set an option of a socket");
    }
    let Some(tls) = tls else { return serve_http(stream, caller, place, router, stop).await };
    match timeout(TLS_TIMEOUT, tls.acceptor().accept(stream)).await {
        Ok(Ok(stream)) => serve_http(stream, caller, place, router, stop).await,
        Ok(Err(error)) => tracing::debug!(%error, %caller, "a TLS handshake failed"),
        Err(_) => tracing::debug!(%caller, "a TLS handshake took too long"),
    }
}

/// Serves the requests of one connection, until it ends or is upgraded.
async fn serve_http<S>(
    stream: S,
    caller: SocketAddr,
    place: Place,
    router: axum::Router,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let activity = Arc::new(Activity::new());
    let io = TokioIo::new(Watched::new(stream, Arc::clone(&activity), place));
    let service = service_fn(move |request: http::Request<Incoming>| {
        let mut request: Request = request.map(Body::new);
        request.extensions_mut().insert(Arc::clone(&activity));
        request.extensions_mut().insert(Caller(caller));
        let router = router.clone();
        async move { Ok::<_, Infallible>(router.oneshot(request).await.unwrap_or_else(|e| match e {})) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(HEADER_BYTES)
        .serve_connection(io, service)
        .with_upgrades();
    let mut serving = std::pin::pin!(serving);
    let served = async {
        tokio::select! {
            served = serving.as_mut() => return served,
            () = stop.cancelled() => serving.as_mut().graceful_shutdown(),
        }
        serving.await
    };
    match timeout(HTTP_TIMEOUT, served).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "an HTTP connection ends"),
        Err(_) => tracing::debug!("an HTTP connection took too long"),
    }
}
