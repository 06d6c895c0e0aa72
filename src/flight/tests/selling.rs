//! A till that sells, recorded as the driver records it.

use std::collections::BTreeMap;
use std::time::Duration;

use till_wire::emv::{self, VietQr};
use till_wire::{Amount, ChannelId, GroupName, OrderRef, SaleId, TerminalNumber, UnixTime};

use crate::flight::Recorder;
use crate::till::{
    Account, AskId, BootId, ChannelRules, CodeText, CreateAnswer, Customer, Delivery, Display, Event, Found,
    Generation, Item, Made, NewSale, Notice, Now, Offline, Payee, ProviderId, Records, ReplyTo, RequestKey, Rules,
    Said, Service, StatusAnswer, StoreAge, Tick, Till, Transfer, TransferRef,
};

/// The account of the shop.
pub(super) const ACCOUNT: &str = "113366668888";

pub(super) fn channel() -> ChannelId {
    ChannelId::new("payos").expect("a channel id")
}

pub(super) fn rules() -> Rules {
    let account = Account { bin: "970422".to_owned(), number: ACCOUNT.to_owned() };
    let own = ChannelRules { account: Some(account), ..ChannelRules::default() };
    Rules {
        terminal: TerminalNumber::new(1017).expect("a number in range"),
        groups: vec![GroupName::new("north").expect("a group")],
        channels: BTreeMap::from([(channel(), own)]),
        channel: channel(),
        expire: Duration::from_secs(300),
        max_amount: Amount::vnd(100_000_000),
        request: Duration::from_secs(45),
        result: Duration::from_secs(8),
        double_proof_over: None,
        offline: Offline::Wait(Duration::from_secs(120)),
        display: Display::Panel,
        built: UnixTime::from_ms(1_767_225_600_000),
    }
}

pub(super) fn records() -> Records {
    Records {
        store: StoreAge::Old,
        born: UnixTime::from_ms(1_795_000_000_000),
        sequence: Some(29_727_121),
        number: 0,
        sales: Vec::new(),
        keys: Vec::new(),
        owed: Vec::new(),
        online: None,
        commands: Vec::new(),
        forgotten: None,
        service: Service::Open,
    }
}

/// A till with a recorder.
pub(super) struct Counter {
    pub(super) recorder: Recorder,
    pub(super) till: Till,
    at: u64,
    sold: u32,
}

impl Counter {
    pub(super) fn open() -> Self {
        Self::open_on(records())
    }

    pub(super) fn open_on(records: Records) -> Self {
        let recorder = Recorder::new(&rules());
        let (boot, now) = (BootId([7; 16]), moment(0));
        recorder.start(&records, boot, now, Generation::default());
        let (till, step) = Till::restore(records, rules(), boot, now, Generation::default());
        recorder.started(&step, &till);
        Self { recorder, till, at: 0, sold: 0 }
    }

    pub(super) fn happen(&mut self, event: Event) {
        self.at += 50;
        let now = moment(self.at);
        let found = self.till.lookup(&event).map(|_| Found::default());
        self.recorder.happens(now, found.as_ref(), &event, &self.till);
        if let Some(found) = found {
            self.till.recall(found, now);
        }
        let step = self.till.handle(event, now);
        self.recorder.did(&step, &self.till);
    }

    /// Sells to somebody, who pays: eight events.
    pub(super) fn sell(&mut self, request: NewSale, key: &str) -> SaleId {
        self.sold += 1;
        let terminal = rules().terminal;
        let order = OrderRef::new(terminal, 29_727_121 + self.sold).expect("an order");
        let sale = SaleId::new(order);
        let amount = request.amount;
        let key = RequestKey { key: key.to_owned(), fingerprint: [9; 32] };
        self.happen(Event::SaleWanted { request, key: Some(key), reply: ReplyTo(1) });
        let shop = emv::Account {
            bin: "970422".to_owned(),
            number: ACCOUNT.to_owned(),
            name: Some("NGUYEN THI KINH DOANH".to_owned()),
        };
        let code = VietQr::build(&shop, Some(amount), "Tra tien an trua").expect("a code");
        let payee = Payee {
            bin: Some("970422".to_owned()),
            account: Some(ACCOUNT.to_owned()),
            name: Some("Nguyễn Thị Kinh Doanh".to_owned()),
        };
        let provider_id = ProviderId(format!("P{}", self.sold));
        let made = Made::Payable { provider_id: provider_id.clone(), code: Some(CodeText::VietQr(code)), payee };
        self.happen(Event::OrderAnswered { sale, order, answer: CreateAnswer::Made(made) });
        self.shown();
        let later = StatusAnswer::Invalid { message: "the provider says: Trần Văn Khách owes".to_owned() };
        self.happen(Event::StatusAnswered { sale, order, ask: AskId(0), answer: later });
        let reference = TransferRef(format!("FT{}", self.sold));
        let transfer = Transfer { reference, amount, transacted_at: Some(moment(self.at).wall) };
        let notice = Notice {
            channel: channel(),
            order: Some(order),
            purpose: None,
            provider_id,
            said: Said::Transfer(transfer),
            note: Some("TRAN VAN KHACH chuyen tien".to_owned()),
        };
        let envelope = "3f0c9b6de1a24785906b1f2a3c4d5e6f".parse().expect("32 digits are an envelope's id");
        self.happen(Event::WebhookArrived { delivery: Delivery { connection: 1, packet: 1 }, envelope, notice });
        self.shown();
        self.happen(Event::Woke);
        self.at += 10_000;
        self.happen(Event::Woke);
        sale
    }

    fn shown(&mut self) {
        let generation = self.till.scene().generation;
        self.happen(Event::PanelShown { generation });
    }
}

/// A sale to somebody of whom everything is known.
pub(super) fn wanted(amount: u64) -> NewSale {
    let text = |text: &str| Some(text.to_owned());
    NewSale {
        amount: Amount::vnd(amount),
        channel: channel(),
        reference: text("BAN-7-CUA-CHI-HOA"),
        note: text("khách quen, nợ 200k"),
        expire: Duration::from_secs(300),
        customer: Customer {
            name: text("Trần Văn Khách"),
            phone: text("0912345678"),
            email: text("khach@vidu.vn"),
            address: text("12 Ngõ Hẹp, Hà Nội"),
            document: text("001099123456"),
            tax_code: text("0101234567"),
            company: text("Công ty Ví Dụ"),
        },
        items: vec![Item {
            name: "Thuốc huyết áp".to_owned(),
            quantity: 2,
            price: amount / 2,
            unit: text("hộp"),
            tax: None,
        }],
    }
}

pub(super) fn moment(at: u64) -> Now {
    let wall = UnixTime::from_ms(1_795_143_600_000 + i64::try_from(at).expect("a short test"));
    Now { tick: Tick(10_000_000 + at), wall }
}
