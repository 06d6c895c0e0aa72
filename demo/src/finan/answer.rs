//! The bodies that Finan sends: answers, and what a webhook tells (providers.md §2.2, §2.3). It must not know HTTP or
//! signatures.

use serde_json::{Map, Value};

use super::account::Account;
use super::habits::{Habits, IdForm, Typed, Unasked};
use super::payment::{Origin, Payment, PaymentRequest, RequestId};
use super::refusal::envelope;
use crate::sandbox::{Fields, Json};

/// The answer to a create that was carried out.
pub(crate) fn created(data: Fields) -> String {
    envelope("Tạo thành công", Json::from(102_001_u64)).with("data", data).to_text()
}

/// Any other answer.
pub(crate) fn done(data: impl Into<Json>) -> String {
    envelope("Thực thi API thành công", Json::from(102_000_u64)).with("data", data).to_text()
}

/// The `data` of an answer to a create. The id is bare; `code` is the code of a transfer or the address of a page.
pub(crate) fn request_made(request: &PaymentRequest, code: Option<String>) -> Fields {
    let has_page = request.payment_url().is_some();
    let (url, detail) = if has_page {
        (code.unwrap_or_default(), Json::Null)
    } else {
        (String::new(), transfer_detail(request, code).into())
    };
    Fields::new()
        .with("payment_request_id", request.id.as_str())
        .with("payment_request_code", request.code.as_str())
        .with("payment_url", url)
        .with("bank_transfer_detail", detail)
}

fn transfer_detail(request: &PaymentRequest, code: Option<String>) -> Fields {
    let detail = match code {
        Some(code) => Fields::new().with("qr_code", code),
        None => Fields::new(),
    };
    let account = &request.account;
    detail
        .with("bank_name", account.bank.name())
        .with("account_name", account.details.name.as_str())
        .with("account_number", account.details.number.as_str())
        .with("remark", request.remark.as_str())
}

/// A payment request as a status answer has it.
pub(crate) fn request(request: &PaymentRequest, habits: Habits) -> Fields {
    let payments = request.payments.iter().map(|payment| in_list(payment).into()).collect();
    let fields = Fields::new()
        .with("payment_request_id", id(&request.id, habits.ids))
        .with("paid_amount", request.paid_amount())
        .with("status", request.status().as_str())
        .with("payment_method", request.method.as_str())
        .with("amount", request.amount)
        .with("description", request.description.clone().unwrap_or_default())
        .with("reference_type", request.reference_type.clone().unwrap_or_default())
        .with("reference_id", request.reference.as_str())
        .with("payments", Json::List(payments));
    let people = [("merchant", &request.merchant), ("customer", &request.customer)];
    people.into_iter().fold(fields, |fields, (name, person)| match person {
        Some(person) => fields.with(name, object(person)),
        None => fields,
    })
}

fn in_list(payment: &Payment) -> Fields {
    Fields::new()
        .with("id", payment.id.as_str())
        .with("amount", payment.amount)
        .with("method", payment.method.as_str())
        .with("created_at", payment.at.in_utc())
}

fn object(map: &Map<String, Value>) -> Json {
    Json::from(&Value::Object(map.clone()))
}

fn id(id: &RequestId, form: IdForm) -> String {
    match form {
        IdForm::Prefixed => format!("PR-{id}"),
        IdForm::Bare => id.to_string(),
    }
}

/// An account that collects, with its static code.
pub(crate) fn account(account: &Account, code: Option<String>) -> Fields {
    let fields = account_fields(&account.id, account).with("master_bank_account_id", account.master_id.as_str());
    match code {
        Some(code) => fields.with("qr_code", code),
        None => fields,
    }
}

/// The master account above an account.
pub(crate) fn master_account(account: &Account) -> Fields {
    account_fields(&account.master_id, account)
}

fn account_fields(id: &str, account: &Account) -> Fields {
    Fields::new()
        .with("id", id)
        .with("account_number", account.details.number.as_str())
        .with("account_name", account.details.name.as_str())
        .with("bank_name", account.bank.name())
        .with("bank_bin", account.bank.bin())
        .with("status", "active")
}

/// The body of a payment's webhook; `request` is the one behind the payment, if any.
pub(crate) fn webhook(payment: &Payment, request: Option<&PaymentRequest>, habits: Habits) -> String {
    let fields = Fields::new().with("id", payment.id.as_str());
    let fields = match (&payment.origin, request) {
        (Origin::Request(_), Some(request)) => {
            let fields = fields.with("reference_id", request.reference.as_str());
            match &request.reference_type {
                Some(kind) => fields.with("reference_type", kind.as_str()),
                None => fields,
            }
        }
        (Origin::Request(_), None) => fields.with("reference_id", ""),
        (Origin::Nobody(text), _) => with_typed(fields, text, habits.typed),
    };
    let fields = fields.with("payment_method", payment.method.as_str());
    let fields = match (&payment.origin, habits.unasked) {
        (Origin::Request(request), _) => fields.with("payment_request_id", id(request, habits.ids)),
        (Origin::Nobody(_), Unasked::Empty) => fields.with("payment_request_id", ""),
        (Origin::Nobody(_), Unasked::Null) => fields.with("payment_request_id", Json::Null),
        (Origin::Nobody(_), Unasked::Absent) => fields,
    };
    fields.with("amount", payment.amount).with("created_at", payment.at.in_utc()).to_text()
}

fn with_typed(fields: Fields, text: &str, habit: Typed) -> Fields {
    match habit {
        Typed::ReferenceId => fields.with("reference_id", text),
        Typed::Description => fields.with("reference_id", "").with("description", text),
        Typed::Remark => fields.with("reference_id", "").with("remark", text),
    }
}
