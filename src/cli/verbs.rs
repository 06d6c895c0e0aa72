//! What each verb does. It must not know how calls are made or words are chosen.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use till_wire::{Receipt, Sale, SaleState, Status, UnixTime};

use super::World;
use super::args::{SaleArgs, Verb};
use super::client::{Answer, Client};
use super::fault::Fault;
use super::follow::{wait_for_end, watch};
use super::pick::{Page, SaleName, newest, pick};
use super::wording;
use crate::pin;

/// For whom the answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// For a person.
    Words,
    /// For a program: the API's JSON.
    Json,
}

impl From<bool> for Output {
    fn from(json: bool) -> Self {
        if json { Self::Json } else { Self::Words }
    }
}

/// Does what was asked.
pub(super) async fn obey(verb: Verb, client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    match verb {
        Verb::Sale(args) => sell(args, client, world).await,
        Verb::Show { sale, json } => show(sale, client, world, json.into()).await,
        Verb::Sales { state, since, limit, json } => {
            let path = list_path(state, since, limit);
            sales(&path, client, world, json.into()).await
        }
        Verb::Cancel { sale } => cancel(sale, client, world).await,
        Verb::Status { json } => status(client, world, json.into()).await,
        Verb::Watch { json } => watch(client, world, json.into()).await,
        Verb::Screen { file } => screen(&file, client, world).await,
        Verb::Replay => replay(client, world).await,
        Verb::Pin => pin(world),
        Verb::Receipts { unmatched, json } => {
            let path = if unmatched { "/v1/receipts?matched=false&limit=200" } else { "/v1/receipts?limit=200" };
            receipts(path, client, world, json.into()).await
        }
    }
}

async fn sell(args: SaleArgs, client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    let attempt = format!("make a sale of {}", args.amount);
    let output = Output::from(args.json);
    let key = args.key.clone().unwrap_or_else(|| format!("till-{:032x}", fastrand::u128(..)));
    let body = sale_body(&args);
    let answer = client.post_once(&attempt, "/v1/sales", body, &key).await?;
    let sale: Sale = answer.read(&attempt)?;
    if !args.wait {
        return match output {
            Output::Json => print_json(&answer.body, world),
            Output::Words => Ok(writeln!(world.out, "{}", wording::sale(&sale))?),
        };
    }
    let end = wait_for_end(client, world, &sale, output).await?;
    match output {
        Output::Json => print_json(&end.json, world)?,
        Output::Words => {}
    }
    if end.sale.state == SaleState::Paid { Ok(()) } else { Err(Fault::Unpaid) }
}

fn sale_body(args: &SaleArgs) -> String {
    let mut body = Map::new();
    body.insert("amount".into(), args.amount.value().into());
    let texts = [
        ("reference", args.reference.as_deref()),
        ("note", args.note.as_deref()),
        ("channel", args.channel.as_ref().map(|channel| channel.as_str())),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            body.insert(key.into(), text.into());
        }
    }
    Value::Object(body).to_string()
}

async fn show(name: Option<SaleName>, client: &Client, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    let id = match name {
        Some(name) => pick(client, name).await?,
        None => newest(client).await?,
    };
    let attempt = format!("show sale {id}");
    let answer = client.get(&attempt, &format!("/v1/sales/{id}")).await?;
    match output {
        Output::Json => print_json(&answer.body, world),
        Output::Words => {
            let sale: Sale = answer.read(&attempt)?;
            Ok(writeln!(world.out, "{}", wording::sale(&sale))?)
        }
    }
}

fn list_path(state: Option<SaleState>, since: Option<UnixTime>, limit: u16) -> String {
    let state = state.map(|state| format!("&state={state}")).unwrap_or_default();
    let since = since.map(|since| format!("&since={since}")).unwrap_or_default();
    format!("/v1/sales?limit={limit}{state}{since}")
}

async fn sales(path: &str, client: &Client, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    const ATTEMPT: &str = "list sales";
    let answer = client.get(ATTEMPT, path).await?;
    if output == Output::Json {
        return print_json(&answer.body, world);
    }
    let page: Page = answer.read(ATTEMPT)?;
    if page.sales.is_empty() {
        writeln!(world.out, "No sales.")?;
    }
    for sale in &page.sales {
        writeln!(world.out, "{}", wording::sale_line(sale))?;
    }
    Ok(())
}

async fn cancel(name: SaleName, client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    let id = pick(client, name).await?;
    let attempt = format!("cancel sale {id}");
    let answer = client.post(&attempt, &format!("/v1/sales/{id}/cancel"), String::new()).await?;
    let sale: Sale = answer.read(&attempt)?;
    Ok(writeln!(world.out, "{}", wording::sale_line(&sale))?)
}

async fn status(client: &Client, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    const ATTEMPT: &str = "ask how the terminal is doing";
    let answer = client.get(ATTEMPT, "/v1/status").await?;
    match output {
        Output::Json => print_json(&answer.body, world),
        Output::Words => {
            let status: Status = answer.read(ATTEMPT)?;
            Ok(write!(world.out, "{}", wording::status(&status))?)
        }
    }
}

async fn screen(file: &Path, client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    let attempt = format!("save the display's picture in `{}`", file.display());
    let Answer { body } = client.get(&attempt, "/v1/screen.png").await?;
    fs::write(file, &body).map_err(|error| Fault::Failed(format!("cannot {attempt}: {error}")))?;
    Ok(writeln!(world.out, "The display's picture is in {}.", file.display())?)
}

async fn replay(client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Replaying {
        since: UnixTime,
    }
    const ATTEMPT: &str = "ask the bridges again";
    let replaying: Replaying = client.post(ATTEMPT, "/v1/replay", String::new()).await?.read(ATTEMPT)?;
    let since = wording::moment(replaying.since);
    Ok(writeln!(world.out, "The bridges are asked for everything since {since}.")?)
}

async fn receipts(path: &str, client: &Client, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Receipts {
        receipts: Vec<Receipt>,
    }
    const ATTEMPT: &str = "list receipts";
    let answer = client.get(ATTEMPT, path).await?;
    if output == Output::Json {
        return print_json(&answer.body, world);
    }
    let page: Receipts = answer.read(ATTEMPT)?;
    if page.receipts.is_empty() {
        writeln!(world.out, "No receipts.")?;
    }
    for receipt in &page.receipts {
        writeln!(world.out, "{}", wording::receipt_line(receipt))?;
    }
    Ok(())
}

/// Prints the hash of a PIN that is typed.
pub(super) fn pin(world: &mut World<'_>) -> Result<(), Fault> {
    let typed = (world.typed_pin)().map_err(|error| Fault::Failed(format!("cannot read the PIN: {error}")))?;
    if !pin::is_pin(&typed) {
        let (least, most) = (pin::PIN_LENGTH.start(), pin::PIN_LENGTH.end());
        return Err(Fault::Usage(format!("a PIN has {least} to {most} characters")));
    }
    if !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        writeln!(world.err, "till: this PIN cannot be typed on a keypad that has digits alone")?;
    }
    let hash = pin::hash(&typed).map_err(|error| Fault::Failed(error.to_string()))?;
    Ok(writeln!(world.out, "{hash}")?)
}

fn print_json(body: &[u8], world: &mut World<'_>) -> Result<(), Fault> {
    world.out.write_all(body)?;
    Ok(writeln!(world.out)?)
}
