//! What a customer has to do to pay: the object `customer_interaction`, and the address that his phone opens. It must
//! not know sessions.

use serde_json::{Value, json};

/// What is required of the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Opening an address, as the documentation's example for Vietnam says it: `params` is empty.
    Redirect,
    /// Opening an address that carries its `params` already.
    RedirectWithParams,
    /// Opening an address to which its `params` have to be added.
    RedirectParamsApart,
    /// Opening an address without TLS.
    RedirectWithoutTls,
    /// Sending a form (`method` is `POST`), as for cards.
    PostRedirect,
    /// 3-D Secure, under a type of its own (its name is made up).
    ThreeDSecure,
    /// Nothing is said: the webhook has no `customer_interaction`.
    Unsaid,
}

/// What is required of one session's customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interaction {
    /// Of which kind it is.
    pub action: Action,
    /// What makes its address this session's own.
    token: String,
}

/// A parameter that no address carries as it is.
const NOTE: &str = "bàn 5 & 6 = 100%+";
const HOST: &str = "pay.smart-glocal.example";

impl Interaction {
    pub(crate) fn new(action: Action) -> Self {
        Self { action, token: format!("{:032x}", fastrand::u128(..)) }
    }

    /// The object as webhooks and `session/status` carry it.
    pub(crate) fn to_json(&self) -> Option<Value> {
        let base = self.base_url();
        let params = || json!({ "token": self.token, "note": NOTE });
        let redirect = match self.action {
            Action::Redirect | Action::RedirectWithoutTls => {
                json!({ "url": base, "base_url": base, "method": "GET", "params": {} })
            }
            Action::RedirectWithParams => {
                json!({ "url": self.with_query(), "base_url": base, "method": "GET", "params": params() })
            }
            Action::RedirectParamsApart => {
                json!({ "url": base, "base_url": base, "method": "GET", "params": params() })
            }
            Action::PostRedirect => {
                let form = json!({ "PaReq": "sdfew^//asdhbv", "MD": self.token });
                let url = format!("{base}?foo=bar");
                json!({ "url": url, "base_url": base, "method": "POST", "qs": { "foo": "bar" }, "params": form })
            }
            Action::ThreeDSecure => {
                return Some(json!({ "type": "three_d_secure", "three_d_secure": { "acs_url": base } }));
            }
            Action::Unsaid => return None,
        };
        Some(json!({ "type": "redirect", "redirect": redirect }))
    }

    /// The whole address that a phone has to open; none when opening an address is not enough.
    pub fn address(&self) -> Option<String> {
        match self.action {
            Action::Redirect | Action::RedirectWithoutTls => Some(self.base_url()),
            Action::RedirectWithParams | Action::RedirectParamsApart => Some(self.with_query()),
            Action::PostRedirect | Action::ThreeDSecure | Action::Unsaid => None,
        }
    }

    /// Whether an address that was scanned leads here. How its parameters are ordered and encoded makes no difference.
    pub(crate) fn is_at(&self, address: &str) -> bool {
        self.address().is_some_and(|own| {
            let own = split(&own);
            own.is_some() && own == split(address)
        })
    }

    fn base_url(&self) -> String {
        match self.action {
            Action::RedirectWithoutTls => format!("http://{HOST}/vn/{}", self.token),
            Action::Redirect => format!("https://{HOST}/vn/{}", self.token),
            Action::RedirectWithParams
            | Action::RedirectParamsApart
            | Action::PostRedirect
            | Action::ThreeDSecure
            | Action::Unsaid => format!("https://{HOST}/vn/wallet"),
        }
    }

    fn with_query(&self) -> String {
        format!("{}?token={}&note={}", self.base_url(), self.token, encoded(NOTE))
    }
}

/// An address up to its query, and the parameters of the query, sorted.
fn split(address: &str) -> Option<(&str, Vec<(String, String)>)> {
    let (base, query) = address.split_once('?').unwrap_or((address, ""));
    let params = query.split('&').filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        Some((decoded(name)?, decoded(value)?))
    });
    let mut params: Vec<_> = params.collect::<Option<_>>()?;
    params.sort_unstable();
    Some((base, params))
}

fn encoded(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

/// `None` when the text is no encoding of anything.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match first {
            b'%' => {
                let digits = rest.get(..2).filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
                let digits = std::str::from_utf8(digits).ok()?;
                bytes.push(u8::from_str_radix(digits, 16).ok()?);
                rest = rest.get(2..)?;
            }
            b'+' => bytes.push(b' '),
            other if other.is_ascii_graphic() => bytes.push(*other),
            _ => return None,
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Action, Interaction, decoded, encoded};

    fn interaction(action: Action) -> Interaction {
        Interaction { action, token: "abc".to_owned() }
    }

    #[test]
    fn the_example_of_the_documentation_has_this_shape() {
        let url = "https://pay.smart-glocal.example/vn/abc";
        let redirect = json!({ "url": url, "base_url": url, "method": "GET", "params": {} });
        let want = json!({ "type": "redirect", "redirect": redirect });
        assert_eq!(interaction(Action::Redirect).to_json(), Some(want));
        assert_eq!(interaction(Action::Redirect).address().as_deref(), Some(url));
    }

    #[test]
    fn an_address_is_whole_with_its_parameters_in_any_order_and_encoding() {
        let base = "https://pay.smart-glocal.example/vn/wallet";
        let note = "b%C3%A0n%205%20%26%206%20%3D%20100%25%2B";
        assert_eq!(encoded("bàn 5 & 6 = 100%+"), note);
        for action in [Action::RedirectWithParams, Action::RedirectParamsApart] {
            let there = interaction(action);
            assert_eq!(there.address(), Some(format!("{base}?token=abc&note={note}")));
            assert!(there.is_at(&format!("{base}?note={}&token=%61bc", note.replace("%20", "+"))));
            for wrong in [
                base.to_owned(),
                format!("{base}?token=abc"),
                format!("{base}?token=abd&note={note}"),
                format!("{base}?token=abc&note={note}&token=abc"),
                format!("{base}?token=abc&note=bàn 5 & 6 = 100%+"),
                format!("{base}/?token=abc&note={note}"),
                format!("http{}?token=abc&note={note}", &base[5..]),
            ] {
                assert!(!there.is_at(&wrong), "{wrong}");
            }
        }
    }

    #[test]
    fn what_is_more_than_an_address_has_none() {
        for action in [Action::PostRedirect, Action::ThreeDSecure, Action::Unsaid] {
            assert_eq!(interaction(action).address(), None);
            assert!(!interaction(action).is_at("https://pay.smart-glocal.example/vn/wallet"));
        }
        assert_eq!(interaction(Action::Unsaid).to_json(), None);
    }

    #[test]
    fn broken_encodings_are_not_read() {
        for broken in ["%", "%4", "%zz", "%ff", "a b", "%+1"] {
            assert_eq!(decoded(broken), None, "{broken}");
        }
    }
}
