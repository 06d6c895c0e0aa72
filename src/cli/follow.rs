//! Follows changes as they happen, through interruptions of the stream: for `till watch`, and for `till sale --wait`,
//! which also asks now and then, so that it ends even where events do not come. It must not know the other verbs.

use std::time::Duration;

use reqwest::Response;
use till_wire::{Receipt, Sale, SaleId, SaleState};
use tokio::time::{Instant, sleep, timeout};

use super::World;
use super::client::Client;
use super::fault::Fault;
use super::stream::{Event, Reader};
use super::verbs::Output;
use super::wording;

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
    const ATTEMPT: &str = "watch the terminal";
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
    let line = match output {
        Output::Json => event.data.clone(),
        Output::Words => in_words(event).unwrap_or_else(|| event.data.clone()),
    };
    writeln!(world.out, "{line}")?;
    Ok(world.out.flush()?)
}

fn in_words(event: &Event) -> Option<String> {
    match event.kind.as_str() {
        "sale" => serde_json::from_str::<Sale>(&event.data).ok().map(|sale| wording::sale_line(&sale)),
        "receipt" => serde_json::from_str::<Receipt>(&event.data).ok().map(|receipt| wording::receipt_line(&receipt)),
        _ => None,
    }
}

/// The end of a sale that was waited for.
pub(super) struct End {
    pub(super) sale: Sale,
    /// The sale as the API wrote it.
    pub(super) json: Vec<u8>,
}

/// Waits until a sale that was just made has ended; tells every new state on the way.
pub(super) async fn wait_for_end(
    client: &Client,
    world: &mut World<'_>,
    made: &Sale,
    output: Output,
) -> Result<End, Fault> {
    let id = made.id;
    let attempt = format!("wait for the end of sale {id}");
    let mut away = Away { patience: world.patience, since: None };
    let mut told = Told { output, state: None };
    told.tell(made, world)?;
    loop {
        // The question comes after the stream has begun, so that no change can fall between the two.
        let stream = client.events(&attempt, None).await;
        let asked = client.get(&attempt, &format!("/v1/sales/{id}")).await;
        match asked {
            Ok(answer) => {
                away.since = None;
                let sale: Sale = answer.read(&attempt)?;
                told.tell(&sale, world)?;
                if is_end(sale.state) {
                    return Ok(End { sale, json: answer.body });
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
        let heard = timeout(TRUST, hear_end(Listening::new(response), id, &mut told, world)).await;
        if let Some(end) = heard.unwrap_or(Ok(None))? {
            return Ok(end);
        }
    }
}

/// Listens until the sale has ended, or the stream has.
async fn hear_end(
    mut listening: Listening,
    id: SaleId,
    told: &mut Told,
    world: &mut World<'_>,
) -> Result<Option<End>, Fault> {
    while let Some(event) = listening.next().await {
        let Ok(sale) = serde_json::from_str::<Sale>(&event.data) else {
            continue;
        };
        if sale.id != id {
            continue;
        }
        told.tell(&sale, world)?;
        if is_end(sale.state) {
            return Ok(Some(End { sale, json: event.data.into_bytes() }));
        }
    }
    Ok(None)
}

/// What the person has been told.
struct Told {
    output: Output,
    state: Option<SaleState>,
}

impl Told {
    fn tell(&mut self, sale: &Sale, world: &mut World<'_>) -> Result<(), Fault> {
        if self.state.replace(sale.state) == Some(sale.state) {
            return Ok(());
        }
        match self.output {
            Output::Words => writeln!(world.out, "{}", wording::sale_line(sale))?,
            Output::Json => {}
        }
        Ok(world.out.flush()?)
    }
}

fn is_end(state: SaleState) -> bool {
    match state {
        SaleState::Paid | SaleState::Cancelled | SaleState::Expired | SaleState::Failed => true,
        SaleState::Requesting | SaleState::Showing | SaleState::Unconfirmed | SaleState::Cancelling => false,
    }
}
