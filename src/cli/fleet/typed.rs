//! What can be typed behind the verbs of `till fleet` that connect to the broker. It must not know what becomes of it.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgGroup, ValueEnum, value_parser};
use till_wire::fleet::{PackageVersion, UpdateUrl};
use till_wire::{GroupName, IdError, Presence, TerminalNumber};

use super::args::{number, span};

/// By what a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Order {
    /// Its number
    Number,
    /// What the shop calls it
    Label,
    /// How present it is
    State,
    /// Its version
    Version,
    /// What it owes to others, the most first
    Queue,
    /// When money last arrived, the longest ago first
    Payment,
    /// What a person must look at, the most first
    Attention,
    /// What is wrong, the worst first
    Trouble,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListArgs {
    /// Only terminals in this state
    #[arg(long, value_name = "STATE", value_parser = presences())]
    pub(super) state: Option<Presence>,
    /// Only members of this group: by the fleet's files, or, when these name none, by what terminals say
    #[arg(long, value_name = "NAME", value_parser = group)]
    pub(super) group: Option<GroupName>,
    /// Only terminals with something that a person must look at
    #[arg(long)]
    pub(super) attention: bool,
    /// Only terminals that cannot take money
    #[arg(long)]
    pub(super) unable: bool,
    /// Only terminals with this version
    #[arg(long, value_name = "VERSION")]
    pub(super) version: Option<String>,
    /// Only terminals whose number or label has this text in it
    #[arg(long, value_name = "TEXT")]
    pub(super) search: Option<String>,
    /// By what they are sorted
    #[arg(long, value_name = "WHAT", value_enum, default_value = "number")]
    pub(super) sort: Order,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ShowArgs {
    /// The terminal's number
    #[arg(value_parser = number)]
    pub(super) number: TerminalNumber,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct WatchArgs {
    /// Only this terminal
    #[arg(value_parser = number)]
    pub(super) number: Option<TerminalNumber>,
    /// Print JSON, one line for each change
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
#[command(
    override_usage = "till fleet command [OPTIONS] NUMBER COMMAND [KEY=VALUE]...\n       till fleet command [OPTIONS] \
                      <--group NAME|--all> COMMAND [KEY=VALUE]...\n       till fleet command --clear NUMBER"
)]
pub(in crate::cli) struct CommandArgs {
    /// The terminal's number, unless --group or --all says which; the command; and its arguments as KEY=VALUE
    #[arg(value_name = "WORD", required = true)]
    pub(super) words: Vec<String>,
    /// All terminals of this group: by the fleet's files, or, when these name none, by the terminals' own settings
    #[arg(long, value_name = "NAME", value_parser = group, conflicts_with = "all")]
    pub(super) group: Option<GroupName>,
    /// All terminals that the broker knows
    #[arg(long)]
    pub(super) all: bool,
    /// The command's arguments as a JSON object, instead of KEY=VALUE
    #[arg(long, value_name = "JSON")]
    pub(super) args: Option<String>,
    /// Wait for its end; several terminals are always waited for
    #[arg(long)]
    pub(super) wait: bool,
    /// Do what cannot be taken back, or would close every counter
    #[arg(long)]
    pub(super) yes: bool,
    /// Clear the answers of a terminal that the broker has kept, and send nothing
    #[arg(long, conflicts_with_all = ["all", "group", "args"])]
    pub(super) clear: bool,
    #[command(flatten)]
    pub(super) how: Rollout,
}

/// How a command is sent, to one terminal or to many.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Rollout {
    /// How long it can be obeyed after it was sent: minutes (m) or hours (h), at most 24h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = within_a_day)]
    pub(super) valid: Duration,
    /// How long a terminal that says nothing is waited for before it counts as failed
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = within_a_day)]
    pub(super) patience: Duration,
    /// Tell so many per cent of the terminals at a time, the next when those before have ended
    #[arg(long, value_name = "N", value_parser = value_parser!(u8).range(1..=100))]
    pub(super) percent: Option<u8>,
    /// Tell at most so many terminals a minute
    #[arg(long, value_name = "N", value_parser = value_parser!(u32).range(1..=60_000))]
    pub(super) rate: Option<u32>,
    /// Tell no more terminals once more than so many per cent of those told so far have failed
    #[arg(long, value_name = "N", value_parser = value_parser!(u8).range(0..=100))]
    pub(super) abort_over: Option<u8>,
    /// Leave the answers with the broker, where they stay until they are cleared
    #[arg(long)]
    pub(super) keep: bool,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("whom").required(true).args(["all", "group", "number"]))]
pub(in crate::cli) struct UpdateArgs {
    /// The package as it was built; it is read for its size, its SHA-256 and its version, and not sent
    pub(super) file: PathBuf,
    /// Where terminals fetch the same file: https://, or http:// on the terminal itself
    #[arg(long, value_name = "URL", value_parser = update_url)]
    pub(super) url: UpdateUrl,
    /// What is installed afterwards; without it, what dpkg-deb says of the file
    #[arg(long, value_name = "VERSION", value_parser = package_version)]
    pub(super) version: Option<PackageVersion>,
    /// Allow a version that is older than the installed one
    #[arg(long)]
    pub(super) downgrade: bool,
    /// Every terminal that the broker knows
    #[arg(long)]
    pub(super) all: bool,
    /// All terminals of this group: by the fleet's files, or, when these name none, by the terminals' own settings
    #[arg(long, value_name = "NAME", value_parser = group)]
    pub(super) group: Option<GroupName>,
    /// This terminal
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    pub(super) number: Option<TerminalNumber>,
    #[command(flatten)]
    pub(super) how: Rollout,
}

/// How a file is fetched from a terminal.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Fetching {
    /// How long it can be obeyed, and is waited for: minutes (m) or hours (h), at most 24h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = within_a_day)]
    pub(super) valid: Duration,
    /// Leave the answer with the broker, where it stays until it is cleared
    #[arg(long)]
    pub(super) keep: bool,
    /// Print JSON: what the terminal said
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct LogsArgs {
    /// The terminal's number
    #[arg(value_parser = number)]
    pub(super) number: TerminalNumber,
    /// How far back, in minutes
    #[arg(long, value_name = "M", default_value_t = 60, value_parser = value_parser!(u32).range(1..=10_080))]
    pub(super) minutes: u32,
    /// The file to write; without it the log is printed
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    #[command(flatten)]
    pub(super) fetching: Fetching,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct FileArgs {
    /// The terminal's number
    #[arg(value_parser = number)]
    pub(super) number: TerminalNumber,
    /// The file to write
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) fetching: Fetching,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("which").required(true).args(["all", "group", "numbers"]))]
pub(in crate::cli) struct SetArgs {
    /// Every terminal that has a file
    #[arg(long)]
    pub(super) all: bool,
    /// Every terminal of this group
    #[arg(long, value_name = "NAME", value_parser = group)]
    pub(super) group: Option<GroupName>,
    /// This terminal; may be given several times
    #[arg(long = "number", value_name = "NUMBER", value_parser = number)]
    pub(super) numbers: Vec<TerminalNumber>,
    /// Only show what would be sent
    #[arg(long)]
    pub(super) dry_run: bool,
    /// The folder of the fleet's files, instead of the one of fleet.toml
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,
    /// How long the terminals' answers are waited for
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = within_a_day)]
    pub(super) patience: Duration,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DiffArgs {
    /// The folder of the fleet's files, instead of the one of fleet.toml
    #[arg(long, value_name = "FOLDER")]
    pub(super) folder: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// The states by their words, which shells complete.
fn presences() -> impl TypedValueParser<Value = Presence> {
    const ALL: [Presence; 5] =
        [Presence::Init, Presence::Ready, Presence::Disconnected, Presence::Lost, Presence::Sleeping];
    let words = ALL.map(Presence::as_str);
    PossibleValuesParser::new(words)
        .try_map(|word| ALL.into_iter().find(|presence| presence.as_str() == word).ok_or("not a state"))
}

fn group(typed: &str) -> Result<GroupName, &'static str> {
    GroupName::new(typed).ok_or("not a group's name")
}

fn update_url(typed: &str) -> Result<UpdateUrl, String> {
    typed.parse().map_err(|error: IdError| error.to_string())
}

fn package_version(typed: &str) -> Result<PackageVersion, String> {
    typed.parse().map_err(|error: IdError| error.to_string())
}

fn within_a_day(typed: &str) -> Result<Duration, &'static str> {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    span(typed).ok().filter(|span| *span <= DAY).ok_or("not a time from 1 minute to 24 hours")
}
