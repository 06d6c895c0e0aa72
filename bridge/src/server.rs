//! HTTP/1.1 on a socket, with everything bounded: open connections, time for TLS, for headers and
//! for the end. Knows nothing of what is asked and answered.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

/// A bound socket on its way to being served.
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Option<TlsAcceptor>,
    open: Arc<AtomicU64>,
}

/// The chain that the peer of a connection has shown and TLS has believed, the peer's own certificate first: in the
/// extensions of each of its requests.
#[derive(Clone)]
pub(crate) struct PeerChain(pub(crate) Arc<[CertificateDer<'static>]>);

/// Answers requests; the address is the connection's peer.
pub(crate) trait Answer: Send + Sync + 'static {
    fn answer(&self, peer: IpAddr, request: Request<Incoming>) -> impl Future<Output = Response<Body>> + Send;
}

/// Further connections wait in the system's queue.
const MAX_CONNECTIONS: u32 = 512;
const TLS_TIMEOUT: Duration = Duration::from_secs(10);
/// Also how long a connection may be idle between requests.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long open requests may take after the stop: longer than the body time-out and the journal.
const STOP_TIMEOUT: Duration = Duration::from_secs(13);
const MAX_HEADERS: usize = 64;
const MAX_BUFFER: usize = 32 * 1024;

impl Server {
    /// `open` is kept at the number of open connections.
    pub(crate) async fn bind(
        address: SocketAddr,
        tls: Option<Arc<ServerConfig>>,
        open: Arc<AtomicU64>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address, tls: tls.map(TlsAcceptor::from), open })
    }

    /// Returns the address that was bound, with the port that the system chose for port 0.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until `stop` turns true, then takes no more connections, lets open requests finish,
    /// and returns.
    pub(crate) async fn serve<A: Answer>(self, answer: Arc<A>, mut stop: watch::Receiver<bool>) {
        let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS.try_into().unwrap_or(usize::MAX)));
        loop {
            let slot = Arc::clone(&slots).acquire_owned();
            let accepted = tokio::select! {
                accepted = async { (slot.await, self.listener.accept().await) } => accepted,
                () = stopped(&mut stop) => break,
            };
            let (Ok(slot), Ok((stream, peer))) = accepted else {
                // Out of file descriptors, mostly: it passes, and asking at once does not help.
                warn!("cannot accept a connection");
                sleep(Duration::from_millis(100)).await;
                continue;
            };
            let tls = self.tls.clone();
            let (answer, stop) = (Arc::clone(&answer), stop.clone());
            let open = Arc::clone(&self.open);
            tokio::spawn(async move {
                open.fetch_add(1, Ordering::Relaxed);
                connection(stream, peer.ip().to_canonical(), tls, answer, stop).await;
                open.fetch_sub(1, Ordering::Relaxed);
                drop(slot);
            });
        }
        drop(self.listener);
        if timeout(STOP_TIMEOUT, slots.acquire_many(MAX_CONNECTIONS)).await.is_err() {
            warn!("connections were still open at the end");
        }
    }
}

/// Resolves once the stop was asked for, or nobody is left to ask.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // The error says that the sender is gone, which is a stop too.
    let _gone = stop.wait_for(|stop| *stop).await;
}

async fn connection<A: Answer>(
    stream: TcpStream,
    peer: IpAddr,
    tls: Option<TlsAcceptor>,
    answer: Arc<A>,
    stop: watch::Receiver<bool>,
) {
    // Answers are single small writes; without this they may wait for the peer's delayed ACK.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "cannot switch off Nagle's algorithm");
    }
    match tls {
        None => requests(stream, peer, None, answer, stop).await,
        Some(tls) => match timeout(TLS_TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => {
                let chain = stream.get_ref().1.peer_certificates();
                let chain =
                    chain.map(|chain| PeerChain(chain.iter().cloned().map(CertificateDer::into_owned).collect()));
                requests(stream, peer, chain, answer, stop).await;
            }
            Ok(Err(error)) => debug!(%error, %peer, "a TLS handshake failed"),
            Err(_) => debug!(%peer, "a TLS handshake took too long"),
        },
    }
}

async fn requests<A: Answer>(
    stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
    peer: IpAddr,
    chain: Option<PeerChain>,
    answer: Arc<A>,
    mut stop: watch::Receiver<bool>,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        let answer = Arc::clone(&answer);
        if let Some(chain) = &chain {
            request.extensions_mut().insert(chain.clone());
        }
        async move { Ok::<_, std::convert::Infallible>(answer.answer(peer, request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = stopped(&mut stop) => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        debug!(%error, %peer, "a connection ended early");
    }
}
