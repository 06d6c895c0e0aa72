//! What the verbs of `till fleet` that speak to the broker say in English.

use till_wire::fleet::CommandState;
use till_wire::{Presence, Why};

use super::super::super::super::fleet::{LineError, Outcome, ParcelFault, Tally};
use super::super::super::super::wording::{moment, span};
use super::super::super::Words;
use super::ToolWords;

pub(in crate::cli::words::fleet) const TOOLS: ToolWords = ToolWords {
    broker,
    no_certificate: |name| {
        format!(
            "you have no certificate that the broker knows you by: `till fleet ca client {name}` makes it; mqtt.client_id in \
             fleet.toml is your name there"
        )
    },
    comes_back: |why| format!("the broker is away ({why}); trying again"),

    heads: ["No.", "Label", "State", "Version", "Connected since", "Owes", "Last payment", "Look at", "What is wrong"],
    unheard: "never heard",
    presence: |presence| match presence {
        Presence::Init => "starting",
        Presence::Ready => "ready",
        Presence::Disconnected => "switched off",
        Presence::Lost => "lost",
        Presence::Sleeping => "sleeping",
    },
    why,
    cannot_sell: |why| format!("cannot sell: {why}"),
    counted: |shown, of, unable, attention| {
        let terminals = if of == 1 { "terminal" } else { "terminals" };
        let of = if shown == of { format!("{shown} {terminals}") } else { format!("{shown} of {of} {terminals}") };
        format!("{of}; {unable} cannot sell; {attention} sales and receipts to be looked at")
    },
    odd: |messages| format!("{messages} messages of terminals were not understood, and left out"),
    beyond: |most| format!("there are more terminals than the {most} that are kept in memory; the rest is left out"),
    incomplete: "terminals are missing here: there are more than the broker lets wait for one client. With mosquitto, \
                 `max_queued_messages` and `max_queued_bytes` must have room for the state of every terminal \
                 (docs/brokers.md)",
    no_group: |group| format!("no file there and no terminal names the group `{group}`"),

    unknown_terminal: "the broker knows nothing of it: it has never connected, or its number is another one",
    no_health: "It has not said how it is doing.",
    configuration: "Configuration",
    commands: "Commands",
    desired: "wanted",
    none_desired: "nothing: its own file counts",
    reported: "applied",
    not_reported: "it has not said",
    own_file: "its own file alone",
    refused: "refused",
    version: |version, made| format!("version {version} ({made})"),

    no_number: |typed| format!("`{typed}` is not a terminal's number from 1 to 9007198"),
    no_command: "a command is missing, such as identify, restart, report; docs/fleet.md lists them",
    both_args: "arguments are given as KEY=VALUE or with --args, not both",
    bad_args: |why| format!("`--args` is not a JSON object: {why}"),
    unknown_command: |name, known| format!("there is no command `{name}`; there are: {known}"),
    other_args: |name, like, why| format!("`{name}` does not take these arguments ({why}); it is typed like: {like}"),
    bad_pair: |typed| format!("`{typed}` is not KEY=VALUE, or its key is given twice"),
    say_yes: |command| {
        format!("`{command}` of several terminals stops them all from selling: say `--yes` if you mean that")
    },
    nobody: "there is no terminal to tell",
    sent: |id, number| format!("Sent to {number}: {id}. How it fares: `till fleet show {number}`"),
    never_heard: |number, until| {
        format!("the broker has never heard of {number}; a command reaches it if it connects before {until}")
    },
    is_away: |number, since, until| {
        format!("{number} has not been connected since {since}; the command waits for it until {until}")
    },
    command_state: |state| match state {
        CommandState::Received => "received",
        CommandState::Running => "is being carried out",
        CommandState::Succeeded => "succeeded",
        CommandState::Failed => "failed",
        CommandState::Rejected => "rejected",
        CommandState::Expired => "expired",
    },
    no_answer: "no answer in time",
    not_told: "was not told",
    progress: |Tally { total, told, succeeded, failed, .. }| {
        format!("{told} of {total} told, {succeeded} succeeded, {failed} failed")
    },
    rolled_out: |Tally { total, told, succeeded, failed, not_meant }, id, aborted| {
        let left = total.saturating_sub(told);
        let others = if not_meant == 0 { String::new() } else { format!(", {not_meant} are not in the group") };
        let end = if aborted { format!(" Stopped: too many failed; {left} were not told.") } else { String::new() };
        format!("{id}: {told} of {total} told, {succeeded} succeeded, {failed} failed{others}.{end}")
    },
    update_size: |most| format!("an update has 1 to {most} bytes"),
    say_version: |why| match why {
        "" => "its version is not known: say it with --version".to_owned(),
        why => format!("its version cannot be read ({why}): say it with --version"),
    },
    updating: |version, size, sha256| format!("Version {version}, {size} bytes, SHA-256 {sha256}"),
    clear_one: "`--clear` takes one terminal's number",
    cleared: |number, answers| format!("{answers} answers of {number} are cleared."),
    parcel: |fault| match fault {
        ParcelFault::Unsaid => "the terminal does not say what it has sent".to_owned(),
        ParcelFault::Missing { came, sent } => format!("{came} of {sent} pieces came; try again"),
        ParcelFault::Other => "what came is not what the terminal has sent; try again".to_owned(),
    },

    no_file_of: |number| format!("there is no file terminals/{number}.toml"),
    outcome: |outcome| match outcome {
        Outcome::Already => "has it",
        Outcome::Applied => "applied",
        Outcome::Refused(_) => "refused",
        Outcome::Other => "has another one",
        Outcome::Silent => "has not said",
    },
    planned: |terminals| format!("{terminals} terminals would get this. Nothing was sent."),
    configured: |well, of| format!("{well} of {of} terminals have the configuration of the fleet's files."),
    no_files: "there is no file of a terminal, such as terminals/0001017.toml",
    no_members: |group| format!("no terminal's file names the group `{group}` in its [fleet] groups"),
};

fn broker(error: &LineError, name: &str) -> String {
    match error {
        LineError::Connect(why) => format!(
            "{why}; is it running, is mqtt.url of fleet.toml right, and is the certificate of `{name}` valid and not revoked?"
        ),
        LineError::Lost(why) => format!(
            "the connection ended ({why}). A broker takes one connection of each name: is another `till fleet`, or a \
             console, connected as `{name}`?"
        ),
        LineError::Silent => format!("it does not answer ({error})"),
        LineError::Dropped => "too much waited for us, and an answer was thrown away; do it again. With mosquitto, \
                               `max_queued_messages` must be that of config/mosquitto/ at least (docs/brokers.md)"
            .into(),
        LineError::Refused(filter) => {
            format!("it does not let `{name}` read `{filter}`; its list of rights is older, or another's")
        }
        LineError::Choked => error.to_string(),
    }
}

fn why(why: &Why<'_>, words: &Words) -> String {
    let with = |what: &str, reason: Option<&str>| reason.map_or(what.to_owned(), |reason| format!("{what}: {reason}"));
    let name = |what: &str, channel: &str| format!("{what} {channel}");
    match why {
        Why::NoState => "it has never said that it is there".into(),
        Why::Lost(at) => format!("not connected; last there {}", moment(*at)),
        Why::SwitchedOff(at) => format!("switched off {}", moment(*at)),
        Why::Starting(_) => "it is starting, or waits for something".into(),
        Why::Asleep(at) => format!("asleep since {}", moment(*at)),
        Why::Disabled => "shut by the operator".into(),
        Why::Display(reason) => with("display", reason.as_deref()),
        Why::Store => "its store does not work".into(),
        Why::NoProvider(channel, reason) => with(&name("no provider can be reached:", channel), reason.as_deref()),
        Why::Attention(1) => "a sale or receipt needs a person".into(),
        Why::Attention(count) => format!("{count} sales or receipts need a person"),
        Why::Provider(channel, reason) => with(&name("cannot reach", channel), reason.as_deref()),
        Why::Clock => "its clock is not set".into(),
        Why::Queue(seconds) => format!("messages wait for {}", span(*seconds, words)),
        Why::DiskSpace(free) => format!("its disk has only {} MiB left", free / 1_048_576),
        Why::Certificate(until) => format!("its certificate ends {}", moment(*until)),
        Why::Sound(reason) => with("sound", reason.as_deref()),
        Why::Configuration(fault) => with("the newest configuration is not applied", Some(fault)),
        Why::NoHealth => "it has not said how it is doing".into(),
        Why::Silent(since) => format!("it has not said how it is doing since {}", moment(*since)),
    }
}
