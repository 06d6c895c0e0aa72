//! HTTP/1.1 on a socket, with everything bounded: open connections, in all and of one source, time for TLS, for heads, for
//! answers and for the end. Knows nothing of what is asked and answered.

mod guarded;
pub(crate) mod limits;
pub(crate) mod room;
mod scan;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
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
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tracing::{debug, warn};

use self::guarded::Guarded;
use self::limits::{Crowd, HEAD_TIMEOUT, MAX_HEAD, MAX_HEADERS, STOP_TIMEOUT, TLS_TIMEOUT, WRITE_TIMEOUT};
use self::room::{Place, Room, Seat, Source};
use crate::metrics::{Connections, Ending};

/// A bound socket on its way to being served.
pub(crate) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    tls: Arc<Tls>,
    hall: Hall,
}

/// The chain that the peer of a connection has shown and TLS has believed, the peer's own certificate first: in the
/// extensions of each of its requests.
#[derive(Clone)]
pub(crate) struct PeerChain(pub(crate) Arc<[CertificateDer<'static>]>);

/// The certificate that connections are met with; none for plain HTTP. It may be changed at any time, for those who come.
#[derive(Default)]
pub(crate) struct Tls(RwLock<Option<TlsAcceptor>>);

/// Where connections are, however they came.
#[derive(Clone)]
pub(crate) struct Hall {
    pub(crate) room: Arc<Room>,
    counts: Arc<Connections>,
}

/// Whose request it is.
#[derive(Clone, Copy)]
pub(crate) struct Visitor<'a> {
    /// The connection's peer.
    pub(crate) peer: IpAddr,
    /// The connection, which is to be told when a request is whole.
    pub(crate) seat: &'a Seat,
}

/// Who is at the other end of a connection.
pub(crate) struct Caller {
    peer: IpAddr,
    /// What it has shown, where TLS asked for it.
    chain: Option<PeerChain>,
}

impl From<IpAddr> for Caller {
    fn from(peer: IpAddr) -> Self {
        Self { peer, chain: None }
    }
}

/// Answers requests.
pub(crate) trait Answer: Send + Sync + 'static {
    fn answer(&self, visitor: Visitor<'_>, request: Request<Incoming>) -> impl Future<Output = Response<Body>> + Send;

    /// Tells whether many senders stand behind this peer, so that its connections are not one source's.
    fn is_proxy(&self, _peer: IpAddr) -> bool {
        false
    }
}

/// After a fault of the system, such as no file being left, asking again at once does not help.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl Tls {
    pub(crate) fn set(&self, config: Option<Arc<ServerConfig>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = config.map(TlsAcceptor::from);
    }

    fn get(&self) -> Option<TlsAcceptor> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Server {
    pub(crate) async fn bind(
        address: SocketAddr,
        tls: Option<Arc<ServerConfig>>,
        crowd: Crowd,
        counts: Arc<Connections>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let room = Arc::new(Room::new(crowd, Arc::clone(&counts)));
        let own = Arc::new(Tls::default());
        own.set(tls);
        Ok(Self { listener, address, tls: own, hall: Hall { room, counts } })
    }

    /// Returns the address that was bound, with the port that the system chose for port 0.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn tls(&self) -> Arc<Tls> {
        Arc::clone(&self.tls)
    }

    pub(crate) fn hall(&self) -> Hall {
        self.hall.clone()
    }

    /// Serves until `stop` turns true, then takes no more connections, lets open requests finish,
    /// and returns.
    pub(crate) async fn serve<A: Answer>(self, answer: Arc<A>, mut stop: watch::Receiver<bool>) {
        let (open, mut all_gone) = mpsc::channel::<()>(1);
        loop {
            let accepted = tokio::select! {
                // While all are being answered, further ones wait in the system's queue.
                accepted = async { self.hall.room.has_place().await; self.listener.accept().await } => accepted,
                () = stopped(&mut stop) => break,
            };
            let (stream, peer) = match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    warn!(%error, "cannot accept a connection");
                    sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            };
            let peer = peer.ip().to_canonical();
            let Some(place) = self.hall.enter(peer, &*answer) else { continue };
            let (tls, hall, answer) = (self.tls.get(), self.hall.clone(), Arc::clone(&answer));
            let (stop, open) = (stop.clone(), open.clone());
            tokio::spawn(async move {
                hall.meet(stream, peer, tls, place, answer, stop).await;
                drop(open);
            });
        }
        drop((self.listener, open));
        if timeout(STOP_TIMEOUT, all_gone.recv()).await.is_err() {
            warn!("connections were still open at the end");
        }
    }
}

/// Resolves once the stop was asked for, or nobody is left to ask.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // The error says that the sender is gone, which is a stop too.
    let _gone = stop.wait_for(|stop| *stop).await;
}

impl Hall {
    pub(crate) fn enter(&self, peer: IpAddr, answer: &impl Answer) -> Option<Place> {
        let source = (!answer.is_proxy(peer)).then(|| Source::of(peer));
        let place = self.room.enter(source);
        if place.is_none() {
            debug!(%peer, "a connection was refused: there is no place for it");
        }
        place
    }

    async fn meet<A: Answer>(
        &self,
        stream: TcpStream,
        peer: IpAddr,
        tls: Option<TlsAcceptor>,
        place: Place,
        answer: Arc<A>,
        stop: watch::Receiver<bool>,
    ) {
        // Answers are single small writes; without this they may wait for the peer's delayed ACK.
        if let Err(error) = stream.set_nodelay(true) {
            debug!(%error, "cannot switch off Nagle's algorithm");
        }
        let Some(tls) = tls else {
            return self.serve(stream, peer.into(), place, answer, stop).await;
        };
        let seat = Arc::clone(&place.seat);
        let handshake = tokio::select! {
            handshake = timeout(TLS_TIMEOUT, tls.accept(stream)) => handshake,
            () = seat.evicted() => return,
        };
        match handshake {
            Ok(Ok(stream)) => {
                let chain = stream.get_ref().1.peer_certificates();
                let chain =
                    chain.map(|chain| PeerChain(chain.iter().cloned().map(CertificateDer::into_owned).collect()));
                self.serve(stream, Caller { peer, chain }, place, answer, stop).await;
            }
            Ok(Err(error)) => {
                self.counts.ended(Ending::TlsFailed);
                debug!(%error, %peer, "a TLS handshake failed");
            }
            Err(_) => {
                self.counts.ended(Ending::TlsSlow);
                debug!(%peer, "a TLS handshake took too long");
            }
        }
    }

    /// Answers what comes in on a stream until it ends, or must.
    pub(crate) async fn serve<A: Answer>(
        &self,
        stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static,
        Caller { peer, chain }: Caller,
        place: Place,
        answer: Arc<A>,
        mut stop: watch::Receiver<bool>,
    ) {
        let seat = Arc::clone(&place.seat);
        let answering = Arc::clone(&seat);
        let service = service_fn(move |mut request: Request<Incoming>| {
            let (answer, seat) = (Arc::clone(&answer), Arc::clone(&answering));
            if let Some(chain) = &chain {
                request.extensions_mut().insert(chain.clone());
            }
            async move {
                let response = answer.answer(Visitor { peer, seat: &seat }, request).await;
                seat.answered();
                Ok::<_, std::convert::Infallible>(response)
            }
        });
        let stream = Guarded::new(stream, Arc::clone(&seat), WRITE_TIMEOUT);
        let connection = http1::Builder::new()
            // Whoever has sent all that he has may say so and still wait for his answers.
            .half_close(true)
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEAD)
            .max_header_size(MAX_HEAD)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = std::pin::pin!(connection);
        let ended = tokio::select! {
            // First, so that an answer that is there is sent before the place goes to another.
            biased;
            ended = connection.as_mut() => ended,
            () = seat.evicted() => return debug!(%peer, "a connection made place for another"),
            () = stopped(&mut stop) => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Some(ending) = ended.as_ref().err().and_then(|error| ending(error, &seat)).or(ambiguous(&seat)) {
            self.counts.ended(ending);
        }
        if let Err(error) = ended {
            debug!(%error, %peer, "a connection ended early");
        }
    }
}

fn ambiguous(seat: &Seat) -> Option<Ending> {
    seat.is_ambiguous().then_some(Ending::Ambiguous)
}

/// Says at which limit a connection has ended; nothing when its peer just left.
fn ending(error: &hyper::Error, seat: &Seat) -> Option<Ending> {
    if seat.is_ambiguous() {
        Some(Ending::Ambiguous)
    } else if seat.is_unread() {
        Some(Ending::Unread)
    } else if error.is_timeout() {
        Some(if seat.is_between_requests() { Ending::Idle } else { Ending::HeadSlow })
    } else if error.is_parse_too_large() {
        Some(Ending::HeadTooLarge)
    } else {
        error.is_parse().then_some(Ending::Malformed)
    }
}
