//! A panel: slow, failing, too coarse for some codes; it shows the newest scene and says so. Customers look at it.

use till_wire::SaleId;
use tilld::till::{Display, Event, Generation, Scene, View};

use crate::happening::Happening;
use crate::plan::SECOND;
use crate::world::{Verdict, World};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Health {
    #[default]
    Works,
    Slow,
    Broken,
}

/// A code that can be scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visible {
    pub(crate) sale: SaleId,
    pub(crate) text: String,
}

#[derive(Debug, Default)]
pub(crate) struct Screen {
    wanted: Option<Scene>,
    /// What can really be seen; it stays when a process dies.
    pub(crate) visible: Option<Visible>,
    confirmed: Option<Generation>,
    pub(crate) health: Health,
    complained: bool,
    painting: bool,
}

impl Screen {
    /// Another process begins to paint; what was visible stays until it does.
    pub(crate) fn begin(&mut self) {
        *self = Self { visible: self.visible.take(), health: self.health, ..Self::default() };
    }

    /// Whatever is to be shown next is given to the panel, even if it is the same.
    pub(crate) fn show_anew(&mut self) {
        self.wanted = None;
    }

    pub(crate) fn go_dark(&mut self) {
        self.visible = None;
    }
}

impl World {
    /// Gives the panel the till's scene, as the driver does after each step.
    pub(crate) fn show(&mut self) -> Verdict {
        let Some(scene) = self.till.as_ref().map(tilld::till::Till::scene) else { return Ok(()) };
        self.judge_scene(&scene)?;
        if self.screen.wanted.as_ref() == Some(&scene) {
            return Ok(());
        }
        if self.plan.rules.display == Display::None {
            // The code is shown by whoever started the sale.
            self.screen.visible = code_of(&scene);
            self.screen.wanted = Some(scene);
            self.look();
            return Ok(());
        }
        self.screen.wanted = Some(scene);
        self.paint_soon();
        Ok(())
    }

    fn paint_soon(&mut self) {
        if !std::mem::replace(&mut self.screen.painting, true) {
            let delay = match self.screen.health {
                Health::Works => self.rng.u64(5..150),
                Health::Slow => self.rng.u64(100..7 * SECOND),
                Health::Broken => SECOND,
            };
            self.after(delay, Happening::Paint { life: self.life });
        }
    }

    pub(crate) fn paint(&mut self) -> Verdict {
        self.screen.painting = false;
        let Some(scene) = self.screen.wanted.clone() else { return Ok(()) };
        if self.screen.health == Health::Broken {
            self.paint_soon();
            self.screen.confirmed = None;
            if !std::mem::replace(&mut self.screen.complained, true) {
                return self.judge(Event::PanelFailed);
            }
            return Ok(());
        }
        self.screen.complained = false;
        let generation = scene.generation;
        let visible = code_of(&scene);
        if visible.as_ref().is_some_and(|code| self.plan.panel_trouble && code.sale.order().sequence() % 23 == 0) {
            return self.judge(Event::CodeTooDense { generation });
        }
        self.screen.visible = visible;
        self.facts.tally.checked += u64::from(matches!(scene.view, View::Checking { .. }));
        self.judge_visible(&scene)?;
        self.look();
        if self.screen.confirmed.replace(generation) == Some(generation) {
            return Ok(());
        }
        self.judge(Event::PanelShown { generation })
    }

    /// A customer looks at the panel.
    fn look(&mut self) {
        if let Some(code) = self.screen.visible.clone() {
            self.scan(&code);
        }
    }
}

fn code_of(scene: &Scene) -> Option<Visible> {
    match &scene.view {
        View::Code { sale, code, .. } => Some(Visible { sale: *sale, text: code.text.clone() }),
        View::Idle { .. }
        | View::Typing { .. }
        | View::Checking { .. }
        | View::Waiting { .. }
        | View::Paid { .. }
        | View::Ended { .. }
        | View::Money { .. }
        | View::Last { .. }
        | View::Day { .. }
        | View::Message { .. }
        | View::Identity { .. }
        | View::Disabled
        | View::StoreFault => None,
    }
}
