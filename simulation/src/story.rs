//! The story of a world, told when it breaks a promise.

use tilld::till::Write;

use crate::world::World;

impl World {
    pub(crate) fn note(&mut self, text: impl FnOnce(&World) -> String) {
        if self.log.is_some() {
            let line =
                format!("{:>10.3} s  {}", std::time::Duration::from_millis(self.t).as_secs_f64(), cut(&text(self)));
            if let Some(log) = &mut self.log {
                log.push(line);
            }
        }
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
        | Write::Online(_) => cut(&format!("{write:?}")).chars().take(120).collect(),
    }
}
