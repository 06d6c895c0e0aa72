//! One merchant account at Finan: its requests, signed, and the proof of a webhook (providers.md §2). It must not know when
//! to try again, nor what an answer means for a sale.

use super::bank::{self, Found};
use super::request::{BANK_ACCOUNTS, MASTER_ACCOUNTS, PAYMENTS, list_path, one_path};
use super::webhook::{CLIENT_ID, SIGNATURE, SIGNED_HEADERS, TIMESTAMP};
use super::{CreateRequest, FinanMethod, FinanSignature, Merchant, Signed, judge, read_webhook};
use crate::description::Description;
use crate::provider::{
    Delivered, Heard, Key, KnownOrder, Made, Making, Next, OpenCode, Provider, Question, Refusal, Reply, Report,
    Request, Step, Trouble, Verdict, WebhookError, Webhooks,
};
use crate::time::UnixTime;

/// Proves Finan's webhooks.
#[derive(Clone, Debug)]
pub struct FinanHooks {
    /// The channel's secret; two while it is changed.
    secrets: Vec<Key>,
    signature: FinanSignature,
    /// Where it is known who is told, nobody else's webhooks are taken.
    client_id: Option<Key>,
}

/// What Finan is told on behalf of a merchant.
#[derive(Clone, Debug)]
pub struct FinanAccount {
    /// Sent as `x-client-id`.
    pub client_id: Key,
    /// Signs requests and webhooks; never sent.
    pub secret: Key,
    /// How it signs.
    pub signature: FinanSignature,
    /// How customers pay.
    pub method: FinanMethod,
    /// Which of the merchant's bank accounts gets the money, where Finan must be told.
    pub account_id: Option<String>,
    /// The number of the account that codes must name, where the configuration says so.
    pub account_number: Option<String>,
    /// What a sale without items is called: the terminal's label.
    pub label: String,
    /// The customer, when a sale names none.
    pub customer_name: String,
    /// The merchant, as customers are shown it.
    pub merchant: Option<Merchant>,
    /// What the payer reads in the transfer.
    pub description: Option<Description>,
    /// What Finan files its references under.
    pub reference_type: Option<String>,
    /// Where a browser goes after paying.
    pub success_redirect_url: Option<String>,
    /// Where a browser goes after failing.
    pub failure_redirect_url: Option<String>,
}

/// The account with everything that its requests need.
#[derive(Clone, Debug)]
pub struct Finan {
    account: FinanAccount,
    hooks: FinanHooks,
}

impl FinanHooks {
    /// Takes the secrets that are valid now, how they sign and, where it is known, the client id that webhooks must name.
    pub fn new(secrets: Vec<Key>, signature: FinanSignature, client_id: Option<Key>) -> Self {
        Self { secrets, signature, client_id }
    }
}

impl Webhooks for FinanHooks {
    fn name(&self) -> &'static str {
        "finan"
    }

    fn signed_headers(&self) -> &'static [&'static str] {
        &SIGNED_HEADERS
    }

    fn read(&self, webhook: &Delivered<'_>) -> Result<Heard, WebhookError> {
        // The header is not signed, so that it is missing proves nothing either way; another one's is a mistake.
        let named = webhook.headers.get(CLIENT_ID);
        if let (Some(named), Some(own)) = (named, &self.client_id) {
            if !own.is(named.as_bytes()) {
                return Err(WebhookError::WrongSignature);
            }
        }
        let mut read = Err(WebhookError::WrongSignature);
        for secret in &self.secrets {
            read = read_webhook(webhook, secret.expose(), self.signature);
            if read != Err(WebhookError::WrongSignature) {
                break;
            }
        }
        read.map(judge::heard)
    }
}

/// A request to make an order.
const CREATE: &str = "create";
/// A question for one payment request.
const ONE: &str = "status";
/// A question for all payment requests of an order.
const LIST: &str = "list";
/// A question for the bank accounts.
const ACCOUNTS: &str = "accounts";
/// A question for the accounts above those.
const MASTERS: &str = "master-bank-accounts";

impl Finan {
    /// Takes what Finan is to be told.
    pub fn new(account: FinanAccount) -> Self {
        let hooks = FinanHooks::new(vec![account.secret.clone()], account.signature, Some(account.client_id.clone()));
        Self { account, hooks }
    }

    /// Believes webhooks under a second secret as well, while secrets are changed. Requests are signed with the first.
    #[must_use]
    pub fn believing(mut self, next: Option<Key>) -> Self {
        self.hooks.secrets.extend(next);
        self
    }

    /// Signs a request at a time by Finan's clock: Finan takes what is at most 30 s old.
    fn signed(&self, request: Request, at: UnixTime) -> Request {
        let timestamp = at.secs().max(0).to_string();
        let signed = Signed {
            method: request.method.as_str(),
            path: &request.path,
            payload: &request.body,
            timestamp: &timestamp,
        };
        let signature = self.account.signature.sign(self.account.secret.expose(), &signed);
        request.with(TIMESTAMP, timestamp).with(SIGNATURE, signature)
    }

    fn list(&self, known: &KnownOrder, at: UnixTime) -> Request {
        let path = list_path(known.order, self.account.reference_type.as_deref());
        self.signed(Request::get(LIST, path), at)
    }
}

impl Webhooks for Finan {
    fn name(&self) -> &'static str {
        self.hooks.name()
    }

    fn signed_headers(&self) -> &'static [&'static str] {
        self.hooks.signed_headers()
    }

    fn read(&self, webhook: &Delivered<'_>) -> Result<Heard, WebhookError> {
        self.hooks.read(webhook)
    }
}

impl Provider for Finan {
    fn title(&self) -> &'static str {
        "Finan"
    }

    fn identity(&self) -> Vec<(&'static str, &'static str, &[u8])> {
        vec![("client_id", CLIENT_ID, self.account.client_id.expose())]
    }

    fn make(&self, making: &Making, at: UnixTime) -> Step<Made> {
        let account = &self.account;
        let description = account.description.as_ref().map(|description| description.fill(making.order));
        let request = CreateRequest {
            order: making.order,
            amount: making.amount,
            method: account.method,
            account_id: account.account_id.as_deref(),
            items: &making.items,
            label: &account.label,
            customer: &making.customer,
            customer_name: &account.customer_name,
            merchant: account.merchant.as_ref(),
            description: description.as_deref(),
            reference_type: account.reference_type.as_deref(),
            success_redirect_url: account.success_redirect_url.as_deref(),
            failure_redirect_url: account.failure_redirect_url.as_deref(),
        };
        Ok(Next::Send(self.signed(Request::post(CREATE, PAYMENTS.to_owned(), request.body()), at)))
    }

    fn made(&self, making: &Making, _request: &Request, reply: &Reply, _at: UnixTime) -> Step<Made> {
        judge::created(reply, making).map(Next::Done)
    }

    fn ask(&self, known: &KnownOrder, _question: Question, at: UnixTime) -> Step<Report> {
        // Finan needs no confirmation and cannot cancel, so how the order stands is all that can be asked.
        let one = known.provider_id.as_ref().and_then(|id| one_path(PAYMENTS, &id.0));
        Ok(Next::Send(match one {
            Some(path) => self.signed(Request::get(ONE, path), at),
            None => self.list(known, at),
        }))
    }

    fn told(
        &self,
        known: &KnownOrder,
        question: Question,
        request: &Request,
        reply: &Reply,
        at: UnixTime,
    ) -> Step<Report> {
        let forbidden = matches!(reply.verdict, Verdict::Forbidden { .. });
        match judge::requests(reply, known, question) {
            Ok(report) => Ok(Next::Done(report)),
            // Which form of the id Finan wants in a path, and how it says that it has none such, is not documented; the
            // list by our own reference tells the same.
            Err(_) if request.name == ONE && !forbidden => Ok(Next::Send(self.list(known, at))),
            Err(trouble) => Err(trouble),
        }
    }

    fn ask_open_code(&self, at: UnixTime) -> Step<OpenCode> {
        let path = match &self.account.account_id {
            Some(id) => one_path(BANK_ACCOUNTS, id).ok_or_else(|| {
                let shown = crate::text::shown(id);
                let reason = format!("the `account_id` of the channel cannot stand in an address: {shown}");
                Trouble::Refused(Refusal::unsaid(reason))
            })?,
            None => BANK_ACCOUNTS.to_owned(),
        };
        Ok(Next::Send(self.signed(Request::get(ACCOUNTS, path), at)))
    }

    fn open_code_told(&self, request: &Request, reply: &Reply, at: UnixTime) -> Step<OpenCode> {
        if request.name == MASTERS {
            return bank::masters(reply, request.carried.as_deref()).map(Next::Done);
        }
        Ok(match bank::accounts(reply, &self.account)? {
            Found::Code(code) => Next::Done(code),
            Found::WithoutBank(account) => {
                let request = Request::get(MASTERS, MASTER_ACCOUNTS.to_owned());
                Next::Send(self.signed(request, at).carrying(bank::packed(&account)))
            }
        })
    }
}
