//! What the tests of every sandbox need: a shop's server for webhooks, and patience.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use tokio::net::TcpListener;

use super::{Message, code, post, spoiled};
use crate::sandbox::Fault;
use crate::vietqr::{self, BankAccount, ScanError};

/// For everything that is waited for.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// Path and query.
    pub(crate) address: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// A shop's server: keeps webhooks, and answers with the statuses that are queued, then with 200.
#[derive(Clone, Default)]
pub(crate) struct Hook(Arc<Mutex<(Vec<Heard>, Vec<StatusCode>)>>);

impl Hook {
    /// Opens a server and says where webhooks go.
    pub(crate) async fn open(answers: &[u16]) -> (Self, String) {
        let hook = Self::default();
        hook.with(|(_, queue)| queue.extend(answers.iter().rev().filter_map(|s| StatusCode::from_u16(*s).ok())));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a loopback port is free");
        let url = format!("http://{}/hooks/shop", listener.local_addr().expect("a bound port has an address"));
        let app = Router::new().fallback(Self::take).with_state(hook.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        (hook, url)
    }

    async fn take(State(hook): State<Self>, uri: Uri, headers: HeaderMap, body: String) -> StatusCode {
        hook.with(|(heard, queue)| {
            heard.push(Heard { address: uri.to_string(), headers, body });
            queue.pop().unwrap_or(StatusCode::OK)
        })
    }

    fn with<T>(&self, f: impl FnOnce(&mut (Vec<Heard>, Vec<StatusCode>)) -> T) -> T {
        f(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.with(|(heard, _)| heard.clone())
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.heard().into_iter().map(|heard| heard.body).collect()
    }
}

/// Asks until the answer is yes, in real time and with a limit.
pub(crate) async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + LIMIT;
    while !done() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_message_is_sent_once_with_its_headers() {
    let (hook, url) = Hook::open(&[503]).await;
    let message = Message { headers: vec![("x-mark", "7".to_owned())], body: r#"{"a":1}"#.to_owned() };
    let answer = post(&(url + "?b=c"), message).await.expect("the server answers");
    assert_eq!(answer.status, 503);
    let heard = hook.heard();
    let [heard] = heard.as_slice() else { unreachable!("not once: {heard:?}") };
    let header = |name: &str| heard.headers.get(name).and_then(|value| value.to_str().ok());
    assert_eq!((heard.address.as_str(), heard.body.as_str()), ("/hooks/shop?b=c", r#"{"a":1}"#));
    assert_eq!((header("x-mark"), header("content-type")), (Some("7"), Some("application/json")));
}

#[test]
fn a_code_is_right_or_spoiled_as_its_fault_says() {
    let account = BankAccount { bin: "970422".into(), number: "1".into(), name: "A".into() };
    let made = |fault: Fault| code(&fault, &account, Some(5000), "X");
    let amount = |code: Option<String>| vietqr::scan(&code.expect("a code")).map(|scanned| scanned.amount);
    assert_eq!(amount(made(Fault::Pass)), Ok(Some(5000)));
    assert_eq!(amount(made(Fault::OtherAmountInQr)), Ok(Some(6000)));
    assert_eq!(amount(code(&Fault::OtherAmountInQr, &account, None, "")), Ok(Some(1000)));
    assert!(matches!(amount(made(Fault::BrokenQr)), Err(ScanError::Checksum { .. })));
    assert_eq!((made(Fault::NoQr), made(Fault::OtherQr("?".into()))), (None, Some("?".into())));
    assert_eq!((spoiled("10"), spoiled("1f")), ("11".to_owned(), "10".to_owned()));
}
