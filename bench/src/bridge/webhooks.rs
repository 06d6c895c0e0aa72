//! Webhooks as payOS sends them, signed beforehand, so that sending them costs next to nothing. It must not know who
//! takes them.

use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};

use demo::payos::Sandbox;
use serde_json::{Value, json};

use crate::Fault;

/// Whole requests, each about an order of its own, for so many tills in turn.
pub(crate) struct Webhooks {
    requests: Vec<Box<[u8]>>,
    next: AtomicUsize,
}

impl Webhooks {
    /// Signs so many. After the last one comes the first again: the bridge remembers the newest 4 096 and takes it for new.
    pub(crate) fn sign(payos: &Sandbox, hooks: SocketAddr, tills: usize, count: usize) -> Result<Self, Fault> {
        let request = |index: usize| {
            let body = body(payos, index % tills.max(1) + 1, index + 1)?;
            Ok(request(hooks, &body).into_boxed_slice())
        };
        let requests = (0..count.max(1)).map(request).collect::<Result<_, Fault>>()?;
        Ok(Self { requests, next: AtomicUsize::new(0) })
    }

    /// The next one, whoever asks.
    pub(crate) fn next(&self) -> &[u8] {
        let index = self.next.fetch_add(1, Ordering::Relaxed);
        self.requests.get(index % self.requests.len()).map(|request| &**request).unwrap_or_default()
    }

    /// How large one body is.
    pub(crate) fn bytes(&self) -> usize {
        let first = self.requests.first().map(|request| &**request).unwrap_or_default();
        let head = first.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
        first.len() - head
    }
}

/// The request that brings a body.
pub(crate) fn request(hooks: SocketAddr, body: &str) -> Vec<u8> {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "POST /hooks/payos HTTP/1.1\r\nHost: {hooks}\r\nUser-Agent: payos\r\nAccept: application/json\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    text.into_bytes()
}

/// The signed webhook of a transfer, with all fields of the documentation.
fn body(payos: &Sandbox, till: usize, sequence: usize) -> Result<String, Fault> {
    let order = till as u64 * 1_000_000_000 + sequence as u64;
    let data = json!({
        "orderCode": order, "amount": 50_000, "description": format!("TL{order:016}"),
        "accountNumber": "113366668888", "reference": format!("FT{sequence:012}"),
        "transactionDateTime": "2026-11-29 18:25:00", "currency": "VND",
        "paymentLinkId": format!("{order:032x}"), "code": "00", "desc": "success",
        "counterAccountBankId": "970422", "counterAccountBankName": "", "counterAccountName": "NGUYEN VAN A",
        "counterAccountNumber": "0933450210", "virtualAccountName": "", "virtualAccountNumber": "",
    });
    let Value::Object(data) = data else { return Err("a transfer is an object".into()) };
    Ok(payos.sign_webhook(&data))
}
