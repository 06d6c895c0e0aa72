//! Joining and renewing, against a server of the test's own that answers what it is told to.

mod joining;
mod renewing;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use serde_json::{Value, json};
use till_authority::{Authority, Key, Request};
use till_wire::fleet::{Claim, ClaimChannel, ClaimId, FleetSigner};
use till_wire::{ChannelId, TerminalNumber, UnixTime};

use crate::clock;
use crate::identity::Place;

const DAY: Duration = Duration::from_secs(86_400);

/// A folder of a test's own, which goes with it.
struct Folder(PathBuf);

impl Folder {
    fn make() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("tilld-enrol-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a folder");
        Self(path)
    }

    fn place(&self) -> Place {
        Place::new(self.0.join("identity"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What the server does with a request.
enum Reply {
    Status(u16, Value),
    /// It hangs up without a word.
    Silence,
}

/// A server that answers each request, and tells of them.
struct Server {
    url: String,
    asked: Receiver<Value>,
}

impl Server {
    fn start(mut answer: impl FnMut(&Value) -> Reply + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let url = format!("http://{}/enrol", listener.local_addr().expect("its address"));
        let (tell, asked) = channel();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.expect("a connection");
                let body = read_request(&stream);
                let reply = answer(&body);
                if tell.send(body).is_err() {
                    return;
                }
                if let Reply::Status(status, body) = reply {
                    let body = body.to_string();
                    let head =
                        format!("HTTP/1.1 {status} x\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
                    let _ = stream.write_all((head + &body).as_bytes());
                }
            }
        });
        Self { url, asked }
    }

    fn requests(&self) -> Vec<Value> {
        self.asked.try_iter().collect()
    }
}

fn read_request(stream: &std::net::TcpStream) -> Value {
    let mut reader = BufReader::new(stream);
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).expect("a line") > 2 {
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).expect("a body");
    serde_json::from_slice(&body).expect("JSON")
}

/// A fleet: who signs claims, and who signs certificates.
struct Fleet {
    signer: FleetSigner,
    root: Authority,
    issuer: Authority,
}

impl Fleet {
    fn make() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
        let signer = FleetSigner::from_pkcs8(pkcs8.as_ref()).expect("a key of ring's");
        let key = || Key::generate().expect("a key");
        let root = Authority::root("Root", key(), long_ago(), DAY * 3650).expect("a root");
        let issuer = root.issuer("Issuer", key(), long_ago(), DAY * 1825).expect("an issuer");
        Self { signer, root, issuer }
    }

    fn claim(&self, url: &str) -> Claim {
        let now = clock::wall().secs();
        Claim {
            jti: ClaimId::new([9; 16]),
            number: number(1017),
            label: "Quầy 1".into(),
            iat: now,
            exp: now + 3_600,
            enrol_url: url.into(),
            ca: self.root.certificate().into(),
            broker: "mqtts://broker.example:8883".into(),
            channels: vec![ClaimChannel {
                id: ChannelId::new("payos").expect("an id"),
                base_url: "https://api-merchant.payos.vn".into(),
            }],
            trusted_keys: vec![self.signer.key()],
        }
    }

    fn signed(&self, claim: &Claim) -> String {
        claim.sign(&self.signer).expect("a signed claim")
    }

    /// Signs what a request asks for, from `from` on.
    fn certificate(&self, asked: &Value, terminal: u32, from: UnixTime, valid: Duration) -> Value {
        let request = Request::read(asked["csr"].as_str().expect("a request").as_bytes()).expect("a good request");
        let chain = self.issuer.terminal(&request, number(terminal), from, valid).expect("a certificate");
        json!({ "certificate": chain })
    }
}

fn number(number: u32) -> TerminalNumber {
    TerminalNumber::new(number).expect("a number")
}

fn days_ago(days: i64) -> UnixTime {
    UnixTime::from_secs(clock::wall().secs() - days * 86_400)
}

fn long_ago() -> UnixTime {
    days_ago(1_000)
}
