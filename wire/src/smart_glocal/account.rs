//! One merchant account at Smart Glocal: the requests of a session, and the proof of a webhook (providers.md §3). It must
//! not know when to try again, nor what an answer means for a sale.

use super::answer::{Belief, SIGNATURE};
use super::keys::{SigningKey, VerifyingKey};
use super::units::MinorUnits;
use super::{judge, request, webhook};
use crate::provider::{
    Delivered, Heard, KnownOrder, Made, MakeStep, Making, Next, Provider, ProviderId, Question, Refusal, Reply, Report,
    Request, Step, Trouble, Unreached, WebhookError, Webhooks,
};
use crate::time::UnixTime;

/// Proves Smart Glocal's webhooks.
#[derive(Clone, Debug)]
pub struct SmartGlocalHooks {
    keys: Vec<VerifyingKey>,
    units: MinorUnits,
}

/// What Smart Glocal is told on behalf of a merchant.
#[derive(Clone, Debug)]
pub struct SmartGlocalAccount {
    /// Which names requests use.
    pub api: ApiNames,
    /// Sent as `X-PARTNER-PROJECT`.
    pub project: String,
    /// Sent as `X-PARTNER-SUBMERCHANT`.
    pub submerchant: Option<String>,
    /// Signs requests.
    pub private_key: SigningKey,
    /// Proves webhooks and signed answers.
    pub webhook_key: VerifyingKey,
    /// What a number in a body means.
    pub minor_units: MinorUnits,
    /// How a session begins.
    pub flow: Flow,
    /// Where a browser goes after paying.
    pub return_url: Option<String>,
    /// Whether answers without a signature are refused.
    pub require_signed_answers: bool,
    /// The payer for every sale that names none, where Smart Glocal has agreed.
    pub payer: Option<Payer>,
}

/// Which names requests use; answers and webhooks are read under both (providers.md §3.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ApiNames {
    /// `acquiring_payments` and so on.
    V1,
    /// `payment_list` and so on.
    V2,
}

/// How a session begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flow {
    /// It is created, then started.
    Create,
    /// Both at once, which is safe to repeat only with an idempotency key.
    Init {
        /// The header that the key goes into, as agreed with Smart Glocal.
        idempotency_header: String,
    },
}

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payer {
    /// The name.
    pub full_name: String,
    /// The number of an identity document.
    pub document: String,
    /// The e-mail address.
    pub email: String,
}

/// The account with everything that its requests need.
#[derive(Clone, Debug)]
pub struct SmartGlocal {
    account: SmartGlocalAccount,
    hooks: SmartGlocalHooks,
    belief: Belief,
}

impl SmartGlocalHooks {
    /// Takes the keys that are valid now, and what amounts mean; for whoever looks at no amount, either will do.
    pub fn new(keys: Vec<VerifyingKey>, units: MinorUnits) -> Self {
        Self { keys, units }
    }
}

impl Webhooks for SmartGlocalHooks {
    fn name(&self) -> &'static str {
        "smart-glocal"
    }

    fn signed_headers(&self) -> &'static [&'static str] {
        &[SIGNATURE]
    }

    fn read(&self, webhook: &Delivered<'_>) -> Result<Heard, WebhookError> {
        webhook::read(webhook, &self.keys, self.units)
    }
}

impl SmartGlocal {
    /// Takes what Smart Glocal is to be told.
    pub fn new(account: SmartGlocalAccount) -> Self {
        let keys = vec![account.webhook_key.clone()];
        let hooks = SmartGlocalHooks::new(keys.clone(), account.minor_units);
        let belief = Belief { keys, only_signed: account.require_signed_answers };
        Self { account, hooks, belief }
    }

    /// Believes webhooks and answers under a second key as well, while Smart Glocal changes its own.
    #[must_use]
    pub fn believing(mut self, next: Option<VerifyingKey>) -> Self {
        self.hooks.keys.extend(next.clone());
        self.belief.keys.extend(next);
        self
    }

    fn signed(&self, name: &'static str, body: Vec<u8>) -> Result<Request, Trouble> {
        let version = match self.account.api {
            ApiNames::V1 => "v1",
            ApiNames::V2 => "v2",
        };
        let signature = self.account.private_key.sign(&body);
        let signature = signature.ok_or_else(|| Trouble::NotReached {
            cause: Unreached::Terminal,
            reason: "cannot sign a request to Smart Glocal".to_owned(),
        })?;
        Ok(Request::post(name, format!("/api/{version}/session/{name}"), body).with(SIGNATURE, signature))
    }

    fn payment<'a>(&'a self, making: &'a Making) -> Result<request::Payment<'a>, Trouble> {
        let refused = |reason: &str| Trouble::Refused(Refusal::unsaid(reason));
        let units = self.account.minor_units.units(making.amount);
        let units = units.ok_or_else(|| refused("the amount is too large for Smart Glocal"))?;
        let customer = &making.customer;
        let named = customer.name.as_deref().zip(customer.document.as_deref()).zip(customer.email.as_deref());
        // All of one person: the name of one with the document of another would be false.
        let payer = self.account.payer.as_ref();
        let payer = payer.map(|payer| ((payer.full_name.as_str(), payer.document.as_str()), payer.email.as_str()));
        let ((full_name, document), email) =
            named.or(payer).ok_or_else(|| refused("Smart Glocal needs the customer's name, document and email"))?;
        let (order, currency) = (making.order, making.amount.currency().code());
        let return_url = self.account.return_url.as_deref();
        Ok(request::Payment { order, units, currency, full_name, document, email, return_url })
    }
}

impl Webhooks for SmartGlocal {
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

impl Provider for SmartGlocal {
    fn title(&self) -> &'static str {
        "Smart Glocal"
    }

    fn identity(&self) -> Vec<(&'static str, &'static str, &[u8])> {
        let account = &self.account;
        let submerchant = account.submerchant.as_ref();
        let submerchant = submerchant.map(|name| ("submerchant", "x-partner-submerchant", name.as_bytes()));
        std::iter::once(("project", "x-partner-project", account.project.as_bytes())).chain(submerchant).collect()
    }

    fn make(&self, making: &Making, _at: UnixTime) -> Step<Made> {
        // Whoever cannot be named must not leave an open session behind.
        let payment = self.payment(making)?;
        let request = match (&making.step, &self.account.flow) {
            (MakeStep::Start(session), _) => self.signed("start/payment", request::start(&session.0, payment))?,
            (MakeStep::Create, Flow::Create) => self.signed("create", request::create(making.order))?,
            (MakeStep::Create, Flow::Init { idempotency_header }) => {
                let request = self.signed("init/payment", request::init(payment))?;
                request.with(idempotency_header.clone(), making.order.to_string())
            }
        };
        Ok(Next::Send(request))
    }

    fn made(&self, making: &Making, _request: &Request, reply: &Reply, _at: UnixTime) -> Step<Made> {
        let session = self.belief.session(reply)?;
        let made = match (&making.step, &self.account.flow) {
            (MakeStep::Create, Flow::Create) => Made::Opened { provider_id: ProviderId(session.id) },
            (MakeStep::Create, Flow::Init { .. }) => judge::started(session, None, making, self.account.minor_units)?,
            (MakeStep::Start(wanted), _) => judge::started(session, Some(wanted), making, self.account.minor_units)?,
        };
        Ok(Next::Done(made))
    }

    fn repeats(&self, step: &MakeStep) -> bool {
        match step {
            // A lost session has no payment; a lost beginning is repeated under its idempotency key.
            MakeStep::Create => true,
            MakeStep::Start(_) => false,
        }
    }

    fn ask(&self, known: &KnownOrder, question: Question, _at: UnixTime) -> Step<Report> {
        let unknown = || Trouble::NotFound { reason: "no session of Smart Glocal is known for the order".to_owned() };
        let session = known.provider_id.as_ref().ok_or_else(unknown)?;
        let name = match question {
            Question::Status => "status",
            Question::Cancel(_) => "cancel",
            Question::Confirm => "confirm",
        };
        self.signed(name, request::about(&session.0)).map(Next::Send)
    }

    fn told(
        &self,
        known: &KnownOrder,
        question: Question,
        _request: &Request,
        reply: &Reply,
        _at: UnixTime,
    ) -> Step<Report> {
        let session = self.belief.session(reply)?;
        let report = match question {
            Question::Status | Question::Confirm => judge::report(&session, known, self.account.minor_units)?,
            Question::Cancel(_) => judge::cancelled(&session, known, self.account.minor_units)?,
        };
        Ok(Next::Done(report))
    }
}
