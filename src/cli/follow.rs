//! Follows changes as they happen, through interruptions of the stream: for `till watch`, and for `till sale` with
//! `--wait` or `--qr`, which also asks now and then, so that it ends even where events do not come. It must not know the
//! other verbs.

use std::time::Duration;

use reqwest::Response;
use till_wire::{Receipt, Sale, SaleId, SaleState};
use tokio::time::{Instant, sleep, timeout};

use super::World;
use super::client::Client;
use super::fault::Fault;
use super::stream::{Event, Reader};
use super::style::Style;
use super::text::plain;
use super::verbs::{Output, print_lines};
use super::wording;
use super::words::Attempt;

/// How long to wait before coming back to a daemon that went away.
const BREATH: Duration = Duration::from_secs(1);
/// How long to trust the stream before asking for the sale itself.
const TRUST: Duration = Duration::from_secs(20);

/// A stream that is open.
struct Listening {
    response: Response,
    reader: Reader,
    waiting: std::vec::IntoIter<Event>,
}

impl Listening {
    fn new(response: Response) -> Self {
        Self { response, reader: Reader::default(), waiting: Vec::new().into_iter() }
    }

    /// Returns the next event; nothing when the stream has ended or broken.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.next() {
                return Some(event);
            }
            let bytes = self.response.chunk().await.ok().flatten()?;
            self.waiting = self.reader.take(&bytes).into_iter();
        }
    }
}

/// How long the daemon has been away.
struct Away {
    patience: Duration,
    since: Option<Instant>,
}

impl Away {
    /// Waits a moment, or gives up with the fault when that has been done for too long.
    async fn wait(&mut self, fault: Fault) -> Result<(), Fault> {
        let since = *self.since.get_or_insert_with(Instant::now);
        if since.elapsed() >= self.patience {
            return Err(fault);
        }
        sleep(BREATH.min(self.patience)).await;
        Ok(())
    }
}

/// Prints every change until interrupted, or until the daemon has been away for too long.
pub(super) async fn watch(client: &Client, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    const ATTEMPT: Attempt<'_> = Attempt::Watch;
    let mut away = Away { patience: world.patience, since: None };
    let mut last: Option<String> = None;
    let mut stream = Some(client.events(ATTEMPT, None).await?);
    loop {
        if let Some(response) = stream.take() {
            away.since = None;
            let mut listening = Listening::new(response);
            let mut heard = false;
            while let Some(event) = listening.next().await {
                heard = true;
                last = event.id.clone().or(last);
                print_change(&event, world, output)?;
            }
            // A daemon that sends everybody away at once is not to be pestered.
            if !heard {
                sleep(BREATH.min(world.patience)).await;
            }
        }
        match client.events(ATTEMPT, last.as_deref()).await {
            Ok(response) => stream = Some(response),
            Err(fault) => away.wait(fault).await?,
        }
    }
}

fn print_change(event: &Event, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    let lines = match output {
        Output::Json => vec![event.data.clone()],
        Output::Words => in_words(event, world.style).unwrap_or_else(|| vec![plain(&event.data)]),
    };
    print_lines(&lines, world)?;
    Ok(world.out.flush()?)
}

fn in_words(event: &Event, style: Style) -> Option<Vec<String>> {
    match event.kind.as_str() {
        "sale" => Some(wording::sale_line(&serde_json::from_str::<Sale>(&event.data).ok()?, style)),
        "receipt" => Some(wording::receipt_line(&serde_json::from_str::<Receipt>(&event.data).ok()?, style)),
        _ => None,
    }
}

/// Until when a sale is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// Its code is there, or will not come.
    Code,
    /// It has ended.
    End,
}

impl Until {
    fn is_met(self, state: SaleState) -> bool {
        match state {
            SaleState::Paid | SaleState::Cancelled | SaleState::Expired | SaleState::Failed => true,
            SaleState::Showing | SaleState::Unconfirmed => self == Self::Code,
            SaleState::Requesting | SaleState::Cancelling => false,
        }
    }
}

/// The sale that was followed, as it is now.
pub(super) struct Reached {
    pub(super) sale: Sale,
    /// The sale as the API wrote it.
    pub(super) json: Vec<u8>,
}

/// Waits until a sale that was just made has come so far; tells every new state on the way.
pub(super) async fn follow(
    client: &Client,
    world: &mut World<'_>,
    id: SaleId,
    told: &mut Told,
    until: Until,
) -> Result<Reached, Fault> {
    let attempt = Attempt::WaitFor(id);
    let mut away = Away { patience: world.patience, since: None };
    loop {
        // The question comes after the stream has begun, so that no change can fall between the two.
        let stream = client.events(attempt, None).await;
        let asked = client.get(attempt, &format!("/v1/sales/{id}")).await;
        match asked {
            Ok(answer) => {
                away.since = None;
                let sale: Sale = client.read_as(attempt, &answer)?;
                told.tell(&sale, world)?;
                if until.is_met(sale.state) {
                    return Ok(Reached { sale, json: answer.body });
                }
            }
            Err(fault @ Fault::Unreachable(_)) => {
                away.wait(fault).await?;
                continue;
            }
            Err(fault) => return Err(fault),
        }
        let Ok(response) = stream else {
            sleep(BREATH).await;
            continue;
        };
        let heard = timeout(TRUST, hear(Listening::new(response), id, told, until, world)).await;
        if let Some(reached) = heard.unwrap_or(Ok(None))? {
            return Ok(reached);
        }
    }
}

/// Listens until the sale has come so far, or the stream has ended.
async fn hear(
    mut listening: Listening,
    id: SaleId,
    told: &mut Told,
    until: Until,
    world: &mut World<'_>,
) -> Result<Option<Reached>, Fault> {
    while let Some(event) = listening.next().await {
        let Ok(sale) = serde_json::from_str::<Sale>(&event.data) else {
            continue;
        };
        if sale.id != id {
            continue;
        }
        told.tell(&sale, world)?;
        if until.is_met(sale.state) {
            return Ok(Some(Reached { sale, json: event.data.into_bytes() }));
        }
    }
    Ok(None)
}

/// What the person has been told.
pub(super) struct Told {
    output: Output,
    state: Option<SaleState>,
}

impl Told {
    /// Nothing has been told.
    pub(super) fn nothing(output: Output) -> Self {
        Self { output, state: None }
    }

    /// Tells how a sale stands, unless that is known.
    pub(super) fn tell(&mut self, sale: &Sale, world: &mut World<'_>) -> Result<(), Fault> {
        if self.state.replace(sale.state) == Some(sale.state) {
            return Ok(());
        }
        match self.output {
            Output::Words => print_lines(&wording::sale_line(sale, world.style), world)?,
            Output::Json => {}
        }
        Ok(world.out.flush()?)
    }
}
