//! Webhooks: believed, forged, taken apart in another way, broken. They know the tests' own secret and nothing of sales.

use super::*;
use crate::provider::{Heard, Said, Transfer, TransferRef};

const PATH: &str = "/hooks/finan?shop=7";

/// A webhook as somebody delivers it.
#[derive(Clone)]
struct Post {
    method: &'static str,
    path: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Post {
    /// Signed by Finan, as it is documented.
    fn signed(body: &str) -> Self {
        Self::signed_as(FinanSignature::Sha256Concat, body.as_bytes(), &NOW.secs().to_string())
    }

    fn signed_as(kind: FinanSignature, body: &[u8], timestamp: &str) -> Self {
        let signed = Signed { method: "POST", path: PATH, payload: body, timestamp };
        let headers = [
            ("x-client-id", "the-client".to_owned()),
            ("x-timestamp", timestamp.to_owned()),
            ("x-signature", kind.sign(SECRET, &signed)),
        ];
        let headers = headers.map(|(name, value)| (name.to_owned(), value)).into();
        Self { method: "POST", path: PATH.to_owned(), headers, body: body.to_vec() }
    }

    fn with(mut self, header: &str, value: &str) -> Self {
        self.headers.insert(header.to_owned(), value.to_owned());
        self
    }

    fn without(mut self, header: &str) -> Self {
        self.headers.remove(header);
        self
    }

    fn delivered(&self) -> Delivered<'_> {
        Delivered { method: self.method, path: &self.path, headers: &self.headers, body: &self.body }
    }

    fn read(&self) -> Result<Heard, WebhookError> {
        finan().read(&self.delivered())
    }
}

/// What the terminal hears when this body comes signed.
pub(super) fn read(body: &str) -> Result<Heard, WebhookError> {
    Post::signed(body).read()
}

/// What is read of this body when it comes signed.
pub(super) fn taken(body: &str) -> Result<Webhook, WebhookError> {
    read_webhook(&Post::signed(body).delivered(), SECRET, FinanSignature::Sha256Concat)
}

fn paid() -> Value {
    json!({
        "id": "PAY-1", "reference_id": ORDER, "reference_type": "invoice", "payment_method": "bank_transfer",
        "payment_request_id": format!("PR-{ID}"), "amount": 50_000, "created_at": "2026-11-20T10:03:04.5+07:00",
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut body = paid();
    body[field] = value;
    body
}

fn without(field: &str) -> Value {
    let mut body = paid();
    body.as_object_mut().expect("an object").remove(field);
    body
}

fn heard() -> Heard {
    Heard {
        order: Some(order()),
        purpose: None,
        provider_id: ProviderId(ID.to_owned()),
        said: Said::Transfer(Transfer {
            reference: TransferRef("PAY-1".to_owned()),
            amount: Amount::vnd(50_000),
            transacted_at: Some(UnixTime::from_ms(1_795_143_784_500)),
        }),
        note: None,
        signed_at: Some(NOW),
    }
}

#[track_caller]
fn check(body: &Value, expected: Heard) {
    assert_eq!(read(&body.to_string()), Ok(expected), "{body}");
}

#[test]
fn p1_a_signed_webhook_is_a_payment() {
    check(&paid(), heard());
    // Whatever its spaces: the raw body is signed.
    let spacious = format!(" {:#}\n", paid());
    assert_eq!(read(&spacious), Ok(heard()));
}

#[test]
fn p1_either_reading_of_the_documentation_verifies_as_configured_and_not_as_the_other() {
    let hooks = |kind| FinanHooks::new(vec![Key::new(SECRET)], kind, None);
    let body = paid().to_string();
    let time = NOW.secs().to_string();
    for (ours, theirs) in [
        (FinanSignature::Sha256Concat, FinanSignature::HmacSha256),
        (FinanSignature::HmacSha256, FinanSignature::Sha256Concat),
    ] {
        let post = Post::signed_as(ours, body.as_bytes(), &time);
        assert_eq!(hooks(ours).read(&post.delivered()), Ok(heard()));
        assert_eq!(hooks(theirs).read(&post.delivered()), Err(WebhookError::WrongSignature));
    }
}

#[test]
fn p1_while_secrets_are_changed_both_prove_and_no_third_one_does() {
    let secrets = |secrets: &[&[u8]]| {
        FinanHooks::new(secrets.iter().map(|secret| Key::new(secret)).collect(), FinanSignature::default(), None)
    };
    let post = Post::signed(&paid().to_string());
    for known in [&[SECRET][..], &[SECRET, b"another"], &[b"another", SECRET]] {
        assert_eq!(secrets(known).read(&post.delivered()), Ok(heard()));
    }
    for unknown in [&[][..], &[b"another".as_slice()], &[b"another".as_slice(), b"".as_slice()]] {
        assert_eq!(secrets(unknown).read(&post.delivered()), Err(WebhookError::WrongSignature));
    }
}

#[test]
fn p1_whatever_is_changed_on_the_way_proves_nothing() {
    let genuine = Post::signed(&paid().to_string());
    assert_eq!(genuine.read(), Ok(heard()));
    let signature = genuine.headers["x-signature"].clone();
    let forged = [
        Post { method: "PUT", ..genuine.clone() },
        Post { method: "post", ..genuine.clone() },
        Post { path: "/hooks/finan".to_owned(), ..genuine.clone() },
        Post { path: "/hooks/finan?shop=8".to_owned(), ..genuine.clone() },
        Post { path: String::new(), ..genuine.clone() },
        Post { body: with("amount", json!(500_000)).to_string().into_bytes(), ..genuine.clone() },
        Post { body: [genuine.body.clone(), b" ".to_vec()].concat(), ..genuine.clone() },
        Post { body: Vec::new(), ..genuine.clone() },
        genuine.clone().with("x-timestamp", &(NOW.secs() + 1).to_string()),
        genuine.clone().with("x-signature", &signature.to_uppercase()),
        genuine.clone().with("x-signature", &format!(" {signature}")),
        genuine.clone().with("x-signature", signature.get(..62).expect("64 digits")),
        genuine.clone().with("x-signature", &"0".repeat(64)),
        genuine.clone().with("x-signature", &format!("sha256={signature}")),
        genuine.clone().with("x-client-id", "another-client"),
    ];
    for post in forged {
        assert_eq!(post.read(), Err(WebhookError::WrongSignature), "{:?} {}", post.headers, post.path);
    }
    for missing in ["x-signature", "x-timestamp"] {
        assert_eq!(genuine.clone().without(missing).read(), Err(WebhookError::NotSigned));
        assert_eq!(genuine.clone().with(missing, "").read(), Err(WebhookError::NotSigned));
    }
}

#[test]
fn the_client_id_is_not_signed_so_that_only_another_one_tells_something() {
    let genuine = Post::signed(&paid().to_string());
    assert_eq!(genuine.clone().without("x-client-id").read(), Ok(heard()));
    // The bridge has no client id to compare with.
    let bridge = FinanHooks::new(vec![Key::new(SECRET)], FinanSignature::default(), None);
    let other = genuine.with("x-client-id", "another-client");
    assert_eq!(bridge.read(&other.delivered()), Ok(heard()));
    assert_eq!(bridge.signed_headers(), ["x-client-id", "x-signature", "x-timestamp"]);
}

#[test]
fn p1_a_timestamp_that_is_no_number_proves_nothing_whoever_signed_it() {
    let body = paid().to_string();
    let post = |timestamp: &str| Post::signed_as(FinanSignature::default(), body.as_bytes(), timestamp).read();
    for timestamp in ["1795143845x", "+1795143845", "-1", " 1795143845", "1795143845.0", "0x6aff", "１７９５", "1e9"]
    {
        assert_eq!(post(timestamp), Err(WebhookError::WrongSignature), "{timestamp}");
    }
    assert_eq!(post(&"9".repeat(13)), Err(WebhookError::WrongSignature));
    assert_eq!(post(&"9".repeat(400)), Err(WebhookError::WrongSignature));
    assert_eq!(post("0"), Ok(Heard { signed_at: Some(UnixTime::from_ms(0)), ..heard() }));
}

#[test]
fn p1_nobody_s_secret_signs_nothing() {
    let body = paid().to_string();
    let time = NOW.secs().to_string();
    for kind in [FinanSignature::Sha256Concat, FinanSignature::HmacSha256] {
        let signed = Signed { method: "POST", path: PATH, payload: body.as_bytes(), timestamp: &time };
        assert!(!kind.verifies(b"", &signed, &kind.sign(b"", &signed)));
        assert!(kind.verifies(b"x", &signed, &kind.sign(b"x", &signed)));
    }
}

#[test]
fn p1_the_signed_text_cannot_be_taken_apart_in_another_way() {
    // The same signed text with its parts moved: what was the end of the path, or the beginning of the time, is the body.
    let inner = paid().to_string();
    let outer = json!({ "id": "x", "amount": 1, "description": format!("_{inner}_17") }).to_string();
    let genuine = Post::signed(&outer);
    let (before, after) = outer.split_once('_').expect("an underscore");
    let moved = Post { path: format!("{PATH}_{before}"), body: after.as_bytes().to_vec(), ..genuine.clone() };
    let signed = |post: &Post| {
        let timestamp = post.headers["x-timestamp"].clone();
        let signed = Signed { method: post.method, path: &post.path, payload: &post.body, timestamp: &timestamp };
        FinanSignature::default().sign(SECRET, &signed)
    };
    assert_eq!(signed(&moved), signed(&genuine));
    assert_eq!(moved.read(), Err(WebhookError::WrongSignature));
    let (before, after) = PATH.split_at(6);
    let moved = Post { method: "POST_/hooks", path: format!("/{after}"), ..genuine };
    assert_eq!((before, moved.read()), ("/hooks", Err(WebhookError::WrongSignature)));
}

#[test]
fn p1_the_body_is_looked_at_after_the_signature_alone() {
    let junk: [&[u8]; 4] = [b"", b"no JSON", b"[]", b"\xff"];
    for body in junk {
        let unsigned = Post { body: body.to_vec(), ..Post::signed("{}") };
        assert_eq!(unsigned.read(), Err(WebhookError::WrongSignature));
    }
    let signed = |body: &[u8]| Post::signed_as(FinanSignature::default(), body, "1795143845").read();
    assert_eq!(signed(b"\xff"), Err(WebhookError::NotUtf8));
    assert_eq!(signed(b"[]"), Err(WebhookError::WrongType { field: "body", expected: "an object" }));
    assert!(matches!(signed(b"no JSON"), Err(WebhookError::NotJson { .. })));
    assert!(matches!(signed(br#"{"id":"a","id":"b"}"#), Err(WebhookError::NotJson { .. })));
}

#[test]
fn p11_every_field_is_demanded_with_its_type() {
    const WHOLE: &str = "a whole number from 0 to 9007199254740991";
    for field in ["id", "amount"] {
        assert_eq!(read(&without(field).to_string()), Err(WebhookError::Missing { field }));
        assert_eq!(read(&with(field, Value::Null).to_string()), Err(WebhookError::Missing { field }));
    }
    for amount in [json!("50000"), json!(50_000.5), json!(5e4), json!(-1), json!(1_u64 << 53), json!([1]), json!(true)]
    {
        let refused = Err(WebhookError::WrongType { field: "amount", expected: WHOLE });
        assert_eq!(read(&with("amount", amount).to_string()), refused);
    }
    for field in ["id", "reference_id", "payment_request_id", "created_at", "description", "remark"] {
        for value in [json!(7), json!({}), json!([]), json!(false)] {
            let refused = Err(WebhookError::WrongType { field, expected: "a text" });
            assert_eq!(read(&with(field, value).to_string()), refused);
        }
    }
}

#[test]
fn a_time_that_cannot_be_read_decides_nothing() {
    let Said::Transfer(transfer) = heard().said else { unreachable!("it is one") };
    let said = Said::Transfer(Transfer { transacted_at: None, ..transfer });
    let timeless = Heard { said, ..heard() };
    check(&without("created_at"), timeless.clone());
    check(&with("created_at", Value::Null), timeless.clone());
    // Without a zone it would be a guess of seven hours.
    check(&with("created_at", json!("2026-11-20T03:03:04")), timeless.clone());
    check(&with("created_at", json!("yesterday")), timeless);
}

#[test]
fn p3_what_cannot_be_counted_once_is_no_payment() {
    let none = Heard { said: Said::NoPayment, ..heard() };
    check(&with("id", json!("")), none.clone());
    check(&with("amount", json!(0)), none);
}

#[test]
fn p3_the_prefix_of_an_id_makes_no_difference() {
    check(&with("payment_request_id", json!(ID)), heard());
    // Only one of them is Finan's.
    let twice = Heard { provider_id: ProviderId(format!("PR-{ID}")), ..heard() };
    check(&with("payment_request_id", json!(format!("PR-PR-{ID}"))), twice);
    check(
        &with("payment_request_id", json!(format!("pr-{ID}"))),
        Heard { provider_id: ProviderId(format!("pr-{ID}")), ..heard() },
    );
}

#[test]
fn money_that_nobody_asked_for_has_no_payment_request() {
    let unasked =
        Heard { order: None, provider_id: ProviderId(String::new()), note: Some("tra tien".to_owned()), ..heard() };
    for id in [Some(json!("")), Some(Value::Null), Some(json!("PR-")), None] {
        let mut body = with("reference_id", json!("tra tien"));
        match id {
            Some(id) => body["payment_request_id"] = id,
            None => {
                body.as_object_mut().expect("an object").remove("payment_request_id");
            }
        }
        check(&body, unasked.clone());
    }
}

#[test]
fn p4_a_purpose_is_found_wherever_finan_passes_it_on() {
    let purpose = order().purpose();
    let offline = |note: &str| Heard {
        order: None,
        purpose: Some(order()),
        provider_id: ProviderId(String::new()),
        note: Some(note.to_owned()),
        ..heard()
    };
    for field in ["reference_id", "description", "remark"] {
        let text = format!("MBVCB 123 {purpose} chuyen tien");
        let mut body = json!({ "id": "PAY-1", "amount": 50_000, "created_at": "2026-11-20T03:03:04.5Z" });
        body[field] = json!(text);
        check(&body, offline(&text));
        // Two different purposes prove nothing, wherever the other one stands.
        let other: OrderRef = "0001017-029727123".parse().expect("an order");
        for more in ["reference_id", "description", "remark"].into_iter().filter(|more| *more != field) {
            let mut two = body.clone();
            two[more] = json!(other.purpose());
            let heard = read(&two.to_string()).expect("it is signed");
            assert_eq!((heard.purpose, heard.order), (None, None), "{two}");
        }
    }
    // A purpose ends where its field ends.
    let mut split = json!({ "id": "PAY-1", "amount": 50_000 });
    split["reference_id"] = json!("TL0001017");
    split["description"] = json!("029727122");
    assert_eq!(read(&split.to_string()).map(|heard| heard.purpose), Ok(None));
}

#[test]
fn p9_the_note_is_what_somebody_wrote_on_one_bounded_line() {
    let note = |body: Value| read(&body.to_string()).map(|heard| heard.note);
    let mut body = with("description", json!("a\nb\u{1b}[2J"));
    body["remark"] = json!("TTVD7ZZS");
    assert_eq!(note(body.clone()), Ok(Some("a b [2J".to_owned())));
    body["description"] = json!(" \u{7} ");
    assert_eq!(note(body), Ok(Some("TTVD7ZZS".to_owned())));
    let foreign = with("reference_id", json!("đ".repeat(300)));
    assert_eq!(note(foreign), Ok(Some("đ".repeat(200))));
    assert_eq!(note(paid()), Ok(None));
    assert_eq!(note(without("reference_id")), Ok(None));
}

#[test]
fn no_secret_is_shown() {
    let shown = format!("{:?} {:?}", finan(), sent(finan().make(&making(), NOW)));
    assert!(!shown.contains("s3cret") && !shown.contains("the-client"), "{shown}");
}

#[test]
fn p1_while_secrets_are_changed_webhooks_are_believed_under_both() {
    let post = Post::signed(r#"{"id":"p1","amount":50000}"#);
    let believed = |first: &[u8], next: Option<&[u8]>| {
        let account = FinanAccount { secret: Key::new(first), ..account() };
        Finan::new(account).believing(next.map(Key::new)).read(&post.delivered()).is_ok()
    };
    assert!(believed(SECRET, None) && believed(b"old", Some(SECRET)) && believed(SECRET, Some(b"new")));
    assert!(!believed(b"old", None) && !believed(b"old", Some(b"new")));
}
