//! `till-bench`: measures a real `tilld` or `till-bridge` from outside, beside the floor that the machine itself sets. `README.md` beside
//! it explains every figure. It must not judge: a slow machine is no fault, an unmeasured figure is one.

mod bridge;
mod callgrind;
mod clock;
mod draw;
mod figure;
mod floor;
mod keys;
mod mqtt;
mod picture;
mod place;
mod process;
mod report;
mod sales;
mod sessions;
mod starts;
mod states;
mod terminal;

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use figure::Figure;
use report::Report;

/// What any step of the measuring may fail with; it ends the run.
type Fault = Box<dyn Error>;

/// Measures `tilld`: API call to code, webhook to PAID, start to idle picture, drawing; beside the machine's own floor.
#[derive(Parser)]
#[command(name = "till-bench", version)]
struct Arguments {
    /// Few of everything and one screen only: proves that every figure can be measured, in seconds.
    #[arg(long, global = true)]
    quick: bool,
    /// Print JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// The sales to measure [default: 200].
    #[arg(long)]
    sales: Option<usize>,
    /// The starts to measure [default: 20].
    #[arg(long)]
    starts: Option<usize>,
    /// The `tilld` to measure; without it the one beside this program.
    #[arg(long, value_name = "FILE")]
    tilld: Option<PathBuf>,
    #[command(subcommand)]
    work: Option<Work>,
}

#[derive(Subcommand)]
enum Work {
    /// Measures what sessions cost brokers: memory, time, messages a second (docs/scale.md).
    Sessions {
        /// The brokers to measure [default: all].
        #[arg(value_enum)]
        brokers: Vec<sessions::Kind>,
        /// How many sessions.
        #[arg(long, default_value_t = 1000)]
        count: usize,
        /// How many messages.
        #[arg(long, default_value_t = 20_000)]
        messages: usize,
    },
    /// Measures what brokers make of terminals' retained state and health, and how long an operator waits for all of them
    /// (docs/scale.md).
    States {
        /// The brokers to measure [default: mosquitto and NATS over plain TCP].
        #[arg(value_enum)]
        brokers: Vec<sessions::Kind>,
        /// How many terminals.
        #[arg(long, default_value_t = 100_000)]
        terminals: usize,
        /// Over how many connections they speak.
        #[arg(long, default_value_t = 5_000)]
        connections: usize,
        /// The `till` that lists them; without it the one beside this program.
        #[arg(long, value_name = "FILE")]
        till: Option<PathBuf>,
    },
    /// Measures `till-bridge` under load: webhooks a second, time to the answer, processor and memory.
    Bridge(bridge::Wanted),
    /// Simulates so many tills at a broker: a process of its own for `bridge`.
    #[command(hide = true)]
    Tills {
        /// Where the broker is.
        broker: std::net::SocketAddr,
        /// How many.
        count: usize,
    },
    /// Draws one screen so many times and stops: what callgrind looks at.
    #[command(hide = true)]
    Draw {
        /// The screen's name among the samples.
        screen: String,
        /// How often.
        times: u32,
        /// Encode the picture as PNG as well, as often.
        #[arg(long)]
        png: bool,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let done = match &arguments.work {
        Some(Work::Draw { screen, times, png }) => draw::repeat(screen, *times, *png),
        Some(Work::Sessions { brokers, count, messages }) => sessions::measure_all(brokers, *count, *messages),
        Some(Work::States { brokers, terminals, connections, till }) => {
            states::measure_all(brokers, *terminals, *connections, till.as_deref())
        }
        Some(Work::Bridge(wanted)) => bridge::measure(wanted, arguments.quick),
        Some(Work::Tills { broker, count }) => bridge::tills::run(*broker, *count),
        None => measure(&arguments),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("till-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

/// How much is measured.
struct Plan {
    floor: usize,
    sales: usize,
    keys: usize,
    starts: usize,
    draws: usize,
    screens: Vec<&'static str>,
}

impl Plan {
    fn of(arguments: &Arguments) -> Self {
        let plan = if arguments.quick {
            Self { floor: 20, sales: 3, keys: 3, starts: 2, draws: 2, screens: vec!["code"] }
        } else {
            Self { floor: 500, sales: 200, keys: 100, starts: 20, draws: 20, screens: draw::names() }
        };
        let sales = arguments.sales.unwrap_or(plan.sales).max(1);
        let starts = arguments.starts.unwrap_or(plan.starts).max(1);
        Self { sales, starts, ..plan }
    }
}

fn measure(arguments: &Arguments) -> Result<(), Fault> {
    let plan = Plan::of(arguments);
    let tilld = match &arguments.tilld {
        Some(file) => file.clone(),
        None => place::beside("tilld")?,
    };
    let mut report = Report::begin(&tilld)?;
    let place = place::Place::make()?;
    report.add(floor::measure(&place, plan.floor)?);
    let counter = terminal::Counter::open(&place, &tilld)?;
    report.add(sales::measure(&counter, plan.sales)?);
    report.add(keys::measure(&counter, plan.keys)?);
    report.add(starts::measure(&counter, plan.starts)?);
    report.add(draw::measure(&plan.screens, plan.draws)?);
    report.add(callgrind::measure(&plan.screens)?);
    let missing: Vec<&str> = report.figures().filter(|figure| figure.is_empty()).map(Figure::name).collect();
    if arguments.json {
        println!("{}", report.json())
    } else {
        print!("{}", report.table())
    }
    if missing.is_empty() { Ok(()) } else { Err(format!("not measured: {}", missing.join(", ")).into()) }
}
