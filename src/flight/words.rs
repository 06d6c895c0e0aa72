//! What happened, in one line for a person. It must not know what came of it.

use std::fmt;

use crate::till::{
    Action, Barrier, CreateAnswer, Event, Key, Made, Now, Performed, Pin, Report, Said, Session, StatusAnswer, Subject,
};
use crate::till::{ConfirmAnswer, ReportStanding};

/// A moment: the wall clock to the millisecond, and the tick.
pub(super) fn moment(now: Now) -> String {
    format!("{} +{:03} (tick {})", now.wall, now.wall.ms().rem_euclid(1000), now.tick.0)
}

/// An event and its moment.
pub(super) fn step(now: Now, event: &Event) -> String {
    format!("{} {}", moment(now), happened(event))
}

fn happened(event: &Event) -> String {
    match event {
        Event::SaleWanted { request, key, .. } => {
            let again = if key.is_some() { ", with a key" } else { "" };
            format!("a sale of {} over {} is wanted{again}", request.amount, request.channel)
        }
        Event::CancelWanted { sale, .. } => format!("sale {sale} is to be cancelled"),
        Event::AcknowledgeWanted { sale, pin: Pin::Absent, .. } => format!("the result of sale {sale} is seen"),
        Event::AcknowledgeWanted { sale, pin: Pin::Right, .. } => {
            format!("the result of sale {sale} is seen by a supervisor")
        }
        Event::ConfirmWanted { sale, .. } => format!("a supervisor says that sale {sale} is paid"),
        Event::MatchWanted { receipt, sale, .. } => format!("a supervisor says that receipt {receipt} is for {sale}"),
        Event::KeysPressed { keys, .. } => {
            format!("keys: {}", keys.iter().map(|key| pressed(*key)).collect::<String>())
        }
        Event::ReferenceScanned { .. } => "an order number is scanned".to_owned(),
        Event::DayReckoned { takings } => format!("the day has come to {} in {} sales", takings.amount, takings.paid),
        Event::ReplayWanted { .. } => "the bridges are to be asked again".to_owned(),
        Event::OrderAnswered { order, answer, .. } => format!("making order {order}: {}", Created(answer)),
        Event::StatusAnswered { order, ask, answer, .. } => {
            format!("question {} about order {order}: {}", ask.0, Stands(answer))
        }
        Event::CancelAnswered { order, answer, .. } => format!("cancelling order {order}: {}", Stands(answer)),
        Event::ConfirmAnswered { order, answer, .. } => format!("confirming order {order}: {}", confirmed(answer)),
        Event::ChannelAnswered { channel, fault: None } => format!("{channel} has answered"),
        Event::ChannelAnswered { channel, fault: Some(fault) } => match fault.barrier {
            Some(barrier) => format!("{channel} cannot be used: {}", stands_in_the_way(barrier)),
            None => format!("{channel} gave no answer that can be used"),
        },
        Event::ProviderTimeSeen { at } => format!("a provider says that it is {at}"),
        Event::WebhookArrived { notice, .. } => {
            let order = notice.order.or(notice.purpose).map(|order| format!(" for order {order}")).unwrap_or_default();
            format!("webhook of {}{order} ({}): {}", notice.channel, notice.provider_id.0, said(&notice.said))
        }
        Event::CommandArrived { command, .. } => match &command.instruction {
            Ok(instruction) => format!("the command {} comes: {}", command.id, instruction.name()),
            Err(_) => format!("the command {} comes, by which nothing can be done", command.id),
        },
        Event::CommandPerformed { id, performed: Performed::Done { .. } } => format!("the command {id} is done"),
        Event::CommandPerformed { id, performed: Performed::Fetching(percent) } => {
            format!("{percent} % of the update of {id} are here")
        }
        Event::CommandPerformed { id, performed: Performed::Fetched } => format!("the update of {id} is here"),
        Event::CommandPerformed { id, performed: Performed::Failed(_) } => format!("the command {id} cannot be done"),
        Event::BrokerUp { session: Session::Kept } => "the broker is there and has kept our session".to_owned(),
        Event::BrokerUp { session: Session::New } => "the broker is there and has no session of ours".to_owned(),
        Event::BrokerDown => "the broker is gone".to_owned(),
        Event::Published { subject, revision } => format!("the broker has taken {} r{revision}", about(*subject)),
        Event::PanelShown { generation } => format!("the display shows picture {}", generation.0),
        Event::CodeTooDense { generation } => format!("the code of picture {} is too dense", generation.0),
        Event::PanelFailed => "the display cannot be written".to_owned(),
        Event::Woke => "time has passed".to_owned(),
    }
}

fn stands_in_the_way(barrier: Barrier) -> &'static str {
    match barrier {
        Barrier::Network => "there is no way to it",
        Barrier::Silence => "it is silent",
        Barrier::Certificate => "its certificate is not trusted",
        Barrier::Access => "it does not accept our keys",
        Barrier::Shut => "it has shut the channel",
    }
}

fn pressed(key: Key) -> String {
    match key {
        Key::Digit(digit) => digit.to_string(),
        Key::DoubleZero => "00".to_owned(),
        Key::TripleZero => "000".to_owned(),
        Key::Back => "←".to_owned(),
        Key::Escape => "[Esc]".to_owned(),
        Key::Enter => "[Enter]".to_owned(),
        Key::Plus => "+".to_owned(),
        Key::Times => "×".to_owned(),
        Key::Last => "[last]".to_owned(),
        Key::Report => "[report]".to_owned(),
        Key::Repeat => "[Repeat]".to_owned(),
    }
}

fn about(subject: Subject) -> String {
    match subject {
        Subject::Sale(id) => format!("sale {id}"),
        Subject::Receipt(key) => format!("receipt {key}"),
        Subject::Replay => "the wish for a replay".to_owned(),
        Subject::Command(id) => format!("command {id}"),
        Subject::Piece(id, number) => format!("piece {number} of command {id}"),
    }
}

struct Created<'a>(&'a CreateAnswer);

impl fmt::Display for Created<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            CreateAnswer::Made(Made::Payable { provider_id, code, .. }) => {
                let code = if code.is_some() { "with a code" } else { "without a code" };
                write!(f, "made, {code} ({})", provider_id.0)
            }
            CreateAnswer::Made(Made::Opened { provider_id }) => write!(f, "opened ({})", provider_id.0),
            CreateAnswer::Made(Made::Started { provider_id }) => write!(f, "started ({})", provider_id.0),
            CreateAnswer::Invalid { .. } => f.write_str("the answer cannot be used"),
            CreateAnswer::Duplicate => f.write_str("there is such an order already"),
            CreateAnswer::Refused(_) => f.write_str("refused"),
            CreateAnswer::NotReached => f.write_str("nobody could be reached"),
            CreateAnswer::Later { .. } => f.write_str("not now"),
            CreateAnswer::Lost { .. } => f.write_str("the answer was lost"),
            CreateAnswer::Repeatable { .. } => f.write_str("the answer was lost, it may be asked again"),
        }
    }
}

struct Stands<'a>(&'a StatusAnswer);

impl fmt::Display for Stands<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            StatusAnswer::Known(known) => f.write_str(&report(known)),
            StatusAnswer::NotFound => f.write_str("there is no such order"),
            StatusAnswer::Refused(_) => f.write_str("refused"),
            StatusAnswer::Invalid { .. } => f.write_str("the answer cannot be used"),
            StatusAnswer::NotReached => f.write_str("nobody could be reached"),
            StatusAnswer::Later { .. } => f.write_str("not now"),
        }
    }
}

fn confirmed(answer: &ConfirmAnswer) -> String {
    match answer {
        ConfirmAnswer::Heard(known) => report(known),
        ConfirmAnswer::NotHeard { .. } => "nobody heard it".to_owned(),
        ConfirmAnswer::Unknown => "it may have been heard".to_owned(),
    }
}

fn report(report: &Report) -> String {
    let standing = match report.standing {
        ReportStanding::Unstarted => "not started",
        ReportStanding::Preparing => "being prepared",
        ReportStanding::Ready => "ready",
        ReportStanding::Open => "open",
        ReportStanding::Paid => "paid",
        ReportStanding::Cancelled => "cancelled",
        ReportStanding::Expired => "expired",
        ReportStanding::Failed => "failed",
    };
    format!("{standing}, {} of {} came ({})", report.total, report.amount, report.provider_id.0)
}

fn said(said: &Said) -> String {
    match said {
        Said::Transfer(transfer) => format!("{} came ({})", transfer.amount, transfer.reference.0),
        Said::NoPayment => "something that looks like money and is none".to_owned(),
        Said::Ready(_) => "it waits for the till's word".to_owned(),
        Said::Action(_, Action::Scan(_)) => "the customer is to scan a code".to_owned(),
        Said::Action(_, Action::Unsupported(_)) => "the customer is to do what no till can show".to_owned(),
        Said::Refunds(refunds) => format!("{} refunds", refunds.len()),
        Said::Hint => "something happened".to_owned(),
        Said::Sample => "a sample".to_owned(),
        Said::Nothing => "nothing for a till".to_owned(),
    }
}
