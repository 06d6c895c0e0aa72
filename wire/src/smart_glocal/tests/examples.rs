//! Every example body of Smart Glocal's documentation, and the same with fields that nobody has heard of.

use super::*;

const BODIES: &str = include_str!("../../../../tests/vectors/smart_glocal_bodies.json");

fn body(id: &str) -> Value {
    let file: Value = serde_json::from_str(BODIES).expect("a file of bodies is JSON");
    let bodies = file["bodies"].as_array().expect("bodies");
    bodies.iter().find(|body| body["id"] == id).unwrap_or_else(|| unreachable!("{id}"))["body"].clone()
}

/// The body with something unknown in each of its objects.
fn with_more(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.clone(), with_more(value)));
            let mut fields: serde_json::Map<String, Value> = fields.collect();
            // What stands in `params` is no field of Smart Glocal's.
            if !fields.is_empty() && !fields.contains_key("PaReq") {
                fields.insert("ghi_chú_mới".to_owned(), json!({ "mới": [null, 1.5] }));
            }
            Value::Object(fields)
        }
        Value::Array(list) => list.iter().map(with_more).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

fn check(id: &str, want: &Said) {
    let body = body(id);
    for body in [with_more(&body), body] {
        let heard = read_with(MinorUnits::Dong, body.to_string().as_bytes()).expect("a webhook");
        assert_eq!(&heard.said, want, "{id}");
        assert_eq!(heard.provider_id.0, body["session"]["id"].as_str().expect("an id"));
        assert_eq!(heard.order, None, "no example has an order of ours");
    }
}

#[test]
fn every_webhook_of_the_documentation_means_what_it_says() {
    for payout in ["ready_to_confirm-1", "ready_to_confirm-3"] {
        check(payout, &Said::Nothing);
    }
    // In US dollars.
    for payment in ["ready_to_confirm-2", "ready_to_confirm-4"] {
        check(payment, &Said::Ready(None));
    }
    let form = "Smart Glocal wants the customer's browser to send a form, which a code cannot do".to_owned();
    for form_of in ["action_required-1", "action_required-2"] {
        check(form_of, &Said::Action(None, Action::Unsupported(form.clone())));
    }
    check("vietnam-ewallet-3", &Said::Ready(Some(Amount::vnd(100_000))));
    let url = "https://redirect-url-example.com/12345".to_owned();
    check("vietnam-ewallet-5", &Said::Action(Some(Amount::vnd(100_000)), Action::Scan(CodeText::Url(url))));
    check("vietnam-ewallet-6", &Said::Transfer(transfer()));
}

#[test]
fn the_answer_to_start_is_read_and_its_request_is_what_we_send() {
    let mut answer = body("vietnam-ewallet-2");
    answer["session"]["acquiring_payments"][0]["customer"]["reference"] = json!(order().to_string());
    for answer in [with_more(&answer), answer] {
        let made = made_by(&provider(), MakeStep::Start(session_id()), &yes(&answer));
        assert_eq!(made, Ok(Made::Started { provider_id: session_id() }));
        assert_eq!(status(&answer["session"]).standing, Standing::Preparing);
    }
    let url = Some("https://smart-glocal.com/".to_owned());
    let provider = SmartGlocal::new(SmartGlocalAccount { return_url: url, ..account() });
    let mut want = body("vietnam-ewallet-1");
    want["customer"]["reference"] = json!(order().to_string());
    let request = sent(provider.make(&making(MakeStep::Start(session_id())), NOW));
    assert_eq!(String::from_utf8(request.body), Ok(want.to_string()), "byte for byte, but for white space");
    let request = sent(provider.ask(&known(), Question::Confirm, NOW));
    assert_eq!(String::from_utf8(request.body), Ok(body("vietnam-ewallet-4").to_string()));
}
