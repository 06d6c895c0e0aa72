//! `till doctor`: looks at the terminal, its surroundings and its configuration, and says what is wrong and what to do.
//! Works without the daemon and with a broken configuration. It must not change anything, order anything or show a
//! secret to anybody: it looks names up, shakes hands, and asks nothing that needs a key.

mod certificate;
mod clocks;
mod counter;
mod daemon;
mod disk;
mod files;
mod network;
mod subject;
mod tls;
mod updates;

use std::path::Path;

use futures_util::future::join_all;
use serde_json::json;

use super::World;
use super::fault::Fault;
use super::style::{Ink, Style};
use super::text::{pad_right, plain, width};
use super::verbs::Output;
use super::words::{Check, Language, Said, Verdict};
use subject::Subject;

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Finding {
    check: Check,
    /// Which one, where there are several: `broker`, a channel's id, a device.
    about: Option<String>,
    said: Said,
}

impl Finding {
    fn new(check: Check, said: Said) -> Self {
        Self { check, about: None, said }
    }

    fn about(self, about: &str) -> Self {
        Self { about: Some(about.to_owned()), ..self }
    }
}

/// Looks at everything, side by side, and tells what was found.
pub(super) async fn doctor(file: &Path, output: Output, world: &mut World<'_>) -> Result<(), Fault> {
    let subject = Subject::read(file);
    let findings = look(&subject, world.style).await;
    match output {
        Output::Json => writeln!(world.out, "{}", in_json(&findings))?,
        Output::Words => tell(&findings, world)?,
    }
    let any = findings.iter().any(|finding| finding.said.verdict() == Verdict::Fault);
    match (subject.is_broken, any) {
        (true, _) => Err(Fault::FoundBroken),
        (false, true) => Err(Fault::Found),
        (false, false) => Ok(()),
    }
}

async fn look(subject: &Subject, style: Style) -> Vec<Finding> {
    let met = join_all(subject.peers.iter().map(tls::meet));
    let (daemon, names, met) = tokio::join!(daemon::ask(subject, style), network::names(&subject.peers), met);
    let mut findings = subject.findings.clone();
    findings.extend(daemon.findings);
    findings.push(network::way_out(&subject.peers));
    findings.extend(names);
    let mut dates = Vec::new();
    for met in met {
        findings.push(met.finding);
        dates.extend(met.date);
    }
    findings.push(clocks::judge(&dates));
    findings.push(certificate::look(subject));
    let status = daemon.status.as_ref();
    findings.extend(counter::look(subject, status));
    findings.extend(disk::look(subject, status));
    findings.extend(files::look(subject));
    findings.push(updates::look(subject));
    // The order of one check's findings stays.
    findings.sort_by_key(|finding| finding.check);
    findings
}

fn tell(findings: &[Finding], world: &mut World<'_>) -> Result<(), Fault> {
    let style = world.style;
    let words = &style.words().doctor;
    let verdicts = [Verdict::Ok, Verdict::Fault, Verdict::Skipped].map(words.verdict);
    let narrow = verdicts.into_iter().map(width).max().unwrap_or_default();
    let wide = findings.iter().map(|finding| width((words.check)(finding.check))).max().unwrap_or_default();
    for finding in findings {
        let verdict = finding.said.verdict();
        let ink = match verdict {
            Verdict::Ok => Ink::Good,
            Verdict::Fault => Ink::Bad,
            Verdict::Skipped => Ink::Open,
        };
        let mark = style.paint(ink, &pad_right((words.verdict)(verdict), narrow));
        let check = pad_right((words.check)(finding.check), wide);
        let (text, advice) = words.told(&finding.said);
        let about = finding.about.as_ref().map(|about| format!("{about}: ")).unwrap_or_default();
        let advice = if advice.is_empty() { String::new() } else { format!(" → {advice}") };
        writeln!(world.out, "{mark}  {check}  {}{advice}", plain(&format!("{about}{text}")))?;
    }
    Ok(writeln!(world.out, "{}", (words.summary)(faults(findings)))?)
}

fn faults(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.said.verdict() == Verdict::Fault).count()
}

/// What programs read has no language: its texts are English, and its words stay.
fn in_json(findings: &[Finding]) -> serde_json::Value {
    let words = &Language::English.words().doctor;
    let lines: Vec<_> = findings
        .iter()
        .map(|finding| {
            let (text, advice) = words.told(&finding.said);
            let advice = Some(advice).filter(|advice| !advice.is_empty());
            let (check, result) = (finding.check.as_str(), finding.said.verdict().as_str());
            json!({ "check": check, "about": finding.about, "result": result, "found": text, "advice": advice })
        })
        .collect();
    json!({ "faults": faults(findings), "checks": lines })
}
