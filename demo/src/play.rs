//! Lets the user be cashier and customer in a terminal: types amounts, pays, cancels, and sees the code. It must not know
//! how the parts are started.

use std::io::{self, BufRead};
use std::thread;
use std::time::Duration;

use thiserror::Error;
use till_display::{Ground, half_blocks};
use till_wire::Amount;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use crate::agree::chain;
use crate::cashier::Sale;
use crate::eye;
use crate::narrator::Narrator;
use crate::payos::PayError;
use crate::scene::Scene;

/// How often the till is asked what is new.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// What the user may type, in the words of `help`.
const HELP: &str = "50000, 50.000, 50k, 1tr5   a new sale of that amount
pay                        the customer scans the code and pays it
pay 20000                  the customer pays another amount
cancel                     the cashier cancels the sale
quit                       stops everything";

#[derive(Debug, PartialEq, Eq)]
enum Order {
    Sell(Amount),
    PayAll,
    Pay(Amount),
    Cancel,
    Help,
    Quit,
    Nothing,
}

/// Why a line is not understood.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{line}` is neither an amount nor one of: pay, cancel, help, quit")]
struct NotUnderstood {
    line: String,
}

fn understand(line: &str) -> Result<Order, NotUnderstood> {
    let not_understood = || NotUnderstood { line: line.trim().to_owned() };
    let words: Vec<_> = line.split_whitespace().collect();
    match words.as_slice() {
        [] => Ok(Order::Nothing),
        ["pay"] => Ok(Order::PayAll),
        ["cancel"] => Ok(Order::Cancel),
        ["help"] => Ok(Order::Help),
        ["quit" | "exit"] => Ok(Order::Quit),
        ["pay", amount] => Amount::parse(amount).map(Order::Pay).map_err(|_| not_understood()),
        [amount] => Amount::parse(amount).map(Order::Sell).map_err(|_| not_understood()),
        _ => Err(not_understood()),
    }
}

/// Plays until the user quits, ends the input, or interrupts.
pub async fn play(scene: &Scene, narrator: &Narrator) {
    narrator.add("");
    HELP.lines().for_each(|line| narrator.add(line));
    let mut lines = typed_lines();
    let mut game = Game { scene, narrator, current: None, last_code: None };
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            line = lines.recv() => match line.as_deref().map(understand) {
                Some(Ok(Order::Quit)) | None => return,
                Some(Ok(order)) => game.obey(order).await,
                Some(Err(error)) => narrator.say(error.to_string()),
            },
            _ = looks.tick() => game.look().await,
        }
    }
}

/// The lines of the standard input. Reading blocks, so it has a thread, which ends with the process.
fn typed_lines() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(16);
    thread::spawn(move || {
        for line in io::stdin().lock().lines().map_while(Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

struct Game<'a> {
    scene: &'a Scene,
    narrator: &'a Narrator,
    /// The newest sale as it was last told.
    current: Option<Sale>,
    /// The newest code that the display showed: a customer may have scanned it before it went.
    last_code: Option<String>,
}

impl Game<'_> {
    async fn obey(&mut self, order: Order) {
        match order {
            Order::Sell(amount) => match self.scene.cashier.sell(amount.value()).await {
                Ok(sale) => {
                    self.narrator.say(format!("sale {} of {amount} begins", sale.id));
                    self.current = Some(sale);
                }
                Err(error) => self.narrator.say(chain(&error)),
            },
            Order::PayAll => self.pay(None),
            Order::Pay(amount) => self.pay(Some(amount)),
            Order::Cancel => self.cancel().await,
            Order::Help => HELP.lines().for_each(|line| self.narrator.add(line)),
            Order::Quit | Order::Nothing => {}
        }
    }

    fn pay(&self, amount: Option<Amount>) {
        let Some(code) = &self.last_code else {
            return self.narrator.say("there is no code to pay with yet: type an amount first");
        };
        match self.pay_with(code, amount) {
            Ok(told) => self.narrator.say(told),
            Err(error) => self.narrator.say(format!("the customer cannot pay: {}", chain(&error))),
        }
    }

    fn pay_with(&self, code: &str, amount: Option<Amount>) -> Result<String, PayError> {
        let bill = self.scene.sandbox.read_code(code)?;
        let amount = amount.map_or(bill.amount, Amount::value);
        let reference = self.scene.sandbox.pay(bill.order, amount)?;
        Ok(format!("the customer pays {}: bank transfer {reference}", Amount::vnd(amount)))
    }

    async fn cancel(&mut self) {
        let Some(sale) = &self.current else {
            return self.narrator.say("there is no sale to cancel");
        };
        match self.scene.cashier.cancel(&sale.id).await {
            Ok(sale) => self.narrator.say(format!("the cashier cancels sale {}", sale.id)),
            Err(error) => self.narrator.say(chain(&error)),
        }
    }

    /// Asks the till about the newest sale and tells what is new.
    async fn look(&mut self) {
        let Some(known) = self.current.clone() else {
            return;
        };
        // A till that does not answer now is asked again at the next look.
        let Ok(sale) = self.scene.cashier.sale(&known.id).await else {
            return;
        };
        if sale.state == "showing" && self.last_code != sale.qr {
            self.show(&sale);
        }
        if sale.state != known.state || sale.paid_amount != known.paid_amount || sale.flags != known.flags {
            self.narrator.say(told(&sale));
        }
        self.current = Some(sale);
    }

    /// Shows the code once the display's picture has it: what a customer could scan, not what the API says.
    fn show(&mut self, sale: &Sale) {
        let Ok(sight) = eye::look_at(&self.scene.picture) else {
            return;
        };
        let Some(code) = sight.codes.iter().find(|code| Some(&code.text) == sale.qr.as_ref()) else {
            return;
        };
        println!("{}", half_blocks(&code.modules, Ground::Dark).join("\n"));
        self.narrator.say("the display shows this code: `pay` lets the customer pay it");
        self.last_code = Some(code.text.clone());
    }
}

fn told(sale: &Sale) -> String {
    let paid = match sale.paid_amount {
        0 => String::new(),
        paid => format!(", {} arrived", Amount::vnd(paid)),
    };
    let flags = if sale.flags.is_empty() { String::new() } else { format!(" ({})", sale.flags.join(", ")) };
    let why = sale.failure.as_ref().map(|f| format!(": {} ({})", f.message, f.code)).unwrap_or_default();
    format!("sale {} of {} is {}{paid}{flags}{why}", sale.id, Amount::vnd(sale.amount), sale.state)
}

#[cfg(test)]
mod tests {
    use till_wire::Amount;

    use super::{NotUnderstood, Order, understand};

    #[test]
    fn typed_lines_are_understood_or_refused() {
        let refused = |line: &str| Err(NotUnderstood { line: line.into() });
        let cases = [
            ("50k", Ok(Order::Sell(Amount::vnd(50_000)))),
            (" pay ", Ok(Order::PayAll)),
            ("pay 20.000", Ok(Order::Pay(Amount::vnd(20_000)))),
            ("cancel", Ok(Order::Cancel)),
            ("quit", Ok(Order::Quit)),
            ("", Ok(Order::Nothing)),
            ("help", Ok(Order::Help)),
            ("pay x", refused("pay x")),
            ("0", refused("0")),
            ("sell 50k now", refused("sell 50k now")),
        ];
        for (line, want) in cases {
            assert_eq!(understand(line), want, "{line}");
        }
    }
}
