//! A till that belongs to a fleet, and its operator, over a broker as operators have it. It must not know what is tried.

use demo::payos::Sandbox;
use serde_json::Value;
pub(super) use tests::jws::now;
use tests::listener::Listener;
use tests::shop::{TERMINAL, sandbox};
use tests::till::{Till, TillPlan};
use till_wire::CommandId;
use till_wire::fleet::{Command, FleetSigner};

use super::place::Place;

/// A till that believes a fleet's key, and an operator who hears what it says. Parts are stopped in the order of the fields.
pub(super) struct Post {
    pub(super) till: Till,
    pub(super) operator: Listener,
    pub(super) payos: Sandbox,
    pub(super) key: FleetSigner,
    pub(super) place: Place,
}

pub(super) fn command(id: &str, cmd: &str, args: Value) -> Command {
    Command {
        jti: CommandId::new(id).expect("an id"),
        aud: format!("{TERMINAL:07}").parse().expect("an audience"),
        iat: now(),
        nbf: None,
        exp: now() + 600,
        cmd: cmd.to_owned(),
        args: args.as_object().cloned().expect("an object"),
    }
}

impl Post {
    pub(super) fn open() -> Self {
        Self::open_with(|_| {})
    }

    /// Opens one whose configuration is changed first.
    pub(super) fn open_with(change: impl FnOnce(&mut TillPlan)) -> Self {
        let place = Place::make();
        let payos = sandbox();
        let (key, public) = tests::jws::key(&place.folder, "signing");
        let identity = |name: &str| place.authority.issue(&place.folder, name);
        let mut plan = TillPlan::new(TERMINAL, &place.broker.secure_url(), &payos);
        plan.mqtt = identity("0001017").settings(&place.authority);
        let installer = place.folder.file("installer");
        plan.tables = format!("[fleet]\ntrusted_keys = [{public:?}]\ngroups = [\"north\"]\ninstaller = {installer:?}");
        change(&mut plan);
        let till = plan.start(&place.folder);
        till.wait_for_broker();
        let operator =
            Listener::connect_as(&place.broker, &place.authority, &identity("operator-1"), &["till/v1/+/up/#"]);
        Self { till, operator, payos, key, place }
    }

    /// An operator who comes later, and hears what is kept.
    pub(super) fn another(&self) -> Listener {
        let Place { broker, authority, folder } = &self.place;
        let identity = authority.issue(folder, "operator-1");
        Listener::connect_as(broker, authority, &identity, &["till/v1/+/up/#"])
    }

    /// Puts the wanted configuration where the till finds it.
    pub(super) fn want(&self, document: impl Into<Vec<u8>>) {
        self.operator.keep("till/v1/0001017/down/desired", document);
    }

    pub(super) fn send(&self, topic: &str, document: impl Into<Vec<u8>>) {
        self.operator.publish(&format!("till/v1/0001017/down/command/{topic}"), document);
    }

    /// Signs a command whatever it says, as a program of another's may.
    pub(super) fn sign(&self, command: &Command) -> String {
        tests::jws::sign(
            &serde_json::to_string(command).expect("JSON"),
            &self.key.key().kid(),
            &self.place.folder.file("signing.key"),
        )
    }

    #[track_caller]
    pub(super) fn order(&self, id: &str, cmd: &str, args: Value) -> Value {
        self.send(id, self.sign(&command(id, cmd, args)));
        self.fate(id)
    }

    /// How a command ended.
    #[track_caller]
    pub(super) fn fate(&self, id: &str) -> Value {
        let ends = ["succeeded", "failed", "rejected", "expired"];
        let is_end = |status: &Value| ends.iter().any(|end| status["status"] == *end);
        self.operator.wait(&format!("the end of {id}"), &format!("0001017/up/command/{id}"), is_end).json()
    }

    #[track_caller]
    pub(super) fn wait_status(&self, id: &str, status: &str) {
        self.operator.wait(&format!("{id} is {status}"), &format!("up/command/{id}"), |said| said["status"] == status);
    }

    /// The pieces that a command has sent, put together.
    pub(super) fn pieces(&self, id: &str, count: u64) -> Vec<u8> {
        (1..=count)
            .flat_map(|number| {
                let topic = format!("0001017/up/log/{id}/{number}");
                let seen = self.operator.seen_on(&topic).into_iter().find(|message| message.topic.ends_with(&topic));
                let body = seen.unwrap_or_else(|| panic!("{topic} came")).body;
                assert!(body.len() <= 65_536 && !body.is_empty());
                body
            })
            .collect()
    }
}
