//! What providers answer and report, as parts of a line: facts without their words. It must not know what follows.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::event::millis;
use crate::record::{Money, TransferOnDisk, Wall, words};
use crate::till::{
    Action, CodeText, ConfirmAnswer, CreateAnswer, Made, Payee, ProviderId, Refusal, RefusalCause, Report,
    ReportStanding, Said, StatusAnswer, Transfer, TransferRef,
};
use till_wire::provider::Refund;

words!(CauseLine = RefusalCause { Unsaid, Access, Channel, Order });
words!(StandingLine = ReportStanding { Unstarted, Preparing, Ready, Open, Paid, Cancelled, Expired, Failed });

/// What came of a creating request.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flight) enum CreateLine {
    Payable { provider_id: String, code: Option<CodeLine>, bin: Option<String>, account: Option<String> },
    Opened { provider_id: String },
    Started { provider_id: String },
    Invalid,
    Duplicate,
    Refused(CauseLine),
    NotReached,
    Later { after_ms: Option<u64> },
    Lost { after_ms: Option<u64> },
    Repeatable { after_ms: Option<u64> },
}

/// A code of the same meaning as the one that came.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flight) enum CodeLine {
    Vietqr(String),
    Url(String),
}

/// What came of a question or a cancellation.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flight) enum CancelLine {
    Known(ReportLine),
    NotFound,
    Refused(CauseLine),
    Invalid,
    NotReached,
    Later { after_ms: Option<u64> },
}

/// What came of a confirmation.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flight) enum ConfirmLine {
    Heard(ReportLine),
    NotHeard { after_ms: Option<u64> },
    Unknown,
}

/// How an order stands.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct ReportLine {
    provider_id: String,
    amount: Money,
    total: Money,
    transfers: Vec<TransferOnDisk>,
    refunds: Vec<RefundLine>,
    standing: StandingLine,
    action: Option<ActionLine>,
}

/// Money that went back.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct RefundLine {
    reference: String,
    amount: Money,
    refunded_at: Option<Wall>,
}

/// What the customer is to do.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flight) enum ActionLine {
    Scan(CodeLine),
    Unsupported,
}

/// What a webhook reports.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::flight) enum SaidLine {
    Transfer(TransferOnDisk),
    NoPayment,
    Ready(Option<Money>),
    Action(Option<Money>, ActionLine),
    Refunds(Vec<RefundLine>),
    Hint,
    Sample,
    Nothing,
}

fn after_ms(after: Option<Duration>) -> Option<u64> {
    after.map(millis)
}

fn after(ms: Option<u64>) -> Option<Duration> {
    ms.map(Duration::from_millis)
}

fn wordless(cause: CauseLine) -> Refusal {
    Refusal { cause: cause.into(), code: None, reason: String::new() }
}

impl From<&CreateAnswer> for CreateLine {
    fn from(answer: &CreateAnswer) -> Self {
        match answer {
            CreateAnswer::Made(Made::Payable { provider_id, code, payee }) => Self::Payable {
                provider_id: provider_id.0.clone(),
                code: code.as_ref().map(CodeLine::from),
                bin: payee.bin.clone(),
                account: payee.account.clone(),
            },
            CreateAnswer::Made(Made::Opened { provider_id }) => Self::Opened { provider_id: provider_id.0.clone() },
            CreateAnswer::Made(Made::Started { provider_id }) => Self::Started { provider_id: provider_id.0.clone() },
            CreateAnswer::Invalid { message: _ } => Self::Invalid,
            CreateAnswer::Duplicate => Self::Duplicate,
            CreateAnswer::Refused(refusal) => Self::Refused(refusal.cause.into()),
            CreateAnswer::NotReached => Self::NotReached,
            CreateAnswer::Later { after } => Self::Later { after_ms: after_ms(*after) },
            CreateAnswer::Lost { after } => Self::Lost { after_ms: after_ms(*after) },
            CreateAnswer::Repeatable { after } => Self::Repeatable { after_ms: after_ms(*after) },
        }
    }
}

impl From<CreateLine> for CreateAnswer {
    fn from(line: CreateLine) -> Self {
        match line {
            CreateLine::Payable { provider_id, code, bin, account } => Self::Made(Made::Payable {
                provider_id: ProviderId(provider_id),
                code: code.map(CodeText::from),
                payee: Payee { bin, account, name: None },
            }),
            CreateLine::Opened { provider_id } => Self::Made(Made::Opened { provider_id: ProviderId(provider_id) }),
            CreateLine::Started { provider_id } => Self::Made(Made::Started { provider_id: ProviderId(provider_id) }),
            CreateLine::Invalid => Self::Invalid { message: String::new() },
            CreateLine::Duplicate => Self::Duplicate,
            CreateLine::Refused(cause) => Self::Refused(wordless(cause)),
            CreateLine::NotReached => Self::NotReached,
            CreateLine::Later { after_ms } => Self::Later { after: after(after_ms) },
            CreateLine::Lost { after_ms } => Self::Lost { after: after(after_ms) },
            CreateLine::Repeatable { after_ms } => Self::Repeatable { after: after(after_ms) },
        }
    }
}

impl From<&StatusAnswer> for CancelLine {
    fn from(answer: &StatusAnswer) -> Self {
        match answer {
            StatusAnswer::Known(report) => Self::Known(report.into()),
            StatusAnswer::NotFound => Self::NotFound,
            StatusAnswer::Refused(refusal) => Self::Refused(refusal.cause.into()),
            StatusAnswer::Invalid { message: _ } => Self::Invalid,
            StatusAnswer::NotReached => Self::NotReached,
            StatusAnswer::Later { after } => Self::Later { after_ms: after_ms(*after) },
        }
    }
}

impl From<CancelLine> for StatusAnswer {
    fn from(line: CancelLine) -> Self {
        match line {
            CancelLine::Known(report) => Self::Known(report.into()),
            CancelLine::NotFound => Self::NotFound,
            CancelLine::Refused(cause) => Self::Refused(wordless(cause)),
            CancelLine::Invalid => Self::Invalid { message: String::new() },
            CancelLine::NotReached => Self::NotReached,
            CancelLine::Later { after_ms } => Self::Later { after: after(after_ms) },
        }
    }
}

impl From<&ConfirmAnswer> for ConfirmLine {
    fn from(answer: &ConfirmAnswer) -> Self {
        match answer {
            ConfirmAnswer::Heard(report) => Self::Heard(report.into()),
            ConfirmAnswer::NotHeard { after } => Self::NotHeard { after_ms: after_ms(*after) },
            ConfirmAnswer::Unknown => Self::Unknown,
        }
    }
}

impl From<ConfirmLine> for ConfirmAnswer {
    fn from(line: ConfirmLine) -> Self {
        match line {
            ConfirmLine::Heard(report) => Self::Heard(report.into()),
            ConfirmLine::NotHeard { after_ms } => Self::NotHeard { after: after(after_ms) },
            ConfirmLine::Unknown => Self::Unknown,
        }
    }
}

impl From<&Report> for ReportLine {
    fn from(report: &Report) -> Self {
        Self {
            provider_id: report.provider_id.0.clone(),
            amount: report.amount.into(),
            total: report.total.into(),
            transfers: report.transfers.iter().map(TransferOnDisk::from).collect(),
            refunds: report.refunds.iter().map(RefundLine::from).collect(),
            standing: report.standing.into(),
            action: report.action.as_ref().map(ActionLine::from),
        }
    }
}

impl From<ReportLine> for Report {
    fn from(line: ReportLine) -> Self {
        Self {
            provider_id: ProviderId(line.provider_id),
            amount: line.amount.into(),
            total: line.total.into(),
            transfers: line.transfers.into_iter().map(Transfer::from).collect(),
            refunds: line.refunds.into_iter().map(Refund::from).collect(),
            standing: line.standing.into(),
            action: line.action.map(Action::from),
        }
    }
}

impl From<&Refund> for RefundLine {
    fn from(refund: &Refund) -> Self {
        Self {
            reference: refund.reference.0.clone(),
            amount: refund.amount.into(),
            refunded_at: refund.refunded_at.map(Wall::from),
        }
    }
}

impl From<RefundLine> for Refund {
    fn from(line: RefundLine) -> Self {
        Self {
            reference: TransferRef(line.reference),
            amount: line.amount.into(),
            refunded_at: line.refunded_at.map(Into::into),
        }
    }
}

impl From<&CodeText> for CodeLine {
    fn from(code: &CodeText) -> Self {
        match code {
            CodeText::VietQr(text) => Self::Vietqr(text.clone()),
            CodeText::Url(text) => Self::Url(text.clone()),
        }
    }
}

impl From<CodeLine> for CodeText {
    fn from(line: CodeLine) -> Self {
        match line {
            CodeLine::Vietqr(text) => Self::VietQr(text),
            CodeLine::Url(text) => Self::Url(text),
        }
    }
}

impl From<&Action> for ActionLine {
    fn from(action: &Action) -> Self {
        match action {
            Action::Scan(code) => Self::Scan(code.into()),
            Action::Unsupported(_) => Self::Unsupported,
        }
    }
}

impl From<ActionLine> for Action {
    fn from(line: ActionLine) -> Self {
        match line {
            ActionLine::Scan(code) => Self::Scan(code.into()),
            ActionLine::Unsupported => Self::Unsupported(String::new()),
        }
    }
}

impl From<&Said> for SaidLine {
    fn from(said: &Said) -> Self {
        match said {
            Said::Transfer(transfer) => Self::Transfer(transfer.into()),
            Said::NoPayment => Self::NoPayment,
            Said::Ready(amount) => Self::Ready(amount.map(Money::from)),
            Said::Action(amount, action) => Self::Action(amount.map(Money::from), action.into()),
            Said::Refunds(refunds) => Self::Refunds(refunds.iter().map(RefundLine::from).collect()),
            Said::Hint => Self::Hint,
            Said::Sample => Self::Sample,
            Said::Nothing => Self::Nothing,
        }
    }
}

impl From<SaidLine> for Said {
    fn from(line: SaidLine) -> Self {
        match line {
            SaidLine::Transfer(transfer) => Self::Transfer(transfer.into()),
            SaidLine::NoPayment => Self::NoPayment,
            SaidLine::Ready(amount) => Self::Ready(amount.map(Into::into)),
            SaidLine::Action(amount, action) => Self::Action(amount.map(Into::into), action.into()),
            SaidLine::Refunds(refunds) => Self::Refunds(refunds.into_iter().map(Refund::from).collect()),
            SaidLine::Hint => Self::Hint,
            SaidLine::Sample => Self::Sample,
            SaidLine::Nothing => Self::Nothing,
        }
    }
}
