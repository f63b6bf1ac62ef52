//! A TCP stream that notes when its peer was last heard of, and that holds a
//! place among the relay's connections until it is dropped.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Duration, Instant};

/// When a peer was last heard of.
///
/// Signs of life are bytes that arrive, however few, so that a long frame on a
/// slow line counts; and bytes that can be sent again after sending had come to a
/// halt, since only the peer's reading makes room for them.
#[derive(Debug)]
pub struct Activity {
    start: Instant,
    last_millis: AtomicU64,
}

impl Activity {
    /// Heard of just now.
    pub fn new() -> Self {
        Self { start: Instant::now(), last_millis: AtomicU64::new(0) }
    }

    /// When the peer was last heard of, to the millisecond.
    pub fn last(&self) -> Instant {
        self.start + Duration::from_millis(self.last_millis.load(Ordering::Relaxed))
    }

    fn note(&self) {
        let millis = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.last_millis.store(millis, Ordering::Relaxed);
    }
}

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

/// A stream under watch; see the module's page.
#[derive(Debug)]
pub struct Watched<S, P> {
    inner: S,
    activity: Arc<Activity>,
    write_halted: bool,
    _place: P,
}

impl<S, P> Watched<S, P> {
    /// Watches a stream, which takes up `place` until it is dropped.
    pub fn new(inner: S, activity: Arc<Activity>, place: P) -> Self {
        Self { inner, activity, write_halted: false, _place: place }
    }
}

impl<S: AsyncRead + Unpin, P: Unpin> AsyncRead for Watched<S, P> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buf))?;
        if buf.filled().len() > before {
            self.activity.note();
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin, P: Unpin> AsyncWrite for Watched<S, P> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.inner).poll_write(cx, buf);
        match &poll {
            Poll::Pending => self.write_halted = true,
            Poll::Ready(Ok(_)) if self.write_halted => {
                self.write_halted = false;
                self.activity.note();
            }
            Poll::Ready(_) => {}
        }
        poll
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}
