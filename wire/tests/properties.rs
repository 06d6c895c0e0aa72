//! Properties: whatever is written is read back the same, and no input of any kind makes a reader panic.
//! It must not know more of the crate than its public API.

use std::collections::BTreeMap;

use proptest::prelude::*;
use till_wire::fleet::{Checksum, Command, FleetSigner, Instruction, LogLevel, MAX_UPDATE, Update, UpdateKind};
use till_wire::payos::{self, CreateRequest};
use till_wire::{
    Account, Amount, ChannelId, CommandId, Currency, Envelope, Fields, OrderRef, ReceiptKey, SaleId, TerminalNumber,
    Topic, UnixTime, VietQr, fold_to_ascii, json,
};

fn terminal() -> impl Strategy<Value = TerminalNumber> {
    (1..=TerminalNumber::MAX).prop_filter_map("a terminal number", TerminalNumber::new)
}

fn order() -> impl Strategy<Value = OrderRef> {
    let sequence = 0..=OrderRef::MAX_SEQUENCE;
    (terminal(), sequence).prop_filter_map("an order", |(n, sequence)| OrderRef::new(n, sequence))
}

fn channel() -> impl Strategy<Value = ChannelId> {
    "[a-z0-9_-]{1,32}".prop_filter_map("a channel", |text| ChannelId::new(&text))
}

fn command() -> impl Strategy<Value = CommandId> {
    "[A-Za-z0-9_-]{1,64}".prop_filter_map("a command", |text| CommandId::new(&text))
}

fn time() -> impl Strategy<Value = UnixTime> {
    (-62_135_596_800_i64..=253_402_207_200).prop_map(UnixTime::from_secs)
}

fn receipt() -> impl Strategy<Value = ReceiptKey> {
    (channel(), ".*", ".*").prop_map(|(channel, id, reference)| ReceiptKey::of(&channel, &id, &reference))
}

fn signer() -> FleetSigner {
    let head = [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    FleetSigner::from_pkcs8(&[head, [9; 16], [9; 16]].concat()).expect("any 32 bytes are a key")
}

fn instruction() -> impl Strategy<Value = Instruction> {
    let sale = proptest::option::of(order().prop_map(SaleId::new));
    let minutes = proptest::option::of(1..=10_080_u32);
    prop_oneof![
        Just(Instruction::Identify),
        ("[^\\p{Cc}\\p{Z}]{1,200}", 1..=3600_u32)
            .prop_map(|(text, seconds)| Instruction::ShowMessage { text, seconds }),
        sale.prop_map(|sale| Instruction::CancelSale { sale }),
        proptest::option::of("[0-9]{4}-[0-9]{2}-[0-9]{2}").prop_map(|day| Instruction::Report { day }),
        minutes.prop_map(|minutes| Instruction::SetLogLevel { level: LogLevel::Debug, minutes }),
        Just(Instruction::Restart),
        Just(Instruction::Disable),
        (1..=10_080_u32).prop_map(|minutes| Instruction::CollectLogs { minutes }),
        update(),
    ]
}

fn update() -> impl Strategy<Value = Instruction> {
    let kind = prop_oneof![Just(UpdateKind::Deb), Just(UpdateKind::Rauc)];
    let texts = ("https://[a-z]{1,9}\\.example(:[1-9][0-9]{0,3})?(/[a-z?.]{0,20})?", "[0-9][a-z0-9.+~-]{0,20}");
    (texts, 1..=MAX_UPDATE, any::<[u8; 32]>(), kind, any::<bool>()).prop_map(
        |((url, version), size, digest, kind, downgrade)| {
            let (url, version) = (url.parse().expect("an address"), version.parse().expect("a version"));
            let sha256 = Checksum::of(&digest);
            Instruction::Update(Box::new(Update { url, size, sha256, version, kind, downgrade }))
        },
    )
}

fn topic() -> impl Strategy<Value = Topic> {
    prop_oneof![
        terminal().prop_map(Topic::Webhook),
        (terminal(), command()).prop_map(|(n, id)| Topic::Command(n, id)),
        terminal().prop_map(Topic::Desired),
        terminal().prop_map(Topic::State),
        terminal().prop_map(Topic::Health),
        terminal().prop_map(Topic::Reported),
        (terminal(), order()).prop_map(|(n, order)| Topic::Sale(n, SaleId::new(order))),
        terminal().prop_map(Topic::Replay),
        (terminal(), receipt()).prop_map(|(n, key)| Topic::Receipt(n, key)),
        (terminal(), command()).prop_map(|(n, id)| Topic::CommandStatus(n, id)),
        (terminal(), command(), any::<u32>()).prop_map(|(n, id, piece)| Topic::Log(n, id, piece)),
        channel().prop_map(Topic::Unrouted),
    ]
}

fn envelope() -> impl Strategy<Value = Envelope> {
    let headers = proptest::collection::btree_map("[a-z-]{1,12}", ".{0,20}", 0..4);
    let words = (".{0,12}", "[A-Z]{1,7}", "/.{0,40}");
    (channel(), time(), words, headers, ".{0,400}").prop_map(
        |(channel, at, (provider, method, path), headers, body)| {
            let headers: BTreeMap<_, _> = headers;
            Envelope::new(channel, provider, at, method, path, headers, body)
        },
    )
}

/// Something close to what is read: pieces of real messages in any order, and anything in between.
fn nearly() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "{", "}", "[", "]", ":", ",", "\"", "null", "\"data\":", "\"signature\":", "\"code\":\"00\"", "\"v\":1",
            "000201", "010212", "38", "0010A000000727", "5303704", "54", "5802VN", "6304", "TL", "0001017029727122",
            "till/v1/", "0001017/", "up/", "sale/", "-", ".", "k", "tr", "₫", "2026-11-20", "T03:04:05Z", "é", "0",
        ]).prop_map(str::to_owned),
        1 => ".{0,8}",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Puts a text through every reader of texts.
fn read_everything(text: &str) {
    let _ = text.parse::<TerminalNumber>();
    let _ = text.parse::<OrderRef>();
    let _ = text.parse::<SaleId>();
    let _ = text.parse::<ChannelId>();
    let _ = text.parse::<CommandId>();
    let _ = text.parse::<ReceiptKey>();
    let _ = text.parse::<Topic>();
    let _ = text.parse::<UnixTime>();
    let _ = UnixTime::parse_payos(text);
    let _ = OrderRef::find_purpose(text);
    let _ = Amount::parse(text);
    let _ = Fields::parse(text);
    let _ = VietQr::parse(text);
    let _ = json::parse(text);
}

/// Puts bytes through every reader of messages.
fn read_every_message(bytes: &[u8]) {
    let _ = Envelope::parse(bytes);
    let _ = payos::read_webhook(bytes, &[b"key"]);
    let _ = payos::read_created(bytes, b"key");
    let _ = payos::read_link(bytes, b"key");
}

proptest! {
    #[test]
    fn every_id_is_read_back_from_its_text_and_its_json(
        n in terminal(), order in order(), channel in channel(), key in receipt(), id in command(),
    ) {
        prop_assert_eq!(n.to_string().parse(), Ok(n));
        prop_assert_eq!(order.to_string().parse(), Ok(order));
        prop_assert_eq!(order.to_string().parse(), Ok(SaleId::new(order)));
        prop_assert_eq!(channel.to_string().parse(), Ok(channel.clone()));
        prop_assert_eq!(key.to_string().parse(), Ok(key));
        prop_assert_eq!(id.to_string().parse(), Ok(id));
        let all = (n, order, SaleId::new(order), channel, key, id);
        let json = serde_json::to_string(&all).expect("ids are JSON");
        prop_assert_eq!(serde_json::from_str(&json).ok(), Some(all));
    }

    #[test]
    fn p4_every_order_is_read_back_from_what_providers_hear(order in order(), before in "[^0-9]{0,9}", after in "[^0-9]{0,9}") {
        prop_assert!(order.payos_code() < 1 << 53);
        prop_assert_eq!(OrderRef::from_payos_code(order.payos_code()), Some(order));
        let description = format!("{before}{}{after}", order.purpose());
        prop_assert_eq!(OrderRef::find_purpose(&description), Some(order));
    }

    #[test]
    fn every_time_is_read_back(time in time(), ms in any::<i64>()) {
        prop_assert_eq!(time.to_string().parse(), Ok(time));
        let any = UnixTime::from_ms(ms);
        prop_assert_eq!(any.to_string().parse(), Ok(UnixTime::from_secs(any.secs())));
    }

    #[test]
    fn every_topic_is_read_back(topic in topic()) {
        prop_assert_eq!(topic.to_string().parse(), Ok(topic));
    }

    #[test]
    fn every_amount_that_can_be_typed_is_read_back(value in 1..=999_999_999_999_u64) {
        let amount = Amount::new(value, Currency::Vnd);
        prop_assert_eq!(Amount::parse(&amount.to_string()), Ok(amount));
        prop_assert_eq!(Amount::parse(&amount.digits()), Ok(amount));
        prop_assert_eq!(Amount::parse(&value.to_string()), Ok(amount));
    }

    #[test]
    fn every_envelope_is_read_back_byte_for_byte(envelope in envelope()) {
        let bytes = envelope.to_bytes().expect("less than 64 KiB");
        prop_assert_eq!(Envelope::parse(&bytes), Ok(envelope));
    }

    #[test]
    fn every_vietqr_is_read_back(
        bin in "[0-9]{6}", number in "[0-9A-Za-z]{1,19}", name in proptest::option::of(".{0,40}"),
        value in proptest::option::of(1..=9_999_999_999_999_u64), purpose in ".{0,40}",
    ) {
        let account = Account { bin: bin.clone(), number: number.clone(), name };
        let amount = value.map(Amount::vnd);
        let code = VietQr::build(&account, amount, &purpose).expect("a code of this account");
        prop_assert!(code.is_ascii());
        let read = VietQr::parse(&code).expect("what was built is a VietQR");
        let folded = fold_to_ascii(&purpose);
        let cut = folded.get(..folded.len().min(25)).map(str::trim_end);
        prop_assert_eq!(read.purpose.as_deref().unwrap_or_default(), cut.unwrap_or_default());
        prop_assert_eq!((read.bin, read.account, read.amount), (bin, number, amount));
    }

    #[test]
    fn p1_what_was_signed_is_believed_and_nothing_else(
        order in order(), value in 0..=9_007_199_254_740_991_u64, description in ".{0,40}", key in ".{1,40}", other in ".{0,40}",
    ) {
        let data = serde_json::json!({
            "orderCode": order.payos_code(), "amount": value, "description": description, "accountNumber": "1",
            "reference": "FT1", "transactionDateTime": "2023-02-04 18:25:00", "currency": "VND",
            "paymentLinkId": "124c33", "code": "00", "desc": "",
        });
        let signed = payos::canonical(data.as_object().expect("an object")).expect("plain fields");
        let signature = payos::sign(key.as_bytes(), &signed);
        let body = serde_json::json!({"data": data, "signature": signature}).to_string();
        let read = payos::read_webhook(body.as_bytes(), &[other.as_bytes(), key.as_bytes()]);
        let read = read.expect("a signed webhook");
        prop_assert_eq!((read.order, read.amount, read.description), (Some(order), value, description));
        let refused = payos::read_webhook(body.as_bytes(), &[other.as_bytes()]);
        prop_assert_eq!(refused.is_ok(), other == key);
    }

    #[test]
    fn every_create_request_is_json_with_its_signature(
        order in order(), value in any::<u64>(), description in ".*", url in ".*", at in proptest::option::of(time()),
    ) {
        let request = CreateRequest {
            order, amount: Amount::vnd(value), description: &description, return_url: &url, cancel_url: &url, expired_at: at,
            customer: &Default::default(), items: &[],
        };
        let body = String::from_utf8(request.body(b"key")).expect("JSON is UTF-8");
        let body = json::parse(&body).expect("a request is JSON");
        let want = payos::create_signature(b"key", value, &url, &description, order.payos_code(), &url);
        prop_assert_eq!(body.get("signature").and_then(|s| s.as_str()), Some(want.as_str()));
        prop_assert_eq!(body.get("description").and_then(|s| s.as_str()), Some(description.as_str()));
    }

    #[test]
    fn p12_a_signed_command_reads_back_and_one_with_a_changed_byte_is_not_believed(
        id in command(), terminal in terminal(), iat in 0..4_000_000_000_i64, life in 1..=86_400_i64,
        instruction in instruction(), at in any::<proptest::sample::Index>(), bit in 0..7_u8,
    ) {
        let (cmd, args) = (instruction.name().to_owned(), instruction.arguments());
        let aud = terminal.to_string().parse().expect("a terminal is an audience");
        let made = Command { jti: id, aud, iat, nbf: None, exp: iat + life, cmd, args };
        let signer = signer();
        let mut document = made.sign(&signer).expect("it is within bounds").into_bytes();
        let read = Command::open(&document, &[signer.key()]).expect("we have signed it");
        prop_assert_eq!(&read, &made);
        prop_assert_eq!(read.instruction(), Ok(instruction));
        let at = at.index(document.len());
        document[at] ^= 1 << bit;
        prop_assert!(Command::open(&document, &[signer.key()]).is_err());
    }

    #[test]
    fn p11_no_text_makes_a_reader_panic(any in any::<String>(), nearly in nearly()) {
        for text in [any, nearly] {
            read_everything(&text);
            read_every_message(text.as_bytes());
            let folded = fold_to_ascii(&text);
            prop_assert!(folded.bytes().all(|b| b.is_ascii_graphic() || b == b' '));
        }
    }

    #[test]
    fn p11_no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        read_every_message(&bytes);
    }
}
