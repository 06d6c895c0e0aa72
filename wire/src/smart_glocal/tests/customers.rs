//! What the customer is to do: what can be drawn, and why the rest cannot.

use super::*;

fn action(interaction: &Value) -> Action {
    let session = session("in_progress", &[with("pending", "customer_interaction", interaction.clone())]);
    let Said::Action(_, action) = said("action_required", &session) else {
        unreachable!("{interaction} is no action");
    };
    action
}

fn scan(url: &str) -> Action {
    Action::Scan(CodeText::Url(url.to_owned()))
}

fn with_params(url: &str, params: Value) -> Action {
    action(&redirect(json!({ "url": url, "base_url": "https://b.example", "method": "GET", "params": params })))
}

#[test]
fn the_address_of_a_redirect_is_scanned_as_it_is() {
    let url = "https://redirect-url-example.com/12345";
    for params in [json!({}), json!([]), Value::Null] {
        assert_eq!(with_params(url, params), scan(url));
    }
    assert_eq!(action(&redirect(json!({ "url": url, "method": "get" }))), scan(url));
    let odd = "HTTPS://[2001:db8::1]:8443/a?b=c%20d&e#f";
    assert_eq!(with_params(odd, json!({})), scan(odd));
    let longest = format!("https://bank.example/{}", "a".repeat(1003));
    assert_eq!(with_params(&longest, json!({})), scan(&longest));
}

#[test]
fn parameters_are_appended_when_they_are_not_there() {
    for (url, params, want) in [
        ("https://b.example/w", json!({"token": "a1"}), "https://b.example/w?token=a1"),
        ("https://b.example/w?", json!({"token": "a1"}), "https://b.example/w?token=a1"),
        ("https://b.example/w?x=1", json!({"token": "a1"}), "https://b.example/w?x=1&token=a1"),
        ("https://b.example/w?x=1&", json!({"token": "a1"}), "https://b.example/w?x=1&token=a1"),
        ("https://b.example/w?token=a1", json!({"token": "a1"}), "https://b.example/w?token=a1"),
        (
            "https://b.example/w?token=%61%31&n=b+c",
            json!({"n": "b c", "token": "a1"}),
            "https://b.example/w?token=%61%31&n=b+c",
        ),
        ("https://b.example/w?token=a2", json!({"token": "a1"}), "https://b.example/w?token=a2&token=a1"),
        ("https://b.example/w?mytoken=a1", json!({"token": "a1"}), "https://b.example/w?mytoken=a1&token=a1"),
        ("https://b.example/w#top?token=a1", json!({"token": "a1"}), "https://b.example/w?token=a1#top?token=a1"),
        (
            "https://b.example/w",
            json!({"note": "bàn 5 & 6 = 100%+#", "n": 7, "b": true, "e": ""}),
            "https://b.example/w?note=b%C3%A0n%205%20%26%206%20%3D%20100%25%2B%23&n=7&b=true&e=",
        ),
        ("https://b.example/w?a=%zz&b=%4", json!({"a": "%zz", "b": "%4"}), "https://b.example/w?a=%zz&b=%4"),
        ("https://b.example/w?e", json!({"e": ""}), "https://b.example/w?e"),
    ] {
        assert_eq!(with_params(url, params), scan(want), "{url}");
    }
}

#[test]
fn what_no_code_can_bring_about_is_said_in_a_sentence() {
    let sentence = |interaction: Value| match action(&interaction) {
        Action::Unsupported(sentence) => sentence,
        Action::Scan(code) => unreachable!("{interaction} can be scanned: {code:?}"),
    };
    let post = redirect(json!({ "url": "https://b.example", "method": "POST", "params": { "PaReq": "x" } }));
    assert_eq!(sentence(post), "Smart Glocal wants the customer's browser to send a form, which a code cannot do");
    let secure = json!({ "type": "three_d_secure", "three_d_secure": {} });
    let want = "Smart Glocal wants `three_d_secure` of the customer, which a code cannot bring about";
    assert_eq!(sentence(secure), want);
    let long = json!({ "type": format!("a\n{}", "b".repeat(500)) });
    assert!(sentence(long).len() < 150);
    let get = |url: Value, params: Value| redirect(json!({ "url": url, "method": "GET", "params": params }));
    let nowhere = "Smart Glocal sends the customer to an address that it does not name";
    for url in [Value::Null, json!(""), json!(7)] {
        assert_eq!(sentence(get(url, json!({}))), nowhere);
    }
    let insecure = "Smart Glocal sends the customer to an address without https";
    for url in
        ["http://b.example", "b.example", "javascript:alert(1)", "https://", "https:///a", "https://?a", "//b.example"]
    {
        assert_eq!(sentence(get(json!(url), json!({}))), insecure, "{url}");
    }
    let odd = "Smart Glocal sends the customer to an address that is too long or not in ASCII";
    let long = format!("https://bank.example/{}", "a".repeat(1004));
    for url in [long.as_str(), "https://b.example/bàn", "https://b.example/a b", "https://b.example/\u{7}"] {
        assert_eq!(sentence(get(json!(url), json!({}))), odd, "{url}");
    }
    assert_eq!(sentence(get(json!("https://b.example"), json!({ "a": "b".repeat(2000) }))), odd);
    let unknown = "Smart Glocal sends the customer to an address with parameters in an unknown form";
    for params in [json!("a=b"), json!(["a"]), json!(7), json!({ "a": null }), json!({ "a": [] }), json!({ "a": {} })] {
        assert_eq!(sentence(get(json!("https://b.example"), params)), unknown);
    }
    let nothing = "Smart Glocal does not say what the customer is to do";
    for interaction in [json!("redirect"), json!({}), json!({ "type": 7 }), json!({ "type": "redirect" })] {
        assert_eq!(sentence(interaction), nothing);
    }
    for method in [Value::Null, json!("PUT"), json!(7)] {
        let interaction = redirect(json!({ "url": "https://b.example", "method": method }));
        assert!(sentence(interaction).contains("send a form"));
    }
}
