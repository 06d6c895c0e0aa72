//! Whether the daemon runs, and what it says of itself. It must not start it.

use std::time::Duration;

use till_settings::Mode;
use till_wire::Status;
use tokio::time::timeout;

use super::Finding;
use super::subject::Subject;
use crate::cli::client::Client;
use crate::cli::fault::Fault;
use crate::cli::style::Style;
use crate::cli::words::{Attempt, Check, Language, Said, Setup};
use crate::config::ApiSettings;

/// How long the daemon may take for its answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What came of asking.
pub(super) struct Asked {
    pub(super) findings: Vec<Finding>,
    pub(super) status: Option<Status>,
}

pub(super) async fn ask(subject: &Subject, style: Style) -> Asked {
    let till = env!("CARGO_PKG_VERSION").to_owned();
    let Ok((settings, _)) = ApiSettings::read(&subject.file, Mode::Run) else {
        let findings = vec![daemon(Setup::Unasked), versions(Setup::OneVersion { till })];
        return Asked { findings, status: None };
    };
    let place = match &settings.socket {
        Some(path) => path.display().to_string(),
        None => settings.listen.to_string(),
    };
    match question(&settings, style.language).await {
        Ok(status) => {
            let tilld = status.terminal.version.clone();
            let version =
                if till == tilld { Setup::SameVersion { version: till } } else { Setup::OtherVersion { till, tilld } };
            Asked { findings: vec![daemon(Setup::Answers { place }), versions(version)], status: Some(status) }
        }
        Err(why) => {
            Asked { findings: vec![daemon(Setup::Silent { why }), versions(Setup::OneVersion { till })], status: None }
        }
    }
}

async fn question(settings: &ApiSettings, language: Language) -> Result<Status, String> {
    let words = language.words();
    let asked = async {
        let client = Client::new(settings, words)?;
        let answer = client.get(Attempt::Status, "/v1/status").await?;
        client.read_as::<Status>(Attempt::Status, &answer)
    };
    let slow = || words.cannot(Attempt::Status, &(words.system)(&std::io::ErrorKind::TimedOut.into()));
    timeout(PATIENCE, asked).await.unwrap_or_else(|_| Err(Fault::Failed(slow()))).map_err(|fault| match fault {
        Fault::Usage(text) | Fault::Failed(text) | Fault::Unreachable(text) => text,
        Fault::Configuration(faults) => faults.to_string(),
        Fault::Output(error) => error.to_string(),
        Fault::Unpaid | Fault::Found | Fault::FoundBroken => String::new(),
    })
}

fn daemon(said: Setup) -> Finding {
    Finding::new(Check::Daemon, Said::Setup(said))
}

fn versions(said: Setup) -> Finding {
    Finding::new(Check::Versions, Said::Setup(said))
}
