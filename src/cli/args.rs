//! What can be typed behind `till`. It must not know what becomes of it.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use jiff::civil::Date;
use till_wire::{Amount, ChannelId, SaleState, UnixTime};

use super::fleet::FleetVerb;
use super::pick::SaleName;
use super::receipts::ReceiptName;
use super::report;
use super::words::Language;

/// Takes money by QR code at a counter.
#[derive(Debug, Parser)]
#[command(
    name = "till",
    version,
    after_help = "Exit codes:\n  0   done\n  1   fault, also one that doctor found\n  2   usage, also an amount that is refused\n  \
                  3   sale --wait, sale --qr: ended unpaid\n  4   tilld cannot be reached\n  \
                  64  the configuration is missing or broken"
)]
pub(super) struct Args {
    /// The terminal's configuration; else $TILLD_CONFIG, else /etc/tilld/tilld.toml. With fleet the fleet's; else
    /// ~/.config/till/fleet.toml
    #[arg(long, global = true, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Check the configuration, as far as it concerns this program, and do nothing else
    #[arg(long, global = true)]
    pub(super) check: bool,
    /// The language of all words; else $TILL_LANG, else the locale's, else English
    #[arg(long, global = true, value_name = "LANGUAGE", value_enum)]
    pub(super) lang: Option<Language>,
    /// When to use colours; by itself on a terminal, unless $NO_COLOR is set
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value = "auto")]
    pub(super) color: Color,
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    #[command(flatten)]
    Verb(Verb),
    /// Look for what is wrong with the terminal, its surroundings and its configuration, and say what to do
    Doctor {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Run a fleet of terminals: its keys, certificates and claims, and the terminals themselves, over the broker
    Fleet {
        #[command(subcommand)]
        verb: Option<FleetVerb>,
    },
}

/// When the output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

/// A shell whose completions can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Start a sale: its code appears on the display
    Sale(SaleArgs),
    /// Show a sale; without SALE the newest
    Show {
        /// The sale's id, or its last digits when they are unique
        sale: Option<SaleName>,
        /// Draw its code, while it may be paid
        #[arg(long, conflicts_with = "json")]
        qr: bool,
        /// Print the API's JSON
        #[arg(long)]
        json: bool,
    },
    /// List sales, newest first
    Sales {
        /// Only sales in this state, such as paid
        #[arg(long, value_name = "STATE", value_parser = states())]
        state: Option<SaleState>,
        /// Only sales made at or after this time, such as 2026-11-20T03:04:05Z
        #[arg(long, value_name = "TIME")]
        since: Option<UnixTime>,
        /// At most so many, 1 to 200
        #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=200))]
        limit: u16,
        /// Print the API's JSON
        #[arg(long)]
        json: bool,
    },
    /// Cancel a sale: its code leaves the display
    Cancel {
        /// The sale's id, or its last digits when they are unique
        sale: SaleName,
    },
    /// Show how the terminal is doing
    Status {
        /// Print the API's JSON
        #[arg(long)]
        json: bool,
    },
    /// Show every change as it happens, until interrupted
    Watch {
        /// Print the API's JSON, one line for each change
        #[arg(long)]
        json: bool,
    },
    /// Tell what a day comes to: money, sales, and what must be looked at
    Report {
        /// The day, such as 2026-11-29; today when left out
        #[arg(long, value_name = "YYYY-MM-DD", value_parser = report::day)]
        day: Option<Date>,
        /// Print the API's JSON
        #[arg(long)]
        json: bool,
        /// Print a heading and one line for each sale and receipt (CSV)
        #[arg(long, conflicts_with = "json")]
        csv: bool,
    },
    /// Save what the display shows now
    Screen {
        /// The picture's file (PNG)
        file: PathBuf,
    },
    /// Tell how a sale came to be what it is: each change, its cause, and what proved its money
    Journal {
        /// The sale's id, or its last digits when they are unique
        sale: SaleName,
        /// Print the API's JSON
        #[arg(long)]
        json: bool,
    },
    /// List what is owed to others, oldest first
    Queue {
        /// Print the API's JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the newest events that the terminal judged, for support (till-demo --replay runs them again)
    Flight,
    /// Ask the bridges again for what this terminal may have missed
    Replay,
    /// Make the hash of a supervisor's PIN, for sale.supervisor_pin
    Pin,
    /// List money that fits no sale, newest first
    Receipts {
        /// Only receipts that nobody has matched to a sale
        #[arg(long)]
        unmatched: bool,
        /// Print the API's JSON
        #[arg(long)]
        json: bool,
    },
    /// Say which sale a receipt's money is for, with the supervisor's PIN
    Match {
        /// The receipt's key, or its first digits when they are unique
        receipt: ReceiptName,
        /// The sale's id, or its last digits when they are unique
        sale: SaleName,
        /// A file whose first line is the PIN; without it the PIN is asked for
        #[arg(long, value_name = "FILE")]
        pin_file: Option<PathBuf>,
        /// Print the API's JSON
        #[arg(long)]
        json: bool,
    },
    /// Say that a sale is paid, with the supervisor's PIN: its money was seen at the bank
    Confirm {
        /// The sale's id, or its last digits when they are unique
        sale: SaleName,
        /// A file whose first line is the PIN; without it the PIN is asked for
        #[arg(long, value_name = "FILE")]
        pin_file: Option<PathBuf>,
        /// Print the API's JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the completions of this command line for a shell
    Completions {
        /// The shell
        #[arg(value_enum)]
        shell: Shell,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct SaleArgs {
    /// How much, in đồng: 50000, 50.000, 50k or 1tr5
    #[arg(value_parser = amount, allow_negative_numbers = true)]
    pub(super) amount: Amount,
    /// A note for the staff
    #[arg(long, value_name = "TEXT")]
    pub(super) note: Option<String>,
    /// The cash register's order number
    #[arg(long, value_name = "ORDER")]
    pub(super) reference: Option<String>,
    /// The merchant account, when it is not the usual one
    #[arg(long, value_name = "ID")]
    pub(super) channel: Option<ChannelId>,
    /// A key of your own: asked again with it, the terminal answers with the same sale
    #[arg(long, value_name = "IDEMPOTENCY_KEY")]
    pub(super) key: Option<String>,
    /// Wait for the sale's end
    #[arg(long)]
    pub(super) wait: bool,
    /// Wait for the code and draw it here as well
    #[arg(long, conflicts_with = "json")]
    pub(super) qr: bool,
    /// Print the API's JSON; with --wait that of the sale's end
    #[arg(long)]
    pub(super) json: bool,
}

fn amount(typed: &str) -> Result<Amount, String> {
    let amount = Amount::parse(typed).map_err(|error| error.to_string())?;
    if amount.value() > Amount::MAX_VND {
        return Err(format!("the largest amount is {}", Amount::vnd(Amount::MAX_VND)));
    }
    Ok(amount)
}

/// The states by their words, which shells complete.
fn states() -> impl TypedValueParser<Value = SaleState> {
    let words = SaleState::ALL.iter().map(|state| state.as_str());
    PossibleValuesParser::new(words).try_map(|word| SaleState::of(&word).ok_or("not a state"))
}
