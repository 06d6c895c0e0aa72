//! What can be typed behind `till fleet`. It must not know what becomes of it.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::RangedU64ValueParser;
use clap::{ArgGroup, Subcommand, value_parser};
use icu_normalizer::ComposingNormalizerBorrowed;
use till_authority::{ClientName, ServerName};
use till_wire::TerminalNumber;

use super::typed::{CommandArgs, DiffArgs, FileArgs, ListArgs, LogsArgs, SetArgs, ShowArgs, UpdateArgs, WatchArgs};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// How long a claim may live.
const SHORTEST: u64 = MINUTE;
const LONGEST: u64 = 30 * DAY;

/// A host as it was typed, which gives a certificate's files their name.
#[derive(Clone, Debug)]
pub(in crate::cli) struct Host {
    pub(super) typed: String,
    pub(super) name: ServerName,
}

/// A certificate's serial number: 1 to 20 bytes (RFC 5280, section 4.1.2.2), without leading zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::cli) struct Serial(pub(super) Vec<u8>);

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum FleetVerb {
    /// Make the fleet's key, which signs claims and commands
    Keygen,
    /// Make certificates: the authority's own, clients' and servers'
    Ca {
        #[command(subcommand)]
        verb: CaVerb,
    },
    /// Print a claim, with which one terminal joins the fleet, once
    Claim(ClaimArgs),
    /// Take certificates back, and sign the list that says so
    Revoke(RevokeArgs),
    /// List the terminals: how each is doing, and which cannot take money, and why
    List(ListArgs),
    /// Show everything that the broker knows of one terminal
    Show(ShowArgs),
    /// Show every change of every terminal as it happens, until interrupted
    Watch(WatchArgs),
    /// Tell terminals what to do, with a signed command, and hear how it goes
    Command(CommandArgs),
    /// Have terminals install another version, some at a time, and hear how it goes
    Update(UpdateArgs),
    /// Fetch the log of a terminal
    Logs(LogsArgs),
    /// Fetch what a terminal's display shows
    Screenshot(FileArgs),
    /// Fetch what is known of how a terminal is doing, for whoever looks for a fault
    Diagnose(FileArgs),
    /// Send terminals the configuration that the fleet's files say, signed, and hear who takes it
    Set(SetArgs),
    /// Tell which terminals have another configuration than the fleet's files say
    Diff(DiffArgs),
}

#[derive(Debug, Subcommand)]
pub(in crate::cli) enum CaVerb {
    /// Make the root and the issuer that the enrolment server signs with
    Init {
        /// What the fleet is called in its certificates, 1 to 40 characters
        #[arg(long, value_name = "TEXT", default_value = "till fleet", value_parser = name)]
        name: String,
        /// How many years the root is valid
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = value_parser!(u16).range(1..=30))]
        root_years: u16,
        /// How many years the issuer is valid
        #[arg(long, value_name = "N", default_value_t = 5, value_parser = value_parser!(u16).range(1..=30))]
        issuer_years: u16,
    },
    /// Make the certificate and key of a client that is no terminal: a bridge, an operator
    Client {
        /// Its name, such as bridge-1
        #[arg(value_parser = client_name)]
        name: ClientName,
        /// How many days it is valid
        #[arg(long, value_name = "N", default_value_t = 730, value_parser = days())]
        days: u64,
    },
    /// Make the certificate and key of a server: a broker, the enrolment server
    Server {
        /// Its host names and addresses; the first gives the files their name
        #[arg(value_name = "HOST", required = true, value_parser = host)]
        hosts: Vec<Host>,
        /// How many days it is valid
        #[arg(long, value_name = "N", default_value_t = 730, value_parser = days())]
        days: u64,
    },
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ClaimArgs {
    /// The number that the terminal gets; no other may have it, ever
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    pub(super) number: TerminalNumber,
    /// What the terminal is called, 1 to 40 characters; shown on its display
    #[arg(long, value_name = "TEXT", value_parser = label)]
    pub(super) label: String,
    /// How long it can be used: minutes (m), hours (h) or days (d), at most 30d
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = span)]
    pub(super) valid: Duration,
    /// Draw its code here as well
    #[arg(long)]
    pub(super) qr: bool,
    /// Save its code as a picture (PNG)
    #[arg(long, value_name = "FILE")]
    pub(super) png: Option<PathBuf>,
    /// Print JSON
    #[arg(long, conflicts_with = "qr")]
    pub(super) json: bool,
}

#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true).args(["certificates", "serials", "renew"]))]
pub(in crate::cli) struct RevokeArgs {
    /// The certificates' files (PEM)
    #[arg(value_name = "CERTIFICATE")]
    pub(super) certificates: Vec<PathBuf>,
    /// The serial number of a terminal's certificate, as `openssl x509 -serial` prints it
    #[arg(long = "serial", value_name = "HEX", value_parser = serial)]
    pub(super) serials: Vec<Serial>,
    /// Only sign the list anew
    #[arg(long)]
    pub(super) renew: bool,
    /// How many days the list is valid; it must be signed anew before
    #[arg(long, value_name = "N", default_value_t = 365, value_parser = days())]
    pub(super) days: u64,
    /// Print JSON
    #[arg(long)]
    pub(super) json: bool,
}

fn days() -> RangedU64ValueParser {
    value_parser!(u64).range(1..=3650)
}

fn one_line(typed: &str, most: usize) -> Result<String, String> {
    let fits = (1..=most).contains(&typed.chars().count()) && !typed.chars().any(char::is_control);
    fits.then(|| typed.to_owned()).ok_or_else(|| format!("expected 1 to {most} characters on one line"))
}

fn name(typed: &str) -> Result<String, String> {
    one_line(typed, 40)
}

/// The bound is that of `terminal.label`, which it becomes; letters are composed (NFC), as there.
fn label(typed: &str) -> Result<String, String> {
    one_line(&ComposingNormalizerBorrowed::new_nfc().normalize(typed), 40)
}

fn client_name(typed: &str) -> Result<ClientName, &'static str> {
    ClientName::new(typed).ok_or("not a client's name")
}

fn host(typed: &str) -> Result<Host, &'static str> {
    let name = ServerName::new(typed).ok_or("neither a host name nor an address")?;
    Ok(Host { typed: typed.to_owned(), name })
}

/// Reads a number with leading zeros or without.
pub(super) fn number(typed: &str) -> Result<TerminalNumber, &'static str> {
    let digits = (1..=7).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_digit());
    let number = typed.parse().ok().filter(|_| digits).and_then(TerminalNumber::new);
    number.ok_or("not a terminal's number")
}

pub(super) fn span(typed: &str) -> Result<Duration, &'static str> {
    let units = [('m', MINUTE), ('h', HOUR), ('d', DAY)];
    let count = units.into_iter().find_map(|(unit, seconds)| Some((typed.strip_suffix(unit)?, seconds)));
    let seconds = count.and_then(|(digits, seconds)| {
        let plain = (1..=6).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse::<u64>().ok().filter(|_| plain)?.checked_mul(seconds)
    });
    let seconds = seconds.filter(|seconds| (SHORTEST..=LONGEST).contains(seconds));
    seconds.map(Duration::from_secs).ok_or("not a time from 1 minute to 30 days")
}

fn serial(typed: &str) -> Result<Serial, &'static str> {
    Serial::parse(&typed.replace(':', "")).ok_or("not a serial number")
}

impl Serial {
    /// Reads hexadecimal digits.
    pub(super) fn parse(digits: &str) -> Option<Self> {
        let plain = (1..=40).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let digits = Some(digits.trim_start_matches('0')).filter(|digits| plain && !digits.is_empty())?;
        let even = if digits.len() % 2 == 0 { digits.to_owned() } else { format!("0{digits}") };
        let pairs = (0..even.len()).step_by(2).map(|at| u8::from_str_radix(even.get(at..at + 2)?, 16).ok());
        pairs.collect::<Option<_>>().map(Self)
    }
}

impl std::fmt::Display for Serial {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
