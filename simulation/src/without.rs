//! What is left out of a world: of each sort of decision all, or all but some. It must not know what the decisions bring.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use crate::story::DECIDED;
use crate::world::World;

/// The sorts of decisions that a world can do without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// What the cashier and the supervisor do.
    Acts,
    /// What others do with the merchant's accounts.
    Strangers,
    /// What customers pay.
    Payments,
    /// Messages that come twice or late.
    Doubles,
    /// Requests to providers that fail.
    Faults,
    /// Weather, links, clocks, panels, replicas that are down, a store that is damaged.
    Troubles,
    /// Power cuts.
    Cuts,
    /// Disks that are slow or refuse.
    Disks,
}

impl Sort {
    pub(crate) const ALL: [Self; 8] = [
        Self::Acts,
        Self::Strangers,
        Self::Payments,
        Self::Doubles,
        Self::Faults,
        Self::Troubles,
        Self::Cuts,
        Self::Disks,
    ];

    fn word(self) -> &'static str {
        match self {
            Self::Acts => "acts",
            Self::Strangers => "strangers",
            Self::Payments => "payments",
            Self::Doubles => "doubles",
            Self::Faults => "faults",
            Self::Troubles => "troubles",
            Self::Cuts => "cuts",
            Self::Disks => "disks",
        }
    }
}

/// A decision that was made in a world, named by its sort and its millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Decision {
    /// When, in milliseconds since the world began.
    pub at: u64,
    /// What was decided upon.
    pub sort: Sort,
}

/// What is left out of a world. As a text: `acts-but-5102-8211,faults,busy-60000`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Without {
    /// The moments that stay, of the sorts that are left out.
    pub(crate) but: BTreeMap<Sort, BTreeSet<u64>>,
    /// When the counter stops selling, if that is earlier than planned.
    pub(crate) busy: Option<u64>,
}

impl Without {
    /// Leaves everything out but these decisions.
    pub fn all_but(kept: &[Decision]) -> Self {
        let moments = |sort| kept.iter().filter(|one| one.sort == sort).map(|one| one.at).collect();
        Self { but: Sort::ALL.into_iter().map(|sort| (sort, moments(sort))).collect(), busy: None }
    }

    fn lets(&self, decision: Decision) -> bool {
        self.but.get(&decision.sort).is_none_or(|but| but.contains(&decision.at))
    }
}

impl fmt::Display for Without {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items: Vec<String> = Vec::new();
        for (sort, but) in &self.but {
            let moments: String = but.iter().map(|at| format!("-{at}")).collect();
            let but = if but.is_empty() { "" } else { "-but" };
            items.push(format!("{}{but}{moments}", sort.word()));
        }
        items.extend(self.busy.map(|busy| format!("busy-{busy}")));
        f.write_str(&items.join(","))
    }
}

impl FromStr for Without {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut without = Self::default();
        for item in text.split(',').filter(|item| !item.is_empty()) {
            let mut words = item.split('-');
            let name = words.next().unwrap_or_default();
            let number = |word: &str| word.parse::<u64>().map_err(|_| format!("`{word}` in `{item}` is no number"));
            if name == "busy" {
                without.busy = Some(number(words.next().unwrap_or_default())?);
                continue;
            }
            let known = Sort::ALL.into_iter().find(|sort| sort.word() == name);
            let sort = known.ok_or_else(|| format!("`{name}` is nothing that a world can do without"))?;
            let but = words.next().is_none_or(|word| word == "but");
            if !but {
                return Err(format!("`{item}` is not of the form `{name}-but-5102-8211`"));
            }
            without.but.insert(sort, words.map(number).collect::<Result<_, _>>()?);
        }
        Ok(without)
    }
}

impl World {
    /// Whether something of this sort may happen now.
    pub(crate) fn lets(&mut self, sort: Sort) -> bool {
        let decision = Decision { at: self.t, sort };
        let lets = self.without.lets(decision);
        if lets {
            self.made.insert(decision);
            self.note(|_| format!("{DECIDED}{}", sort.word()));
        }
        lets
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_read_as_it_is_written() {
        let kept = [Decision { at: 5, sort: Sort::Acts }, Decision { at: 7, sort: Sort::Acts }];
        let without = Without { busy: Some(60_000), ..Without::all_but(&kept) };
        let text = without.to_string();
        assert_eq!(text, "acts-but-5-7,strangers,payments,doubles,faults,troubles,cuts,disks,busy-60000");
        assert_eq!(text.parse(), Ok(without));
        assert_eq!("".parse(), Ok(Without::default()));
        for (text, why) in [("act", "`act` is nothing"), ("acts-5", "not of the form"), ("cuts-but-x", "no number")] {
            let error = text.parse::<Without>().expect_err("it is wrong");
            assert!(error.contains(why), "{error}");
        }
    }
}
