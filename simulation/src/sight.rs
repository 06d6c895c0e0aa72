//! What the display shows, and what is said of it, judged against what is true (promises P1, P5, P6).

use till_wire::SaleId;
use tilld::till::{Change, QrKind, Scene, View};

use crate::world::{Verdict, World, broken};

impl World {
    /// An end is said: no code of the sale is visible, or a person must look, whose word may change what is said next.
    pub(crate) fn judge_said(&mut self, change: Change) -> Verdict {
        let Change::Sale(sale) = change else { return Ok(()) };
        let visible = self.screen.visible.as_ref().is_some_and(|code| code.sale == sale.id);
        let unwatched = self.plan.rules.display == tilld::till::Display::None;
        if sale.ending().is_none() || !visible || unwatched {
            return Ok(());
        }
        if sale.marks.attention {
            self.facts.unconfirmed.insert(sale.id);
        } else if !self.facts.unconfirmed.contains(&sale.id) {
            return broken("P6", format!("{} is said to have ended while its code is visible", sale.id));
        }
        Ok(())
    }

    /// What the display is to show is true.
    pub(crate) fn judge_scene(&self, scene: &Scene) -> Verdict {
        match &scene.view {
            View::Code { sale: id, amount, paid, .. } => {
                let Some(sale) = self.disk.sales.get(id) else {
                    return broken("P6", format!("a code of {id}, which the disk does not have"));
                };
                if sale.ending().is_some() || sale.amount != *amount || sale.paid_amount() != paid.value() {
                    return broken("P6", format!("the code of {id} is not what is being paid"));
                }
                if paid >= amount {
                    return broken("P6", format!("the code of {id} is shown although it is paid"));
                }
                if self.is_known_to_be_over(sale) && sale.offline.is_none() {
                    return broken("P6", format!("the code of {id} is shown although its order is over"));
                }
            }
            View::Paid { sale, amount, paid } if paid < amount && !self.facts.vouched.contains(sale) => {
                return broken("P1", "PAID without the money");
            }
            View::Last { paid, amount, unpaid: None, sale, .. }
                if paid < amount && !self.facts.vouched.contains(sale) =>
            {
                return broken("P1", "the last sale is called paid without the money");
            }
            View::Last { .. } | View::Day { .. } => return self.judge_glance(&scene.view),
            View::Message { .. } | View::Identity { .. } | View::Disabled => {
                return self.judge_command_view(&scene.view);
            }
            View::Paid { .. }
            | View::Idle { .. }
            | View::Typing { .. }
            | View::Checking { .. }
            | View::Waiting { .. }
            | View::Ended { .. }
            | View::Money { .. }
            | View::StoreFault => {}
        }
        Ok(())
    }

    /// A code has become visible: it is the provider's code of this sale's newest order, and asks the right amount.
    pub(crate) fn judge_visible(&mut self, scene: &Scene) -> Verdict {
        let View::Code { sale: id, amount, code, .. } = &scene.view else { return Ok(()) };
        if let Some(sale) = self.disk.sales.get(id).filter(|sale| sale.offline.is_some()).cloned() {
            self.judge_own_code(&sale, *amount, &code.text)?;
            return self.judge_only_code(*id, &code.text);
        }
        let order = self.provider.behind(&code.text);
        let sale = self.disk.sales.get(id);
        let newest = sale.and_then(|sale| sale.attempt(sale.order())?.provider_id.as_ref());
        if order.is_none_or(|order| Some(&order.id) != newest || order.amount != amount.value()) {
            return broken("P6", format!("the visible code is not the one of {id}"));
        }
        match code.kind {
            QrKind::Vietqr => {
                let asks = till_wire::emv::VietQr::parse(&code.text).ok().and_then(|code| code.amount);
                if asks != Some(*amount) {
                    return broken("P6", format!("the visible code of {id} asks for {asks:?}"));
                }
            }
            QrKind::Url if !code.text.starts_with("https://") => {
                return broken("P6", format!("the visible code of {id} is no https address"));
            }
            QrKind::Url => self.facts.tally.kinds.addresses += 1,
        }
        self.judge_only_code(*id, &code.text)
    }

    /// At most one code of a sale is ever visible (promise P5).
    fn judge_only_code(&mut self, id: SaleId, text: &str) -> Verdict {
        let shown = self.facts.shown.entry(id).or_default();
        shown.insert(text.to_owned());
        if shown.len() > 1 {
            return broken("P5", format!("two codes of {id} were shown"));
        }
        Ok(())
    }
}
