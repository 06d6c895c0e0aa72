//! What is told of a command while it is carried out, and at its end: for a person, or as JSON. It must not know how it is
//! sent.

use serde_json::{Value, json};
use till_wire::fleet::CommandStatus;
use till_wire::{CommandId, TerminalNumber};
use tokio::time::Instant;

use super::super::World;
use super::super::fault::Fault;
use super::super::style::Ink;
use super::super::text::plain;
use super::order::{Order, Whom};
use super::progress::Progress;
use super::rollout::{Fate, Rollout, Tally};

/// The longest result that is written on the lines of a person, in characters.
const LONGEST: usize = 4_000;

/// How a command is told of.
pub(super) struct Report {
    id: CommandId,
    form: Form,
    progress: Progress,
    /// Whether a terminal has been written into the list of the JSON.
    has_written: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// One terminal: every word that it says.
    Story,
    /// Several: those that fail, and how far it is.
    Summary,
    /// One terminal, as JSON.
    JsonOfOne,
    /// Several, as JSON: each is written when it has ended, so that nothing has to be remembered.
    Json,
}

impl Report {
    pub(super) fn begin(order: &Order, id: CommandId, json: bool, world: &mut World<'_>) -> Result<Self, Fault> {
        let form = match (&order.whom, json) {
            (Whom::One(_), false) => Form::Story,
            (Whom::One(_), true) => Form::JsonOfOne,
            (Whom::Group(_) | Whom::All, false) => Form::Summary,
            (Whom::Group(_) | Whom::All, true) => Form::Json,
        };
        if form == Form::Json {
            write!(world.out, "{{\"id\":{},\"cmd\":{},\"terminals\":[", json!(id), json!(order.cmd))?;
        }
        let progress = Progress::new(world.is_err_terminal, world.style.words());
        Ok(Self { id, form, progress, has_written: false })
    }

    /// Takes a word of a terminal.
    pub(super) fn heard(
        &self,
        number: TerminalNumber,
        status: &CommandStatus,
        world: &mut World<'_>,
    ) -> Result<(), Fault> {
        match self.form {
            Form::Story => {
                writeln!(world.out, "{}", line(number, &Fate::Ended(Box::new(status.clone())), world))?;
                if let Some(result) = &status.result {
                    let text: String = format!("{result:#}").chars().take(LONGEST).collect();
                    text.lines().try_for_each(|line| writeln!(world.out, "  {}", plain(line)))?;
                }
                Ok(world.out.flush()?)
            }
            Form::Summary | Form::JsonOfOne | Form::Json => Ok(()),
        }
    }

    /// Takes that a terminal has come to its end.
    pub(super) fn ended(&mut self, number: TerminalNumber, fate: &Fate, world: &mut World<'_>) -> Result<(), Fault> {
        match self.form {
            Form::Story => Ok(()),
            Form::Summary if fate.is_failure() => {
                self.progress.clear(world.err)?;
                writeln!(world.out, "{}", line(number, fate, world))?;
                Ok(world.out.flush()?)
            }
            Form::Summary => Ok(()),
            Form::JsonOfOne => Ok(writeln!(world.out, "{}", self.in_json(number, fate))?),
            Form::Json => self.write_entry(number, fate, world),
        }
    }

    pub(super) fn progress(&mut self, tally: Tally, world: &mut World<'_>) -> Result<(), Fault> {
        match self.form {
            Form::Summary | Form::Json => Ok(self.progress.show(tally, Instant::now(), world.err)?),
            Form::Story | Form::JsonOfOne => Ok(()),
        }
    }

    /// Tells what it came to. Anything that failed is a fault of the whole.
    pub(super) fn end(mut self, rollout: &Rollout, world: &mut World<'_>) -> Result<(), Fault> {
        for (number, fate) in rollout.fates() {
            match &fate {
                Fate::Silent(_) if self.form == Form::Story => writeln!(world.out, "{}", line(number, &fate, world))?,
                Fate::Silent(_) => self.ended(number, &fate, world)?,
                Fate::Spared if self.form == Form::Json => self.write_entry(number, &fate, world)?,
                Fate::Spared | Fate::Ended(_) | Fate::NotMeant => {}
            }
        }
        let tally = rollout.tally();
        let words = &world.style.words().fleet.tools;
        match self.form {
            Form::Story | Form::JsonOfOne => {}
            Form::Summary => {
                self.progress.end(tally, world.err)?;
                writeln!(world.out, "{}", (words.rolled_out)(tally, self.id.as_str(), rollout.is_aborted()))?;
            }
            Form::Json => {
                self.progress.end(tally, world.err)?;
                let Tally { total, told, succeeded, failed, .. } = tally;
                let aborted = rollout.is_aborted();
                writeln!(
                    world.out,
                    "\n],\"total\":{total},\"told\":{told},\"succeeded\":{succeeded},\"failed\":{failed},\"aborted\":{aborted}}}"
                )?;
            }
        }
        world.out.flush()?;
        if tally.failed > 0 || rollout.is_aborted() { Err(Fault::Found) } else { Ok(()) }
    }

    fn write_entry(&mut self, number: TerminalNumber, fate: &Fate, world: &mut World<'_>) -> Result<(), Fault> {
        let comma = if std::mem::replace(&mut self.has_written, true) { "," } else { "" };
        Ok(write!(world.out, "{comma}\n{}", self.in_json(number, fate))?)
    }

    fn in_json(&self, number: TerminalNumber, fate: &Fate) -> Value {
        let mut entry = match fate {
            Fate::Ended(status) => json!(status),
            Fate::Spared => json!({ "status": "not-told" }),
            Fate::NotMeant => json!({ "status": "not-meant" }),
            Fate::Silent(said) => json!({ "status": "no-answer", "said": said }),
        };
        if let Some(entry) = entry.as_object_mut() {
            entry.insert("number".to_owned(), json!(number));
            entry.insert("id".to_owned(), json!(self.id));
        }
        entry
    }
}

/// Returns a terminal and how the command fares there.
fn line(number: TerminalNumber, fate: &Fate, world: &World<'_>) -> String {
    let tools = &world.style.words().fleet.tools;
    let (ink, said) = match fate {
        Fate::Ended(status) => {
            let more = [&status.reason, &status.progress].into_iter().flatten().next();
            let more = more.map(|more| format!(": {}", plain(more))).unwrap_or_default();
            let ink = if fate.is_success() { Ink::Good } else { Ink::Open };
            (ink, format!("{}{more}", (tools.command_state)(status.status)))
        }
        Fate::Silent(_) => (Ink::Bad, tools.no_answer.to_owned()),
        Fate::Spared | Fate::NotMeant => (Ink::Plain, tools.not_told.to_owned()),
    };
    format!("{number}  {}", world.style.paint(ink, &said))
}
