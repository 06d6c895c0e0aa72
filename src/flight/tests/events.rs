//! Every event passes through the format and comes out as it was.

use std::time::Duration;

use till_wire::fleet::{Checksum, UpdateKind};
use till_wire::provider::Refund;
use till_wire::{Amount, CommandId, OrderRef, ReceiptKey, SaleId, TerminalNumber, UnixTime};

use super::selling::{channel, wanted};
use crate::flight::format::EventLine;
use crate::flight::veil::Veil;
use crate::till::{
    Action, AskId, Barrier, CodeText, CommandResult, ConfirmAnswer, CreateAnswer, Delivery, Event, Fault, Generation,
    Instruction, Key, LogLevel, Made, Notice, Payee, Performed, Pin, ProviderId, Refusal, RefusalCause, ReplyTo,
    Report, ReportStanding, RequestKey, Said, Session, SignedCommand, StatusAnswer, Subject, Takings, Transfer,
    TransferRef, Update,
};

/// How many variants there are.
const VARIANTS: usize = 25;

/// Numbers the variants; a new one does not compile until it has its number here, and `VARIANTS` and a sample.
fn number(event: &Event) -> usize {
    match event {
        Event::SaleWanted { .. } => 0,
        Event::CancelWanted { .. } => 1,
        Event::AcknowledgeWanted { .. } => 2,
        Event::ConfirmWanted { .. } => 3,
        Event::MatchWanted { .. } => 4,
        Event::KeysPressed { .. } => 5,
        Event::ReplayWanted { .. } => 6,
        Event::OrderAnswered { .. } => 7,
        Event::StatusAnswered { .. } => 8,
        Event::CancelAnswered { .. } => 9,
        Event::ConfirmAnswered { .. } => 10,
        Event::ProviderTimeSeen { .. } => 11,
        Event::WebhookArrived { .. } => 12,
        Event::BrokerUp { .. } => 13,
        Event::BrokerDown => 14,
        Event::Published { .. } => 15,
        Event::PanelShown { .. } => 16,
        Event::CodeTooDense { .. } => 17,
        Event::PanelFailed => 18,
        Event::Woke => 19,
        Event::ChannelAnswered { .. } => 20,
        Event::DayReckoned { .. } => 21,
        Event::ReferenceScanned { .. } => 22,
        Event::CommandArrived { .. } => 23,
        Event::CommandPerformed { .. } => 24,
    }
}

fn order() -> OrderRef {
    OrderRef::new(TerminalNumber::new(1017).expect("a number"), 29_727_122).expect("an order")
}

fn id() -> ProviderId {
    ProviderId("pl_1".to_owned())
}

fn created() -> Vec<CreateAnswer> {
    let after = Some(Duration::from_millis(1_500));
    let message = "words of a provider".to_owned();
    let code = |code| {
        let payee = Payee { bin: Some("970422".to_owned()), account: Some("1".to_owned()), name: None };
        CreateAnswer::Made(Made::Payable { provider_id: id(), code, payee })
    };
    vec![
        code(None),
        code(Some(CodeText::VietQr(String::new()))),
        code(Some(CodeText::VietQr("no code".to_owned()))),
        code(Some(CodeText::Url("https://pay.example/1".to_owned()))),
        code(Some(CodeText::Url("http://pay.example/1".to_owned()))),
        CreateAnswer::Made(Made::Opened { provider_id: id() }),
        CreateAnswer::Made(Made::Started { provider_id: id() }),
        CreateAnswer::Invalid { message },
        CreateAnswer::Duplicate,
        CreateAnswer::Refused(Refusal { cause: RefusalCause::Order, ..Refusal::unsaid("words") }),
        CreateAnswer::NotReached,
        CreateAnswer::Later { after },
        CreateAnswer::Lost { after: None },
        CreateAnswer::Repeatable { after },
    ]
}

fn transfer() -> Transfer {
    let transacted_at = Some(UnixTime::from_ms(1_795_143_600_123));
    Transfer { reference: TransferRef("FT1".to_owned()), amount: Amount::vnd(5), transacted_at }
}

fn refund() -> Refund {
    Refund { reference: TransferRef("R1".to_owned()), amount: Amount::vnd(2), refunded_at: None }
}

fn reports() -> Vec<Report> {
    let standings = [
        ReportStanding::Unstarted,
        ReportStanding::Preparing,
        ReportStanding::Ready,
        ReportStanding::Open,
        ReportStanding::Paid,
        ReportStanding::Cancelled,
        ReportStanding::Expired,
        ReportStanding::Failed,
    ];
    let report = |standing| Report {
        provider_id: id(),
        amount: Amount::vnd(50_000),
        total: Amount::vnd(5),
        transfers: vec![transfer()],
        refunds: vec![refund()],
        standing,
        action: Some(Action::Unsupported("words".to_owned())),
    };
    standings.map(report).to_vec()
}

fn stands() -> Vec<StatusAnswer> {
    let mut answers: Vec<_> = reports().into_iter().map(StatusAnswer::Known).collect();
    answers.extend([
        StatusAnswer::NotFound,
        StatusAnswer::Refused(Refusal { cause: RefusalCause::Access, ..Refusal::unsaid("words") }),
        StatusAnswer::Invalid { message: "words".to_owned() },
        StatusAnswer::NotReached,
        StatusAnswer::Later { after: Some(Duration::from_secs(3)) },
    ]);
    answers
}

fn said() -> Vec<Said> {
    vec![
        Said::Transfer(transfer()),
        Said::NoPayment,
        Said::Ready(Some(Amount::vnd(7))),
        Said::Ready(None),
        Said::Action(None, Action::Scan(CodeText::Url("https://a.example/".to_owned()))),
        Said::Refunds(vec![refund()]),
        Said::Hint,
        Said::Sample,
        Said::Nothing,
    ]
}

fn samples() -> Vec<Event> {
    let (order, reply) = (order(), ReplyTo(3));
    let sale = SaleId::new(order);
    let receipt = ReceiptKey::of(&channel(), "pl_1", "FT1");
    let key = RequestKey { key: "K".to_owned(), fingerprint: [1; 32] };
    let keys = vec![
        Key::Digit(7),
        Key::DoubleZero,
        Key::TripleZero,
        Key::Back,
        Key::Escape,
        Key::Enter,
        Key::Plus,
        Key::Times,
        Key::Last,
        Key::Report,
        Key::Repeat,
    ];
    let takings = Takings { paid: 37, amount: Amount::vnd(1_250_000), open: 1, unconfirmed: 2 };
    let mut events = vec![
        Event::SaleWanted { request: wanted(50_000), key: Some(key), reply },
        Event::SaleWanted { request: wanted(50_000), key: None, reply },
        Event::CancelWanted { sale, reply },
        Event::AcknowledgeWanted { sale, pin: Pin::Right, reply },
        Event::AcknowledgeWanted { sale, pin: Pin::Absent, reply },
        Event::ConfirmWanted { sale, reply },
        Event::MatchWanted { receipt, sale, reply },
        Event::KeysPressed { keys, reply },
        Event::DayReckoned { takings },
        Event::ReferenceScanned { reference: "ORDER-77".to_owned(), reply },
        Event::ReplayWanted { reply },
        Event::ConfirmAnswered { sale, order, answer: ConfirmAnswer::Unknown },
        Event::ConfirmAnswered { sale, order, answer: ConfirmAnswer::NotHeard { after: None } },
        Event::ChannelAnswered { channel: channel(), fault: None },
        Event::ProviderTimeSeen { at: UnixTime::from_ms(1_795_143_600_001) },
        Event::BrokerUp { session: Session::Kept },
        Event::BrokerUp { session: Session::New },
        Event::BrokerDown,
        Event::Published { subject: Subject::Sale(sale), revision: 4 },
        Event::Published { subject: Subject::Receipt(receipt), revision: 1 },
        Event::Published { subject: Subject::Replay, revision: 0 },
        Event::PanelShown { generation: Generation(5) },
        Event::CodeTooDense { generation: Generation(6) },
        Event::PanelFailed,
        Event::Woke,
    ];
    events.extend(Barrier::ALL.map(Some).into_iter().chain([None]).map(|barrier| {
        let fault = Fault { barrier, reason: "words of a library".to_owned() };
        Event::ChannelAnswered { channel: channel(), fault: Some(fault) }
    }));
    events.extend(commands());
    events.extend(created().into_iter().map(|answer| Event::OrderAnswered { sale, order, answer }));
    let ask = AskId(9);
    events.extend(stands().into_iter().map(|answer| Event::StatusAnswered { sale, order, ask, answer }));
    events.extend(stands().into_iter().map(|answer| Event::CancelAnswered { sale, order, answer }));
    let heard = reports().into_iter().map(ConfirmAnswer::Heard);
    events.extend(heard.map(|answer| Event::ConfirmAnswered { sale, order, answer }));
    events.extend(said().into_iter().map(|said| {
        let note = Some("words of a payer".to_owned());
        let notice = Notice { channel: channel(), order: None, purpose: Some(order), provider_id: id(), said, note };
        let envelope = "3f0c9b6de1a24785906b1f2a3c4d5e6f".parse().expect("32 digits are an envelope's id");
        Event::WebhookArrived { delivery: Delivery { connection: 2, packet: 8 }, envelope, notice }
    }));
    events
}

fn commands() -> Vec<Event> {
    let id = CommandId::new("c-1").expect("an id");
    let at = UnixTime::from_secs(1_795_143_600);
    let text = "words of an operator".to_owned();
    let update = Update {
        url: "https://updates.example/words".parse().expect("an address"),
        size: 7,
        sha256: Checksum::of(&[7; 32]),
        version: "0.2.0".parse().expect("a version"),
        kind: UpdateKind::Deb,
        downgrade: true,
    };
    let instructions = [
        Ok(Instruction::Identify),
        Ok(Instruction::ShowMessage { text: text.clone(), seconds: 9 }),
        Ok(Instruction::CancelSale { sale: Some(SaleId::new(order())) }),
        Ok(Instruction::SetLogLevel { level: LogLevel::Warn, minutes: None }),
        Ok(Instruction::CollectLogs { minutes: 5 }),
        Ok(Instruction::Update(Box::new(update))),
        Err(text.clone()),
    ];
    let delivery = Delivery { connection: 2, packet: 8 };
    let arrived = instructions.into_iter().map(|instruction| {
        let audience = "group:north".parse().expect("an audience");
        let document = Some(text.clone().into());
        let command =
            SignedCommand { topic: id, id, audience, made: at, begins: at, expires: at, instruction, document };
        Event::CommandArrived { delivery, command: Box::new(command) }
    });
    let done = [
        Performed::Done { result: CommandResult::Json(format!("{{\"a\":\"{text}\"}}")), pieces: 3 },
        Performed::Done { result: CommandResult::None, pieces: 0 },
        Performed::Fetching(7),
        Performed::Fetched,
        Performed::Failed(text.clone()),
    ];
    let performed = done.into_iter().map(|performed| Event::CommandPerformed { id, performed });
    let taken = [Subject::Command(id), Subject::Piece(id, 2)];
    let taken = taken.map(|subject| Event::Published { subject, revision: 0 });
    arrived.chain(performed).chain(taken).collect()
}

#[test]
fn every_event_comes_out_of_the_format_as_it_went_in() {
    let veil = Veil::new();
    let mut met = [false; VARIANTS];
    for event in samples() {
        met[number(&event)] = true;
        let veiled = veil.event(event);
        let line = serde_json::to_string(&EventLine::from(&veiled)).expect("an event is JSON");
        assert!(!line.contains("words"), "{line}");
        let read: EventLine = serde_json::from_str(&line).expect("the line is an event");
        assert_eq!(format!("{:?}", Event::from(read)), format!("{veiled:?}"), "{line}");
    }
    assert_eq!(met, [true; VARIANTS], "every variant has a sample");
}
