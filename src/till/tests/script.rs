//! The words of a script, each with what it makes happen in the world.
//!
//! `sell 50000 [key=K] [expire=S]`, `cancel [#n]`, `acknowledge [pin] [#n]`, `match ID T [#n]`, `confirm [#n]`, `replay`; answers to a creating request
//! `created [id=I] [code=none|other|static|T] [address=A] [account=A]`, `opened`, `started`, `create
//! duplicate|refused|invalid|unreached|later|lost|repeatable [after=S]`; to a status question `status
//! unstarted|preparing|ready|open|paid|cancelled|expired|failed|notfound|refused|invalid|unreached|later [T:AMOUNT …]
//! [total=N] [amount=N] [id=I] [action=A]`; to a cancellation `cancelled …` with the same words; to a confirmation
//! `confirmed …` with the same words, `confirmed unknown|unheard`; `webhook T AMOUNT [id=I] [age=S] [note=LENGTH]`, `webhook
//! bad|hint|nothing`, `webhook T AMOUNT purpose [channel=C]` (of a code made here), `webhook ready AMOUNT|foreign`, `webhook action https://…|unsupported [for=AMOUNT]`, `webhook refund R AMOUNT`; `keys 25 000 × 3 + 8000 enter` (also `esc`, `back`, `00`, `last`, `report`); `day PAID AMOUNT` (what the store reckons); `scan REFERENCE`; `up`, `up new`, `down`, `published [r=N]`, `published?` (the oldest message, if there is one); `shown`, `dense`, `panel fails`;
//! `restart`, `boot [TICK]`; `wall SECONDS`, `date SECONDS`;
//! `channel NAME well|Network|Silence|Certificate|Access|Shut|WORD` (what is seen of it before an answer; a word is a fault of that answer alone);
//! `command ID NAME [WORDS]`, `performed ID [pieces=N|fails]` (see `commanding`);
//! `wait`; `asleep` (nothing wakes the till until then). `#n` names an order, else the newest is meant.

use std::time::Duration;

use till_wire::{Amount, ChannelId, OrderRef, ReceiptKey, UnixTime};

use super::world::{Confirms, START, World, channel, code, milliseconds};
use crate::till::{
    Account, Action, AskId, Barrier, ChannelRules, CodeText, ConfirmAnswer, CreateAnswer, Customer, CustomerNeed,
    Delivery, Display, Event, Fault, Key, Made, NewSale, Notice, Offline, OfflineCodes, Payee, Pin, ProviderId,
    Refusal, ReplyTo, Report, ReportStanding, RequestKey, Said, Session, StatusAnswer, Takings, Transfer, TransferRef,
};

/// The value of `name=` among the words.
fn named<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn number(text: &str) -> u64 {
    text.parse().expect("a whole number in a script")
}

fn span(words: &[&str], name: &str) -> Option<Duration> {
    named(words, name).map(|text| Duration::from_secs(number(text)))
}

impl World {
    pub(super) fn set(&mut self, words: &[&str]) {
        match *words {
            ["panel", "manual"] => self.confirms = Confirms::ByHand,
            ["panel", "none"] => self.rules.display = Display::None,
            ["double", over] => self.rules.double_proof_over = Some(Amount::vnd(number(over))),
            ["customer", "needed"] => {
                let rules = ChannelRules { customer: CustomerNeed::Named, ..ChannelRules::default() };
                self.rules.channels.insert(channel(), rules);
            }
            ["offline", "vietqr", ..] => self.rules.offline = Offline::VietQr(offline_codes(words)),
            ["offline", "refuse"] => self.rules.offline = Offline::Refuse,
            ["account", number] => {
                let account = Account { bin: "970422".to_owned(), number: number.to_owned() };
                self.rules
                    .channels
                    .insert(channel(), ChannelRules { account: Some(account), ..ChannelRules::default() });
            }
            ["store", "new", tick] => {
                self.disk.store = crate::till::StoreAge::New;
                self.disk.sequence = None;
                self.first = number(tick).try_into().expect("a sequence");
            }
            ["sequence", last] => {
                self.disk.sequence = Some(number(last).try_into().expect("a sequence"));
                self.first = self.disk.sequence.expect("just set") + 1;
            }
            _ => unreachable!("an unknown setting in a script: {words:?}"),
        }
        if self.disk.store == crate::till::StoreAge::Old {
            return self.meet();
        }
        self.restart();
        self.log.clear();
    }

    pub(super) fn act(&mut self, words: &[&str]) {
        let order = self.target(words);
        let sale = self.sale_of(order);
        self.count += 1;
        let reply = ReplyTo(u64::from(self.count));
        let event = match *words {
            ["sell", amount, ..] => self.sell(number(amount), words, reply),
            ["cancel", ..] => Event::CancelWanted { sale, reply },
            ["acknowledge", "pin", ..] => Event::AcknowledgeWanted { sale, pin: Pin::Right, reply },
            ["acknowledge", ..] => Event::AcknowledgeWanted { sale, pin: Pin::Absent, reply },
            ["confirm", ..] => Event::ConfirmWanted { sale, reply },
            ["match", id, reference, ..] => {
                let receipt = ReceiptKey::of(&channel(), id, reference);
                Event::MatchWanted { receipt, sale, reply }
            }
            ["keys" | "scan" | "day", ..] => counter(words, reply),
            ["replay"] => Event::ReplayWanted { reply },
            ["command" | "performed", ..] => self.commanded(words),
            ["created", ..] => Event::OrderAnswered { sale, order, answer: self.created(order, words) },
            ["create", what, ..] => Event::OrderAnswered { sale, order, answer: create_answer(what, words) },
            ["status", what, ..] => {
                let ask = self.asks.get(&order).copied().unwrap_or(AskId(0));
                Event::StatusAnswered { sale, order, ask, answer: self.status(order, what, words) }
            }
            ["opened", ..] => {
                let answer = CreateAnswer::Made(Made::Opened { provider_id: self.id(order, words) });
                Event::OrderAnswered { sale, order, answer }
            }
            ["started", ..] => {
                let answer = CreateAnswer::Made(Made::Started { provider_id: self.id(order, words) });
                Event::OrderAnswered { sale, order, answer }
            }
            ["confirmed", "unknown", ..] => Event::ConfirmAnswered { sale, order, answer: ConfirmAnswer::Unknown },
            ["confirmed", "unheard", ..] => {
                let answer = ConfirmAnswer::NotHeard { after: span(words, "after") };
                Event::ConfirmAnswered { sale, order, answer }
            }
            ["confirmed", what, ..] => {
                let StatusAnswer::Known(report) = self.status(order, what, words) else {
                    unreachable!("a confirmation that was heard has a report: {words:?}")
                };
                Event::ConfirmAnswered { sale, order, answer: ConfirmAnswer::Heard(report) }
            }
            ["cancelled", what, ..] => Event::CancelAnswered { sale, order, answer: self.status(order, what, words) },
            ["webhook", ..] => self.webhook(order, words),
            ["up", "new"] => Event::BrokerUp { session: Session::New },
            ["up"] => Event::BrokerUp { session: Session::Kept },
            ["down"] => Event::BrokerDown,
            ["published?"] => self.publish_oldest(),
            ["published", ..] => self.publish(words),
            ["shown"] => return self.confirm(),
            ["dense"] => Event::CodeTooDense { generation: self.till.scene().generation },
            ["panel", "fails"] => Event::PanelFailed,
            ["restart"] => return self.restart(),
            ["damaged"] => return self.restart_damaged(),
            ["boot"] => return self.reboot(START / 100),
            ["boot", tick] => return self.reboot(milliseconds(tick)),
            ["wall", by] => {
                self.skew += milliseconds(by);
                Event::Woke
            }
            ["date", off] => {
                Event::ProviderTimeSeen { at: UnixTime::from_ms(self.now().wall.ms() + milliseconds(off)) }
            }
            ["channel", name, how] => channel_answered(name, how),
            ["wait"] => Event::Woke,
            _ => unreachable!("an unknown line in a script: {words:?}"),
        };
        self.happen(event);
    }

    /// The order that a line names, else the newest.
    fn target(&self, words: &[&str]) -> OrderRef {
        let named = words.iter().find_map(|word| word.strip_prefix('#'));
        let newest = self.disk.sequence.unwrap_or(self.first).max(self.first);
        let newest = newest - self.first + 1;
        self.nth(named.map_or(newest, |text| number(text).try_into().expect("a small number")))
    }

    fn sell(&self, amount: u64, words: &[&str], reply: ReplyTo) -> Event {
        let request = NewSale {
            amount: Amount::vnd(amount),
            channel: channel(),
            reference: None,
            note: None,
            expire: span(words, "expire").unwrap_or(Duration::from_secs(300)),
            customer: Customer::default(),
            items: Vec::new(),
        };
        let fingerprint = [u8::try_from(amount % 251).expect("less than 251"); 32];
        let key = named(words, "key").map(|key| RequestKey { key: key.to_owned(), fingerprint });
        Event::SaleWanted { request, key, reply }
    }

    /// What the provider calls the order.
    fn id(&self, order: OrderRef, words: &[&str]) -> ProviderId {
        let own = format!("P{}", order.sequence().wrapping_sub(self.first).wrapping_add(1));
        ProviderId(named(words, "id").map_or(own, str::to_owned))
    }

    fn amount_of(&self, order: OrderRef) -> u64 {
        self.disk.sales.get(&self.sale_of(order)).map_or(0, |sale| sale.amount.value())
    }

    fn created(&self, order: OrderRef, words: &[&str]) -> CreateAnswer {
        let amount = self.amount_of(order);
        let account = named(words, "account").unwrap_or("113366668888");
        let code = match named(words, "code") {
            None if named(words, "address").is_some() => {
                named(words, "address").map(|address| CodeText::Url(address.to_owned()))
            }
            None => Some(CodeText::VietQr(code(Some(amount), account))),
            Some("none") => None,
            Some("empty") => Some(CodeText::VietQr(String::new())),
            Some("other") => Some(CodeText::VietQr(code(Some(amount + 1), account))),
            Some("static") => Some(CodeText::VietQr(code(None, account))),
            Some(text) => Some(CodeText::VietQr(text.to_owned())),
        };
        CreateAnswer::Made(Made::Payable { provider_id: self.id(order, words), code, payee: Payee::default() })
    }

    fn status(&self, order: OrderRef, what: &str, words: &[&str]) -> StatusAnswer {
        let message = "no".to_owned();
        let standing = match what {
            "notfound" => return StatusAnswer::NotFound,
            "refused" => return StatusAnswer::Refused(Refusal::unsaid(message)),
            "invalid" => return StatusAnswer::Invalid { message },
            "unreached" => return StatusAnswer::NotReached,
            "later" => return StatusAnswer::Later { after: span(words, "after") },
            "unstarted" => ReportStanding::Unstarted,
            "preparing" => ReportStanding::Preparing,
            "ready" => ReportStanding::Ready,
            "open" => ReportStanding::Open,
            "paid" => ReportStanding::Paid,
            "cancelled" => ReportStanding::Cancelled,
            "expired" => ReportStanding::Expired,
            "failed" => ReportStanding::Failed,
            _ => unreachable!("an unknown standing in a script: {what}"),
        };
        let transfers: Vec<Transfer> = words
            .iter()
            .filter_map(|word| word.split_once(':').filter(|_| !word.contains('=')))
            .map(transfer)
            .collect();
        let listed: u64 = transfers.iter().map(|transfer| transfer.amount.value()).sum();
        StatusAnswer::Known(Report {
            provider_id: self.id(order, words),
            amount: Amount::vnd(named(words, "amount").map_or(self.amount_of(order), number)),
            total: Amount::vnd(named(words, "total").map_or(listed, number)),
            transfers,
            refunds: Vec::new(),
            standing,
            action: named(words, "action").map(action),
        })
    }

    fn webhook(&self, order: OrderRef, words: &[&str]) -> Event {
        let said = match *words {
            [_, "bad", ..] => Said::NoPayment,
            [_, "hint", ..] => Said::Hint,
            [_, "nothing", ..] => Said::Nothing,
            [_, "ready", "foreign", ..] => Said::Ready(None),
            [_, "ready", amount, ..] => Said::Ready(Some(Amount::vnd(number(amount)))),
            [_, "action", what, ..] => {
                let amount = named(words, "for").map_or(self.amount_of(order), number);
                Said::Action(Some(Amount::vnd(amount)), action(what))
            }
            [_, "refund", reference, amount, ..] => {
                let (reference, amount) = (TransferRef(reference.to_owned()), Amount::vnd(number(amount)));
                Said::Refunds(vec![till_wire::provider::Refund { reference, amount, refunded_at: None }])
            }
            [_, reference, amount, ..] => {
                let age = named(words, "age").map_or(0, milliseconds);
                let transacted_at = Some(UnixTime::from_ms(self.now().wall.ms() - age));
                Said::Transfer(Transfer { transacted_at, ..transfer((reference, amount)) })
            }
            _ => unreachable!("a webhook without its words: {words:?}"),
        };
        let purpose = words.contains(&"purpose").then_some(order);
        let order = (purpose.is_none() && !words.contains(&"nobody")).then_some(order);
        let foreign = named(words, "order").map(|text| text.parse().expect("an order reference"));
        let notice = Notice {
            channel: named(words, "channel").map_or_else(channel, a_channel),
            order: foreign.or(order),
            purpose,
            provider_id: self.id(order.unwrap_or(self.nth(1)), words),
            said,
            note: named(words, "note").map(|length| "n".repeat(usize::try_from(number(length)).expect("a length"))),
        };
        let envelope = format!("{:032x}", self.count).parse().expect("32 digits");
        Event::WebhookArrived { delivery: Delivery { connection: 1, packet: self.count }, envelope, notice }
    }

    /// The broker takes the oldest message, if there is one.
    fn publish_oldest(&mut self) -> Event {
        if self.published.is_empty() {
            return Event::Woke;
        }
        let owed = self.published.remove(0);
        Event::Published { subject: owed.subject, revision: owed.revision }
    }

    /// The broker takes the newest message, or says so of one named by its place.
    fn publish(&mut self, words: &[&str]) -> Event {
        let place = named(words, "message").map(|text| usize::try_from(number(text)).expect("a small number"));
        let place = place.unwrap_or(self.published.len());
        let owed = self.published.get(place.wrapping_sub(1)).copied().expect("a message was published");
        Event::Published { subject: owed.subject, revision: owed.revision }
    }
}

fn channel_answered(name: &str, how: &str) -> Event {
    let barrier = Barrier::ALL.into_iter().find(|barrier| format!("{barrier:?}") == how);
    let fault = Fault { barrier, reason: how.to_owned() };
    Event::ChannelAnswered { channel: a_channel(name), fault: Some(fault).filter(|_| how != "well") }
}

fn a_channel(name: &str) -> ChannelId {
    ChannelId::new(name).expect("a good channel id")
}

/// Codes made here: `[most=AMOUNT] [total=AMOUNT] [count=N] [age=SECONDS]`.
fn offline_codes(words: &[&str]) -> OfflineCodes {
    let limit = |name, usual| named(words, name).map_or(usual, number);
    OfflineCodes {
        channel: a_channel("bank"),
        account: till_wire::Account {
            bin: "970422".to_owned(),
            number: "0933450210".to_owned(),
            name: Some("Quán Lá".to_owned()),
        },
        max_amount: Amount::vnd(limit("most", 2_000_000)),
        max_total: Amount::vnd(limit("total", 10_000_000)),
        max_count: u32::try_from(limit("count", 50)).expect("a small number"),
        max_age: Duration::from_secs(limit("age", 86_400)),
    }
}

/// What the cashier types and scans, and what the store reckons for him.
fn counter(words: &[&str], reply: ReplyTo) -> Event {
    match *words {
        ["scan", reference] => Event::ReferenceScanned { reference: reference.to_owned(), reply },
        ["day", paid, amount] => {
            let amount = Amount::vnd(number(amount));
            Event::DayReckoned { takings: Takings { paid: number(paid), amount, open: 1, unconfirmed: 2 } }
        }
        ["keys", ref keys @ ..] => {
            Event::KeysPressed { keys: keys.iter().flat_map(|word| pressed(word)).collect(), reply }
        }
        _ => unreachable!("an unknown event in a script: {words:?}"),
    }
}

/// The keys of a word: `enter`, `esc`, `back`, `+`, `×`, `00`, `000`, `repeat`, else digit by digit.
fn pressed(word: &str) -> Vec<Key> {
    match word {
        "enter" => vec![Key::Enter],
        "esc" => vec![Key::Escape],
        "back" => vec![Key::Back],
        "+" => vec![Key::Plus],
        "×" => vec![Key::Times],
        "last" => vec![Key::Last],
        "report" => vec![Key::Report],
        "repeat" => vec![Key::Repeat],
        "00" => vec![Key::DoubleZero],
        "000" => vec![Key::TripleZero],
        digits => digits.bytes().map(|byte| Key::Digit(byte - b'0')).collect(),
    }
}

fn transfer((reference, amount): (&str, &str)) -> Transfer {
    let reference = TransferRef(reference.to_owned());
    Transfer { reference, amount: Amount::vnd(number(amount)), transacted_at: None }
}

/// `unsupported`, or an address to scan.
fn action(what: &str) -> Action {
    match what {
        "unsupported" => Action::Unsupported("no".to_owned()),
        address => Action::Scan(CodeText::Url(address.to_owned())),
    }
}

fn create_answer(what: &str, words: &[&str]) -> CreateAnswer {
    let after = span(words, "after");
    let message = "no".to_owned();
    match what {
        "duplicate" => CreateAnswer::Duplicate,
        "refused" => CreateAnswer::Refused(Refusal::unsaid(message)),
        "invalid" => CreateAnswer::Invalid { message },
        "unreached" => CreateAnswer::NotReached,
        "later" => CreateAnswer::Later { after },
        "lost" => CreateAnswer::Lost { after },
        "repeatable" => CreateAnswer::Repeatable { after },
        _ => unreachable!("an unknown answer in a script: {what}"),
    }
}
