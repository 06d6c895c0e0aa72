//! Shakes hands with whom the terminal talks to: who they are, how long their certificate lasts, whether they take ours,
//! and what time it is there. It must not log in, order or subscribe: a second client with the terminal's name would put
//! the daemon off the broker.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use jiff::fmt::rfc2822;
use rustls::pki_types::ServerName;
use rustls::{AlertDescription, ClientConfig, Error};
use till_authority::Leaf;
use till_wire::UnixTime;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::Finding;
use super::clocks::Date;
use super::subject::{Peer, Way};
use crate::cli::words::{Check, Net, Said};
use crate::clock;

/// How long each step may take: connecting, shaking hands, telling the time.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a broker has for saying that it does not want our certificate: in TLS 1.3 it may only do so afterwards.
const SECOND_THOUGHTS: Duration = Duration::from_secs(1);

/// A server whose certificate lasts no longer than this should have been given a new one.
const SOON_S: i64 = 7 * 86_400;

/// The most that is read of what answers.
const LARGEST: u64 = 16_384;

/// What came of a handshake.
pub(super) struct Met {
    pub(super) finding: Finding,
    pub(super) date: Option<Date>,
}

/// Shakes hands with somebody.
pub(super) async fn meet(peer: &Peer) -> Met {
    let (said, date) = match &peer.way {
        Way::NotKnown => (Net::NotKnown { place: place(peer) }, None),
        Way::Plain => plain(peer).await,
        Way::Tls { .. } if !clock::is_plausible() => (Net::NoClock { place: place(peer) }, None),
        Way::Tls { config, ours_unread } => secure(peer, config, *ours_unread).await,
    };
    let date = date.map(|theirs| Date { whose: peer.name.clone(), theirs, ours: clock::wall() });
    Met { finding: Finding::new(Check::Tls, Said::Net(said)).about(&peer.name), date }
}

fn place(peer: &Peer) -> String {
    format!("{}:{}", peer.host, peer.port)
}

async fn connect(peer: &Peer) -> Result<TcpStream, Net> {
    let connected = timeout(PATIENCE, TcpStream::connect((peer.host.as_str(), peer.port))).await;
    let connected = connected.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    connected.map_err(|error| Net::NotReached { place: place(peer), why: error.to_string() })
}

async fn plain(peer: &Peer) -> (Net, Option<UnixTime>) {
    match connect(peer).await {
        Ok(mut stream) => {
            let date = if peer.speaks_http { told_time(&mut stream, peer).await } else { None };
            (Net::Reached { place: place(peer) }, date)
        }
        Err(said) => (said, None),
    }
}

async fn secure(peer: &Peer, config: &Arc<ClientConfig>, ours_unread: bool) -> (Net, Option<UnixTime>) {
    let mut stream = match handshake(peer, config, ours_unread).await {
        Ok(stream) => stream,
        Err(said) => return (said, None),
    };
    let until = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let until = until.and_then(|leaf| Leaf::from_der(leaf).ok()).map(|leaf| leaf.not_after);
    let mut date = None;
    if peer.speaks_http {
        date = told_time(&mut stream, peer).await;
    } else if let Some(said) = second_thoughts(&mut stream, peer, ours_unread).await {
        return (said, None);
    }
    let left = until.map_or(i64::MAX, |until| until.secs().saturating_sub(clock::wall().secs()));
    let (place, until) = (place(peer), until.map(|until| until.to_string()).unwrap_or_default());
    let said = if left <= SOON_S { Net::EndsSoon { place, until } } else { Net::Trusted { place, until } };
    (said, date)
}

async fn handshake(peer: &Peer, config: &Arc<ClientConfig>, ours_unread: bool) -> Result<TlsStream<TcpStream>, Net> {
    let stream = connect(peer).await?;
    let name = ServerName::try_from(peer.host.clone())
        .map_err(|error| Net::NotTrusted { place: place(peer), why: error.to_string() })?;
    let shaken = timeout(PATIENCE, TlsConnector::from(Arc::clone(config)).connect(name, stream)).await;
    shaken.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into())).map_err(|error| refused(peer, &error, ours_unread))
}

/// Waits whether the broker hangs up on us, now that it has seen our certificate. It says nothing before we do.
async fn second_thoughts(stream: &mut TlsStream<TcpStream>, peer: &Peer, ours_unread: bool) -> Option<Net> {
    match timeout(SECOND_THOUGHTS, stream.read_u8()).await {
        Err(_) | Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(refused(peer, &error, ours_unread)),
    }
}

fn refused(peer: &Peer, error: &io::Error, ours_unread: bool) -> Net {
    let (place, why) = (place(peer), error.to_string());
    match error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()) {
        Some(Error::InvalidCertificate(_)) => Net::NotTrusted { place, why },
        Some(Error::AlertReceived(alert)) if is_about_us(*alert) => {
            if ours_unread {
                Net::OursUnread { place }
            } else {
                Net::WeAreRefused { place, why }
            }
        }
        Some(_) | None => Net::NotReached { place, why },
    }
}

fn is_about_us(alert: AlertDescription) -> bool {
    [
        AlertDescription::CertificateRequired,
        AlertDescription::BadCertificate,
        AlertDescription::UnsupportedCertificate,
        AlertDescription::CertificateRevoked,
        AlertDescription::CertificateExpired,
        AlertDescription::CertificateUnknown,
        AlertDescription::UnknownCA,
        AlertDescription::AccessDenied,
        AlertDescription::HandshakeFailure,
    ]
    .contains(&alert)
}

/// Asks a server for nothing but its headers, in which it tells the time.
async fn told_time(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), peer: &Peer) -> Option<UnixTime> {
    let asked = async {
        let request =
            format!("HEAD / HTTP/1.1\r\nHost: {}\r\nUser-Agent: till-doctor\r\nConnection: close\r\n\r\n", place(peer));
        stream.write_all(request.as_bytes()).await?;
        stream.flush().await?;
        read_head(stream).await
    };
    let head = timeout(PATIENCE, asked).await.ok()?.ok()?;
    date_in(&String::from_utf8_lossy(&head))
}

async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    let mut bounded = stream.take(LARGEST);
    loop {
        let read = bounded.read(&mut piece).await?;
        head.extend_from_slice(piece.get(..read).unwrap_or_default());
        if read == 0 || head.windows(4).any(|end| end == b"\r\n\r\n") {
            return Ok(head);
        }
    }
}

fn date_in(head: &str) -> Option<UnixTime> {
    let mut lines = head.lines().skip(1).take_while(|line| !line.is_empty());
    let date = lines.find_map(|line| line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("date")))?.1;
    // A wrong weekday is no reason to ignore a date.
    let reader = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    Some(UnixTime::from_ms(reader.parse_timestamp(date.trim()).ok()?.as_millisecond()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_read_from_the_headers_alone() {
        let date = Some(UnixTime::from_secs(1_795_143_845));
        assert_eq!(date_in("HTTP/1.1 404 Not Found\r\nServer: x\r\ndate: Fri, 20 Nov 2026 03:04:05 GMT\r\n\r\n"), date);
        for head in [
            "",
            "HTTP/1.1 200 OK\r\n\r\nDate: Fri, 20 Nov 2026 03:04:05 GMT\r\n",
            "HTTP/1.1 200 OK\r\nDate: now\r\n\r\n",
        ] {
            assert_eq!(date_in(head), None, "{head}");
        }
    }
}
