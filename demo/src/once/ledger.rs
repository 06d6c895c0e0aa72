//! What each provider's own book says about a sale: the independent side of every comparison. It must not know the till.

use crate::customer::{Order, Paid};
use crate::glocal::{Session, Subject, WebhookKind};
use crate::providers::{ProviderName, Providers};

/// An order as a provider has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The shop's name for it.
    order: Option<String>,
    /// In đồng.
    paid: u64,
    /// In the provider's own words.
    status: String,
}

/// Every order that the provider has.
pub(super) fn book(providers: &Providers, name: ProviderName) -> Vec<Entry> {
    let entry = |order: Order, status: String| Entry {
        paid: providers.paid(&order),
        order: providers.reference(&order),
        status,
    };
    match name {
        ProviderName::Payos => {
            let orders = providers.payos.orders().into_iter();
            orders.map(|order| entry(Order::Payos(order.code), order.status.as_str().to_owned())).collect()
        }
        ProviderName::Finan => {
            let requests = providers.finan.payment_requests().into_iter();
            requests.map(|made| entry(Order::Finan(made.id.clone()), made.status().as_str().to_owned())).collect()
        }
        ProviderName::SmartGlocal => {
            let told = |session: Session| {
                let status = format!("{:?}, confirmed {} ×", session.stage, session.confirm_calls);
                entry(Order::SmartGlocal(session.id), status)
            };
            providers.glocal.sessions().into_iter().map(told).collect()
        }
    }
}

/// What an order is in the book after it was paid once, in full.
pub(super) fn paid(name: ProviderName, order: String, amount: u64) -> Entry {
    let status = match name {
        ProviderName::Payos => "PAID",
        ProviderName::Finan => "paid",
        ProviderName::SmartGlocal => "Succeeded, confirmed 1 ×",
    };
    Entry { order: Some(order), paid: amount, status: status.to_owned() }
}

/// How the shop's server answered the webhooks that tell of the payment, oldest first.
pub(super) fn answers(providers: &Providers, paid: &Paid) -> Vec<Option<u16>> {
    match paid {
        Paid::Payos(reference) => {
            let sent = providers.payos.deliveries().into_iter().filter(|sent| sent.reference == *reference);
            sent.map(|sent| sent.status).collect()
        }
        Paid::Finan(id) => {
            let sent = providers.finan.deliveries().into_iter().filter(|sent| sent.reference == *id);
            sent.map(|sent| sent.status).collect()
        }
        Paid::SmartGlocal(id) => {
            let sent = providers.glocal.deliveries().into_iter();
            let ours = sent.filter(|sent| {
                sent.reference.session == Some(*id) && sent.reference.kind == Some(WebhookKind::PaymentFinished)
            });
            ours.map(|sent| sent.status).collect()
        }
    }
}

/// The steps from an open session to a code that can be shown, for a provider that goes in steps: the till's calls, then
/// the webhooks.
pub(super) fn steps(name: ProviderName) -> Option<Vec<String>> {
    match name {
        ProviderName::Payos | ProviderName::Finan => None,
        ProviderName::SmartGlocal => {
            let steps = ["start/payment", "confirm", "ready_to_confirm", "action_required"];
            Some(steps.map(str::to_owned).to_vec())
        }
    }
}

/// The steps that were made for an order so far. Questions how it stands are none.
pub(super) fn steps_of(providers: &Providers, order: &str) -> Vec<String> {
    let Some(session) = providers.glocal.session_of(order) else {
        return Vec::new();
    };
    let ours = Some(Subject::Session(session.id));
    let calls = providers.glocal.requests().into_iter().filter(|call| call.order == ours);
    let calls = calls.filter_map(|call| call.path.split_once("/session/").map(|(_, method)| method.to_owned()));
    let calls: Vec<_> = calls.filter(|method| method != "status").collect();
    let told = providers.glocal.deliveries().into_iter().filter(|sent| {
        sent.reference.session == Some(session.id) && sent.status.is_some_and(|status| (200..300).contains(&status))
    });
    let kinds: Vec<_> = told.filter_map(|sent| sent.reference.kind).collect();
    let steps = [WebhookKind::ReadyToConfirm, WebhookKind::ActionRequired];
    let told = steps.iter().filter(|kind| kinds.contains(kind)).map(|kind| kind.as_str().to_owned());
    calls.into_iter().chain(told).collect()
}
