//! What comes beside good webhooks: heads that never end, garbage, forged signatures, a broker that goes away. Each from
//! an address of its own. It must not know what is measured meanwhile.

use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tests::mosquitto::Mosquitto;
use tokio::net::TcpSocket;
use tokio::runtime::Builder;

use super::webhooks::request;
use crate::Fault;

/// Connections that send a byte of their head now and then.
const SLOW: usize = 200;
const BYTE_EVERY: Duration = Duration::from_millis(500);
/// Between two connections with garbage, and two forged webhooks.
const GARBAGE_EVERY: Duration = Duration::from_millis(5);
const FORGED_EVERY: Duration = Duration::from_millis(2);
const PATIENCE: Duration = Duration::from_secs(2);

/// What came of it.
#[derive(Debug, Default)]
pub(crate) struct Trouble {
    pub(crate) garbage: AtomicU64,
    pub(crate) forged: AtomicU64,
}

impl Trouble {
    /// Makes trouble for so long: the broker is killed after a third of it and comes back after the second.
    pub(crate) fn make(&self, hooks: SocketAddr, broker: &mut Mosquitto, time: Duration) -> Result<(), Fault> {
        let end = AtomicBool::new(false);
        thread::scope(|scope| {
            let runs = || !end.load(Ordering::Relaxed);
            let slow = scope.spawn(move || slow_heads(hooks, runs));
            let garbage = scope.spawn(move || self.garbage(hooks, runs));
            let forged = scope.spawn(move || self.forged(hooks, runs));
            thread::sleep(time / 3);
            broker.kill();
            thread::sleep(time / 3);
            broker.start_again();
            thread::sleep(time / 3);
            end.store(true, Ordering::Relaxed);
            [slow, garbage, forged]
                .into_iter()
                .try_for_each(|one| one.join().map_err(|_| io::Error::other("trouble panicked"))?)?;
            Ok(())
        })
    }

    fn garbage(&self, hooks: SocketAddr, runs: impl Fn() -> bool) -> io::Result<()> {
        while runs() {
            let mut stream = connect(hooks, Ipv4Addr::new(127, 0, 0, 3))?;
            let garbage: Vec<u8> = (0..300).map(|_| fastrand::u8(..)).collect();
            // The bridge may be done with it before it is sent.
            let _ = stream.write_all(&garbage).and_then(|()| stream.shutdown(std::net::Shutdown::Write));
            let _ = stream.read_to_end(&mut Vec::new());
            self.garbage.fetch_add(1, Ordering::Relaxed);
            thread::sleep(GARBAGE_EVERY);
        }
        Ok(())
    }

    fn forged(&self, hooks: SocketAddr, runs: impl Fn() -> bool) -> io::Result<()> {
        let signature = "0".repeat(64);
        let body = format!(r#"{{"code":"00","data":{{"orderCode":1000000001}},"signature":"{signature}"}}"#);
        let forged = request(hooks, &body);
        let mut stream = connect(hooks, Ipv4Addr::new(127, 0, 0, 4))?;
        let mut answer = [0; 2048];
        while runs() {
            stream.write_all(&forged)?;
            let read = stream.read(&mut answer)?;
            if !answer.get(..read).unwrap_or_default().starts_with(b"HTTP/1.1 4") {
                return Err(io::Error::other("a forged webhook was not refused"));
            }
            self.forged.fetch_add(1, Ordering::Relaxed);
            thread::sleep(FORGED_EVERY);
        }
        Ok(())
    }
}

fn slow_heads(hooks: SocketAddr, runs: impl Fn() -> bool) -> io::Result<()> {
    let mut streams = Vec::new();
    let head = b"POST /hooks/payos HTTP/1.1\r\nHost: bridge\r\nX-Slow: ";
    for round in 0_usize.. {
        if !runs() {
            break;
        }
        while streams.len() < SLOW {
            streams.push(connect(hooks, Ipv4Addr::new(127, 0, 0, 2))?);
        }
        let byte = head.get(round).copied().unwrap_or(b'x');
        // Whoever was hung up on is replaced in the next round.
        streams.retain_mut(|stream| stream.write_all(&[byte]).is_ok());
        thread::sleep(BYTE_EVERY);
    }
    Ok(())
}

/// Connects from an address of this machine's own choice, which only tokio's sockets let one choose.
fn connect(to: SocketAddr, from: Ipv4Addr) -> io::Result<TcpStream> {
    let runtime = Builder::new_current_thread().enable_io().build()?;
    let stream = runtime.block_on(async {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(IpAddr::V4(from), 0))?;
        socket.connect(to).await?.into_std()
    })?;
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}
