//! A RabbitMQ of one node with its MQTT plugin, on loopback, open to everybody, with a port mapper of its own. It must
//! not know topics.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::broker::Broker;
use crate::folder::{Folder, write_private};
use crate::port::free_port;
use crate::process::{Process, system_program};
use crate::wait::{SOON, wait_for};

/// RabbitMQ needs 6 s on two cores that have nothing else to do.
const START: Duration = Duration::from_secs(120);

/// The program itself; the one on the path becomes another user, who cannot write here.
const PROGRAM: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// A RabbitMQ. It keeps its ports across restarts.
#[derive(Debug)]
pub struct RabbitMq {
    place: PathBuf,
    mqtt: u16,
    mapper_port: u16,
    /// Erlang's port mapper. One that RabbitMQ starts by itself would outlive it.
    _mapper: Process,
    node: Option<Process>,
}

impl RabbitMq {
    fn try_start(&mut self) -> bool {
        let mut command = Command::new(PROGRAM);
        let Self { place, mapper_port, .. } = &*self;
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("LANG", "C.UTF-8");
        // The cookie of Erlang's nodes is made in the home folder. `RUNNING_UNDER_SYSTEMD` keeps the script from staying
        // between us and the node.
        command.env("HOME", place).env("RUNNING_UNDER_SYSTEMD", "true");
        command.env("RABBITMQ_NODENAME", format!("till-{mapper_port}@localhost"));
        for (name, file) in [
            ("RABBITMQ_CONF_ENV_FILE", "environment"),
            ("RABBITMQ_MNESIA_BASE", "store"),
            ("RABBITMQ_LOG_BASE", "log"),
            ("RABBITMQ_ENABLED_PLUGINS_FILE", "plugins"),
            ("RABBITMQ_CONFIG_FILE", "rabbitmq.conf"),
        ] {
            command.env(name, place.join(file));
        }
        command.env("RABBITMQ_LOGS", "-").env("ERL_EPMD_ADDRESS", "127.0.0.1");
        command.env("ERL_EPMD_PORT", mapper_port.to_string()).env("RABBITMQ_DIST_PORT", free_port().to_string());
        command.env("RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "-kernel inet_dist_use_interface {127,0,0,1}");
        let mut node = Process::start("rabbitmq-server", &mut command, &place.join("rabbitmq.log"));
        let address = self.address();
        let listens = wait_for("RabbitMQ speaks MQTT or ends", START, || match node.ended() {
            Some(_) => Ok(false),
            None => TcpStream::connect(address).map(|_| true).map_err(|error| error.to_string()),
        });
        self.node = listens.then_some(node);
        listens
    }
}

fn write_configuration(place: &Path, mqtt: u16) {
    // Retained messages are written down every 2 s by default; a test that kills the node needs to know whether they are.
    write_private(&place.join("environment"), b"");
    write_private(&place.join("plugins"), b"[rabbitmq_mqtt].\n");
    let text = format!(
        "listeners.tcp = none\nmqtt.listeners.tcp.1 = 127.0.0.1:{mqtt}\nmqtt.allow_anonymous = true\n\
         mqtt.default_user = guest\nmqtt.default_pass = guest\nmax_message_size = 66560\n\
         mqtt.retained_message_store_dets_sync_interval = 600000\n"
    );
    write_private(&place.join("rabbitmq.conf"), text.as_bytes());
}

fn start_mapper(place: &Path, port: u16) -> Process {
    let mut command = Command::new(system_program("epmd", "rabbitmq-server"));
    command.args(["-address", "127.0.0.1", "-port"]).arg(port.to_string());
    let mapper = Process::start("epmd", &mut command, &place.join("epmd.log"));
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    wait_for("epmd listens", SOON, || TcpStream::connect(address).map(|_| ()).map_err(|error| error.to_string()));
    mapper
}

impl Broker for RabbitMq {
    fn begin(folder: &Folder) -> Self {
        assert!(Path::new(PROGRAM).is_file(), "the program `{PROGRAM}` is needed: apt install rabbitmq-server");
        let place = folder.folder("rabbitmq");
        for name in ["store", "log"] {
            folder.folder(&format!("rabbitmq/{name}"));
        }
        let (mqtt, mapper_port) = (free_port(), free_port());
        write_configuration(&place, mqtt);
        let mapper = start_mapper(&place, mapper_port);
        let mut broker = Self { place, mqtt, mapper_port, _mapper: mapper, node: None };
        assert!(broker.try_start(), "RabbitMQ does not start; its log is in {:?}", broker.place);
        broker
    }

    fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.mqtt).into()
    }

    fn stop(&mut self) {
        if let Some(mut node) = self.node.take() {
            node.terminate();
        }
    }

    fn kill(&mut self) {
        if let Some(mut node) = self.node.take() {
            node.kill();
        }
    }

    fn start_again(&mut self) {
        assert!(self.node.is_none(), "RabbitMQ runs already");
        assert!(self.try_start(), "RabbitMQ does not start again; its log is in {:?}", self.place);
    }

    fn forget(&mut self) {
        assert!(self.node.is_none(), "RabbitMQ runs");
        let store = self.place.join("store");
        fs::remove_dir_all(&store).unwrap_or_else(|error| panic!("cannot remove {store:?}: {error}"));
    }
}
