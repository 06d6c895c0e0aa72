//! A payOS that takes webhook addresses: it sends its signed sample there and stores the address only on 2xx
//! (providers.md §1.7), or answers as a test wants.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{http, payos};

pub(crate) const CLIENT_ID: &str = "client-0123";
pub(crate) const API_KEY: &str = "api-key-4567";

/// It ends with the test's runtime.
pub(crate) struct ConfirmingPayOs {
    address: SocketAddr,
    stored: Arc<Mutex<Option<String>>>,
}

/// How a test wants it to answer.
#[derive(Clone, Debug)]
pub(crate) enum Mood {
    /// As payOS does.
    Honest,
    /// With this status and body, without looking at the request.
    Answers(u16, &'static str),
    /// It closes the connection.
    Hangs,
}

impl ConfirmingPayOs {
    pub(crate) async fn open(mood: Mood) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("a bound port has an address");
        let stored = Arc::new(Mutex::new(None));
        let kept = Arc::clone(&stored);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (mood, kept) = (mood.clone(), Arc::clone(&kept));
                tokio::spawn(async move { serve(stream, mood, &kept).await });
            }
        });
        Self { address, stored }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns where webhooks would go now.
    pub(crate) fn stored(&self) -> Option<String> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn serve(mut stream: TcpStream, mood: Mood, stored: &Mutex<Option<String>>) -> Option<()> {
    let (head, body) = read(&mut stream).await?;
    let (status, answer) = match mood {
        Mood::Hangs => return None,
        Mood::Answers(status, body) => (status, body.to_owned()),
        Mood::Honest => confirm(&head, &body, stored).await,
    };
    let length = answer.len();
    let reply = format!("HTTP/1.1 {status} X\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}");
    stream.write_all(reply.as_bytes()).await.ok()
}

/// Returns the head in lower case and the body.
async fn read(stream: &mut TcpStream) -> Option<(String, String)> {
    let mut text = String::new();
    loop {
        let mut bytes = [0; 4096];
        let length = stream.read(&mut bytes).await.ok().filter(|length| *length > 0)?;
        text.push_str(std::str::from_utf8(bytes.get(..length)?).ok()?);
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let head = head.to_lowercase();
        let wanted: usize = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())?;
        if body.len() == wanted {
            return Some((head, body.to_owned()));
        }
    }
}

async fn confirm(head: &str, body: &str, stored: &Mutex<Option<String>>) -> (u16, String) {
    let refuse = |status: u16, code: &str, desc: &str| (status, json!({"code": code, "desc": desc}).to_string());
    let has = |line: String| head.lines().any(|found| found == line);
    if !head.starts_with("post /confirm-webhook http/1.1") || !has("content-type: application/json".into()) {
        return refuse(404, "404", "Not Found");
    }
    if !has(format!("x-client-id: {CLIENT_ID}")) || !has(format!("x-api-key: {API_KEY}")) {
        return refuse(401, "401", "Unauthorized");
    }
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let Some(url) = body.get("webhookUrl").and_then(Value::as_str) else {
        return refuse(400, "20", "Webhook url invalid");
    };
    match ping(url).await {
        Some(200..=299) => {
            *stored.lock().unwrap_or_else(PoisonError::into_inner) = Some(url.to_owned());
            let data = json!({"webhookUrl": url, "accountName": "QUAN CA PHE", "accountNumber": "113366668888",
                "name": "Quầy", "shortName": "Q"});
            (200, json!({"code": "00", "desc": "success", "data": data}).to_string())
        }
        Some(500..) => refuse(500, "20", "Webhook url invalid"),
        Some(_) | None => refuse(400, "20", "Webhook url invalid"),
    }
}

/// Sends the sample, signed with the channel's key, and returns the status of the answer.
async fn ping(url: &str) -> Option<u16> {
    let (host, path) = url.strip_prefix("http://")?.split_once('/')?;
    let mut sample = payos::payment(123, "TF230204212323");
    sample.insert("description".into(), json!("VQRIO123"));
    let reply = http::try_post(host.parse().ok()?, &format!("/{path}"), &payos::webhook(&sample)).await?;
    Some(reply.status)
}
