//! A load balancer for TCP, as it stands before a cluster: every connection goes to a node that takes it. It must not
//! know what goes through it.

use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime;
use tokio::sync::oneshot;
use tokio::time::timeout;

/// How long a node may take to accept a connection before the next one is tried.
const PATIENCE: Duration = Duration::from_secs(1);

/// A front that takes connections until it is dropped.
#[derive(Debug)]
pub struct Front {
    address: SocketAddr,
    /// Dropping it ends the front's thread and its connections.
    _stop: oneshot::Sender<()>,
}

impl Front {
    /// Opens a front on 127.0.0.1 before these nodes.
    ///
    /// # Panics
    /// When the system has no port.
    pub fn open(nodes: Vec<SocketAddr>) -> Self {
        let work = runtime::Builder::new_current_thread().enable_all().build();
        let work = work.unwrap_or_else(|error| panic!("no runtime for a front: {error}"));
        let listener = work.block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)));
        let listener = listener.unwrap_or_else(|error| panic!("no port for a front: {error}"));
        let address = listener.local_addr().unwrap_or_else(|error| panic!("a front has no address: {error}"));
        let (stop, stopped) = oneshot::channel();
        thread::spawn(move || {
            work.block_on(async {
                tokio::select! {
                    () = serve(listener, nodes) => {}
                    // The sender is dropped, never used.
                    _ = stopped => {}
                }
            });
        });
        Self { address, _stop: stop }
    }

    /// Where it takes connections.
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

async fn serve(listener: TcpListener, nodes: Vec<SocketAddr>) {
    let mut first = 0;
    while let Ok((outside, _)) = listener.accept().await {
        first = (first + 1) % nodes.len().max(1);
        let order = nodes.iter().cycle().skip(first).take(nodes.len()).copied().collect();
        tokio::spawn(pass(outside, order));
    }
}

async fn pass(mut outside: TcpStream, nodes: Vec<SocketAddr>) {
    for node in nodes {
        if let Ok(Ok(mut inside)) = timeout(PATIENCE, TcpStream::connect(node)).await {
            // Either side may break off; the other learns it by the end of its connection.
            let _ = copy_bidirectional(&mut outside, &mut inside).await;
            return;
        }
    }
}
