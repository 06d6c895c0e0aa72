//! What holds for every provider behind the one interface of `till_wire::provider`: what is told of an order is about that
//! order, a no of HTTP never becomes a yes, and money has an amount and a name.

use std::collections::BTreeMap;
use std::time::Duration;

use till_wire::provider::{
    Action, CancelReason, CodeText, Customer, Delivered, KnownOrder, Made, MakeStep, Making, Next, Provider,
    ProviderId, Question, Reply, Report, Request, Said, Standing, Transfer, Trouble, Verdict, WebhookError, Webhooks,
};
use till_wire::{Amount, OrderRef, UnixTime};

use super::check_error;

/// When everything happens.
const AT: UnixTime = UnixTime::from_secs(1_795_143_845);

/// The longest note of a webhook, in characters.
const LONGEST_NOTE: usize = 200;

/// Every request that there is about an order. They are made once and answered in many ways, for signing one may be slow.
#[derive(Clone)]
pub(super) struct Requests {
    makings: Vec<(Making, Result<Request, Trouble>)>,
    questions: Vec<(Question, Asked)>,
}

/// What a question becomes; nothing when the provider has no such question.
type Asked = Result<Option<Request>, Trouble>;

impl Requests {
    pub(super) fn about(known: &KnownOrder, provider: &dyn Provider) -> Self {
        let id = known.provider_id.clone().unwrap_or_else(|| ProviderId("id".to_owned()));
        let makings = [MakeStep::Create, MakeStep::Start(id)].into_iter().filter_map(|step| {
            let making = Making {
                order: known.order,
                amount: known.amount,
                expire: Duration::from_secs(300),
                customer: customer(),
                items: Vec::new(),
                step,
            };
            let request = match provider.make(&making, AT) {
                Ok(Next::Send(request)) => Ok(request),
                Ok(Next::Done(_)) => return None,
                Err(trouble) => Err(trouble),
            };
            Some((making, request))
        });
        let questions = [Question::Status, Question::Cancel(CancelReason::ByCashier), Question::Confirm];
        Self {
            makings: makings.collect(),
            questions: questions.map(|question| (question, ask(provider, known, question))).to_vec(),
        }
    }
}

fn ask(provider: &dyn Provider, known: &KnownOrder, question: Question) -> Asked {
    Ok(match provider.ask(known, question, AT)? {
        Next::Send(request) => Some(request),
        Next::Done(_) => None,
    })
}

/// Judges a body as the answer to every request there is about an order, and about others.
pub(super) fn check_replies(
    provider: &dyn Provider,
    known: &KnownOrder,
    requests: &Requests,
    headers: &BTreeMap<String, String>,
    body: &[u8],
    secrets: &[&[u8]],
) {
    let reason = || "HTTP said no".to_owned();
    for verdict in
        [Verdict::Yes, Verdict::No { status: 404, reason: reason() }, Verdict::Forbidden { reason: reason() }]
    {
        let reply = Reply { verdict, headers: headers.clone(), body: body.to_vec(), after: None };
        let made = check_made(provider, requests, &reply);
        let troubles = made.into_iter().chain(check_told(provider, known, requests, &reply));
        for trouble in troubles {
            check_error(&trouble.reason(), body, secrets);
        }
    }
}

/// Judges a reply as the answer to each step of making the order.
fn check_made(provider: &dyn Provider, requests: &Requests, reply: &Reply) -> Vec<Trouble> {
    let judged = requests.makings.iter().map(|(making, request)| {
        let request = request.as_ref().map_err(Trouble::clone)?;
        check_path(&request.path);
        let made = provider.made(making, request, reply, AT)?;
        let Next::Done(made) = made else { return Ok(()) };
        assert_eq!(reply.verdict, Verdict::Yes, "made in spite of HTTP: {made:?}");
        let Made::Payable { provider_id, code, .. } = &made else { return Ok(()) };
        assert!(!provider_id.0.is_empty(), "{made:?}");
        if let Some(code) = code {
            check_code(code);
        }
        Ok(())
    });
    judged.filter_map(Result::err).collect()
}

/// Somebody who has everything that a provider may want to know.
fn customer() -> Customer {
    let some = |text: &str| Some(text.to_owned());
    Customer {
        name: some("NGUYEN VAN A"),
        email: some("payer@shop.example"),
        document: some("001099000001"),
        ..Customer::default()
    }
}

/// Judges a reply as the answer to each question about the order, and about orders that it is not.
fn check_told(provider: &dyn Provider, known: &KnownOrder, requests: &Requests, reply: &Reply) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    for (question, asked) in &requests.questions {
        match told(provider, known, *question, asked, reply) {
            Ok(Some(report)) => {
                assert_eq!(reply.verdict, Verdict::Yes, "told in spite of HTTP: {report:?}");
                check_report(known, &report);
                check_others(provider, known, *question, reply, &report);
            }
            Ok(None) => {}
            Err(trouble) => troubles.push(trouble),
        }
    }
    troubles
}

fn told(
    provider: &dyn Provider,
    known: &KnownOrder,
    question: Question,
    asked: &Asked,
    reply: &Reply,
) -> Result<Option<Report>, Trouble> {
    let Some(request) = asked.as_ref().map_err(Trouble::clone)? else { return Ok(None) };
    check_path(&request.path);
    match provider.told(known, question, request, reply, AT)? {
        Next::Done(report) => Ok(Some(report)),
        Next::Send(_) => Ok(None),
    }
}

fn check_report(known: &KnownOrder, report: &Report) {
    assert_eq!(report.amount, known.amount);
    if let Some(id) = &known.provider_id {
        // Finan writes one id in two ways.
        let bare = |id: &ProviderId| id.0.trim_start_matches("PR-").to_owned();
        assert_eq!(bare(&report.provider_id), bare(id));
    }
    for transfer in &report.transfers {
        check_transfer(transfer);
    }
    if let Some(Action::Scan(code)) = &report.action {
        check_code(code);
    }
}

/// The same answer is none about another of the provider's ids; nor, if anything follows from it, about another order or
/// amount.
fn check_others(provider: &dyn Provider, known: &KnownOrder, question: Question, reply: &Reply, report: &Report) {
    let own = known.provider_id.as_ref().map_or("", |id| id.0.as_str());
    let provider_id = Some(ProviderId(format!("{own} of another")));
    let mut others = vec![KnownOrder { provider_id, ..known.clone() }];
    if !report.total.is_zero() || report.action.is_some() || report.standing == Standing::Ready {
        let sequence = if known.order.sequence() == 0 { 1 } else { known.order.sequence() - 1 };
        let order = OrderRef::new(known.order.terminal(), sequence).expect("a sequence next to one that fits");
        let amount = Amount::vnd(known.amount.value() + 1);
        others.extend([KnownOrder { order, ..known.clone() }, KnownOrder { amount, ..known.clone() }]);
    }
    for other in others {
        let told = told(provider, &other, question, &ask(provider, &other, question), reply);
        assert!(!matches!(told, Ok(Some(_))), "an answer about {known:?} was taken for {other:?}: {told:?}");
    }
}

fn check_transfer(transfer: &Transfer) {
    assert!(!transfer.reference.0.is_empty(), "{transfer:?}");
    assert!(!transfer.amount.is_zero(), "{transfer:?}");
}

/// What is drawn is checked later; here it must be there.
fn check_code(code: &CodeText) {
    let (CodeText::VietQr(text) | CodeText::Url(text)) = code;
    assert!(!text.is_empty());
}

/// A path is joined to an address and sent: nothing in it may end the line or leave the host.
fn check_path(path: &str) {
    assert!(path.starts_with('/') && !path.starts_with("//"), "{path:?}");
    assert!(path.chars().all(|c| c.is_ascii_graphic() && c != '#'), "{path:?}");
}

/// Reads a webhook, which is signed or not, and returns what it says.
pub(super) fn check_webhook(
    hooks: &dyn Webhooks,
    webhook: &Delivered<'_>,
    secrets: &[&[u8]],
) -> Result<Said, WebhookError> {
    let heard = hooks.read(webhook).inspect_err(|error| {
        check_error(error, webhook.body, secrets);
        if let WebhookError::NotJson { source } = error {
            check_error(source, webhook.body, secrets);
        }
    })?;
    if let Some(note) = &heard.note {
        assert!(note.chars().count() <= LONGEST_NOTE && !note.chars().any(char::is_control), "{note:?}");
    }
    match &heard.said {
        Said::Transfer(transfer) => check_transfer(transfer),
        Said::Action(_, Action::Scan(code)) => check_code(code),
        Said::Ready(amount) => assert!(amount.is_none_or(|amount| !amount.is_zero()), "{heard:?}"),
        Said::NoPayment | Said::Action(_, Action::Unsupported(_)) | Said::Refunds(_) => {}
        Said::Hint | Said::Sample | Said::Nothing => {}
    }
    Ok(heard.said)
}
