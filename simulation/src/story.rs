//! The story of a world, told when it breaks a promise.

use std::fmt;

use tilld::till::Write;

use crate::world::{Broken, Verdict, World};

/// A line of a story.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    t: u64,
    text: String,
}

/// What happened in a world.
#[derive(Debug)]
pub struct Story {
    rules: String,
    lines: Vec<Line>,
    verdict: Verdict,
}

impl World {
    pub(crate) fn note(&mut self, text: impl FnOnce(&World) -> String) {
        if self.log.is_some() {
            let line = Line { t: self.t, text: cut(&text(self)) };
            self.log.iter_mut().for_each(|log| log.push(line.clone()));
        }
    }
}

impl Line {
    /// Whether it says what the till made of what happened.
    fn is_step(&self) -> bool {
        self.text.starts_with(' ')
    }

    /// Whether something was decided or changed that a reader wants to know.
    fn is_news(&self) -> bool {
        [DECIDED, "Journal(", "Receipt(Receipt", "the process", "the disk", "the store", "Create("]
            .iter()
            .any(|sign| self.text.contains(sign))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>10}.{:03} s  {}", self.t / 1000, self.t % 1000, self.text)
    }
}

/// Marks a decision that could have been left out.
pub(crate) const DECIDED: &str = "  -> ";

impl Story {
    pub(crate) fn new(world: World, verdict: Verdict) -> Self {
        Self { rules: format!("{:?}", world.plan), lines: world.log.unwrap_or_default(), verdict }
    }

    /// Tells the last lines of everything, at most so many, behind the world's rules.
    pub fn end(&self, lines: usize) -> String {
        let last = self.lines.get(self.lines.len().saturating_sub(lines)..).unwrap_or_default();
        self.told(last.iter(), 700)
    }

    /// Tells what was decided and what changed the till's mind, and the end.
    pub fn short(&self) -> String {
        let mut groups: Vec<&[Line]> = Vec::new();
        let mut rest = self.lines.as_slice();
        while let Some((_, after)) = rest.split_first() {
            let steps = after.iter().take_while(|line| line.is_step()).count();
            let (group, others) = rest.split_at(steps + 1);
            groups.push(group);
            rest = others;
        }
        let end = groups.len().saturating_sub(2);
        let news = groups.into_iter().enumerate().filter(|(at, group)| *at >= end || group.iter().any(Line::is_news));
        // What listeners hear says nothing more.
        let lines = news.flat_map(|(_, group)| group).filter(|line| !line.text.starts_with("  Announce"));
        self.told(lines, 200)
    }

    fn told<'a>(&self, lines: impl Iterator<Item = &'a Line>, width: usize) -> String {
        let mut text = format!("{}\n", self.rules);
        for line in lines {
            text.extend(line.to_string().chars().take(width));
            text.push('\n');
        }
        text + &self.verdict.as_ref().map_or_else(Broken::text, |()| "every promise is kept".to_owned())
    }
}

pub(crate) fn cut(text: &str) -> String {
    text.chars().take(700).collect()
}

pub(crate) fn brief(write: &Write) -> String {
    match write {
        Write::Sale(sale) => {
            let attempts: Vec<String> = sale
                .attempts
                .iter()
                .map(|a| {
                    format!(
                        "{} {:?} {:?} {} {:?}",
                        a.order.sequence(),
                        a.standing,
                        a.debt.map(|debt| debt.next.0),
                        a.pending.len(),
                        a.confirmation
                    )
                })
                .collect();
            let state = cut(&format!("{:?}", sale.state)).chars().take(160).collect::<String>();
            format!(
                "{} r{} {state} {}/{} {attempts:?}",
                sale.id,
                sale.revision,
                sale.paid_amount(),
                sale.amount.value()
            )
        }
        Write::Receipt(_)
        | Write::Journal(_)
        | Write::Sequence(_)
        | Write::Key(_)
        | Write::ForgetKey(_)
        | Write::Owe(_)
        | Write::Settle(_)
        | Write::Online(_)
        | Write::Command(_)
        | Write::ForgetCommand { .. }
        | Write::Service(_) => cut(&format!("{write:?}")).chars().take(120).collect(),
    }
}
