//! Plays the sale with tills that lie: each lie must be caught and named.

use std::fs;
use std::path::{Path, PathBuf};
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
use crate::folder::{Afterwards, Folder};
use crate::narrator::Narrator;
use crate::payos::Sandbox;
use crate::scene::Scene;
use crate::vietqr;

const ORDER: u64 = 1_017_000_000_001;

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
    HookRefuses,
}

/// A till of paper: it does what a till does, without any of its care.
#[derive(Clone)]
struct PaperTill {
    sandbox: Sandbox,
    picture: PathBuf,
    lie: Lie,
}

impl PaperTill {
    async fn take(State(till): State<Self>, method: Method) -> Json<Value> {
        if method == Method::POST {
            till.sandbox.add_foreign_order(ORDER, 50_000);
            if till.lie == Lie::OrdersTwice {
                till.sandbox.add_foreign_order(ORDER + 1, 50_000);
            }
            let shown = if till.lie == Lie::ShowsAnotherCode { "something else".to_owned() } else { till.code() };
            draw(&till.picture, Some(&shown).filter(|_| till.lie != Lie::ShowsNothing));
        }
        Json(till.sale())
    }

    fn code(&self) -> String {
        let mut account = self.sandbox.account();
        let order = self.sandbox.order(ORDER).map(|order| order.bank_description).unwrap_or_default();
        let amount = if self.lie == Lie::CodeForAnotherAmount { 49_000 } else { 50_000 };
        if self.lie == Lie::CodeForAnotherAccount {
            account.number = "0".to_owned();
        }
        let purpose = if self.lie == Lie::CodeForAnotherOrder { "TL1" } else { &order };
        vietqr::build(&account, Some(amount), purpose)
    }

    fn sale(&self) -> Value {
        let paid = self.sandbox.order(ORDER).is_some_and(|order| order.amount_paid() > 0);
        let state = if self.lie == Lie::Fails {
            "failed"
        } else if paid && self.lie != Lie::NeverSaysPaid {
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
            "id": "0001017-000000001", "state": state, "amount": 50_000, "paid_amount": paid_amount, "flags": [],
            "order": "0001017-000000001", "qr": self.code(), "failure": failure, "payments": self.payments(),
            "a field that the cashier does not know": 1,
        })
    }

    fn payments(&self) -> Vec<Value> {
        let via = if self.lie == Lie::HeardByAsking { "poll" } else { "webhook" };
        let transfers = self.sandbox.order(ORDER).map(|order| order.transfers).unwrap_or_default();
        let told = |reference: &str, amount| json!({"provider_ref": reference, "amount": amount, "via": via});
        transfers
            .iter()
            .map(|t| told(if self.lie == Lie::SaysOtherPayment { "FT0" } else { t.reference.as_str() }, t.amount))
            .collect()
    }
}

fn draw(path: &Path, text: Option<&String>) {
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
async fn play(lie: Lie) -> Result<(), String> {
    let folder = Folder::make(Afterwards::Remove).expect("there is a place for temporary files");
    let sandbox = Sandbox::start().expect("the sandbox starts");
    let status = if lie == Lie::HookRefuses { StatusCode::FORBIDDEN } else { StatusCode::OK };
    let hook = serve(Router::new().fallback(async move || status)).await;
    sandbox.set_webhook_url(Some(format!("http://{hook}/hooks/payos")));
    let picture = folder.file("display.png");
    let till = PaperTill { sandbox: sandbox.clone(), picture: picture.clone(), lie };
    let api = serve(Router::new().fallback(PaperTill::take).with_state(till)).await;
    let scene = Scene { cashier: Cashier::at(api), sandbox, picture };
    // An honest till needs much less; a lie that only shows by waiting is waited for so long.
    let patience = if lie == Lie::None { Duration::from_secs(30) } else { Duration::from_secs(2) };
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
async fn an_honest_till_is_believed() {
    assert_eq!(play(Lie::None).await, Ok(()));
}

#[tokio::test]
async fn p1_p6_every_lie_of_a_till_is_caught() {
    let typing = "type 50.000 ₫ at the till (POST /v1/sales)";
    let reading = "read the display's picture with an independent decoder";
    let paying = "pay with what stands in the code";
    let hearing = "hear of the payment at the till (bridge → broker → till)";
    let cases = [
        (Lie::Fails, typing),
        (Lie::ShowsNothing, reading),
        (Lie::ShowsAnotherCode, reading),
        (Lie::CodeForAnotherAmount, reading),
        (Lie::CodeForAnotherAccount, reading),
        (Lie::CodeForAnotherOrder, paying),
        (Lie::HookRefuses, "deliver payOS's webhook to the bridge"),
        (Lie::NeverSaysPaid, hearing),
        (Lie::SaysPaidWithoutMoney, hearing),
        (Lie::SaysOtherPayment, hearing),
        (Lie::HeardByAsking, hearing),
        (Lie::LeavesTheCode, "read the display's picture again"),
        (Lie::OrdersTwice, "compare with payOS's own book"),
    ];
    let together = LocalSet::new();
    let plays = cases.map(|(lie, attempted)| (lie, attempted, together.spawn_local(play(lie))));
    together.await;
    for (lie, attempted, play) in plays {
        let caught = play.await.expect("the play ends");
        assert_eq!(caught, Err(attempted.to_owned()), "{lie:?}");
    }
}
