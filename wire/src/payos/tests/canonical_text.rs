//! The signed text beyond the known answers: what each kind of value becomes and what has no agreed form.

use super::*;

fn text(json: &str) -> Result<String, String> {
    let data = json::parse(json).expect("the test's own JSON");
    let data = data.as_object().expect("the test's own object");
    canonical(data).map_err(|error| error.to_string())
}

#[test]
fn every_kind_of_value_has_its_signed_form() {
    let json = r#"{"z":"null","y":"undefined","x":null,"w":true,"v":false,"u":-9007199254740991,"t":0.0001,"s":"a&b=c",
        "r":[],"q":[{"b":[1,"null",null,[true]],"a":"\"\\\u001f\n/<é\u007f"},{}],"p":" nullx "}"#;
    let want = "p= nullx &q=[{\"a\":\"\\\"\\\\\\u001f\\n/<é\u{7f}\",\"b\":[1,\"null\",null,[true]]},{}]&r=[]\
                &s=a&b=c&t=0.0001&u=-9007199254740991&v=false&w=true&x=&y=&z=";
    assert_eq!(text(json), Ok(want.to_owned()));
    assert_eq!(text("{}"), Ok(String::new()));
}

#[test]
fn what_sdks_write_differently_has_no_signed_form() {
    let number = |n: &str| format!("`a` has the number `{n}`, which has no agreed signed form");
    let place = |key: &str| format!("the key `{key}` has no agreed place in the signed form");
    let elements = "`a` is an array of something else than objects, which has no agreed signed form";
    for (json, want) in [
        (r#"{"a":0.00009}"#, number("0.00009")),
        (r#"{"a":9007199254740992}"#, number("9007199254740992")),
        (r#"{"a":-9007199254740992}"#, number("-9007199254740992")),
        (r#"{"a":18446744073709551615}"#, number("18446744073709551615")),
        (r#"{"a":-0}"#, number("-0.0")),
        (r#"{"a":[{"b":[{"c":1.0}]}]}"#, number("1.0")),
        (r#"{"é":1}"#, place("é")),
        (r#"{"7":1}"#, place("7")),
        (r#"{"a":[{"7":1}]}"#, place("7")),
        (r#"{"a":[{"b":{"é":1}}]}"#, place("é")),
        (r#"{"a":[null]}"#, elements.to_owned()),
        (r#"{"a":[{},[]]}"#, elements.to_owned()),
    ] {
        assert_eq!(text(json), Err(want), "{json}");
    }
}

#[test]
fn a_fraction_keeps_its_digits() {
    for number in ["1.5", "0.30000000000000004", "1017.2972612097261", "100102121.70297271"] {
        assert_eq!(text(&format!(r#"{{"a":{number}}}"#)), Ok(format!("a={number}")));
    }
}
