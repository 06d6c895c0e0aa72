//! What is left out of a recording: names, notes, texts, accounts, keys. What decisions compare is replaced by a mark, the
//! same for the same text within one process. It must not know the format.

use sha2::{Digest, Sha256};
use till_wire::emv::VietQr;

use crate::till::{
    Account, Action, Attempt, Code, CodeText, Confirmation, CreateAnswer, Customer, Ending, Event, Failure, Fault,
    Found, KeyRecord, Made, Memory, NewSale, Notice, Offline, OfflineCodes, Payee, Pending, ProviderId, QrKind,
    Receipt, Records, Refusal, Report, RequestKey, Rules, Said, Sale, Scanned, SeenFault, State, StatusAnswer,
    Transfer, TransferRef,
};
use crate::till::{ConfirmAnswer, Payment, Refund, Reported};

use super::hidden;

/// The longest provider's id that is kept as it is, in bytes.
const LONGEST_ID: usize = 200;

/// Hides what a recording must not hold.
#[derive(Clone)]
pub(super) struct Veil {
    salt: [u8; 16],
}

impl Veil {
    pub(super) fn new() -> Self {
        Self { salt: fastrand::u128(..).to_be_bytes() }
    }

    /// Returns a mark in place of a text; nobody can get from it to the text by trying texts.
    fn mark(&self, text: &[u8]) -> String {
        let digest = Sha256::new().chain_update(self.salt).chain_update(text).finalize();
        digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect()
    }

    /// An id of a length that no provider uses is replaced; every other one is what the recording is for.
    fn id(&self, id: String) -> String {
        if id.len() <= LONGEST_ID { id } else { self.mark(id.as_bytes()) }
    }

    fn provider_id(&self, id: ProviderId) -> ProviderId {
        ProviderId(self.id(id.0))
    }

    fn reference(&self, reference: TransferRef) -> TransferRef {
        TransferRef(self.id(reference.0))
    }

    fn key(&self, key: RequestKey) -> RequestKey {
        let digest = Sha256::new().chain_update(self.salt).chain_update(key.fingerprint).finalize();
        RequestKey { key: self.mark(key.key.as_bytes()), fingerprint: digest.into() }
    }

    pub(super) fn key_record(&self, record: KeyRecord) -> KeyRecord {
        KeyRecord { request: self.key(record.request), ..record }
    }

    /// Returns a code that the till judges as it judges this one, and that nobody can pay.
    fn code_text(&self, text: CodeText) -> CodeText {
        match text {
            CodeText::VietQr(text) => CodeText::VietQr(self.vietqr(&text)),
            CodeText::Url(text) => CodeText::Url(self.url(&text)),
        }
    }

    fn vietqr(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let mark = self.mark(text.as_bytes());
        let Ok(code) = VietQr::parse(text) else { return format!("unreadable {mark}") };
        let account = till_wire::Account { bin: code.bin, number: self.mark(code.account.as_bytes()), name: None };
        VietQr::build(&account, code.amount, &mark).unwrap_or_else(|_| format!("unreadable {mark}"))
    }

    fn url(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let mark = self.mark(text.as_bytes());
        let drawn = crate::till::is_drawable_address(text);
        if drawn { format!("https://hidden/{mark}") } else { format!("hidden {mark}") }
    }

    fn payee(&self, payee: Payee) -> Payee {
        let Payee { bin, account, name: _ } = payee;
        Payee { bin, account: account.map(|account| self.mark(account.as_bytes())), name: None }
    }

    fn code(&self, code: Code) -> Code {
        let text = match code.kind {
            QrKind::Vietqr => self.vietqr(&code.text),
            QrKind::Url => self.url(&code.text),
        };
        Code { text, kind: code.kind, payee: self.payee(code.payee) }
    }

    pub(super) fn sale(&self, sale: Sale) -> Sale {
        Sale {
            reference: None,
            note: None,
            customer: Customer::default(),
            items: Vec::new(),
            state: self.state(sale.state),
            attempts: sale.attempts.into_iter().map(|attempt| self.attempt(attempt)).collect(),
            code: sale.code.map(|code| self.code(code)),
            payments: sale.payments.into_iter().map(|payment| self.payment(payment)).collect(),
            refunds: sale.refunds.into_iter().map(|refund| self.refund(refund)).collect(),
            ..sale
        }
    }

    fn state(&self, state: State) -> State {
        match state {
            State::Closing { ending, seen_as, generation, until } => {
                State::Closing { ending: silent(ending), seen_as, generation, until }
            }
            State::Ended(ending) => State::Ended(silent(ending)),
            State::Requesting { .. }
            | State::Drawing { .. }
            | State::Showing { .. }
            | State::LastQuestion { .. }
            | State::Cancelling { .. }
            | State::Offline { .. } => state,
        }
    }

    fn attempt(&self, attempt: Attempt) -> Attempt {
        Attempt {
            provider_id: attempt.provider_id.map(|id| self.provider_id(id)),
            pending: attempt.pending.into_iter().map(|pending| self.pending(pending)).collect(),
            confirmation: match attempt.confirmation {
                Confirmation::Early(id) => Confirmation::Early(self.provider_id(id)),
                other @ (Confirmation::Unasked | Confirmation::Due(_) | Confirmation::Sending | Confirmation::Sent) => {
                    other
                }
            },
            ..attempt
        }
    }

    fn pending(&self, pending: Pending) -> Pending {
        Pending {
            provider_id: self.provider_id(pending.provider_id),
            transfer: self.transfer(pending.transfer),
            note: None,
            received_at: pending.received_at,
        }
    }

    fn transfer(&self, transfer: Transfer) -> Transfer {
        Transfer { reference: self.reference(transfer.reference), ..transfer }
    }

    fn payment(&self, payment: Payment) -> Payment {
        let (provider_id, reference) = (self.provider_id(payment.provider_id), self.reference(payment.reference));
        Payment { provider_id, reference, ..payment }
    }

    fn refund(&self, refund: Refund) -> Refund {
        let (provider_id, reference) = (self.provider_id(refund.provider_id), self.reference(refund.reference));
        Refund { provider_id, reference, ..refund }
    }

    pub(super) fn receipt(&self, receipt: Receipt) -> Receipt {
        let (provider_id, reference) = (self.provider_id(receipt.provider_id), self.reference(receipt.reference));
        Receipt { provider_id, reference, note: None, ..receipt }
    }

    pub(super) fn found(&self, found: Found) -> Found {
        Found {
            sale: found.sale.map(|sale| self.sale(sale)),
            receipt: found.receipt.map(|receipt| self.receipt(receipt)),
        }
    }

    pub(super) fn records(&self, records: Records) -> Records {
        Records {
            sales: records.sales.into_iter().map(|sale| self.sale(sale)).collect(),
            keys: records.keys.into_iter().map(|key| self.key_record(key)).collect(),
            commands: records.commands.into_iter().map(hidden::record).collect(),
            ..records
        }
    }

    pub(super) fn memory(&self, memory: Memory) -> Memory {
        let noted = |reported: Reported| Reported {
            provider_id: self.id(reported.provider_id),
            provider_ref: self.id(reported.provider_ref),
            ..reported
        };
        Memory {
            sales: memory.sales.into_iter().map(|sale| self.sale(sale)).collect(),
            receipts: memory.receipts.into_iter().map(|receipt| self.receipt(receipt)).collect(),
            keys: memory.keys.into_iter().map(|key| self.key_record(key)).collect(),
            channels: memory.channels.into_iter().map(|(channel, seen)| (channel, unsaid(seen))).collect(),
            scanned: memory.scanned.map(|scanned| Scanned { reference: String::new(), ..scanned }),
            noted: memory.noted.into_iter().map(|(sale, reported)| (sale, noted(reported))).collect(),
            commands: hidden::commands(memory.commands),
            ..memory
        }
    }

    pub(super) fn rules(&self, rules: Rules) -> Rules {
        let account = |account: Account| Account { number: self.mark(account.number.as_bytes()), ..account };
        let mut rules = rules;
        for channel in rules.channels.values_mut() {
            channel.account = channel.account.take().map(account);
        }
        rules.offline = match rules.offline {
            Offline::VietQr(codes) => {
                let till_wire::Account { bin, number, name: _ } = codes.account;
                let account = till_wire::Account { bin, number: self.mark(number.as_bytes()), name: None };
                Offline::VietQr(OfflineCodes { account, ..codes })
            }
            other @ (Offline::Refuse | Offline::Wait(_)) => other,
        };
        rules
    }

    pub(super) fn event(&self, event: Event) -> Event {
        match event {
            Event::SaleWanted { request, key, reply } => {
                Event::SaleWanted { request: nameless(request), key: key.map(|key| self.key(key)), reply }
            }
            Event::OrderAnswered { sale, order, answer } => {
                Event::OrderAnswered { sale, order, answer: self.created(answer) }
            }
            Event::StatusAnswered { sale, order, ask, answer } => {
                Event::StatusAnswered { sale, order, ask, answer: self.status(answer) }
            }
            Event::CancelAnswered { sale, order, answer } => {
                Event::CancelAnswered { sale, order, answer: self.status(answer) }
            }
            Event::ConfirmAnswered { sale, order, answer } => {
                Event::ConfirmAnswered { sale, order, answer: self.confirmed(answer) }
            }
            Event::ChannelAnswered { channel, fault } => {
                let fault = fault.map(|Fault { barrier, reason: _ }| Fault { barrier, reason: String::new() });
                Event::ChannelAnswered { channel, fault }
            }
            Event::WebhookArrived { delivery, envelope, notice } => {
                Event::WebhookArrived { delivery, envelope, notice: self.notice(notice) }
            }
            Event::CommandArrived { delivery, command } => {
                Event::CommandArrived { delivery, command: Box::new(hidden::command(*command)) }
            }
            Event::CommandPerformed { id, performed } => {
                Event::CommandPerformed { id, performed: hidden::performed(performed) }
            }
            Event::ReferenceScanned { reference: _, reply } => {
                Event::ReferenceScanned { reference: String::new(), reply }
            }
            plain @ (Event::CancelWanted { .. }
            | Event::AcknowledgeWanted { .. }
            | Event::ConfirmWanted { .. }
            | Event::MatchWanted { .. }
            | Event::KeysPressed { .. }
            | Event::DayReckoned { .. }
            | Event::ReplayWanted { .. }
            | Event::ProviderTimeSeen { .. }
            | Event::BrokerUp { .. }
            | Event::BrokerDown
            | Event::Published { .. }
            | Event::PanelShown { .. }
            | Event::CodeTooDense { .. }
            | Event::PanelFailed
            | Event::Woke) => plain,
        }
    }

    fn created(&self, answer: CreateAnswer) -> CreateAnswer {
        match answer {
            CreateAnswer::Made(made) => CreateAnswer::Made(self.made(made)),
            CreateAnswer::Invalid { message: _ } => CreateAnswer::Invalid { message: String::new() },
            CreateAnswer::Refused(refusal) => CreateAnswer::Refused(wordless(&refusal)),
            plain @ (CreateAnswer::Duplicate
            | CreateAnswer::NotReached
            | CreateAnswer::Later { .. }
            | CreateAnswer::Lost { .. }
            | CreateAnswer::Repeatable { .. }) => plain,
        }
    }

    fn made(&self, made: Made) -> Made {
        match made {
            Made::Payable { provider_id, code, payee } => Made::Payable {
                provider_id: self.provider_id(provider_id),
                code: code.map(|code| self.code_text(code)),
                payee: self.payee(payee),
            },
            Made::Opened { provider_id } => Made::Opened { provider_id: self.provider_id(provider_id) },
            Made::Started { provider_id } => Made::Started { provider_id: self.provider_id(provider_id) },
        }
    }

    fn status(&self, answer: StatusAnswer) -> StatusAnswer {
        match answer {
            StatusAnswer::Known(report) => StatusAnswer::Known(self.report(report)),
            StatusAnswer::Refused(refusal) => StatusAnswer::Refused(wordless(&refusal)),
            StatusAnswer::Invalid { message: _ } => StatusAnswer::Invalid { message: String::new() },
            plain @ (StatusAnswer::NotFound | StatusAnswer::NotReached | StatusAnswer::Later { .. }) => plain,
        }
    }

    fn confirmed(&self, answer: ConfirmAnswer) -> ConfirmAnswer {
        match answer {
            ConfirmAnswer::Heard(report) => ConfirmAnswer::Heard(self.report(report)),
            plain @ (ConfirmAnswer::NotHeard { .. } | ConfirmAnswer::Unknown) => plain,
        }
    }

    fn report(&self, report: Report) -> Report {
        Report {
            provider_id: self.provider_id(report.provider_id),
            transfers: report.transfers.into_iter().map(|transfer| self.transfer(transfer)).collect(),
            refunds: report.refunds.into_iter().map(|refund| self.wire_refund(refund)).collect(),
            action: report.action.map(|action| self.action(action)),
            ..report
        }
    }

    fn wire_refund(&self, refund: till_wire::provider::Refund) -> till_wire::provider::Refund {
        till_wire::provider::Refund { reference: self.reference(refund.reference), ..refund }
    }

    fn action(&self, action: Action) -> Action {
        match action {
            Action::Scan(code) => Action::Scan(self.code_text(code)),
            Action::Unsupported(_) => Action::Unsupported(String::new()),
        }
    }

    fn notice(&self, notice: Notice) -> Notice {
        let said = match notice.said {
            Said::Transfer(transfer) => Said::Transfer(self.transfer(transfer)),
            Said::Action(amount, action) => Said::Action(amount, self.action(action)),
            Said::Refunds(refunds) => {
                Said::Refunds(refunds.into_iter().map(|refund| self.wire_refund(refund)).collect())
            }
            plain @ (Said::NoPayment | Said::Ready(_) | Said::Hint | Said::Sample | Said::Nothing) => plain,
        };
        Notice { provider_id: self.provider_id(notice.provider_id), said, note: None, ..notice }
    }
}

fn unsaid(seen: SeenFault) -> SeenFault {
    SeenFault { fault: Fault { reason: String::new(), ..seen.fault }, ..seen }
}

fn nameless(request: NewSale) -> NewSale {
    NewSale { reference: None, note: None, customer: Customer::default(), items: Vec::new(), ..request }
}

fn wordless(refusal: &Refusal) -> Refusal {
    Refusal { cause: refusal.cause, code: None, reason: String::new() }
}

fn silent(ending: Ending) -> Ending {
    let quiet = |failure: Failure| Failure { message: String::new(), provider_code: None, ..failure };
    match ending {
        Ending::Paid => Ending::Paid,
        Ending::Cancelled(failure) => Ending::Cancelled(failure.map(quiet)),
        Ending::Expired(failure) => Ending::Expired(failure.map(quiet)),
        Ending::Failed(failure) => Ending::Failed(quiet(failure)),
    }
}
