//! What the sales of a day come to, for a display: the figures of `GET /v1/report` that a cashier asks for. It must not know
//! how sales are kept.

use jiff::tz::TimeZone;
use till_wire::money::Currency;
use till_wire::{Amount, SaleState, UnixTime};

use super::day::{Day, Extent, Record};
use crate::port::{Port, Unavailable};
use crate::till::{Sale, Takings};

/// Reckons the day of a moment; nothing when that day cannot be told, or has more than 50 000 sales and receipts.
///
/// # Errors
/// When the store cannot be read.
pub async fn takings(port: &Port, zone: &TimeZone, now: UnixTime) -> Result<Option<Takings>, Unavailable> {
    let Some(day) = Day::at(now, zone) else { return Ok(None) };
    let mut sums = Sums::default();
    let extent = day.each(port, |record| match record {
        Record::Sale(sale) if day.has(sale.created_at) => sums.add(sale),
        Record::Sale(_) | Record::Receipt(_) => {}
    });
    let whole = extent.await? == Extent::Whole;
    let Sums { paid, amount, open, unconfirmed } = sums;
    Ok(whole.then(|| Takings { paid, amount: Amount::new(amount, Currency::Vnd), open, unconfirmed }))
}

#[derive(Default)]
struct Sums {
    paid: u64,
    amount: u64,
    open: u64,
    unconfirmed: u64,
}

impl Sums {
    fn add(&mut self, sale: &Sale) {
        match sale.seen_state() {
            SaleState::Paid => {
                self.paid += 1;
                self.amount = self.amount.saturating_add(sale.paid_amount());
            }
            SaleState::Requesting | SaleState::Showing | SaleState::Cancelling => self.open += 1,
            SaleState::Unconfirmed => self.unconfirmed += 1,
            SaleState::Cancelled | SaleState::Expired | SaleState::Failed => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;

    use super::*;
    use crate::api::fake::{ended, receipt, sale};
    use crate::port::{DriverEnd, Request, port};
    use crate::till::{Ending, PeriodPage};

    /// Answers one question for a period.
    async fn with_books<T>(sales: Vec<Sale>, ask: impl Future<Output = T>, mut end: DriverEnd) -> T {
        let answer = async move {
            while let Some(request) = end.requests.recv().await {
                let Request::Period { reply, .. } = request else { unreachable!("only the period is asked for") };
                let page = PeriodPage { sales: sales.clone(), receipts: vec![receipt("one")], next: None };
                assert!(reply.send(Ok(page)).is_ok(), "somebody waits for the answer");
            }
        };
        tokio::select! {
            reckoned = ask => reckoned,
            () = answer => unreachable!("the port is open"),
        }
    }

    #[tokio::test]
    async fn the_days_sales_are_counted_by_what_became_of_them() {
        let (asking, end) = port();
        let zone = TimeZone::get("Asia/Ho_Chi_Minh").expect("a bundled zone");
        let made = sale(1).created_at;
        let yesterday = UnixTime::from_ms(made.ms() - 24 * 3600 * 1000);
        let sales = vec![
            sale(1),
            ended(2, Ending::Paid),
            ended(3, Ending::Paid),
            ended(4, Ending::Cancelled(None)),
            Sale { created_at: yesterday, ..ended(5, Ending::Paid) },
        ];
        let each = ended(2, Ending::Paid).paid_amount();
        let reckoned = with_books(sales, takings(&asking, &zone, made), end).await;
        let want = Takings { paid: 2, amount: Amount::vnd(2 * each), open: 1, unconfirmed: 0 };
        assert_eq!(reckoned, Ok(Some(want)));
        assert!(each > 0, "a paid sale has its money");
    }
}
