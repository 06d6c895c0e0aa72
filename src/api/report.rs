//! `GET /v1/report`: what a day at the counter comes to. It must not know how sales are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use jiff::tz::TimeZone;
use serde::Serialize;
use till_wire::money::Currency;
use till_wire::{ChannelId, Flag, SaleState, UnixTime, sale as wire};
use utoipa::ToSchema;

use super::day::{Day, Extent, Record};
use super::desk::Desk;
use super::ledger::Ledger;
use super::problem::{Problem, ProblemBody};
use super::query::Asked;
use crate::port::{Port, Unavailable};
use crate::till::{AttentionPage, Receipt, Sale, Via};

/// So many sales that need attention are told whole, and as many receipts; `count` tells of all.
const TOLD: usize = 200;

/// What a day comes to. Amounts are in minor units.
#[derive(Serialize, ToSchema)]
#[schema(as = Report)]
pub(super) struct ReportBody {
    /// The day in the terminal's time zone.
    #[schema(pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    day: String,
    /// The terminal's time zone; `null` when it has no name.
    #[schema(required)]
    timezone: Option<String>,
    /// The first moment of the day.
    since: UnixTime,
    /// The first moment of the next day.
    until: UnixTime,
    /// The currency of every amount.
    currency: Currency,
    /// Whether the whole day has been counted; `false` beyond 50 000 sales and receipts.
    complete: bool,
    /// The sales that were made in the day, whenever they were paid.
    sales: SalesOfDay,
    /// The money that came and went in the day, for whatever sale, by channel.
    received: Vec<Received>,
    /// The money without a sale that came in the day.
    receipts: ReceiptsOfDay,
    /// What a person must look at, whatever its day.
    attention: Attention,
}

/// The sales of a day.
#[derive(Clone, Default, Serialize, ToSchema)]
struct SalesOfDay {
    /// How many.
    count: u64,
    /// What was wanted.
    amount: u64,
    /// What was paid, up to now.
    paid_amount: u64,
    /// What went back, up to now.
    refunded_amount: u64,
    /// How many have not ended.
    open: u64,
    /// How many have each flag.
    flags: FlagCounts,
    /// The same by channel and state; what there is none of is left out.
    by: Vec<SalesLine>,
}

/// The sales of one channel in one state.
#[derive(Clone, Serialize, ToSchema)]
struct SalesLine {
    /// The channel.
    channel: ChannelId,
    /// The state.
    state: SaleState,
    /// How many.
    count: u64,
    /// What was wanted.
    amount: u64,
    /// What was paid, up to now.
    paid_amount: u64,
    /// What went back, up to now.
    refunded_amount: u64,
}

/// How many sales have each flag.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
struct FlagCounts {
    /// The code was made locally.
    offline: u64,
    /// Some money came, less than the amount.
    underpaid: u64,
    /// More money came than the amount.
    overpaid: u64,
    /// Money came after the sale had ended.
    late: u64,
    /// Money went back.
    refunded: u64,
    /// Settled by a supervisor.
    manual: u64,
    /// A person must look.
    attention: u64,
}

/// The money that came and went over one channel.
#[derive(Clone, Serialize, ToSchema)]
struct Received {
    /// The channel.
    channel: ChannelId,
    /// What came: `payments` and `receipts`.
    amount: u64,
    /// What came for sales. Money that was matched by hand stands with the receipts.
    payments: Pieces,
    /// What came without a sale, matched since or not.
    receipts: Pieces,
    /// What went back.
    refunds: Pieces,
}

/// Pieces of money.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
struct Pieces {
    /// How many.
    count: u64,
    /// How much together.
    amount: u64,
}

/// The money without a sale.
#[derive(Clone, Copy, Default, Serialize, ToSchema)]
struct ReceiptsOfDay {
    /// How many.
    count: u64,
    /// How much together.
    amount: u64,
    /// Those that nobody has matched to a sale.
    unmatched: Pieces,
}

/// What a person must look at.
#[derive(Serialize, ToSchema)]
struct Attention {
    /// How many sales and receipts there are.
    count: u64,
    /// The sales, newest first; at most 200.
    sales: Vec<wire::Sale>,
    /// The receipts, newest first; at most 200.
    receipts: Vec<wire::Receipt>,
}

/// Says what a day comes to, and what a person must look at.
#[utoipa::path(
    get, path = "/v1/report", tag = "books", operation_id = "report",
    params(("day" = Option<String>, Query, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description = "The day in the terminal's time zone, such as `2026-11-29`; today when left out")),
    responses(
        (status = 200, description = "The report", body = ReportBody),
        (status = 422, description = "`invalid`: names the query key", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn report(State(desk): State<Arc<Desk>>, asked: Asked) -> Result<Json<ReportBody>, Problem> {
    let day = asked.day(&desk.rules.timezone)?;
    Ok(Json(reckon(&desk.port, &desk.rules.timezone, desk.rules.max_amount.currency(), &day).await?))
}

async fn reckon(port: &Port, zone: &TimeZone, currency: Currency, day: &Day) -> Result<ReportBody, Unavailable> {
    let mut books = Books::default();
    let extent = day.each(port, |record| books.take(record, day)).await?;
    let attention = port.attention(TOLD).await?;
    Ok(ReportBody {
        day: day.date.to_string(),
        timezone: zone.iana_name().map(str::to_owned),
        since: day.since,
        until: day.until,
        currency,
        complete: extent == Extent::Whole,
        sales: books.sales(),
        received: books.received(),
        receipts: books.receipts,
        attention: Attention::of(&attention),
    })
}

/// Returns the same report for somebody who cannot call: a day such as `2026-11-29`, or that of `now`. Of what a person must
/// look at it says how much there is, and not each. Nothing comes of a day that there is not.
///
/// # Errors
/// When the store cannot be read.
pub async fn report_of_day(
    port: &Port,
    zone: &TimeZone,
    currency: Currency,
    day: Option<&str>,
    now: UnixTime,
) -> Result<Option<serde_json::Value>, Unavailable> {
    let day = day.map_or_else(|| Day::at(now, zone), |day| Day::read(day, zone));
    let Some(day) = day else { return Ok(None) };
    let report = reckon(port, zone, currency, &day).await?;
    let count = report.attention.count;
    let mut written = serde_json::to_value(&report).ok();
    if let Some(attention) = written.as_mut().and_then(|report| report.get_mut("attention")) {
        *attention = serde_json::json!({ "count": count });
    }
    Ok(written)
}

/// Lists the sales and receipts of a day as CSV.
#[utoipa::path(
    get, path = "/v1/report.csv", tag = "books", operation_id = "report_csv",
    params(("day" = Option<String>, Query, pattern = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", description = "The day in the terminal's time zone, such as `2026-11-29`; today when left out")),
    responses(
        (status = 200, description = "A heading, then one line for each sale that was made in the day and each receipt that came in it", body = String, content_type = "text/csv"),
        (status = 422, description = "`invalid`: names the query key", body = ProblemBody, content_type = "application/problem+json"),
    )
)]
pub(super) async fn csv(State(desk): State<Arc<Desk>>, asked: Asked) -> Result<Response, Problem> {
    let day = asked.day(&desk.rules.timezone)?;
    let mut ledger = Ledger::default();
    day.each(&desk.port, |record| ledger.take(record, &day)).await?;
    let kind = [(header::CONTENT_TYPE, "text/csv; charset=utf-8")];
    Ok((kind, ledger.text(&desk.rules.timezone)).into_response())
}

/// What sales come to.
#[derive(Clone, Copy, Default)]
struct Sums {
    count: u64,
    amount: u64,
    paid: u64,
    refunded: u64,
}

/// A day that is being reckoned.
#[derive(Default)]
struct Books {
    by: BTreeMap<(ChannelId, SaleState), Sums>,
    total: Sums,
    open: u64,
    flags: FlagCounts,
    money: BTreeMap<ChannelId, (Pieces, Pieces, Pieces)>,
    receipts: ReceiptsOfDay,
}

impl Books {
    fn take(&mut self, record: Record<'_>, day: &Day) {
        match record {
            Record::Sale(sale) => {
                self.take_money(sale, day);
                if day.has(sale.created_at) {
                    self.take_sale(sale);
                }
            }
            Record::Receipt(receipt) if day.has(receipt.received_at) => self.take_receipt(receipt),
            Record::Receipt(_) => {}
        }
    }

    fn take_sale(&mut self, sale: &Sale) {
        self.total.add(sale);
        self.by.entry((sale.channel.clone(), sale.seen_state())).or_default().add(sale);
        self.open += u64::from(sale.ending().is_none());
        for flag in sale.seen_flags() {
            self.flags.add(flag);
        }
    }

    fn take_money(&mut self, sale: &Sale, day: &Day) {
        for payment in sale.payments.iter().filter(|payment| day.has(payment.received_at)) {
            match payment.via {
                Via::Webhook | Via::Poll => self.money(&sale.channel).0.add(payment.amount.value()),
                // It came as a receipt and is counted there.
                Via::Match => {}
            }
        }
        for refund in sale.refunds.iter().filter(|refund| day.has(refund.received_at)) {
            self.money(&sale.channel).2.add(refund.amount.value());
        }
    }

    fn take_receipt(&mut self, receipt: &Receipt) {
        let amount = receipt.amount.value();
        self.receipts.count += 1;
        self.receipts.amount = self.receipts.amount.saturating_add(amount);
        if receipt.sale.is_none() {
            self.receipts.unmatched.add(amount);
        }
        self.money(&receipt.channel).1.add(amount);
    }

    /// Payments, receipts and refunds of a channel.
    fn money(&mut self, channel: &ChannelId) -> &mut (Pieces, Pieces, Pieces) {
        self.money.entry(channel.clone()).or_default()
    }

    fn sales(&self) -> SalesOfDay {
        let by = self.by.iter().map(|((channel, state), sums)| SalesLine {
            channel: channel.clone(),
            state: *state,
            count: sums.count,
            amount: sums.amount,
            paid_amount: sums.paid,
            refunded_amount: sums.refunded,
        });
        SalesOfDay {
            count: self.total.count,
            amount: self.total.amount,
            paid_amount: self.total.paid,
            refunded_amount: self.total.refunded,
            open: self.open,
            flags: self.flags,
            by: by.collect(),
        }
    }

    fn received(&self) -> Vec<Received> {
        let lines = self.money.iter().map(|(channel, (payments, receipts, refunds))| Received {
            channel: channel.clone(),
            amount: payments.amount.saturating_add(receipts.amount),
            payments: *payments,
            receipts: *receipts,
            refunds: *refunds,
        });
        lines.collect()
    }
}

impl Sums {
    fn add(&mut self, sale: &Sale) {
        self.count += 1;
        self.amount = self.amount.saturating_add(sale.amount.value());
        self.paid = self.paid.saturating_add(sale.paid_amount());
        self.refunded = self.refunded.saturating_add(sale.refunded_amount());
    }
}

impl Pieces {
    fn add(&mut self, amount: u64) {
        self.count += 1;
        self.amount = self.amount.saturating_add(amount);
    }
}

impl FlagCounts {
    fn add(&mut self, flag: Flag) {
        let count = match flag {
            Flag::Offline => &mut self.offline,
            Flag::Underpaid => &mut self.underpaid,
            Flag::Overpaid => &mut self.overpaid,
            Flag::Late => &mut self.late,
            Flag::Refunded => &mut self.refunded,
            Flag::Manual => &mut self.manual,
            Flag::Attention => &mut self.attention,
        };
        *count += 1;
    }
}

impl Attention {
    fn of(page: &AttentionPage) -> Self {
        Self {
            count: page.count,
            sales: page.sales.iter().map(wire::Sale::from).collect(),
            receipts: page.receipts.iter().map(wire::Receipt::from).collect(),
        }
    }
}
