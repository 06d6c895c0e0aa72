//! Fetches an update over HTTP, going on where an earlier attempt ended, this process's or another's. Slowly enough for the
//! disk to have time for sales. It must not know what the file is for.

use std::io;
use std::time::Duration;

use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, IF_RANGE, RANGE};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use till_settings::tls::{self, Roots, TlsError, whole_chain};
use till_wire::fleet::Update;
use tokio::io::AsyncWriteExt;
use tokio::sync::watch;
use tokio::time::sleep;

use super::place::{Place, Which};
use super::proof::checksum;
use crate::clock;
use crate::till::Tick;

/// How long a connection may take, and how long nothing may come over one.
const CONNECT: Duration = Duration::from_secs(15);
const SILENCE: Duration = Duration::from_secs(30);
/// After so many bytes the disk is waited for, and left alone for so long.
const STRETCH: u64 = 512 * 1024;
const REST: Duration = Duration::from_millis(20);
/// How often it is said how much is there.
const SAY_EVERY: Duration = Duration::from_secs(5);
/// How long to wait before another attempt: the first time, and at most.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The longest name of a server's for its bytes that is kept.
const LONGEST_ETAG: usize = 256;

/// Why an update cannot be fetched, however often it is tried.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    #[error("cannot speak to the update's server")]
    Tls(#[source] TlsError),
    #[error("cannot speak to the update's server")]
    Http(#[source] reqwest::Error),
    #[error("cannot keep the update on the disk")]
    Disk(#[source] io::Error),
    #[error("the update needs {needed} bytes on the disk, and {room} may be used")]
    NoRoom { needed: u64, room: u64 },
    #[error("the update's server answers {status}")]
    Refused { status: u16 },
    #[error("the update's server has {found} bytes, and the command says {wanted}")]
    Size { found: u64, wanted: u64 },
    #[error("what the update's server has is not what the command says (sha256 {found})")]
    Checksum { found: String },
    #[error("the download was stopped")]
    Stopped,
}

/// Why an attempt ended.
enum Trouble {
    Final(FetchError),
    /// Another attempt may do better.
    Again(String),
}

/// Ends a download when it is dropped.
pub(crate) struct Stop(#[expect(dead_code, reason = "that it is dropped is what it says")] watch::Sender<()>);

/// Makes a way to end a download.
pub(crate) fn stop() -> (Stop, watch::Receiver<()>) {
    let (stop, stopped) = watch::channel(());
    (Stop(stop), stopped)
}

/// Fetches an update until it is there and is what it should be. `say` hears how much is there, in hundredths.
///
/// # Errors
/// When no further attempt can help, or `stopped` says so. What is wrong is removed.
pub(crate) async fn fetch(
    place: &Place,
    update: &Update,
    mut stopped: watch::Receiver<()>,
    say: impl Fn(u8) + Send + Sync,
) -> Result<(), FetchError> {
    let client = client()?;
    let mut wait = FIRST_WAIT;
    let mut is_pieced = false;
    loop {
        let (before, which) = beside(place, update, Place::begin).await?;
        is_pieced |= before > 0;
        let mut fetching = Fetching { place, update, which, have: before, said: None, say: &say };
        let fetched = tokio::select! {
            biased;
            _ = stopped.changed() => return Err(FetchError::Stopped),
            response = fetching.ask(&client) => response,
        };
        let came = match fetched {
            Ok(Some(response)) => fetching.take(response, &mut stopped).await,
            Ok(None) => Ok(()),
            Err(trouble) => Err(trouble),
        };
        let reason = match came {
            Ok(()) => match beside(place, update, prove).await {
                // Its pieces may have been of two files.
                Err(FetchError::Checksum { .. }) if is_pieced => {
                    is_pieced = false;
                    "its pieces do not fit together".to_owned()
                }
                proven => return proven,
            },
            Err(Trouble::Again(reason)) => reason,
            Err(Trouble::Final(error)) => return Err(error),
        };
        wait = if fetching.have > before { FIRST_WAIT } else { (wait * 2).min(LONGEST_WAIT) };
        tracing::info!(reason, have = fetching.have, of = update.size, "the update comes later");
        tokio::select! {
            _ = stopped.changed() => return Err(FetchError::Stopped),
            () = sleep(wait) => {}
        }
    }
}

/// Does something with the disk that may take its time.
async fn beside<T: Send + 'static, E: Into<FetchError> + Send + 'static>(
    place: &Place,
    update: &Update,
    work: fn(&Place, &Update) -> Result<T, E>,
) -> Result<T, FetchError> {
    let (place, update) = (place.clone(), update.clone());
    let done = tokio::task::spawn_blocking(move || work(&place, &update)).await;
    let broken = |_| FetchError::Disk(io::Error::other("it broke off"));
    done.map_err(broken)?.map_err(Into::into)
}

impl From<io::Error> for FetchError {
    fn from(error: io::Error) -> Self {
        Self::Disk(error)
    }
}

/// Sees that what is there is what was asked for, else removes it.
fn prove(place: &Place, update: &Update) -> Result<(), FetchError> {
    let (length, sum) = checksum(&std::fs::File::open(place.download())?)?;
    if length == update.size && sum == update.sha256 {
        return Ok(());
    }
    place.start_over()?;
    Err(FetchError::Checksum { found: sum.as_str().to_owned() })
}

#[expect(clippy::disallowed_methods, reason = "the one place that makes clients of updates' servers")]
fn client() -> Result<Client, FetchError> {
    Client::builder()
        .tls_backend_preconfigured(tls::client_config(Roots::System, None).map_err(FetchError::Tls)?)
        .user_agent(concat!("tilld/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        .read_timeout(SILENCE)
        .pool_max_idle_per_host(0)
        .redirect(Policy::none())
        .no_proxy()
        .build()
        .map_err(FetchError::Http)
}

/// One attempt.
struct Fetching<'a, S> {
    place: &'a Place,
    update: &'a Update,
    which: Which,
    have: u64,
    /// What was said last, and when.
    said: Option<(u8, Tick)>,
    say: &'a S,
}

impl<S: Fn(u8) + Sync> Fetching<'_, S> {
    /// Asks for what is missing. Nothing is asked for when nothing is.
    async fn ask(&mut self, client: &Client) -> Result<Option<Response>, Trouble> {
        let missing = self.update.size.saturating_sub(self.have);
        if missing == 0 {
            return Ok(None);
        }
        let room = self.place.room().map_err(final_trouble)?;
        if missing > room {
            return Err(Trouble::Final(FetchError::NoRoom { needed: missing, room }));
        }
        let mut request = client.get(self.update.url.as_str());
        if self.have > 0 {
            request = request.header(RANGE, format!("bytes={}-", self.have));
            if let Some(etag) = &self.which.etag {
                request = request.header(IF_RANGE, etag);
            }
        }
        let response = request.send().await.map_err(|error| Trouble::Again(reason(error)))?;
        self.judge(&response).map(|()| Some(response))
    }

    fn judge(&mut self, response: &Response) -> Result<(), Trouble> {
        let headers = response.headers();
        let wanted = self.update.size;
        match response.status().as_u16() {
            206 if self.have > 0 => match part(headers) {
                Some((begin, all)) if begin == self.have && all.is_none_or(|all| all == wanted) => Ok(()),
                Some(_) | None => self.start_over("the server has another part of another file"),
            },
            200 => {
                let found = number(headers.get(CONTENT_LENGTH));
                if let Some(found) = found.filter(|found| *found != wanted) {
                    return Err(Trouble::Final(FetchError::Size { found, wanted }));
                }
                if self.have > 0 {
                    self.place.start_over().map_err(final_trouble)?;
                    self.have = 0;
                }
                self.which.etag = strong_etag(headers);
                self.place.name(&self.which).map_err(final_trouble)
            }
            416 if self.have > 0 => self.start_over("the server has less of it than is here"),
            status @ (408 | 425 | 429 | 500..=599) => Err(Trouble::Again(format!("the server answers {status}"))),
            status => Err(Trouble::Final(FetchError::Refused { status })),
        }
    }

    fn start_over(&mut self, reason: &str) -> Result<(), Trouble> {
        self.place.start_over().map_err(final_trouble)?;
        self.have = 0;
        Err(Trouble::Again(reason.to_owned()))
    }

    /// Takes what comes.
    async fn take(&mut self, mut response: Response, stopped: &mut watch::Receiver<()>) -> Result<(), Trouble> {
        let mut file = tokio::fs::File::from_std(self.place.append().map_err(final_trouble)?);
        let mut stretch = 0_u64;
        let ended = loop {
            let piece = tokio::select! {
                biased;
                _ = stopped.changed() => break Err(Trouble::Final(FetchError::Stopped)),
                piece = response.chunk() => piece,
            };
            let piece = match piece {
                Ok(Some(piece)) => piece,
                Ok(None) => break Ok(()),
                Err(error) => break Err(Trouble::Again(reason(error))),
            };
            let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
            let found = self.have.saturating_add(length);
            if found > self.update.size {
                break Err(Trouble::Final(FetchError::Size { found, wanted: self.update.size }));
            }
            if let Err(error) = file.write_all(&piece).await {
                break Err(final_trouble(error));
            }
            (self.have, stretch) = (found, stretch.saturating_add(length));
            if stretch >= STRETCH {
                stretch = 0;
                if let Err(error) = file.sync_data().await {
                    break Err(final_trouble(error));
                }
                self.tell();
                sleep(REST).await;
            }
        };
        // What came is kept, however it ended.
        file.sync_all().await.map_err(final_trouble)?;
        match ended {
            Ok(()) if self.have < self.update.size => Err(Trouble::Again("the connection ended early".to_owned())),
            ended => ended,
        }
    }

    /// Says how much is there, when that is news and not said too often.
    fn tell(&mut self) {
        let percent = self.have.saturating_mul(100).checked_div(self.update.size).unwrap_or(0);
        let percent = u8::try_from(percent).unwrap_or(100);
        let now = clock::tick();
        let is_news = self.said.is_none_or(|(said, at)| said != percent && now.since(at) >= SAY_EVERY);
        if is_news {
            self.said = Some((percent, now));
            (self.say)(percent);
        }
    }
}

fn final_trouble(error: io::Error) -> Trouble {
    Trouble::Final(FetchError::Disk(error))
}

/// Returns where a part begins, and how long the whole is, if that is told (RFC 9110, 14.4).
fn part(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?;
    let (range, all) = text.split_once('/')?;
    let begin = range.split_once('-')?.0.parse().ok()?;
    if all == "*" { Some((begin, None)) } else { Some((begin, Some(all.parse().ok()?))) }
}

fn number(value: Option<&reqwest::header::HeaderValue>) -> Option<u64> {
    value?.to_str().ok()?.parse().ok()
}

/// Only a strong name says that not one byte is another; a weak one may not stand in `If-Range`.
fn strong_etag(headers: &HeaderMap) -> Option<String> {
    let etag = headers.get(ETAG)?.to_str().ok()?;
    let is_strong = etag.starts_with('"') && etag.len() <= LONGEST_ETAG;
    is_strong.then(|| etag.to_owned())
}

/// Returns an error with its causes on one line, without the address, which may have a word in it that opens the server.
fn reason(error: reqwest::Error) -> String {
    whole_chain(&error.without_url())
}
