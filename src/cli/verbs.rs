//! What each verb does. It must not know how calls are made or words are chosen.

use std::fs;
use std::path::Path;

use serde::Deserialize;
use serde_json::{Map, Value};
use till_wire::{Amount, Sale, SaleState, Status, UnixTime};

use super::World;
use super::args::{SaleArgs, Verb};
use super::client::{Answer, Client};
use super::code::{self, NotDrawn};
use super::completions::script;
use super::confirm::confirm;
use super::fault::Fault;
use super::follow::{Told, Until, follow, watch};
use super::journal;
use super::pick::{Page, SaleName, newest, pick};
use super::queue;
use super::receipts::{self, Wish};
use super::report::{self, Form};
use super::typing::WhichPin;
use super::wording;
use super::words::{Attempt, Words};
use crate::{clock, pin};

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
        Verb::Show { sale, qr, json } => show(sale, client, world, json.into(), qr).await,
        Verb::Sales { state, since, limit, json } => {
            let path = list_path(state, since, limit);
            sales(&path, client, world, json.into()).await
        }
        Verb::Cancel { sale } => cancel(sale, client, world).await,
        Verb::Status { json } => status(client, world, json.into()).await,
        Verb::Watch { json } => watch(client, world, json.into()).await,
        Verb::Report { day, json, csv } => {
            let form = match (json, csv) {
                (_, true) => Form::Csv,
                (true, false) => Form::Json,
                (false, false) => Form::Words,
            };
            report::report(day, form, client, world).await
        }
        Verb::Screen { file } => screen(&file, client, world).await,
        Verb::Journal { sale, json } => journal::journal(sale, client, world, json.into()).await,
        Verb::Queue { json } => queue::queue(client, world, json.into()).await,
        Verb::Flight => flight(client, world).await,
        Verb::Replay => replay(client, world).await,
        Verb::Pin => pin(world),
        Verb::Completions { shell } => Ok(world.out.write_all(&script(shell))?),
        Verb::Receipts { unmatched, json } => receipts::list(unmatched, client, world, json.into()).await,
        Verb::Confirm { sale, pin_file, json } => confirm(sale, pin_file, client, world, json.into()).await,
        Verb::Match { receipt, sale, pin_file, json } => {
            let wish = Wish { receipt, sale, pin_file };
            receipts::match_to_sale(wish, client, world, json.into()).await
        }
    }
}

async fn sell(args: SaleArgs, client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    let attempt = Attempt::Sell(args.amount);
    let output = Output::from(args.json);
    let key = args.key.clone().unwrap_or_else(|| format!("till-{:032x}", fastrand::u128(..)));
    let body = sale_body(&args);
    let answer = client.post_once(attempt, "/v1/sales", body, &key).await?;
    let made: Sale = client.read_as(attempt, &answer)?;
    if !args.wait && !args.qr {
        return match output {
            Output::Json => print_json(&answer.body, world),
            Output::Words => print_lines(&wording::sale(&made, world.style), world),
        };
    }
    let mut told = Told::nothing(output);
    told.tell(&made, world)?;
    if args.qr {
        let sale = follow(client, world, made.id, &mut told, Until::Code).await?.sale;
        match payable(&sale) {
            Some(payload) => print_code(payload, &sale, world)?,
            None if unpaid(sale.state) => return Err(Fault::Unpaid),
            None if sale.state == SaleState::Paid => {}
            None => writeln!(world.err, "till: {}", no_code(&sale, world.style.words()))?,
        }
        if !args.wait {
            return Ok(());
        }
    }
    let end = follow(client, world, made.id, &mut told, Until::End).await?;
    match output {
        Output::Json => print_json(&end.json, world)?,
        Output::Words => {}
    }
    if unpaid(end.sale.state) { Err(Fault::Unpaid) } else { Ok(()) }
}

fn unpaid(state: SaleState) -> bool {
    match state {
        SaleState::Cancelled | SaleState::Expired | SaleState::Failed => true,
        SaleState::Requesting
        | SaleState::Showing
        | SaleState::Unconfirmed
        | SaleState::Cancelling
        | SaleState::Paid => false,
    }
}

/// Returns the code of a sale while it may be paid: while it is, by all that can be known here, on the display. A sale that
/// is asked about a last time is still `showing`, but its time is over.
fn payable(sale: &Sale) -> Option<&str> {
    let has_time = sale.expires_at.is_some_and(|expires| clock::wall() < expires);
    sale.qr.as_deref().filter(|_| sale.state == SaleState::Showing && has_time)
}

fn no_code(sale: &Sale, words: &Words) -> String {
    let why = (words.no_code)((words.state_of)(sale.state, sale.waiting_for));
    words.cannot(Attempt::DrawCode(sale.id), &why)
}

/// Draws a sale's code; where that cannot be, says so and leaves it at that: the display shows it.
fn print_code(payload: &str, sale: &Sale, world: &mut World<'_>) -> Result<(), Fault> {
    let words = world.style.words();
    match code::lines(payload, world.style) {
        Ok(lines) => {
            print_lines(&lines, world)?;
            writeln!(world.out, "{}", (words.scan)(Amount::new(sale.amount, sale.currency)))?;
            world.out.flush()?;
        }
        Err(not_drawn) => {
            let why = match not_drawn {
                NotDrawn::TooNarrow { has, needs } => (words.too_narrow)(has, needs),
                NotDrawn::Code(error) => error.to_string(),
            };
            writeln!(world.err, "till: {}", words.cannot(Attempt::DrawCode(sale.id), &why))?;
        }
    }
    Ok(())
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

async fn show(
    name: Option<SaleName>,
    client: &Client,
    world: &mut World<'_>,
    output: Output,
    with_code: bool,
) -> Result<(), Fault> {
    let id = match name {
        Some(name) => pick(client, name).await?,
        None => newest(client).await?,
    };
    let attempt = Attempt::Show(id);
    let answer = client.get(attempt, &format!("/v1/sales/{id}")).await?;
    if output == Output::Json {
        return print_json(&answer.body, world);
    }
    let sale: Sale = client.read_as(attempt, &answer)?;
    print_lines(&wording::sale(&sale, world.style), world)?;
    if !with_code {
        return Ok(());
    }
    match payable(&sale) {
        Some(payload) => print_code(payload, &sale, world),
        None => Err(Fault::Failed(no_code(&sale, client.words))),
    }
}

fn list_path(state: Option<SaleState>, since: Option<UnixTime>, limit: u16) -> String {
    let state = state.map(|state| format!("&state={state}")).unwrap_or_default();
    let since = since.map(|since| format!("&since={since}")).unwrap_or_default();
    format!("/v1/sales?limit={limit}{state}{since}")
}

async fn sales(path: &str, client: &Client, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    let answer = client.get(Attempt::List, path).await?;
    if output == Output::Json {
        return print_json(&answer.body, world);
    }
    let page: Page = client.read_as(Attempt::List, &answer)?;
    if page.sales.is_empty() {
        return Ok(writeln!(world.out, "{}", client.words.no_sales)?);
    }
    print_lines(&wording::sales(&page.sales, world.style), world)
}

async fn cancel(name: SaleName, client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    let id = pick(client, name).await?;
    let attempt = Attempt::Cancel(id);
    let answer = client.post(attempt, &format!("/v1/sales/{id}/cancel"), String::new()).await?;
    let sale: Sale = client.read_as(attempt, &answer)?;
    print_lines(&wording::sale(&sale, world.style), world)
}

async fn status(client: &Client, world: &mut World<'_>, output: Output) -> Result<(), Fault> {
    let answer = client.get(Attempt::Status, "/v1/status").await?;
    match output {
        Output::Json => print_json(&answer.body, world),
        Output::Words => {
            let status: Status = client.read_as(Attempt::Status, &answer)?;
            print_lines(&wording::status(&status, clock::wall(), world.style), world)
        }
    }
}

async fn screen(file: &Path, client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    let (attempt, words) = (Attempt::SaveScreen(file), client.words);
    let Answer { body } = client.get(attempt, "/v1/screen.png").await?;
    fs::write(file, &body).map_err(|error| Fault::Failed(words.cannot(attempt, &(words.system)(&error))))?;
    Ok(writeln!(world.out, "{}", (words.saved)(file))?)
}

/// Prints what the flight recorder holds; for programs and for support, so it is the same in every language.
async fn flight(client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    let answer = client.get(Attempt::Flight, "/v1/flight").await?;
    Ok(world.out.write_all(&answer.body)?)
}

async fn replay(client: &Client, world: &mut World<'_>) -> Result<(), Fault> {
    #[derive(Deserialize)]
    struct Replaying {
        since: UnixTime,
    }
    let answer = client.post(Attempt::Replay, "/v1/replay", String::new()).await?;
    let replaying: Replaying = client.read_as(Attempt::Replay, &answer)?;
    Ok(writeln!(world.out, "{}", (client.words.asked_since)(&wording::moment(replaying.since)))?)
}

/// Prints the hash of a PIN that is typed.
pub(super) fn pin(world: &mut World<'_>) -> Result<(), Fault> {
    let words = world.style.words();
    let typed = (world.typed_pin)(world.style.language, WhichPin::New)
        .map_err(|error| Fault::Failed(words.cannot(Attempt::ReadPin, &error.to_string())))?;
    if !pin::is_pin(&typed) {
        let (least, most) = (*pin::PIN_LENGTH.start(), *pin::PIN_LENGTH.end());
        return Err(Fault::Usage((words.pin_length)(least, most)));
    }
    if !typed.bytes().all(|byte| byte.is_ascii_digit()) {
        writeln!(world.err, "till: {}", words.pin_not_on_keypad)?;
    }
    let hash = pin::hash(&typed).map_err(|error| Fault::Failed(words.cannot(Attempt::HashPin, &error.to_string())))?;
    Ok(writeln!(world.out, "{hash}")?)
}

pub(super) fn print_json(body: &[u8], world: &mut World<'_>) -> Result<(), Fault> {
    world.out.write_all(body)?;
    Ok(writeln!(world.out)?)
}

pub(super) fn print_lines(lines: &[String], world: &mut World<'_>) -> Result<(), Fault> {
    for line in lines {
        writeln!(world.out, "{line}")?;
    }
    Ok(())
}
