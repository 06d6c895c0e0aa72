//! A server's TLS for a sandbox that speaks plain HTTP, as a provider's load balancer gives it. It must not know what goes
//! through it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::authority::Identity;

/// A front that takes connections until it is dropped.
#[derive(Debug)]
pub struct TlsFront {
    address: SocketAddr,
    /// Dropping it ends the front's thread.
    _stop: oneshot::Sender<()>,
}

impl TlsFront {
    /// Opens a front on 127.0.0.1 before the server at `behind`.
    ///
    /// # Panics
    /// When the identity is not sound, or the system has no port.
    pub fn open(identity: &Identity, behind: SocketAddr) -> Self {
        let acceptor = TlsAcceptor::from(Arc::new(configuration(identity)));
        let work = runtime::Builder::new_current_thread().enable_all().build();
        let work = work.unwrap_or_else(|error| panic!("no runtime for a TLS front: {error}"));
        let listener = work.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.unwrap_or_else(|error| panic!("no port for a TLS front: {error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("a TLS front has no address: {error}"));
        let (stop, stopped) = oneshot::channel();
        thread::spawn(move || {
            work.block_on(async {
                tokio::select! {
                    () = serve(listener, acceptor, behind) => {}
                    // The sender is dropped, never used.
                    _ = stopped => {}
                }
            });
        });
        Self { address, _stop: stop }
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

async fn serve(listener: TcpListener, acceptor: TlsAcceptor, behind: SocketAddr) {
    while let Ok((outside, _)) = listener.accept().await {
        tokio::spawn(pass(acceptor.clone(), outside, behind));
    }
}

/// A connection that is refused, or breaks, is over for both sides.
async fn pass(acceptor: TlsAcceptor, outside: TcpStream, behind: SocketAddr) {
    let (Ok(mut outside), Ok(mut inside)) = (acceptor.accept(outside).await, TcpStream::connect(behind).await) else {
        return;
    };
    let _ = tokio::io::copy_bidirectional(&mut outside, &mut inside).await;
}

fn configuration(identity: &Identity) -> ServerConfig {
    let certificate = CertificateDer::from_pem_file(&identity.certificate);
    let certificate = certificate.unwrap_or_else(|error| panic!("{:?}: {error}", identity.certificate));
    let key = PrivateKeyDer::from_pem_file(&identity.key);
    let key = key.unwrap_or_else(|error| panic!("{:?}: {error}", identity.key));
    let ring = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(ring).with_safe_default_protocol_versions();
    let config = builder.and_then(|builder| builder.with_no_client_auth().with_single_cert(vec![certificate], key));
    config.unwrap_or_else(|error| panic!("{identity:?} is no server's: {error}"))
}
