//! One sale from the typed amount to PAID, where every part's word is compared with another's. It must not know how the
//! parts are started.

use std::io;
use std::time::Instant;

use thiserror::Error;
use till_wire::Amount;

use crate::agree::{Attempt, Disagreement, Unseen, chain};
use crate::cashier::{Payment, Sale};
use crate::eye;
use crate::folder::Folder;
use crate::narrator::Narrator;
use crate::payos::{OrderCode, Reference, Status};
use crate::scene::{Scene, TERMINAL};
use crate::vietqr::{self, Scanned};

/// Why the sale did not go as it should.
#[derive(Debug, Error)]
pub enum OnceError {
    /// Two parts disagree, or something did not come.
    #[error("{0}")]
    Disagreement(#[from] Disagreement),
    /// A picture could not be kept.
    #[error("cannot keep the picture `{name}`")]
    Keep {
        /// Its name in the folder.
        name: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// Sells once and compares everything. Pictures of the code and of PAID stay in the folder as `qr.png` and `paid.png`.
///
/// # Errors
/// See [`OnceError`].
pub async fn sell(
    scene: &Scene,
    amount: Amount,
    folder: &Folder,
    narrator: &Narrator,
    deadline: Instant,
) -> Result<(), OnceError> {
    let play = Play { scene, narrator, deadline, amount };
    let sale = play.type_amount().await?;
    let code = play.see_code(&sale).await?;
    keep(scene, folder, "qr.png")?;
    let reference = play.pay(&sale, &code)?;
    play.webhook_is_taken(&reference).await?;
    play.till_says_paid(&sale, &reference).await?;
    play.display_is_without_code().await?;
    keep(scene, folder, "paid.png")?;
    play.payos_agrees(&sale)?;
    narrator.say("every part agreed with every other: the sale is done");
    Ok(())
}

fn keep(scene: &Scene, folder: &Folder, name: &'static str) -> Result<(), OnceError> {
    let copied = std::fs::copy(&scene.picture, folder.file(name));
    copied.map(|_| ()).map_err(|source| OnceError::Keep { name, source })
}

struct Play<'a> {
    scene: &'a Scene,
    narrator: &'a Narrator,
    deadline: Instant,
    amount: Amount,
}

impl Play<'_> {
    fn attempt(&self, what: impl Into<String>) -> Attempt {
        Attempt::to(what, self.deadline)
    }

    /// The cashier types the amount, and the till shows a code for it.
    async fn type_amount(&self) -> Result<Sale, Disagreement> {
        let attempt = self.attempt(format!("type {} at the till (POST /v1/sales)", self.amount));
        let made = self.scene.cashier.sell(self.amount.value()).await;
        let made = made.map_err(|error| attempt.disagreement("a new sale", chain(&error)))?;
        self.narrator.say(format!("the cashier types {}: the till begins sale {}", self.amount, made.id));
        let showing = attempt.wait("the sale is `showing`", async || self.look_for(&made.id, "showing").await);
        let sale = showing.await?;
        attempt.same("the sale's amount", sale.amount, self.amount.value())?;
        self.narrator.say(format!("payOS made an order for it: the till shows a code for order {}", sale.order));
        Ok(sale)
    }

    /// Asks the till for a sale and accepts it in one state only.
    async fn look_for(&self, id: &str, state: &str) -> Result<Sale, Unseen> {
        let sale = self.scene.cashier.sale(id).await.map_err(|error| Unseen::Yet(chain(&error)))?;
        if sale.state == state {
            return Ok(sale);
        }
        let why = sale.failure.as_ref().map(|f| format!(" ({}: {})", f.code, f.message)).unwrap_or_default();
        let seen = format!("`{}`{why}", sale.state);
        if sale.has_ended() { Err(Unseen::Ever(seen)) } else { Err(Unseen::Yet(seen)) }
    }

    /// An eye that knows nothing of the till reads the display.
    async fn see_code(&self, sale: &Sale) -> Result<String, Disagreement> {
        let attempt = self.attempt("read the display's picture with an independent decoder");
        let code = attempt.wait("one readable QR code", async || self.one_code()).await?;
        self.narrator.say("an independent decoder reads the picture of the display:");
        self.narrator.add(&code);
        attempt.same("the code's text", Some(code.as_str()), sale.qr.as_deref())?;
        let scanned = vietqr::scan(&code).map_err(|error| attempt.disagreement("a sound VietQR", chain(&error)))?;
        let account = self.scene.sandbox.account();
        let want = Scanned {
            bin: account.bin,
            account: account.number,
            amount: Some(self.amount.value()),
            purpose: scanned.purpose.clone(),
        };
        attempt.same("what a bank's app reads in it", &scanned, &want)?;
        self.narrator.say(format!(
            "it is the code that the till's API names: {} to account {} at bank {}",
            self.amount, want.account, want.bin
        ));
        Ok(code)
    }

    fn one_code(&self) -> Result<String, Unseen> {
        let sight = eye::look_at(&self.scene.picture).map_err(|error| Unseen::Yet(chain(&error)))?;
        match sight.texts().as_slice() {
            [code] => Ok((*code).to_owned()),
            others => Err(Unseen::Yet(format!("{} readable codes, {} unreadable", others.len(), sight.unreadable))),
        }
    }

    /// The customer's bank finds the order by what stands in the code, and pays it.
    fn pay(&self, sale: &Sale, code: &str) -> Result<Reference, Disagreement> {
        let attempt = self.attempt("pay with what stands in the code");
        let failed = |error| attempt.disagreement("the bank finds the order", chain(&error));
        let bill = self.scene.sandbox.read_code(code).map_err(failed)?;
        attempt.same("the order behind the code", Some(bill.order), payos_number(&sale.order))?;
        let reference = self.scene.sandbox.pay(bill.order, bill.amount).map_err(failed)?;
        self.narrator.say(format!("the customer scans it and pays {}: bank transfer {reference}", self.amount));
        Ok(reference)
    }

    async fn webhook_is_taken(&self, reference: &Reference) -> Result<(), Disagreement> {
        let attempt = self.attempt("deliver payOS's webhook to the bridge");
        let taken = attempt.wait("the bridge answers 200", async || {
            let sent = self.scene.sandbox.deliveries();
            let statuses: Vec<_> = sent.into_iter().filter(|d| d.reference == *reference).map(|d| d.status).collect();
            if statuses.last() == Some(&Some(200)) {
                return Ok(());
            }
            Err(Unseen::Yet(format!("answers so far: {statuses:?}")))
        });
        taken.await?;
        self.narrator.say("payOS tells the bridge with a signed webhook; the bridge keeps it and answers 200");
        Ok(())
    }

    async fn till_says_paid(&self, sale: &Sale, reference: &Reference) -> Result<(), Disagreement> {
        let attempt = self.attempt("hear of the payment at the till (bridge → broker → till)");
        let paid = attempt.wait("the sale is `paid`", async || self.look_for(&sale.id, "paid").await).await?;
        attempt.same("the paid amount", paid.paid_amount, self.amount.value())?;
        attempt.same("the sale's flags", &paid.flags, &Vec::new())?;
        let payment = Payment {
            provider_ref: reference.as_str().to_owned(),
            amount: self.amount.value(),
            via: "webhook".to_owned(),
        };
        attempt.same("the payments", &paid.payments, &vec![payment])?;
        self.narrator.say("the webhook reaches the till by MQTT; the till checks payOS's signature itself: PAID");
        Ok(())
    }

    async fn display_is_without_code(&self) -> Result<(), Disagreement> {
        let attempt = self.attempt("read the display's picture again");
        let empty = attempt.wait("no code in it any more", async || {
            let sight = eye::look_at(&self.scene.picture).map_err(|error| Unseen::Yet(chain(&error)))?;
            if sight.is_without_code() {
                return Ok(());
            }
            Err(Unseen::Yet(format!("{} readable codes, {} unreadable", sight.codes.len(), sight.unreadable)))
        });
        empty.await?;
        self.narrator.say("the display shows no code any more");
        Ok(())
    }

    /// payOS heard of one order only, and has it as paid.
    fn payos_agrees(&self, sale: &Sale) -> Result<(), Disagreement> {
        let attempt = self.attempt("compare with payOS's own book");
        let book: Vec<_> = self
            .scene
            .sandbox
            .orders()
            .into_iter()
            .map(|order| (Some(order.code), order.amount_paid(), order.status))
            .collect();
        attempt.same("the orders", book, vec![(payos_number(&sale.order), self.amount.value(), Status::Paid)])?;
        self.narrator.say(format!("payOS has one order of till {TERMINAL:07} in its book, and it is paid"));
        Ok(())
    }
}

/// The number by which payOS knows an order reference `TTTTTTT-SSSSSSSSS`: all its digits in a row.
fn payos_number(order: &str) -> Option<OrderCode> {
    let (terminal, sequence) = order.split_once('-')?;
    let sound = terminal.len() == 7 && sequence.len() == 9;
    format!("{terminal}{sequence}").parse::<u64>().ok().filter(|_| sound).map(OrderCode::from)
}

#[cfg(test)]
mod tests;
