//! Listens at the providers' doors: the calls that come to them and the webhooks that they send. It must not know what
//! becomes of them.

use std::sync::Arc;

use serde_json::Value;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::board::Board;
use super::line::{Party, What};
use crate::providers::{ProviderName, Providers};
use crate::sandbox::{Delivery, Note, Received};
use crate::{finan, glocal, payos};

/// Tells every call that payOS gets and every webhook that it sends, for ever.
pub(super) async fn payos(board: Arc<Board>, providers: Providers) {
    let mut notes = providers.payos.listen();
    while let Some(note) = next(&mut notes).await {
        match note {
            Note::Call(call) => tell_call(&board, ProviderName::Payos, asked_of_payos(&call), &call),
            Note::Webhook(sent) => {
                let amount = providers.payos.transfer(&sent.reference).map_or(0, |transfer| transfer.amount);
                tell_money(&board, ProviderName::Payos, amount, &sent);
            }
        }
    }
}

/// Tells every call that Finan gets and every webhook that it sends, for ever.
pub(super) async fn finan(board: Arc<Board>, providers: Providers) {
    let mut notes = providers.finan.listen();
    while let Some(note) = next(&mut notes).await {
        match note {
            Note::Call(call) => tell_call(&board, ProviderName::Finan, asked_of_finan(&call), &call),
            Note::Webhook(sent) => {
                let amount = providers.finan.payment(&sent.reference).map_or(0, |payment| payment.amount);
                tell_money(&board, ProviderName::Finan, amount, &sent);
            }
        }
    }
}

/// Tells every call that Smart Glocal gets and every webhook that it sends, for ever.
pub(super) async fn glocal(board: Arc<Board>, providers: Providers) {
    let mut notes = providers.glocal.listen();
    while let Some(note) = next(&mut notes).await {
        match note {
            Note::Call(call) => {
                let what = asked_of_glocal(&call, providers.glocal.habits().minor_units);
                tell_call(&board, ProviderName::SmartGlocal, what, &call);
            }
            Note::Webhook(sent) => tell_step(&board, &providers, &sent),
        }
    }
}

/// The next note; what was missed is missing in the log.
async fn next<T: Clone>(notes: &mut Receiver<T>) -> Option<T> {
    loop {
        match notes.recv().await {
            Ok(note) => return Some(note),
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return None,
        }
    }
}

fn asked_of_payos(call: &payos::Received) -> What {
    match (call.method.as_str(), call.path.ends_with("/cancel")) {
        ("POST", true) => What::Cancel,
        ("POST", false) => What::Create { amount: body(call)["amount"].as_u64() },
        _ => What::Ask,
    }
}

fn asked_of_finan(call: &finan::Received) -> What {
    match call.method.as_str() {
        "POST" => What::Create { amount: body(call)["amount"].as_u64() },
        _ if call.path.contains("bank-accounts") => What::Account,
        _ => What::Ask,
    }
}

fn asked_of_glocal(call: &glocal::Received, minor_units: u64) -> What {
    let units = body(call)["amount_details"]["amount"].as_u64();
    let amount = units.and_then(|units| units.checked_div(minor_units));
    match call.path.rsplit_once("/session/").map(|(_, method)| method) {
        Some("create") => What::Open,
        Some("start/payment") => What::Start { amount },
        Some("init/payment") => What::Create { amount },
        Some("confirm") => What::Confirm,
        Some("cancel") => What::Cancel,
        Some(_) | None => What::Ask,
    }
}

fn body<O>(call: &Received<O>) -> Value {
    serde_json::from_str(&call.body).unwrap_or_default()
}

fn tell_call<O>(board: &Board, name: ProviderName, what: What, call: &Received<O>) {
    board.tell(Party::Till, Party::of(name), what, format!("{} {}", call.method, call.path));
}

fn tell_money<R: std::fmt::Display>(board: &Board, name: ProviderName, amount: u64, sent: &Delivery<R>) {
    let what = What::Webhook { amount, status: sent.status };
    board.tell(Party::of(name), Party::Bridge, what, detail(name, &sent.reference.to_string(), sent.status));
}

fn tell_step(board: &Board, providers: &Providers, sent: &glocal::Delivery) {
    let glocal::Webhook { kind, session, .. } = &sent.reference;
    let session = session.and_then(|id| providers.glocal.session(id));
    let minor_units = providers.glocal.habits().minor_units;
    let in_dong = |units: u64| units.checked_div(minor_units).unwrap_or(0);
    let payment = session.as_ref().and_then(|session| session.payment.as_ref());
    let is_paid = session.as_ref().is_some_and(|session| session.stage == glocal::Stage::Succeeded);
    let status = sent.status;
    let what = match kind {
        Some(glocal::WebhookKind::ReadyToConfirm) => What::Ready { status },
        Some(glocal::WebhookKind::ActionRequired) => What::Action { status },
        Some(glocal::WebhookKind::PaymentFinished) if is_paid => {
            What::Webhook { amount: payment.map_or(0, |payment| in_dong(payment.amount)), status }
        }
        Some(glocal::WebhookKind::PaymentFinished) => What::Unpaid { status },
        Some(glocal::WebhookKind::PaymentRefunded) => {
            What::Refunded { amount: payment.map_or(0, |payment| in_dong(payment.refunded())), status }
        }
        // Nothing here sends others.
        Some(glocal::WebhookKind::Other(_)) | None => return,
    };
    let told = kind.as_ref().map_or("", glocal::WebhookKind::as_str);
    board.tell(Party::Glocal, Party::Bridge, what, detail(ProviderName::SmartGlocal, told, status));
}

fn detail(name: ProviderName, reference: &str, status: Option<u16>) -> String {
    let status = status.map_or_else(|| "no answer".to_owned(), |status| format!("HTTP {status}"));
    format!("POST /hooks/{} · {reference} · {status}", name.channel())
}
