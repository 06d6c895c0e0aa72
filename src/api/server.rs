//! Listens on TCP and on the unix socket and serves HTTP/1.1 on both, bounded in time and number. It must not know the
//! calls.

use std::io;
use std::net::SocketAddr;
use std::os::unix::net::UnixListener as HandedOver;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures_util::future::select_all;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use super::desk::{ApiRules, Desk, LISTENERS};
use super::guard::Road;
use super::routes::routes;
use super::socket::Socket;
use crate::port::Port;

/// How many connections beside those that listen are served at a time; further ones wait to be accepted. With those that
/// listen this is well below the 1024 file descriptors that a process has by default.
const CALLS: usize = 64;
/// How much of a head, or of an answer that nobody takes, a connection keeps in memory, in bytes.
const BUFFER: usize = 16 * 1024;
/// How long the head of a request may take, also of the next one on a kept connection.
const HEAD: Duration = Duration::from_secs(10);
/// How long calls that are under way may take when the server stops.
const FAREWELL: Duration = Duration::from_secs(5);
/// How long to wait when the system can accept no connection, for want of file descriptors for example.
const BREATH: Duration = Duration::from_millis(100);

/// Why the API cannot listen.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The TCP address cannot be had.
    #[error("cannot listen on `{address}` (api.listen)")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The unix socket cannot be had.
    #[error("cannot listen on the socket `{}` (api.socket)", path.display())]
    Socket {
        /// The path.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// What systemd hands over cannot be used.
    #[error("cannot listen on the socket that systemd hands over; `systemctl cat tilld.socket` says what it is")]
    HandedOver(#[source] io::Error),
    /// Anybody on the network could sell and cancel.
    #[error("a token (api.token) is required to listen on `{address}`, which is not loopback")]
    TokenRequired {
        /// The address.
        address: SocketAddr,
    },
}

/// The API, listening but not yet answering.
#[derive(Debug)]
pub struct Api {
    tcp: TcpListener,
    address: SocketAddr,
    sockets: Vec<Socket>,
    rules: ApiRules,
}

impl Api {
    /// Listens on a TCP address (port 0 for any) and, if given, on a unix socket of mode 0660. A socket that a dead
    /// process left behind is replaced.
    ///
    /// # Errors
    /// When either cannot be had, another process listens on the socket, or a token is missing that is required.
    pub async fn bind(listen: SocketAddr, socket: Option<&Path>, rules: ApiRules) -> Result<Self, ApiError> {
        Self::bind_beside(None, listen, socket, rules).await
    }

    /// Listens as [`Api::bind`] does, and on a socket that somebody else has made. Where that is the unix socket that is
    /// wanted, none is made.
    ///
    /// # Errors
    /// As for [`Api::bind`]; or the socket is unusable.
    pub async fn bind_beside(
        handed_over: Option<HandedOver>,
        listen: SocketAddr,
        socket: Option<&Path>,
        rules: ApiRules,
    ) -> Result<Self, ApiError> {
        if !listen.ip().is_loopback() && rules.token.is_none() {
            return Err(ApiError::TokenRequired { address: listen });
        }
        let refused = |source| ApiError::Listen { address: listen, source };
        let tcp = TcpListener::bind(listen).await.map_err(refused)?;
        let address = tcp.local_addr().map_err(refused)?;
        let handed_over = handed_over.map(Socket::take_over).transpose().map_err(ApiError::HandedOver)?;
        let mut sockets: Vec<_> = handed_over.into_iter().collect();
        if let Some(path) = socket.filter(|path| !sockets.iter().any(|socket| socket.is_at(path))) {
            let bound = Socket::bind(path);
            sockets.push(bound.map_err(|source| ApiError::Socket { path: path.to_owned(), source })?);
        }
        Ok(Self { tcp, address, sockets, rules })
    }

    /// Returns the TCP address that was bound.
    pub fn addr(&self) -> SocketAddr {
        self.address
    }

    /// Answers calls until `shutdown`, then lets those under way end, for five seconds at most.
    pub async fn serve(self, port: Port, shutdown: impl Future<Output = ()>) {
        let Self { tcp: listener, address, sockets, rules } = self;
        let (close, closing) = watch::channel(());
        let desk = Desk::new(port, rules, closing);
        let tcp = routes(desk.clone(), Road::Tcp(address));
        let unix = routes(desk, Road::Unix);
        let line = Line { places: Arc::new(Semaphore::new(CALLS + LISTENERS)), graceful: GracefulShutdown::new() };
        tokio::pin!(shutdown);
        loop {
            let place = tokio::select! {
                Some(place) = line.place() => place,
                () = &mut shutdown => break,
            };
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        // Answers are small and complete; waiting to fill a packet only delays them.
                        let _ = stream.set_nodelay(true);
                        line.serve(stream, tcp.clone(), place);
                    }
                    Err(error) => not_accepted(&error).await,
                },
                accepted = accept(&sockets) => match accepted {
                    Ok(stream) => line.serve(stream, unix.clone(), place),
                    Err(error) => not_accepted(&error).await,
                },
                () = &mut shutdown => break,
            }
        }
        // Whoever comes now is refused at once instead of waiting for an answer that never comes; on a socket that was
        // handed over he waits for the next start.
        drop((listener, sockets, close));
        if timeout(FAREWELL, line.graceful.shutdown()).await.is_err() {
            tracing::info!("calls of the API were cut off");
        }
    }
}

/// Accepts on any of the sockets, or never when there is none.
async fn accept(sockets: &[Socket]) -> io::Result<tokio::net::UnixStream> {
    if sockets.is_empty() {
        return std::future::pending().await;
    }
    let (accepted, ..) = select_all(sockets.iter().map(|socket| Box::pin(socket.listener.accept()))).await;
    accepted.map(|(stream, _)| stream)
}

async fn not_accepted(error: &io::Error) {
    tracing::warn!(%error, "cannot accept a connection of the API");
    sleep(BREATH).await;
}

/// Where connections are served.
struct Line {
    places: Arc<Semaphore>,
    graceful: GracefulShutdown,
}

impl Line {
    /// Waits for a free place; nothing only if the semaphore were closed, which nobody does.
    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        self.places.clone().acquire_owned().await.ok()
    }

    fn serve<S>(&self, stream: S, router: Router, place: OwnedSemaphorePermit)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(BUFFER)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
        let served = self.graceful.watch(connection);
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = served.await {
                tracing::debug!(%error, "a connection of the API broke");
            }
        });
    }
}
