//! Many tills as far as a broker sees them: a session each, which takes and acknowledges its webhooks and comes back when
//! the line breaks. A process of its own, so that its open files and its time are nobody else's. Must not know envelopes.

use std::io::{self, Read};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::Fault;

/// How many connect at once.
const AT_ONCE: usize = 64;
const READ_AHEAD: usize = 4096;
/// The slowest of 10 000 on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The process, as whoever started it sees it.
pub(crate) struct Tills {
    child: Child,
    asked: Option<ChildStdin>,
}

impl Tills {
    /// Starts so many, numbers from 1, and returns when all are there.
    pub(crate) fn start(broker: SocketAddr, count: usize) -> Result<Self, Fault> {
        let own = std::env::current_exe()?;
        let mut command = Command::new(own);
        command.args(["tills", &broker.to_string(), &count.to_string()]).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let asked = child.stdin.take();
        let mut word = [0; 1];
        child.stdout.as_mut().ok_or("no output")?.read_exact(&mut word)?;
        Ok(Self { child, asked })
    }

    /// Ends them and returns how many webhooks they got.
    pub(crate) fn stop(mut self) -> Result<u64, Fault> {
        drop(self.asked.take());
        let mut text = String::new();
        self.child.stdout.as_mut().ok_or("no output")?.read_to_string(&mut text)?;
        self.child.wait()?;
        Ok(text.trim().parse()?)
    }
}

impl Drop for Tills {
    fn drop(&mut self) {
        // Whoever was stopped has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The process itself: says one byte when all tills are there, and how many webhooks came once nobody wants more.
pub(crate) fn run(broker: SocketAddr, count: usize) -> Result<(), Fault> {
    let (taken, there) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicUsize::new(0)));
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (counter, present) = (Arc::clone(&taken), Arc::clone(&there));
    std::thread::spawn(move || {
        runtime.block_on(async {
            let turns = Arc::new(Semaphore::new(AT_ONCE));
            for number in 1..=count {
                let (counter, present, turns) = (Arc::clone(&counter), Arc::clone(&present), Arc::clone(&turns));
                tokio::spawn(async move {
                    loop {
                        // A line that breaks is begun again, as a till does.
                        let _ = stay(broker, number, &turns, &present, &counter).await;
                        sleep(Duration::from_millis(fastrand::u64(50..1000))).await;
                    }
                });
            }
            std::future::pending::<()>().await;
        });
    });
    ::tests::wait::wait_until("all tills are there", PATIENCE, || there.load(Ordering::Relaxed) >= count);
    print!(".");
    io::Write::flush(&mut io::stdout())?;
    io::stdin().read_to_end(&mut Vec::new())?;
    println!("{}", taken.load(Ordering::Relaxed));
    Ok(())
}

/// Connects one till and takes what comes until the line breaks.
async fn stay(
    broker: SocketAddr,
    number: usize,
    turns: &Semaphore,
    present: &AtomicUsize,
    taken: &AtomicU64,
) -> io::Result<()> {
    let mut turn = Some(turns.acquire().await.map_err(io::Error::other)?);
    let mut stream = TcpStream::connect(broker).await?;
    stream.set_nodelay(true)?;
    let filter = format!("till/v1/{number:07}/down/#");
    // MQTT 3.1.1, the session is kept, no keep-alive; then a subscription with QoS 1.
    let mut hello = vec![0x10, 19, 0, 4, b'M', b'Q', b'T', b'T', 4, 0, 0, 0, 0, 7];
    hello.extend(format!("{number:07}").as_bytes());
    hello.extend([0x82, u8::try_from(filter.len() + 5).unwrap_or(0), 0, 1, 0, u8::try_from(filter.len()).unwrap_or(0)]);
    hello.extend(filter.as_bytes());
    hello.push(1);
    stream.write_all(&hello).await?;
    let mut bytes = Vec::with_capacity(READ_AHEAD);
    loop {
        if stream.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut answers = Vec::new();
        let mut from = 0;
        while let Some((kind, body, length)) = packet(bytes.get(from..).unwrap_or_default()) {
            match kind {
                // The answer to the subscription.
                0x90 => {
                    present.fetch_add(1, Ordering::Relaxed);
                    drop(turn.take());
                }
                0x32 | 0x3a => {
                    let topic = body.first_chunk().map_or(0, |length| usize::from(u16::from_be_bytes(*length)));
                    answers.extend([0x40, 2]);
                    answers.extend(body.get(topic + 2..topic + 4).unwrap_or(&[0, 0]));
                    taken.fetch_add(1, Ordering::Relaxed);
                }
                _ => {}
            }
            from += length;
        }
        bytes.drain(..from);
        if !answers.is_empty() {
            stream.write_all(&answers).await?;
        }
    }
}

/// Returns the first packet's kind and body, and its whole length, once all of it is there.
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (kind, rest) = bytes.split_first()?;
    let digits = rest.iter().take(4).position(|byte| byte & 128 == 0)? + 1;
    let length = rest.iter().take(digits).rev().fold(0, |sum, byte| sum * 128 + usize::from(byte & 127));
    Some((*kind, rest.get(digits..digits + length)?, 1 + digits + length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_are_taken_whole() {
        assert_eq!(packet(&[0x40, 2, 0, 7, 0x90]), Some((0x40, &[0, 7][..], 4)));
        assert_eq!(packet(&[0x40, 2, 0]), None);
        assert_eq!(packet(&[0x32, 0x80]), None);
        let long = [&[0x32, 0x81, 1][..], &[9; 129]].concat();
        assert_eq!(packet(&long).map(|(_, body, length)| (body.len(), length)), Some((129, 132)));
    }
}
