//! What is to be seen for a moment, as parts of lines. It must not know who asks for it.

use serde::{Deserialize, Serialize};
use till_wire::SaleId;

use crate::record::Money;
use crate::till::{Glance, GlanceAt, Takings, Tick};

/// What a day comes to.
#[derive(Serialize, Deserialize)]
pub(in crate::flight) struct TakingsLine {
    paid: u64,
    amount: Money,
    open: u64,
    unconfirmed: u64,
}

/// What is to be seen for a moment.
#[derive(Serialize, Deserialize)]
pub(super) struct GlanceLine {
    at: GlanceAtLine,
    until: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum GlanceAtLine {
    Sale(SaleId),
    Day(TakingsLine),
}

impl From<Takings> for TakingsLine {
    fn from(takings: Takings) -> Self {
        let Takings { paid, amount, open, unconfirmed } = takings;
        Self { paid, amount: amount.into(), open, unconfirmed }
    }
}

impl From<TakingsLine> for Takings {
    fn from(line: TakingsLine) -> Self {
        let TakingsLine { paid, amount, open, unconfirmed } = line;
        Self { paid, amount: amount.into(), open, unconfirmed }
    }
}

impl From<&Glance> for GlanceLine {
    fn from(glance: &Glance) -> Self {
        let at = match &glance.at {
            GlanceAt::Sale(id) => GlanceAtLine::Sale(*id),
            GlanceAt::Day(takings) => GlanceAtLine::Day((*takings).into()),
        };
        Self { at, until: glance.until.0 }
    }
}

impl From<GlanceLine> for Glance {
    fn from(line: GlanceLine) -> Self {
        let at = match line.at {
            GlanceAtLine::Sale(id) => GlanceAt::Sale(id),
            GlanceAtLine::Day(takings) => GlanceAt::Day(takings.into()),
        };
        Self { at, until: Tick(line.until) }
    }
}
