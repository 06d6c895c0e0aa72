//! A cable between two parts that can be pulled out and put back: TCP connections to its own loopback port go on to
//! another one. It must not know what is spoken.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

/// How many connections may wait to be taken.
const BACKLOG: u32 = 64;
/// Between two attempts to get the port back.
const PAUSE: Duration = Duration::from_millis(50);

/// A cable. Dropping it closes its port and all connections.
#[derive(Debug)]
pub struct Relay {
    address: SocketAddr,
    plugged: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Relay {
    /// Lays a cable to `target`, plugged in. It works in the background of the calling runtime.
    ///
    /// # Errors
    /// When no loopback port can be had.
    pub fn lay(target: SocketAddr) -> io::Result<Self> {
        let socket = bound((Ipv4Addr::LOCALHOST, 0).into())?;
        let address = socket.local_addr()?;
        let listener = socket.listen(BACKLOG)?;
        let (plugged, state) = watch::channel(true);
        let task = tokio::spawn(work(listener, address, target, state));
        Ok(Self { address, plugged, task })
    }

    /// Where it begins. The port stays its own while the cable is pulled out.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Breaks all connections and refuses new ones.
    pub fn pull(&self) {
        self.plugged.send_replace(false);
    }

    /// Lets connections through again.
    pub fn plug(&self) {
        self.plugged.send_replace(true);
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A socket that has a port and does not listen: whoever connects is refused.
fn bound(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // The port is taken back while its old connections are still being forgotten.
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    Ok(socket)
}

async fn work(first: TcpListener, own: SocketAddr, target: SocketAddr, mut plugged: watch::Receiver<bool>) {
    let mut listener = first;
    loop {
        carry_all(listener, target, &mut plugged).await;
        listener = again(own, &mut plugged).await;
    }
}

/// Lets connections through until the cable is pulled out; then the port and all connections are closed.
async fn carry_all(listener: TcpListener, target: SocketAddr, plugged: &mut watch::Receiver<bool>) {
    let mut lines = JoinSet::new();
    loop {
        tokio::select! {
            () = pulled(plugged) => return,
            taken = listener.accept() => match taken {
                Ok((stream, _)) => { lines.spawn(carry(stream, target)); }
                Err(_) => sleep(PAUSE).await,
            },
            Some(_) = lines.join_next() => {}
        }
    }
}

/// Resolves when the cable is pulled out or dropped.
async fn pulled(plugged: &mut watch::Receiver<bool>) {
    let _ = plugged.wait_for(|plugged| !plugged).await;
}

/// Holds the port without listening until the cable is plugged in again.
async fn again(own: SocketAddr, plugged: &mut watch::Receiver<bool>) -> TcpListener {
    loop {
        if let Ok(socket) = bound(own) {
            if plugged.wait_for(|plugged| *plugged).await.is_err() {
                return std::future::pending().await;
            }
            if let Ok(listener) = socket.listen(BACKLOG) {
                return listener;
            }
        }
        sleep(PAUSE).await;
    }
}

async fn carry(mut from: TcpStream, target: SocketAddr) {
    if let Ok(mut to) = TcpStream::connect(target).await {
        // Small messages must not wait for more; a line that breaks is what cables are for.
        let _ = (from.set_nodelay(true), to.set_nodelay(true));
        let _ = copy_bidirectional(&mut from, &mut to).await;
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::Relay;

    /// Sends everything back.
    async fn echo() -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("a listener has an address");
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = stream.split();
                    let _ = tokio::io::copy(&mut from, &mut to).await;
                });
            }
        });
        address
    }

    async fn say(stream: &mut TcpStream) -> io::Result<[u8; 2]> {
        let mut heard = [0; 2];
        stream.write_all(b"hi").await?;
        stream.read_exact(&mut heard).await?;
        Ok(heard)
    }

    #[tokio::test]
    async fn a_pulled_cable_breaks_what_is_connected_and_refuses_what_comes_until_it_is_plugged_in() {
        let relay = Relay::lay(echo().await).expect("a port is free");
        let mut old = TcpStream::connect(relay.address()).await.expect("the cable is plugged in");
        assert_eq!(say(&mut old).await.expect("the cable carries"), *b"hi");
        relay.pull();
        assert!(say(&mut old).await.is_err() || say(&mut old).await.is_err(), "a pulled cable carries nothing");
        let refused = TcpStream::connect(relay.address()).await.map(|_| ()).map_err(|error| error.kind());
        assert_eq!(refused, Err(io::ErrorKind::ConnectionRefused));
        relay.plug();
        let mut new = loop {
            match TcpStream::connect(relay.address()).await {
                Ok(stream) => break stream,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        assert_eq!(say(&mut new).await.expect("the cable carries again"), *b"hi");
    }
}
