//! Runs a recording through the till again and compares what it does with what it did. It must not know how a recording
//! came to be.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use super::format::Opening;
use super::outcome::Outcome;
use super::read::{Flight, Happened, Part, ReadError, read};
use super::words;
use crate::till::{Step, Till};

/// What a replay has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// How many steps were compared, starts among them.
    pub steps: usize,
    /// How many events follow a state that was too large to be recorded: they are printed and not compared.
    pub skipped: usize,
    /// The last line, when it is not whole.
    pub torn: Option<usize>,
    /// Something at the end whose outcome was not recorded: the program ended over it, or somewhere else meanwhile.
    pub unfinished: Option<Unfinished>,
    /// Whether all went the same way.
    pub verdict: Verdict,
}

/// Something whose outcome was not recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unfinished {
    /// The line of the recording.
    pub line: usize,
    /// What the till does about it now.
    pub now: Ends,
}

/// Whether the till gets over something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// It does.
    Well,
    /// It panics.
    Badly,
}

/// Whether all went the same way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It did.
    Same,
    /// It did not.
    Different(Box<Difference>),
}

/// The first step that went another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The line of the recording.
    pub line: usize,
    /// What the till did then.
    pub then: Outcome,
    /// What it did now; nothing where it panicked.
    pub now: Option<Outcome>,
}

/// One step, for whoever wants to see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stop {
    /// The line of the recording.
    pub line: usize,
    /// What happened, and when.
    pub what: String,
    /// What the till did now; nothing where it panicked, or where it could not be asked.
    pub did: Option<Outcome>,
}

/// Reads a recording and runs it through the till again. A support case is kept as a test in one line.
///
/// # Errors
/// When the file cannot be read as a recording.
pub fn replay_file(path: &Path) -> Result<Replayed, ReadError> {
    Ok(replay(read(path)?, |_| ()))
}

/// Runs a recording through the till again, and tells each step. After the first difference the till goes its own way, so
/// what follows is told and not compared.
pub fn replay(flight: Flight, mut tell: impl FnMut(&Stop)) -> Replayed {
    let mut course = Course { steps: 0, difference: None, unfinished: None, tell: &mut tell };
    let mut skipped = 0;
    for part in flight.parts {
        let Part { line, opening, did, steps } = part;
        let Some((rules, opening)) = opening else {
            skipped += steps.len();
            for step in &steps {
                (course.tell)(&Stop { line: step.line, what: words::step(step.now, &step.event), did: None });
            }
            continue;
        };
        if let Some(mut till) = begin(rules, opening, line, did, &mut course) {
            for step in steps {
                if course.go(&mut till, step).is_err() {
                    break;
                }
            }
        }
    }
    let Course { steps, difference, unfinished, tell: _ } = course;
    let verdict = difference.map_or(Verdict::Same, |difference| Verdict::Different(Box::new(difference)));
    Replayed { steps, skipped, torn: flight.torn, unfinished, verdict }
}

/// The till panicked: there is no till any more.
struct Panicked;

struct Course<'a> {
    steps: usize,
    difference: Option<Difference>,
    unfinished: Option<Unfinished>,
    tell: &'a mut dyn FnMut(&Stop),
}

fn begin(
    rules: crate::till::Rules,
    opening: Opening,
    line: usize,
    then: Option<Outcome>,
    course: &mut Course<'_>,
) -> Option<Till> {
    match opening {
        Opening::Memory(memory) => {
            let what = "the recording goes on from what the till knew".to_owned();
            (course.tell)(&Stop { line, what, did: None });
            Some(Till::remember(*memory, rules))
        }
        Opening::Start { records, boot, now, after } => {
            let what = format!("{} the till starts from the disk", words::moment(now));
            let run = AssertUnwindSafe(|| Till::restore(records, rules, boot, now, after));
            let started = catch_unwind(run).ok();
            let did = started.as_ref().map(|(till, step)| Outcome::of(step, &till.scene()));
            course.compare(Stop { line, what, did }, then);
            started.map(|(till, _)| till)
        }
    }
}

impl Course<'_> {
    fn go(&mut self, till: &mut Till, happened: Happened) -> Result<(), Panicked> {
        let Happened { line, now, found, queue_bytes, event, did: then } = happened;
        let what = words::step(now, &event);
        let run = AssertUnwindSafe(|| -> Step {
            till.set_queue_bytes(queue_bytes);
            if let Some(found) = found {
                till.recall(found, now);
            }
            till.handle(event, now)
        });
        let did = catch_unwind(run).ok().map(|step| Outcome::of(&step, &till.scene()));
        let goes_on = did.is_some();
        self.compare(Stop { line, what, did }, then);
        if goes_on { Ok(()) } else { Err(Panicked) }
    }

    fn compare(&mut self, stop: Stop, then: Option<Outcome>) {
        (self.tell)(&stop);
        let Some(then) = then else {
            let now = if stop.did.is_some() { Ends::Well } else { Ends::Badly };
            self.unfinished = Some(Unfinished { line: stop.line, now });
            return;
        };
        self.steps += 1;
        if self.difference.is_none() && stop.did.as_ref() != Some(&then) {
            self.difference = Some(Difference { line: stop.line, then, now: stop.did });
        }
    }
}
