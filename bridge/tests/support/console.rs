//! The console as a program of its own, with a broker, users and a browser that says exactly what it is told. Knows what
//! people see, nothing of the inside.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use base64::Engine;
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use rumqttc::{AsyncClient, Event, MqttOptions, Packet, QoS};
use serde_json::Value;
use till_wire::fleet::{FleetKey, FleetSigner};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::broker::{Broker, Message};
use super::http::{Reply, exchange, exchange_over_tls};
use super::{Folder, LIMIT, eventually, private_file};

pub(crate) const PASSWORD: &str = "a password of tests";

/// A console that runs.
pub(crate) struct Console {
    pub(crate) folder: Folder,
    pub(crate) key: FleetKey,
    process: Child,
    people: SocketAddr,
    admin: SocketAddr,
}

/// Somebody's browser, which keeps its cookies.
pub(crate) struct Browser {
    address: SocketAddr,
    host: String,
    scheme: &'static str,
    tls: Option<rustls::ClientConfig>,
    /// Whole lines that a proxy adds.
    forwarded: &'static str,
    cookies: Vec<(String, String)>,
    pub(crate) language: &'static str,
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_till-bridge"));
    command.arg("console").env_remove("CREDENTIALS_DIRECTORY").env_remove("RUST_LOG");
    command
}

/// What `console user` prints.
pub(crate) fn user_line(name: &str, role: &str, password: &str) -> (Option<i32>, String, String) {
    let mut command = program();
    command.args(["user", name, "--role", role]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = command.spawn().expect("the program can be started");
    let mut input = process.stdin.take().expect("its input was asked for");
    // One that refuses its arguments has ended before it reads.
    let _ = input.write_all(format!("{password}\n").as_bytes());
    drop(input);
    let output = process.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Two users, made once: hashing is slow on purpose.
fn users() -> &'static str {
    static USERS: OnceLock<String> = OnceLock::new();
    USERS.get_or_init(|| {
        let line = |name, role| user_line(name, role, PASSWORD).1;
        format!("{}{}", line("lan", "operator"), line("an", "viewer"))
    })
}

/// Writes what a console needs, and returns its configuration and the key that it signs with.
pub(crate) fn prepare(folder: &Path, port: u16) -> (PathBuf, FleetKey) {
    prepare_with(folder, port, "listen = \"127.0.0.1:0\"")
}

/// The same with other lines of `[http]`.
fn prepare_with(folder: &Path, port: u16, http: &str) -> (PathBuf, FleetKey) {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key");
    let signer = FleetSigner::from_pkcs8(pkcs8.as_ref()).expect("a key of ring's own");
    let text = base64::engine::general_purpose::STANDARD.encode(pkcs8.as_ref());
    let label = concat!("PRIVATE", " KEY");
    private_file(&folder.join("console.key"), &format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n"));
    private_file(&folder.join("users"), users());
    let place = folder.display();
    let toml = format!(
        "[http]\n{http}\n[admin]\nlisten = \"127.0.0.1:0\"\n\
         [mqtt]\nurl = \"mqtt://127.0.0.1:{port}\"\nclient_id = \"console-1\"\n\
         [users]\nfile = \"{place}/users\"\n[audit]\npath = \"{place}/audit.jsonl\"\n\
         [signing]\nkey = {{ file = \"{place}/console.key\" }}\n"
    );
    let config = folder.join("console.toml");
    std::fs::write(&config, toml).expect("a configuration");
    (config, signer.key())
}

impl Console {
    /// Returns once the broker has granted it what it listens to.
    pub(crate) async fn started(broker: &Broker) -> Self {
        Self::started_with(broker, "listen = \"127.0.0.1:0\"").await
    }

    /// The same with other lines of `[http]`.
    pub(crate) async fn started_with(broker: &Broker, http: &str) -> Self {
        let folder = Folder::new();
        let (config, key) = prepare_with(folder.path(), broker.port(), http);
        let mut command = program();
        command.arg("--config").arg(config).stderr(Stdio::piped());
        let mut process = command.spawn().expect("the console can be started");
        let stderr = process.stderr.take().expect("its log was asked for");
        let log = Arc::new(Mutex::new(Vec::<String>::new()));
        let kept = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in BufReader::new(stderr).lines().map_while(Result::ok) {
                kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let find = |part: &str| {
            let log = log.lock().unwrap_or_else(PoisonError::into_inner);
            log.iter().find(|line| line.contains(part)).cloned()
        };
        let line = eventually("the console runs", async || find("console running")).await;
        let address = |name: &str| -> SocketAddr {
            let (_, rest) = line.split_once(name).expect("it names its address");
            rest.split_whitespace().next().expect("an address").parse().expect("an address")
        };
        let (people, admin) = (address("people="), address("admin="));
        eventually("the console listens to the broker", async || find("broker connected")).await;
        Self { folder, key, process, people, admin }
    }

    pub(crate) fn people(&self) -> SocketAddr {
        self.people
    }

    pub(crate) async fn admin(&self, path: &str) -> Reply {
        super::http::get(self.admin, path).await
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser {
            address: self.people,
            host: self.people.to_string(),
            scheme: "http",
            tls: None,
            forwarded: "",
            cookies: Vec::new(),
            language: "en",
        }
    }

    /// A browser of somebody who has signed in.
    pub(crate) async fn signed_in(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let reply = browser.sign_in(name, PASSWORD).await;
        assert_eq!((reply.status, reply.header("location")), (303, Some("/")), "{reply:?}");
        browser
    }

    pub(crate) fn audit(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.folder.path().join("audit.jsonl")).expect("an audit log");
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.process.kill().expect("the console can be killed");
        self.process.wait().expect("the console has ended");
    }
}

impl Browser {
    /// A browser that knows the console by another name, over TLS or by a proxy that adds lines.
    pub(crate) fn known_as(
        self,
        host: &str,
        scheme: &'static str,
        tls: Option<rustls::ClientConfig>,
        forwarded: &'static str,
    ) -> Self {
        Self { host: host.to_owned(), scheme, tls, forwarded, ..self }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Reply {
        self.ask(&format!("GET {path} HTTP/1.1"), "", "").await
    }

    /// Sends a form as browsers do.
    pub(crate) async fn post(&mut self, path: &str, form: &str) -> Reply {
        let origin = format!("Origin: {}://{}\r\n", self.scheme, self.host);
        self.post_with(path, &origin, form).await
    }

    /// `headers` are whole lines.
    pub(crate) async fn post_with(&mut self, path: &str, headers: &str, form: &str) -> Reply {
        let headers =
            format!("{headers}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", form.len());
        self.ask(&format!("POST {path} HTTP/1.1"), &headers, form).await
    }

    pub(crate) async fn ask(&mut self, first: &str, headers: &str, body: &str) -> Reply {
        let cookies: Vec<_> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookie = if cookies.is_empty() { String::new() } else { format!("Cookie: {}\r\n", cookies.join("; ")) };
        let host = if headers.contains("Host: ") { String::new() } else { format!("Host: {}\r\n", self.host) };
        let request = format!(
            "{first}\r\n{host}Connection: close\r\nAccept-Language: {}\r\n{}{cookie}{headers}\r\n{body}",
            self.language, self.forwarded
        );
        let reply = match self.tls.clone() {
            Some(tls) => exchange_over_tls(self.address, tls, "localhost", request.as_bytes()).await,
            None => exchange(self.address, request.as_bytes()).await,
        };
        let reply = reply.expect("an answer");
        self.keep(&reply);
        reply
    }

    fn keep(&mut self, reply: &Reply) {
        for line in reply.headers.lines().filter(|line| line.to_ascii_lowercase().starts_with("set-cookie: ")) {
            let pair = line.split_once(": ").expect("a header").1.split(';').next().expect("a pair");
            let (name, value) = pair.split_once('=').expect("a cookie");
            self.cookies.retain(|(known, _)| known != name);
            if !value.is_empty() {
                self.cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.retain(|(known, _)| known != name);
        self.cookies.push((name.to_owned(), value.to_owned()));
    }

    pub(crate) async fn sign_in(&mut self, name: &str, password: &str) -> Reply {
        let page = self.get("/sign-in").await;
        let token = hidden(&page.body, "token");
        self.post("/sign-in", &format!("token={token}&name={name}&password={}", password.replace(' ', "+"))).await
    }

    /// What this session's forms carry.
    pub(crate) async fn csrf(&mut self) -> String {
        let page = self.get("/").await;
        hidden(&page.body, "csrf")
    }

    /// Asks a terminal for something, as the page's button does.
    pub(crate) async fn order(&mut self, number: &str, form: &str) -> Reply {
        let csrf = self.csrf().await;
        self.post(&format!("/terminals/{number}/commands"), &format!("csrf={csrf}&{form}")).await
    }
}

/// A console, and terminals at its broker.
pub(crate) async fn place() -> (Broker, Console, Terminals) {
    let broker = Broker::running().await;
    let console = Console::started(&broker).await;
    let terminals = Terminals::connect(&broker).await;
    (broker, console, terminals)
}

/// Waits until a page has this in it.
pub(crate) async fn shows(browser: &mut Browser, path: &str, part: &str) -> String {
    eventually(&format!("{path} shows {part}"), async || {
        Some(browser.get(path).await.body).filter(|body| body.contains(part))
    })
    .await
}

/// The value of a hidden field.
pub(crate) fn hidden(page: &str, name: &str) -> String {
    let start = format!("name=\"{name}\" value=\"");
    let (_, rest) = page.split_once(&start).unwrap_or_else(|| unreachable!("no field {name} in {page}"));
    rest.split('"').next().expect("a value").to_owned()
}

/// Terminals and bridges, as far as the console hears and speaks to them.
pub(crate) struct Terminals {
    client: AsyncClient,
    commands: mpsc::UnboundedReceiver<Message>,
}

impl Terminals {
    pub(crate) async fn connect(broker: &Broker) -> Self {
        let mut options = MqttOptions::new("terminals", "127.0.0.1", broker.port());
        options.set_max_packet_size(100_000, 100_000);
        let (client, mut connection) = AsyncClient::new(options, 100);
        client.subscribe("till/v1/+/down/#", QoS::AtLeastOnce).await.expect("a subscription");
        let (sender, commands) = mpsc::unbounded_channel();
        let (granted, mut grants) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok(event) = connection.poll().await {
                match event {
                    Event::Incoming(Packet::Publish(publish)) => {
                        let body = String::from_utf8_lossy(&publish.payload).into_owned();
                        if sender.send(Message { topic: publish.topic, body }).is_err() {
                            return;
                        }
                    }
                    Event::Incoming(Packet::SubAck(_)) => granted.send(()).unwrap_or_default(),
                    Event::Incoming(_) | Event::Outgoing(_) => {}
                }
            }
        });
        timeout(LIMIT, grants.recv()).await.expect("the subscription is granted in time");
        Self { client, commands }
    }

    pub(crate) async fn say(&self, topic: &str, body: impl Into<Vec<u8>>) {
        let keeps = ["up/state", "up/health", "up/reported", "up/command"].iter().any(|part| topic.contains(part));
        self.client.publish(topic, QoS::AtLeastOnce, keeps, body).await.expect("a message can be published");
    }

    /// A terminal that is there and well.
    pub(crate) async fn ready(&self, number: u32, label: &str) {
        self.state(number, "ready").await;
        self.health(number, label, "").await;
    }

    pub(crate) async fn state(&self, number: u32, state: &str) {
        let at = super::fleet::now();
        let body = format!(r#"{{"state":"{state}","session":1,"at":"{at}"}}"#);
        self.say(&format!("till/v1/{number:07}/up/state"), body).await;
    }

    pub(crate) async fn health(&self, number: u32, label: &str, more: &str) {
        let label = serde_json::to_string(label).expect("JSON");
        let body = format!(
            r#"{{"terminal":{{"number":{number},"label":{label},"version":"0.1.0","uptime_s":7300}},
               "links":{{"broker":{{"up":true}},"payos":{{"up":true}}}},"queue":{{"entries":0}},"store":{{"free_bytes":900000000}},
               "display":{{"ok":true,"driver":"fbdev","size":"800x480"}},"memory_bytes":14000000{more}}}"#
        );
        self.say(&format!("till/v1/{number:07}/up/health"), body).await;
    }

    pub(crate) async fn next_command(&mut self) -> Message {
        let message = timeout(LIMIT, self.commands.recv()).await;
        message.expect("a command comes in time").expect("the broker is there")
    }

    pub(crate) fn has_command(&mut self) -> bool {
        self.commands.try_recv().is_ok()
    }
}
