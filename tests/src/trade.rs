//! A counter that sells all day, in made-up time: the real till between a provider, a broker and a display that answer at
//! once. It makes the writes that a store gets from real sales, as many as are wanted. It must not know what a store does.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use demo::vietqr::{BankAccount, build};
use till_wire::provider::{CodeText, Payee, Transfer, TransferRef};
use till_wire::{Amount, ChannelId, OrderRef, TerminalNumber, UnixTime};
use tilld::till::{
    BootId, ChannelRules, CreateAnswer, CreateOrder, Customer, Delivery, Display, Effect, Event, Generation, Made,
    NewSale, Notice, Now, Offline, OrderAt, ProviderId, Records, ReplyTo, Report, ReportStanding, Rules, Said, Service,
    Session, StatusAnswer, Step, StoreAge, Tick, Till, Write,
};

/// One sale in so many is not paid: its code expires, and its money is looked out for all day.
const UNPAID_ONE_IN: u64 = 20;
/// How long a code is shown.
const EXPIRE: Duration = Duration::from_secs(60);

/// The counter.
#[derive(Debug)]
pub struct Trade {
    till: Till,
    now: Now,
    /// From one sale to the next.
    pace: Duration,
    made: u64,
    shown: Generation,
    commits: Vec<Vec<Write>>,
    /// The order that can be paid, and what for.
    order: Option<(OrderRef, Amount)>,
}

impl Trade {
    /// A counter with a new store that opens at a moment, with a customer each `pace`.
    pub fn open(at: UnixTime, pace: Duration) -> Self {
        let now = Now { tick: Tick(1_000_000), wall: at };
        let records = Records {
            store: StoreAge::New,
            born: at,
            sequence: None,
            number: 0,
            sales: Vec::new(),
            keys: Vec::new(),
            owed: Vec::new(),
            online: None,
            commands: Vec::new(),
            forgotten: None,
            service: Service::Open,
        };
        let (till, step) = Till::restore(records, rules(at), BootId([1; 16]), now, Generation::default());
        let (commits, shown) = (Vec::new(), Generation::default());
        let mut trade = Self { till, now, pace, made: 0, shown, commits, order: None };
        trade.carry_out(step);
        trade.judge(Event::BrokerUp { session: Session::New });
        trade
    }

    /// Returns the time at the counter.
    pub fn time(&self) -> UnixTime {
        self.now.wall
    }

    /// Lets the next customer come, and time go by until the one after him. Returns the commits, one after the other.
    pub fn sell(&mut self) -> Vec<Vec<Write>> {
        self.made += 1;
        let until = self.now.tick + self.pace;
        let amount = Amount::vnd(10_000 + self.made % 990 * 1_000);
        let request = NewSale {
            amount,
            channel: channel(),
            reference: Some(format!("HD{:07}", self.made)),
            note: None,
            expire: EXPIRE,
            customer: Customer::default(),
            items: Vec::new(),
        };
        self.judge(Event::SaleWanted { request, key: None, reply: ReplyTo(self.made) });
        self.pass(Duration::from_secs(20));
        if self.made % UNPAID_ONE_IN != 0 {
            if let Some((order, amount)) = self.order.take() {
                self.judge(paid(order, amount, self.now.wall));
            }
        }
        while self.now.tick < until {
            self.pass(until.since(self.now.tick));
        }
        std::mem::take(&mut self.commits)
    }

    /// Lets time go by, and wakes the till whenever it wants to be.
    fn pass(&mut self, span: Duration) {
        let until = self.now.tick + span;
        while let Some(due) = self.till.wake_at().filter(|due| *due <= until) {
            self.go_to(due);
            self.judge(Event::Woke);
        }
        self.go_to(until);
    }

    fn go_to(&mut self, tick: Tick) {
        let span = tick.since(self.now.tick);
        let ms = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
        self.now = Now { tick: self.now.tick + span, wall: UnixTime::from_ms(self.now.wall.ms().saturating_add(ms)) };
    }

    /// Hands an event to the till, then what comes of it, and of that.
    fn judge(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let step = self.till.handle(event, self.now);
            events.extend(self.carry_out(step));
            let scene = self.till.scene().generation;
            if scene != self.shown {
                self.shown = scene;
                events.push_back(Event::PanelShown { generation: scene });
            }
        }
    }

    fn carry_out(&mut self, step: Step) -> Vec<Event> {
        if !step.writes.is_empty() {
            self.commits.push(step.writes);
        }
        step.effects.into_iter().filter_map(|effect| self.answer(effect)).collect()
    }

    fn answer(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Create(create) => Some(self.create(&create)),
            Effect::Ask { ask, order } => {
                let answer = StatusAnswer::Known(self.report(&order));
                Some(Event::StatusAnswered { sale: order.sale, order: order.known.order, ask, answer })
            }
            Effect::Cancel { order, .. } => {
                self.order = self.order.filter(|open| open.0 != order.known.order);
                let answer = StatusAnswer::Known(self.report(&order));
                Some(Event::CancelAnswered { sale: order.sale, order: order.known.order, answer })
            }
            Effect::Publish(owed) => Some(Event::Published { subject: owed.subject, revision: owed.revision }),
            Effect::Confirm(_)
            | Effect::Reply { .. }
            | Effect::Acknowledge(_)
            | Effect::Reckon
            | Effect::Announce { .. }
            | Effect::TellCommand { .. }
            | Effect::Perform { .. }
            | Effect::FetchUpdate { .. }
            | Effect::InstallUpdate { .. }
            | Effect::DropUpdate
            | Effect::UsualLogLevel
            | Effect::Restart
            | Effect::RepeatAnnouncement => None,
        }
    }

    /// What the provider says of an order that is not paid.
    fn report(&self, order: &OrderAt) -> Report {
        let is_open = self.order.is_some_and(|open| open.0 == order.known.order);
        Report {
            provider_id: id_of(order.known.order),
            amount: order.known.amount,
            total: Amount::vnd(0),
            transfers: Vec::new(),
            refunds: Vec::new(),
            standing: if is_open { ReportStanding::Open } else { ReportStanding::Cancelled },
            action: None,
        }
    }

    fn create(&mut self, create: &CreateOrder) -> Event {
        let (order, amount) = (create.making.order, create.making.amount);
        self.order = Some((order, amount));
        let [bin, number, name] = ["970422", "0933450210", "QUAN CA PHE"].map(str::to_owned);
        let account = BankAccount { bin, number, name };
        let code = CodeText::VietQr(build(&account, Some(amount.value()), &format!("TL{order}")));
        let made = Made::Payable { provider_id: id_of(order), code: Some(code), payee: Payee::default() };
        Event::OrderAnswered { sale: create.sale, order, answer: CreateAnswer::Made(made) }
    }
}

fn channel() -> ChannelId {
    ChannelId::new("payos").expect("a good channel id")
}

fn id_of(order: OrderRef) -> ProviderId {
    ProviderId(format!("{:032x}", u128::from(order.sequence())))
}

fn paid(order: OrderRef, amount: Amount, at: UnixTime) -> Event {
    let reference = TransferRef(format!("FT26{:010}", order.sequence()));
    let transfer = Transfer { reference, amount, transacted_at: Some(at) };
    let notice = Notice {
        channel: channel(),
        order: Some(order),
        purpose: None,
        provider_id: id_of(order),
        said: Said::Transfer(transfer),
        note: Some(format!("TL{order} thanh toan")),
    };
    let envelope = format!("{:032x}", order.sequence()).parse().expect("32 digits are an envelope's id");
    Event::WebhookArrived { delivery: Delivery { connection: 1, packet: 1 }, envelope, notice }
}

fn rules(at: UnixTime) -> Rules {
    Rules {
        terminal: TerminalNumber::new(1017).expect("a number in range"),
        groups: Vec::new(),
        channels: BTreeMap::from([(channel(), ChannelRules::default())]),
        channel: channel(),
        expire: EXPIRE,
        max_amount: Amount::vnd(10_000_000),
        request: Duration::from_secs(45),
        result: Duration::from_secs(8),
        double_proof_over: None,
        offline: Offline::Refuse,
        display: Display::Panel,
        built: UnixTime::from_ms(at.ms() - 1_000_000_000),
    }
}
