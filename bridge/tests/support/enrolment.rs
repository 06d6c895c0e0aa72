//! The enrolment server as a program of its own, and a terminal that asks it. Knows the contract, nothing of the
//! server's inside.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::fleet::Fleet;
use super::http::{self, Reply};
use super::{Folder, LIMIT, eventually};

/// A server's folder with its fleet's files, and its process while one runs.
pub(crate) struct Server {
    pub(crate) fleet: Arc<Fleet>,
    /// The last of the servers that share it removes it.
    _folder: Arc<Folder>,
    config: PathBuf,
    process: Option<Child>,
    log: Arc<Mutex<Vec<String>>>,
    terminals: Option<SocketAddr>,
    admin: Option<SocketAddr>,
}

/// Lines for the sections of a configuration.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) authority: &'static str,
    pub(crate) claims: &'static str,
    pub(crate) limits: &'static str,
}

impl Server {
    pub(crate) fn new(wishes: Wishes) -> Self {
        let folder = Arc::new(Folder::new());
        let fleet = Arc::new(Fleet::make(folder.path()));
        Self::of(folder, fleet, wishes)
    }

    fn of(folder: Arc<Folder>, fleet: Arc<Fleet>, wishes: Wishes) -> Self {
        let config = folder.path().join(format!("enrol-{:08x}.toml", fastrand::u32(..)));
        std::fs::write(&config, toml(wishes).replace("FOLDER", &folder.path().display().to_string())).expect("a file");
        Self { fleet, _folder: folder, config, process: None, log: Arc::default(), terminals: None, admin: None }
    }

    pub(crate) async fn started(wishes: Wishes) -> Self {
        let mut server = Self::new(wishes);
        server.start().await;
        server
    }

    /// A second server of the same fleet, which shares the store.
    pub(crate) async fn beside(&self) -> Self {
        let mut server = Self::of(Arc::clone(&self._folder), Arc::clone(&self.fleet), Wishes::default());
        server.start().await;
        server
    }

    pub(crate) fn config(&self) -> &PathBuf {
        &self.config
    }

    /// The folder of what it remembers.
    pub(crate) fn store(&self) -> PathBuf {
        self.fleet.folder.join("store")
    }

    /// The names of the files in a folder of the store.
    pub(crate) fn stored(&self, folder: &str) -> Vec<String> {
        let entries = std::fs::read_dir(self.store().join(folder)).expect("a folder of the store");
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
    }

    pub(crate) async fn start(&mut self) {
        let mut process = Command::new(env!("CARGO_BIN_EXE_till-bridge"))
            .arg("enrol")
            .arg("--config")
            .arg(&self.config)
            .env_remove("RUST_LOG")
            .stderr(Stdio::piped())
            .spawn()
            .expect("the server can be started");
        let stderr = process.stderr.take().expect("its log was asked for");
        let log = Arc::new(Mutex::new(Vec::new()));
        self.log = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                log.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        self.process = Some(process);
        let said = eventually("the server runs", async || {
            self.log().into_iter().find(|line| line.contains("enrolment running"))
        });
        let line = said.await;
        let address = |name: &str| -> Option<SocketAddr> {
            let (_, rest) = line.split_once(name)?;
            rest.split_whitespace().next()?.parse().ok()
        };
        (self.terminals, self.admin) = (address("terminals="), address("admin="));
    }

    pub(crate) fn terminals(&self) -> SocketAddr {
        self.terminals.expect("the server runs")
    }

    pub(crate) fn admin(&self) -> SocketAddr {
        self.admin.expect("the server runs")
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("the server can be killed");
            process.wait().expect("the server has ended");
        }
    }

    /// Asks it to end, and returns its exit code.
    pub(crate) async fn terminate(&mut self) -> Option<i32> {
        let mut process = self.process.take().expect("the server runs");
        let sent = Command::new("kill").arg(process.id().to_string()).status();
        assert!(sent.expect("the program `kill` is there").success());
        eventually("the server ends", async || process.try_wait().expect("it can be asked")).await.code()
    }

    pub(crate) async fn metric(&self, name: &str) -> u64 {
        let page = http::get(self.admin(), "/metrics").await.body;
        let mut lines = page.lines();
        let value = lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
        value.unwrap_or_else(|| unreachable!("no metric {name} in\n{page}"))
    }

    /// Asks with a claim, as a terminal that has nothing yet.
    pub(crate) async fn enrol(&self, claim: &str, csr: &str) -> Reply {
        self.post(self.fleet.stranger(), &json!({"claim": claim, "csr": csr}).to_string()).await
    }

    /// Asks without a claim.
    pub(crate) async fn renew(&self, terminal: ClientConfig, csr: &str) -> Reply {
        self.post(terminal, &json!({"csr": csr}).to_string()).await
    }

    pub(crate) async fn post(&self, terminal: ClientConfig, body: &str) -> Reply {
        let reply = self.try_post(terminal, body).await;
        reply.unwrap_or_else(|error| unreachable!("an answer to {body}, not: {error}"))
    }

    /// Returns what went wrong when there is no answer, such as the alert with which TLS ended.
    pub(crate) async fn try_post(&self, terminal: ClientConfig, body: &str) -> Result<Reply, String> {
        try_post_to(self.terminals(), terminal, body).await
    }

    /// Sends bytes over TLS and reads the answer.
    pub(crate) async fn exchange(&self, terminal: ClientConfig, request: &str) -> Result<Reply, String> {
        exchange_with(self.terminals(), terminal, request).await
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("the server's log:\n{}", self.log().join("\n"));
        }
    }
}

pub(crate) fn toml(Wishes { authority, claims, limits }: Wishes) -> String {
    format!(
        r#"
[http]
listen = "127.0.0.1:0"
tls = {{ cert = "FOLDER/server.pem", key = {{ file = "FOLDER/server.key" }} }}
[admin]
listen = "127.0.0.1:0"
[authority]
cert = "FOLDER/issuer.pem"
key = {{ file = "FOLDER/issuer.key" }}
root = "FOLDER/ca.pem"
{authority}
[claims]
trusted_keys = [ "FOLDER/fleet.pub" ]
path = "FOLDER/store"
{claims}
[limits]
{limits}
"#
    )
}

/// `headers` are whole lines, each with its line break.
pub(crate) fn post_of(path: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: enrol\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
    )
}

pub(crate) async fn try_post_to(address: SocketAddr, terminal: ClientConfig, body: &str) -> Result<Reply, String> {
    exchange_with(address, terminal, &post_of("/enrol", "Content-Type: application/json\r\n", body)).await
}

async fn exchange_with(address: SocketAddr, terminal: ClientConfig, request: &str) -> Result<Reply, String> {
    let talk = async {
        let mut stream = connect(address, terminal).await?;
        // A server that refuses the body before it has it all answers all the same.
        let sent = stream.write_all(request.as_bytes()).await;
        read_reply(&mut stream).await.map_err(|error| format!("{error}; {sent:?}"))
    };
    timeout(LIMIT, talk).await.expect("an answer in time")
}

pub(crate) async fn connect(address: SocketAddr, terminal: ClientConfig) -> Result<TlsStream<TcpStream>, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let name = ServerName::from(address.ip());
    let connected = TlsConnector::from(Arc::new(terminal)).connect(name, stream).await;
    connected.map_err(|error| error.to_string())
}

/// Reads one answer, whose body has the length that its head says.
pub(crate) async fn read_reply(stream: &mut TlsStream<TcpStream>) -> Result<Reply, String> {
    let mut bytes = Vec::new();
    loop {
        let reply = Reply::parse(&bytes);
        let length = reply.as_ref().and_then(|reply| reply.header("content-length")?.parse::<usize>().ok());
        if let Some(reply) = reply.filter(|reply| length.is_some_and(|length| reply.body.len() >= length)) {
            return Ok(reply);
        }
        let read = stream.read_buf(&mut bytes).await.map_err(|error| error.to_string())?;
        if read == 0 {
            return Err(format!("the connection ended after `{}`", String::from_utf8_lossy(&bytes)));
        }
    }
}

/// The certificate of an answer.
#[track_caller]
pub(crate) fn granted(reply: &Reply) -> String {
    assert_eq!((reply.status, reply.header("content-type")), (200, Some("application/json")), "{}", reply.body);
    let body: Value = serde_json::from_str(&reply.body).expect("JSON");
    body["certificate"].as_str().expect("a certificate").to_owned()
}

/// Status and name of a refusal.
#[track_caller]
pub(crate) fn refused(reply: &Reply) -> (u16, String) {
    let body: Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!(reply.header("content-type"), Some("application/problem+json"), "{}", reply.body);
    assert_eq!(body["status"], reply.status, "{}", reply.body);
    assert!(body["detail"].as_str().is_some_and(|detail| detail.len() > 20), "{}", reply.body);
    let name = body["type"].as_str().and_then(|name| name.strip_prefix("urn:till-enrol:problem:"));
    (reply.status, name.expect("a name of ours").to_owned())
}
