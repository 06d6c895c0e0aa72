//! Sends webhooks over connections that stay open, as fast as they are answered or at a rate, and notes how long each
//! answer took. One thread and little work for each, since it shares the machine with what is measured.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use super::webhooks::Webhooks;
use crate::Fault;

/// How fast webhooks come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Pace {
    /// Each connection sends the next one when it has its answer.
    Full,
    /// So many a second, whether the answers come or not.
    Rate(f64),
}

/// What came of them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Answered 200, each with its time in microseconds: at a rate from the moment when it was due.
    pub(crate) micros: Vec<u32>,
    /// Answered otherwise, or not.
    pub(crate) refused: u64,
    /// How long it went on.
    pub(crate) time: Duration,
}

/// A bridge that takes longer is as good as none.
const PATIENCE: Duration = Duration::from_secs(10);

impl Outcome {
    /// Answered 200 in a second.
    pub(crate) fn rate(&self) -> f64 {
        self.micros.len() as f64 / self.time.as_secs_f64()
    }

    /// Returns the milliseconds that so many of a thousand answers did not take longer than.
    pub(crate) fn permille(&mut self, permille: usize) -> f64 {
        self.micros.sort_unstable();
        let rank = (self.micros.len() * permille).div_ceil(1000).max(1);
        self.micros.get(rank - 1).map_or(f64::NAN, |micros| f64::from(*micros) / 1000.0)
    }
}

/// Sends for so long.
pub(crate) fn send(
    hooks: SocketAddr,
    webhooks: &Arc<Webhooks>,
    connections: usize,
    pace: Pace,
    time: Duration,
) -> Result<Outcome, Fault> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let (start, mut tasks) = (Instant::now(), JoinSet::new());
        for _ in 0..connections {
            let (webhooks, end) = (Arc::clone(webhooks), start + time);
            let period = match pace {
                Pace::Full => None,
                Pace::Rate(rate) => Some(Duration::from_secs_f64(connections as f64 / rate)),
            };
            tasks.spawn(async move { work(hooks, &webhooks, period, end).await });
        }
        let mut all = Outcome::default();
        while let Some(done) = tasks.join_next().await {
            let done = done??;
            all.micros.extend(done.micros);
            all.refused += done.refused;
        }
        all.time = start.elapsed();
        Ok(all)
    })
}

/// One connection, opened again when it breaks.
async fn work(hooks: SocketAddr, webhooks: &Webhooks, period: Option<Duration>, end: Instant) -> io::Result<Outcome> {
    let mut outcome = Outcome::default();
    let mut stream = open(hooks).await?;
    let mut due = Instant::now() + period.unwrap_or_default().mul_f64(fastrand::f64());
    while due < end {
        if period.is_some() {
            sleep_until(due).await;
        }
        let exchanged = timeout(PATIENCE, exchange(&mut stream, webhooks.next())).await;
        match exchanged.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())) {
            Ok(200) => outcome.micros.push(u32::try_from(due.elapsed().as_micros()).unwrap_or(u32::MAX)),
            Ok(_) => outcome.refused += 1,
            Err(_) => {
                outcome.refused += 1;
                stream = open(hooks).await?;
            }
        }
        due = period.map_or_else(Instant::now, |period| due + period);
    }
    Ok(outcome)
}

async fn open(hooks: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(hooks).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends a request and reads the status and all of the answer.
async fn exchange(stream: &mut TcpStream, request: &[u8]) -> io::Result<u16> {
    stream.write_all(request).await?;
    let (mut answer, mut length) = ([0; 2048], 0);
    loop {
        let read = stream.read(answer.get_mut(length..).unwrap_or_default()).await?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        length += read;
        if let Some(status) = whole(answer.get(..length).unwrap_or_default()) {
            return Ok(status);
        }
    }
}

/// Returns the status once the answer has ended.
fn whole(answer: &[u8]) -> Option<u16> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    let status = head.split(' ').nth(1)?.parse().ok()?;
    (answer.len() >= end + 4 + length).then_some(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_a_status_once_all_of_it_is_there() {
        let text = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(whole(text), Some(401));
        assert_eq!(whole(&text[..text.len() - 1]), None);
        assert_eq!(whole(b"HTTP/1.1 200 OK\r\n"), None);
    }

    #[test]
    fn permilles_are_samples_by_their_rank() {
        let mut outcome = Outcome { micros: (1..=1000).rev().map(|ms| ms * 1000).collect(), ..Outcome::default() };
        assert_eq!([500, 990, 1000].map(|permille| outcome.permille(permille)), [500.0, 990.0, 1000.0]);
    }
}
