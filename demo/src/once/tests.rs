//! Plays the sale with tills that lie: each lie must be caught and named.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::extract::State;
use axum::http::{Method, StatusCode};
use axum::{Json, Router};
use qrcode::{Color, QrCode};
use serde_json::{Value, json};
use till_wire::Amount;
use tokio::net::TcpListener;
use tokio::task::LocalSet;

use super::{OnceError, sell};
use crate::cashier::Cashier;
use crate::customer::Order;
use crate::folder::{Afterwards, Folder};
use crate::glocal;
use crate::narrator::Narrator;
use crate::providers::{ProviderName, Providers};
use crate::scene::Scene;
use crate::vietqr;

const ORDER: u64 = 1_017_000_000_001;
const REFERENCE: &str = "0001017-000000001";
const OTHER: &str = "0001017-000000002";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    None,
    ShowsAnotherCode,
    CodeForAnotherAmount,
    CodeForAnotherOrder,
    CodeForAnotherAccount,
    ShowsNothing,
    Fails,
    SaysPaidWithoutMoney,
    SaysOtherPayment,
    HeardByAsking,
    NeverSaysPaid,
    LeavesTheCode,
    OrdersTwice,
    HidesMoney,
    ConfirmsTwice,
    HookRefuses,
}

/// A till of paper: it does what a till does, without any of its care.
#[derive(Clone)]
struct PaperTill {
    providers: Providers,
    provider: ProviderName,
    picture: PathBuf,
    lie: Lie,
    /// The text of the code, once it is known.
    code: Arc<OnceLock<String>>,
}

impl PaperTill {
    async fn take(State(till): State<Self>, method: Method) -> Json<Value> {
        if method == Method::POST {
            let code = till.order().await;
            let shown = if till.lie == Lie::ShowsAnotherCode { "something else" } else { code.as_str() };
            draw(&till.picture, Some(shown).filter(|_| till.lie != Lie::ShowsNothing));
            till.code.set(code).expect("one sale is made");
        }
        Json(till.sale())
    }

    /// Orders at the provider, and returns the code.
    async fn order(&self) -> String {
        let twice = matches!(self.lie, Lie::OrdersTwice | Lie::CodeForAnotherOrder);
        match self.provider {
            ProviderName::Payos => {
                self.providers.payos.add_foreign_order(ORDER, 50_000);
                if twice {
                    self.providers.payos.add_foreign_order(ORDER + 1, 50_000);
                }
                let order = self.providers.payos.order(ORDER).expect("it was made");
                self.vietqr(self.providers.payos.account(), &order.bank_description)
            }
            ProviderName::Finan => {
                self.providers.finan.add_foreign_order(REFERENCE, 50_000);
                if twice {
                    self.providers.finan.add_foreign_order(OTHER, 50_000);
                }
                let request = self.providers.finan.payment_request(REFERENCE).expect("it was made");
                self.vietqr(request.account.details, &request.remark)
            }
            ProviderName::SmartGlocal => self.address(twice).await,
        }
    }

    fn vietqr(&self, mut account: vietqr::BankAccount, text: &str) -> String {
        let amount = if self.lie == Lie::CodeForAnotherAmount { 49_000 } else { 50_000 };
        if self.lie == Lie::CodeForAnotherAccount {
            account.number = "0".to_owned();
        }
        let purpose = if self.lie == Lie::CodeForAnotherOrder { "TL1" } else { text };
        vietqr::build(&account, Some(amount), purpose)
    }

    async fn address(&self, twice: bool) -> String {
        let shop = glocal::tests::Shop { sandbox: self.providers.glocal.clone() };
        let mut session = shop.acting(REFERENCE).await;
        if twice {
            let other = shop.acting(OTHER).await;
            session = if self.lie == Lie::CodeForAnotherOrder { other } else { session };
        }
        if self.lie == Lie::ConfirmsTwice {
            shop.confirm_again(session).await;
        }
        let payment = self.providers.glocal.session(session).and_then(|session| session.payment);
        payment.and_then(|payment| payment.interaction?.address()).expect("the wallet has a page")
    }

    fn sale(&self) -> Value {
        let mut payments = self.payments();
        if self.lie == Lie::HidesMoney && !payments.is_empty() {
            payments.truncate(1);
            self.take_more();
        }
        let state = if self.lie == Lie::Fails {
            "failed"
        } else if !payments.is_empty() && self.lie != Lie::NeverSaysPaid {
            "paid"
        } else {
            "showing"
        };
        if state == "paid" && self.lie != Lie::LeavesTheCode {
            draw(&self.picture, None);
        }
        let paid_amount = if state == "paid" && self.lie != Lie::SaysPaidWithoutMoney { 50_000 } else { 0 };
        let failure = (state == "failed").then(|| json!({"code": "provider_refused", "message": "no"}));
        json!({
            "id": REFERENCE, "state": state, "amount": 50_000, "paid_amount": paid_amount, "flags": [],
            "order": REFERENCE, "qr": self.code.get(), "failure": failure, "payments": payments,
            "a field that the cashier does not know": 1,
        })
    }

    /// More money comes for the same order, and nobody is told.
    fn take_more(&self) {
        let taken = match self.provider {
            ProviderName::Payos => self.providers.payos.pay_silently(ORDER, 1000).is_ok(),
            ProviderName::Finan => self.providers.finan.pay_silently(REFERENCE, 1000).is_ok(),
            ProviderName::SmartGlocal => false,
        };
        assert!(taken, "a transfer can come again");
    }

    fn payments(&self) -> Vec<Value> {
        let via = if self.lie == Lie::HeardByAsking { "poll" } else { "webhook" };
        let told = |name: String, amount: u64| {
            let name = if self.lie == Lie::SaysOtherPayment { "FT0".to_owned() } else { name };
            json!({"provider_ref": name, "amount": amount, "via": via})
        };
        match self.provider {
            ProviderName::Payos => {
                let order = self.providers.payos.order(ORDER);
                let transfers = order.map(|order| order.transfers).unwrap_or_default().into_iter();
                transfers.map(|transfer| told(transfer.reference.to_string(), transfer.amount)).collect()
            }
            ProviderName::Finan => {
                let request = self.providers.finan.payment_request(REFERENCE);
                let payments = request.map(|request| request.payments).unwrap_or_default().into_iter();
                payments.map(|payment| told(payment.id.to_string(), payment.amount)).collect()
            }
            ProviderName::SmartGlocal => {
                let session = self.providers.glocal.session_of(REFERENCE);
                let paid = session.filter(|session| self.providers.paid(&Order::SmartGlocal(session.id)) > 0);
                let payment = paid.and_then(|session| session.payment);
                payment.map(|payment| told(payment.id, payment.amount)).into_iter().collect()
            }
        }
    }
}

fn draw(path: &Path, text: Option<&str>) {
    const SIZE: usize = 300;
    let mut pixels = vec![255; SIZE * SIZE];
    if let Some(text) = text {
        let code = QrCode::new(text).expect("the text fits a code");
        for y in 0..code.width() * 5 {
            for x in (0..code.width() * 5).filter(|x| code[(*x / 5, y / 5)] == Color::Dark) {
                pixels[(y + 20) * SIZE + x + 20] = 0;
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 300, 300);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("the head fits into memory");
    writer.write_image_data(&pixels).expect("the pixels fit the head");
    writer.finish().expect("the end fits into memory");
    fs::write(path, bytes).expect("the folder can be written");
}

async fn serve(app: Router) -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
    let address = listener.local_addr().expect("a bound port has an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// Plays the whole sale and returns what was attempted when it went wrong.
async fn play(provider: ProviderName, lie: Lie) -> Result<(), String> {
    let folder = Folder::make(Afterwards::Remove).expect("there is a place for temporary files");
    let providers = Providers::start().expect("the sandboxes start");
    // The steps of Smart Glocal are taken in any case; it is the news of the money that is refused.
    let is_step = |body: &str| ["ready_to_confirm", "action_required"].iter().any(|kind| body.contains(kind));
    let refuses = move |body: String| lie == Lie::HookRefuses && !is_step(&body);
    let status = move |body: String| if refuses(body) { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let hook = serve(Router::new().fallback(async move |body: String| status(body))).await;
    let hook = format!("http://{hook}/hooks");
    providers.payos.set_webhook_url(Some(hook.clone()));
    providers.finan.set_webhook_url(Some(hook.clone()));
    providers.glocal.set_webhook_url(Some(hook));
    let picture = folder.file("display.png");
    let till =
        PaperTill { providers: providers.clone(), provider, picture: picture.clone(), lie, code: Arc::default() };
    let api = serve(Router::new().fallback(PaperTill::take).with_state(till)).await;
    let scene = Scene { cashier: Cashier::at(api), providers, provider, picture };
    // An honest till needs much less; a lie that only shows by waiting is waited for so long.
    let patience = if lie == Lie::None { Duration::from_secs(30) } else { Duration::from_secs(5) };
    let deadline = Instant::now() + patience;
    let outcome = sell(&scene, Amount::vnd(50_000), &folder, &Narrator::begin(), deadline).await;
    let kept = ["qr.png", "paid.png"].map(|name| folder.file(name).exists());
    match outcome {
        Ok(()) => {
            assert_eq!(kept, [true, true], "both pictures are kept");
            Ok(())
        }
        Err(OnceError::Disagreement(found)) => Err(found.attempted),
        Err(error @ OnceError::Keep { .. }) => Err(error.to_string()),
    }
}

#[tokio::test]
async fn an_honest_till_is_believed_over_each_provider() {
    for provider in ProviderName::ALL {
        assert_eq!(play(provider, Lie::None).await, Ok(()), "{provider:?}");
    }
}

/// Every lie that can be told over a provider, with what was attempted when it was caught.
fn lies(provider: ProviderName) -> Vec<(Lie, String)> {
    let title = provider.title();
    let typing = "type 50.000 ₫ at the till (POST /v1/sales)";
    let looking = "read the display's picture with an independent decoder";
    let reading = "read the VietQR as a bank's app does";
    let paying = "pay with what stands in the code";
    let hearing = "hear of the payment at the till (bridge → broker → till)";
    let (delivering, comparing) =
        (format!("deliver {title}'s webhook to the bridge"), format!("compare with {title}'s own book"));
    let lies = [
        (Lie::Fails, typing),
        (Lie::ShowsNothing, looking),
        (Lie::ShowsAnotherCode, looking),
        (Lie::CodeForAnotherOrder, paying),
        (Lie::HookRefuses, &delivering),
        (Lie::NeverSaysPaid, hearing),
        (Lie::SaysPaidWithoutMoney, hearing),
        (Lie::SaysOtherPayment, hearing),
        (Lie::HeardByAsking, hearing),
        (Lie::LeavesTheCode, "read the display's picture again"),
        (Lie::OrdersTwice, &comparing),
    ];
    let transfers = vec![
        (Lie::CodeForAnotherAmount, reading),
        (Lie::CodeForAnotherAccount, reading),
        (Lie::HidesMoney, comparing.as_str()),
    ];
    let sessions = vec![(Lie::ConfirmsTwice, "follow the steps with Smart Glocal")];
    let more = match provider {
        ProviderName::Payos | ProviderName::Finan => transfers,
        ProviderName::SmartGlocal => sessions,
    };
    lies.into_iter().chain(more).map(|(lie, attempted)| (lie, attempted.to_owned())).collect()
}

async fn every_lie_is_caught(provider: ProviderName) {
    let together = LocalSet::new();
    let plays = lies(provider).into_iter();
    let plays: Vec<_> =
        plays.map(|(lie, attempted)| (lie, attempted, together.spawn_local(play(provider, lie)))).collect();
    together.await;
    for (lie, attempted, play) in plays {
        let caught = play.await.expect("the play ends");
        assert_eq!(caught, Err(attempted), "{lie:?}");
    }
}

#[tokio::test]
async fn p1_p6_every_lie_of_a_till_that_sells_over_payos_is_caught() {
    every_lie_is_caught(ProviderName::Payos).await;
}

#[tokio::test]
async fn p1_p6_every_lie_of_a_till_that_sells_over_finan_is_caught() {
    every_lie_is_caught(ProviderName::Finan).await;
}

#[tokio::test]
async fn p1_p6_every_lie_of_a_till_that_sells_over_smart_glocal_is_caught() {
    every_lie_is_caught(ProviderName::SmartGlocal).await;
}
