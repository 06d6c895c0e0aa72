//! The keypad of the driver for tests. Knows three things: a sale in progress refuses keys, Enter sells 50000, everything
//! else types twelve digits.

use till_wire::Amount;

use super::{Memory, rules};
use crate::api::ApiRules;
use crate::till::{Answer, Customer, Key, NewSale, Problem, Shape, Typed};

impl Memory {
    pub(super) fn press(&mut self, keys: &[Key]) -> Answer {
        if let Some(busy) = self.sales.iter().find(|sale| sale.ending().is_none()) {
            return Answer::Busy(busy.id);
        }
        if keys.last() != Some(&Key::Enter) {
            let typed = Typed {
                text: "999.999.999.999".to_owned(),
                sum: Some(Amount::vnd(999_999_999_999)),
                shape: Shape::Plain,
                problem: Some(Problem::TooLarge),
                reference: None,
            };
            return Answer::Keyed { entry: Some(typed), sale: None };
        }
        let ApiRules { channel, expire, .. } = rules();
        let (reference, note, customer, items) = (None, None, Customer::default(), Vec::new());
        let request = NewSale { amount: Amount::vnd(50_000), channel, reference, note, expire, customer, items };
        let answer = self.sell(request, None);
        let Answer::Created(sale) = answer else { return answer };
        Answer::Keyed { entry: None, sale: Some(sale) }
    }
}
