//! One sale from the typed amount to PAID, where every part's word is compared with another's. It must not know how the
//! parts are started.

mod ledger;

use std::io;
use std::time::Instant;

use thiserror::Error;
use till_wire::Amount;

use crate::agree::{Attempt, Disagreement, Unseen, chain};
use crate::cashier::{Payment, Sale};
use crate::customer::{Order, Paid};
use crate::eye;
use crate::folder::Folder;
use crate::narrator::Narrator;
use crate::providers::ProviderName;
use crate::scene::{Scene, TERMINAL};
use crate::vietqr::{self, BankAccount, Scanned};

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
    play.steps_are_told(&sale).await?;
    let paid = play.pay(&sale, &code)?;
    play.webhook_is_taken(&paid).await?;
    play.till_says_paid(&sale, &paid).await?;
    play.display_is_without_code().await?;
    keep(scene, folder, "paid.png")?;
    play.provider_agrees(&sale)?;
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
    /// The provider's name.
    fn title(&self) -> &'static str {
        self.scene.provider.title()
    }

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
        let title = self.title();
        self.narrator.say(format!("{title} made an order for it: the till shows a code for order {}", sale.order));
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
        match self.scene.provider {
            ProviderName::Payos => self.read_vietqr(&code, self.scene.providers.payos.account())?,
            ProviderName::Finan => self.read_vietqr(&code, self.scene.providers.finan.account().details)?,
            ProviderName::SmartGlocal => self.read_address(&code)?,
        }
        Ok(code)
    }

    /// A bank's app finds the right account and amount in the code.
    fn read_vietqr(&self, code: &str, account: BankAccount) -> Result<(), Disagreement> {
        let attempt = self.attempt("read the VietQR as a bank's app does");
        let scanned = vietqr::scan(code).map_err(|error| attempt.disagreement("a sound VietQR", chain(&error)))?;
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
        Ok(())
    }

    /// A phone opens a page with the right amount.
    fn read_address(&self, code: &str) -> Result<(), Disagreement> {
        let attempt = self.attempt("open the address in the code");
        let bill = self.scene.providers.read_code(code);
        let bill = bill.map_err(|error| attempt.disagreement("a wallet's page", chain(&error)))?;
        attempt.same("the amount on the wallet's page", bill.amount, Some(self.amount.value()))?;
        self.narrator.say(format!("it is the code that the till's API names: a wallet's page over {}", self.amount));
        Ok(())
    }

    fn one_code(&self) -> Result<String, Unseen> {
        let sight = eye::look_at(&self.scene.picture).map_err(|error| Unseen::Yet(chain(&error)))?;
        match sight.texts().as_slice() {
            [code] => Ok((*code).to_owned()),
            others => Err(Unseen::Yet(format!("{} readable codes, {} unreadable", others.len(), sight.unreadable))),
        }
    }

    /// A provider that goes in steps has told each of them, and the till has taken each.
    async fn steps_are_told(&self, sale: &Sale) -> Result<(), Disagreement> {
        let Some(want) = ledger::steps(self.scene.provider) else {
            return Ok(());
        };
        let attempt = self.attempt(format!("follow the steps with {}", self.title()));
        let taken =
            attempt.wait(format!("the till's calls and the webhooks that were taken are {want:?}"), async || {
                let seen = ledger::steps_of(&self.scene.providers, &sale.order);
                if seen == want { Ok(()) } else { Err(Unseen::Yet(format!("{seen:?}"))) }
            });
        taken.await?;
        let title = self.title();
        self.narrator.say(format!("{title} asked by a webhook whether to go on; the till checked it and confirmed"));
        Ok(())
    }

    /// The customer's bank or wallet finds the order by what stands in the code, and pays it.
    fn pay(&self, sale: &Sale, code: &str) -> Result<Paid, Disagreement> {
        let attempt = self.attempt("pay with what stands in the code");
        let providers = &self.scene.providers;
        let failed = |error| attempt.disagreement("the bank finds the order", chain(&error));
        let bill = providers.read_code(code).map_err(failed)?;
        attempt.same("the order behind the code", providers.reference(&bill.order), Some(sale.order.clone()))?;
        let paid = providers.pay(&bill, self.amount.value()).map_err(failed)?;
        let how = match bill.order {
            Order::Payos(_) | Order::Finan(_) | Order::Account(_) => "bank transfer",
            Order::SmartGlocal(_) => "payment by wallet",
        };
        let name = providers.name(&paid);
        self.narrator.say(format!("the customer scans it and pays {}: {how} {name}", self.amount));
        Ok(paid)
    }

    async fn webhook_is_taken(&self, paid: &Paid) -> Result<(), Disagreement> {
        let title = self.title();
        let attempt = self.attempt(format!("deliver {title}'s webhook to the bridge"));
        let taken = attempt.wait("the bridge answers 200", async || {
            let statuses = ledger::answers(&self.scene.providers, paid);
            if statuses.last() == Some(&Some(200)) {
                return Ok(());
            }
            Err(Unseen::Yet(format!("answers so far: {statuses:?}")))
        });
        taken.await?;
        self.narrator
            .say(format!("{title} tells the bridge with a signed webhook; the bridge keeps it and answers 200"));
        Ok(())
    }

    async fn till_says_paid(&self, sale: &Sale, paid: &Paid) -> Result<(), Disagreement> {
        let attempt = self.attempt("hear of the payment at the till (bridge → broker → till)");
        let told = attempt.wait("the sale is `paid`", async || self.look_for(&sale.id, "paid").await).await?;
        attempt.same("the paid amount", told.paid_amount, self.amount.value())?;
        attempt.same("the sale's flags", &told.flags, &Vec::new())?;
        let payment = Payment {
            provider_ref: self.scene.providers.name(paid),
            amount: self.amount.value(),
            via: "webhook".to_owned(),
        };
        attempt.same("the payments", &told.payments, &vec![payment])?;
        let title = self.title();
        self.narrator
            .say(format!("the webhook reaches the till by MQTT; the till checks {title}'s signature itself: PAID"));
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

    /// The provider heard of one order only, and has it as paid.
    fn provider_agrees(&self, sale: &Sale) -> Result<(), Disagreement> {
        let title = self.title();
        let attempt = self.attempt(format!("compare with {title}'s own book"));
        let book = ledger::book(&self.scene.providers, self.scene.provider);
        let want = ledger::paid(self.scene.provider, sale.order.clone(), self.amount.value());
        attempt.same("the orders", book, vec![want])?;
        self.narrator.say(format!("{title} has one order of till {TERMINAL:07} in its book, and it is paid"));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
