//! The NATS cluster of config/nats as it stands, three nodes on loopback; only `machine.conf` is a test's own. It must not
//! know topics.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use crate::authority::{Authority, Identity};
use crate::folder::{Folder, write_private};
use crate::http;
use crate::nats::serve;
use crate::port::free_port;
use crate::process::Process;
use crate::wait::{SOON, wait_for};

/// Until three nodes have found each other and chosen a leader.
const ELECTED: Duration = Duration::from_secs(60);

/// Those that MQTT keeps: messages, sessions, what is retained.
const STREAMS: usize = 3;

/// Three nodes.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Node>,
    /// The fleet, as `config/nats/users` reads it.
    fleet: Vec<String>,
}

/// A node, which keeps its ports and its store across restarts.
#[derive(Debug)]
struct Node {
    place: PathBuf,
    mqtt: SocketAddr,
    monitor: SocketAddr,
    process: Option<Process>,
}

/// Returns a file of `config/nats`.
///
/// # Panics
/// When it cannot be read.
pub fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/nats").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("cannot read {path:?}: {error}"))
}

/// Runs `config/nats/users` over a list; what it complains of is the error.
///
/// # Errors
/// When it refuses the list.
///
/// # Panics
/// When it cannot be run.
pub fn users(fleet: &[String], folder: &Path) -> Result<String, String> {
    let list = folder.join("fleet.txt");
    write_private(&list, format!("{}\n", fleet.join("\n")).as_bytes());
    let list = fs::File::open(&list).unwrap_or_else(|error| panic!("cannot read the fleet's list: {error}"));
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("../config/nats/users");
    let ran = Command::new(&program).stdin(Stdio::from(list)).output();
    let output = ran.unwrap_or_else(|error| panic!("cannot run {program:?}: {error}"));
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

impl Cluster {
    /// Starts three nodes that let this fleet in, and waits until they have a leader.
    ///
    /// # Panics
    /// When they do not come up.
    pub fn start(folder: &Folder, authority: &Authority, server: &Identity, fleet: &[String]) -> Self {
        let rights = users(fleet, folder.path()).unwrap_or_else(|error| panic!("{error}"));
        Self::start_with(folder, authority, server, &rights, fleet)
    }

    /// Starts three nodes for one client that may do everything, whatever the shipped rights are.
    ///
    /// # Panics
    /// When they do not come up.
    pub fn start_for_one(folder: &Folder, authority: &Authority, server: &Identity, name: &str) -> Self {
        Self::start_with(folder, authority, server, &format!("users = [ {{ user: \"CN={name}\" }} ]\n"), &[])
    }

    fn start_with(folder: &Folder, authority: &Authority, server: &Identity, rights: &str, fleet: &[String]) -> Self {
        let local = |_| SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let routes: [SocketAddr; 3] = std::array::from_fn(local);
        let nodes = routes.iter().enumerate().map(|(index, route)| {
            let name = format!("broker-{}", index + 1);
            let place = folder.folder(&name);
            let node = Node { place, mqtt: local(0), monitor: local(0), process: None };
            let own = [("NODE_NAME", name), ("CLUSTER_LISTEN", route.to_string())];
            node.write(&own, &routes, authority, server);
            node
        });
        let mut cluster = Self { nodes: nodes.collect(), fleet: fleet.to_vec() };
        cluster.write_users(rights);
        for node in &mut cluster.nodes {
            node.start();
        }
        cluster.wait_for_leader();
        cluster
    }

    fn write_users(&self, rights: &str) {
        for node in &self.nodes {
            write_private(&node.place.join("users.conf"), rights.as_bytes());
        }
    }

    /// Where the nodes speak MQTT.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(|node| node.mqtt).collect()
    }

    /// Kills a node (SIGKILL).
    ///
    /// # Panics
    /// When there is none.
    pub fn kill(&mut self, index: usize) {
        let node = self.nodes.get_mut(index).unwrap_or_else(|| panic!("there is no node {index}"));
        let mut process = node.process.take().unwrap_or_else(|| panic!("node {index} does not run"));
        process.kill();
    }

    /// Starts a node again and waits until it is abreast of the others.
    ///
    /// # Panics
    /// When it does not come up.
    pub fn start_again(&mut self, index: usize) {
        let node = self.nodes.get_mut(index).unwrap_or_else(|| panic!("there is no node {index}"));
        node.start();
        self.wait_for_leader();
        self.wait_until_abreast();
    }

    /// Takes somebody off the fleet's list and has every node read it again (SIGHUP).
    ///
    /// # Panics
    /// When it does not stand there.
    pub fn revoke(&mut self, name: &str) {
        let before = self.fleet.len();
        self.fleet.retain(|one| one != name);
        assert_eq!(self.fleet.len() + 1, before, "`{name}` stands on the list once");
        let place = self.nodes.first().map(|node| node.place.clone()).unwrap_or_default();
        let rights = users(&self.fleet, &place).unwrap_or_else(|error| panic!("{error}"));
        self.write_users(&rights);
        for node in &self.nodes {
            node.process.iter().for_each(Process::reload);
        }
    }

    /// The process id of each node that runs.
    pub fn process_ids(&self) -> Vec<u32> {
        self.nodes.iter().filter_map(|node| node.process.as_ref().map(Process::id)).collect()
    }

    fn wait_for_leader(&self) {
        wait_for("the cluster has a leader that every node knows", ELECTED, || {
            let leaders: Vec<_> = self.nodes.iter().filter(|node| node.process.is_some()).map(Node::leader).collect();
            let first = leaders.first().cloned().flatten();
            let agreed = first.is_some() && leaders.iter().all(|leader| *leader == first);
            if agreed { Ok(()) } else { Err(format!("{leaders:?}")) }
        });
    }

    /// Waits until every stream has all its copies abreast. `/healthz` asks for more: in 2.9 it may miss for ever a
    /// consumer that nobody uses any more.
    fn wait_until_abreast(&self) {
        wait_for("every stream is abreast on every node", ELECTED, || {
            let led = self.nodes.iter().map(Node::streams_led).collect::<Result<Vec<_>, _>>()?;
            let led = led.into_iter().sum::<usize>();
            if led >= STREAMS { Ok(()) } else { Err(format!("{led} streams have a leader")) }
        });
    }
}

impl Node {
    fn write(&self, own: &[(&str, String)], routes: &[SocketAddr], authority: &Authority, server: &Identity) {
        let routes: Vec<_> = routes.iter().map(|route| format!("\"tls://{route}\"")).collect();
        let path = |path: &Path| format!("{:?}", path.display().to_string());
        let mut lines: Vec<_> = own.iter().map(|(key, value)| (*key, format!("\"{value}\""))).collect();
        lines.extend([
            ("MQTT_LISTEN", format!("\"{}\"", self.mqtt)),
            ("CLUSTER_ROUTES", format!("[ {} ]", routes.join(", "))),
            ("CLIENT_LISTEN", format!("\"127.0.0.1:{}\"", free_port())),
            ("MONITOR_LISTEN", format!("\"{}\"", self.monitor)),
            ("STORE_FOLDER", path(&self.place.join("store"))),
            ("TLS_CA", path(&authority.certificate)),
            ("TLS_CERTIFICATE", path(&server.certificate)),
            ("TLS_KEY", path(&server.key)),
        ]);
        let text = replace_values(&shipped("machine.conf"), &lines);
        write_private(&self.place.join("machine.conf"), text.as_bytes());
        write_private(&self.place.join("nats.conf"), shipped("nats.conf").as_bytes());
    }

    fn start(&mut self) {
        assert!(self.process.is_none(), "{:?} runs already", self.place);
        let mut process = serve(&self.place.join("nats.conf"), &self.place.join("nats.log"));
        let address = self.mqtt;
        wait_for("a node speaks MQTT", SOON, || {
            if let Some(status) = process.ended() {
                panic!("nats-server ended with {status}:\n{}", process.last_words());
            }
            TcpStream::connect(address).map(|_| ()).map_err(|error| error.to_string())
        });
        self.process = Some(process);
    }

    fn leader(&self) -> Option<String> {
        let answer = http::get(self.monitor, "/jsz").ok()?;
        answer.json()["meta_cluster"]["leader"].as_str().map(str::to_owned)
    }

    /// How many streams this node leads, all of whose copies are abreast.
    fn streams_led(&self) -> Result<usize, String> {
        let ask = |path: &str| http::get(self.monitor, path).map_err(|error| error.to_string());
        let health = ask("/healthz?js-server-only=true")?;
        if health.status != 200 {
            return Err(format!("{:?}: {}", self.place, health.text()));
        }
        let answer = ask("/jsz?accounts=true&streams=true")?.json();
        let accounts = answer["account_details"].as_array().into_iter().flatten();
        let streams = accounts.filter_map(|account| account["stream_detail"].as_array()).flatten();
        let own = streams.filter(|stream| self.leads(stream));
        own.map(|stream| {
            let copies = stream["cluster"]["replicas"].as_array().ok_or_else(|| stream.to_string())?;
            let behind = copies.iter().any(|copy| copy["current"] != true || copy["offline"] == true);
            if behind || copies.len() != 2 { Err(format!("{}: {copies:?}", stream["name"])) } else { Ok(1) }
        })
        .sum()
    }

    /// Whether a stream's leader is this node, which is named like its folder.
    fn leads(&self, stream: &serde_json::Value) -> bool {
        let name = self.place.file_name().and_then(|name| name.to_str());
        name.is_some() && stream["cluster"]["leader"].as_str() == name
    }
}

/// Gives every key of `machine.conf` another value. A key that only one side knows is a fault.
fn replace_values(shipped: &str, lines: &[(&str, String)]) -> String {
    let mut left: Vec<&str> = lines.iter().map(|(key, _)| *key).collect();
    let replaced = shipped.lines().map(|line| {
        let Some((key, _)) = line.split_once(':').filter(|_| !line.starts_with('#')) else {
            return line.to_owned();
        };
        left.retain(|one| *one != key);
        let value = lines.iter().find(|(one, _)| *one == key).map(|(_, value)| value);
        let value = value.unwrap_or_else(|| panic!("the tests do not know `{key}` of config/nats/machine.conf"));
        format!("{key}: {value}")
    });
    let text = replaced.collect::<Vec<_>>().join("\n");
    assert!(left.is_empty(), "config/nats/machine.conf does not have {left:?}");
    format!("{text}\n")
}
