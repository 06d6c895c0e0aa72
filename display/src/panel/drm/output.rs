//! Which output of a card is drawn on, in which mode, and by which of its controllers. Judges what a card says of itself;
//! it must not touch one.

use super::CardError;
use crate::size::Size;

/// A socket of a card, and what is plugged in there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Connector {
    /// The kernel's number of it.
    pub(super) id: u32,
    /// Its name, such as `HDMI-A-1`.
    pub(super) name: String,
    pub(super) plug: Plug,
    /// The width and height of the display in millimetres, as it tells them: 0 or nonsense where it does not know.
    pub(super) millimetres: (u32, u32),
    /// What the display can show; the kernel puts the best first.
    pub(super) modes: Vec<Mode>,
    /// The controller that drives it now.
    pub(super) crtc: Option<u32>,
    /// All controllers that can drive it.
    pub(super) crtcs: Vec<u32>,
}

/// Whether there is a display on a connector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Plug {
    Connected,
    /// The hardware cannot tell.
    Unknown,
    Disconnected,
}

/// A picture's size and how it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mode {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) is_preferred: bool,
    pub(super) is_interlaced: bool,
}

/// What the configuration wants of a card.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    /// The connector's name; without it the first on which there is a display.
    pub(super) connector: Option<String>,
    /// The mode's size; without it the one that the display prefers.
    pub(super) mode: Option<Size>,
}

/// What is drawn on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Output {
    pub(super) connector: u32,
    pub(super) name: String,
    pub(super) crtc: u32,
    /// Which of the connector's modes.
    pub(super) mode: usize,
    pub(super) size: Size,
    /// As the connector has it.
    pub(super) millimetres: (u32, u32),
}

/// The most names that an error lists.
const LISTED: usize = 16;

impl Wish {
    /// Chooses among what a card has.
    pub(super) fn choose(&self, connectors: &[Connector]) -> Result<Output, CardError> {
        let connector = self.connector(connectors)?;
        let (mode, size) = self.mode(connector)?;
        let crtc = connector.crtc.or_else(|| free_crtc(connector, connectors));
        let crtc = crtc.ok_or_else(|| CardError::NoController { output: connector.name.clone() })?;
        let (name, millimetres) = (connector.name.clone(), connector.millimetres);
        Ok(Output { connector: connector.id, name, crtc, mode, size, millimetres })
    }

    fn connector<'c>(&self, connectors: &'c [Connector]) -> Result<&'c Connector, CardError> {
        if connectors.is_empty() {
            return Err(CardError::NoCard);
        }
        let wanted = |connector: &&Connector| self.connector.as_ref().is_none_or(|name| *name == connector.name);
        if let (None, Some(wanted)) = (connectors.iter().find(wanted), self.connector.clone()) {
            let found = list(connectors.iter().map(|connector| connector.name.clone()));
            return Err(CardError::NoSuchOutput { wanted, found });
        }
        let present = connectors.iter().filter(wanted).filter(|connector| connector.plug != Plug::Disconnected);
        // The first of equals.
        let best = present.min_by_key(|connector| connector.plug);
        let names = || list(connectors.iter().filter(wanted).map(|connector| connector.name.clone()));
        best.ok_or_else(|| CardError::Unplugged { output: names() })
    }

    /// Returns which mode, and its size. Interlaced ones are taken only where there is no other: they flicker.
    fn mode(&self, connector: &Connector) -> Result<(usize, Size), CardError> {
        let usable = |(place, mode): (usize, &Mode)| Some((place, Size::new(mode.width, mode.height).ok()?));
        let wanted = |(_, size): &(usize, Size)| self.mode.is_none_or(|wanted| wanted == *size);
        let modes = connector.modes.iter().enumerate().filter_map(usable).filter(wanted);
        let rank = |(place, _): &(usize, Size)| {
            let mode = &connector.modes[*place];
            (mode.is_interlaced, !mode.is_preferred)
        };
        // The first of equals, because the kernel puts the better one first.
        modes.min_by_key(rank).ok_or_else(|| {
            let mut offered: Vec<_> =
                connector.modes.iter().map(|mode| format!("{}x{}", mode.width, mode.height)).collect();
            offered.dedup();
            let (output, wanted) = (connector.name.clone(), self.mode);
            CardError::NoMode { output, wanted, offered: list(offered.into_iter()) }
        })
    }
}

/// Returns a controller that can drive the connector, if possible one that drives no other.
fn free_crtc(connector: &Connector, all: &[Connector]) -> Option<u32> {
    let is_free = |crtc: &&u32| all.iter().all(|other| other.crtc != Some(**crtc));
    connector.crtcs.iter().find(is_free).or(connector.crtcs.first()).copied()
}

fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<_> = names.take(LISTED).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

#[cfg(test)]
mod tests;
