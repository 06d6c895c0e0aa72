//! What the till asks of the provider, through all weathers, and what comes back as its adapter would say it.

use std::time::Duration;

use till_wire::{OrderRef, SaleId};
use tilld::till::{AskId, CreateAnswer, CreateOrder, Event, OrderAt, StatusAnswer};

use crate::plan::{SECOND, Weather};
use crate::provider::{Flaw, Politeness};
use crate::world::{Happening, Verdict, World};

/// One request to the provider.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    life: u64,
    sale: SaleId,
    order: OrderRef,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Create { amount: u64, expire: Duration },
    Ask(AskId),
    Cancel,
}

impl Call {
    pub(crate) fn create(life: u64, create: &CreateOrder) -> Self {
        let Making { order, amount, expire, .. } = create.making;
        Self { life, sale: create.sale, order, what: What::Create { amount: amount.value(), expire } }
    }

    pub(crate) fn ask(life: u64, ask: AskId, at: &OrderAt) -> Self {
        Self { life, sale: at.sale, order: at.known.order, what: What::Ask(ask) }
    }

    pub(crate) fn cancel(life: u64, at: &OrderAt) -> Self {
        Self { life, sale: at.sale, order: at.known.order, what: What::Cancel }
    }

    fn created(self, answer: CreateAnswer) -> Event {
        Event::OrderAnswered { sale: self.sale, order: self.order, answer }
    }

    fn told(self, ask: Option<AskId>, answer: StatusAnswer) -> Event {
        let (sale, order) = (self.sale, self.order);
        match ask {
            Some(ask) => Event::StatusAnswered { sale, order, ask, answer },
            None => Event::CancelAnswered { sale, order, answer },
        }
    }

    /// The adapter's word when no answer came, or none that it could use.
    fn without(self, failure: Failure) -> Event {
        let message = "no".to_owned();
        let told = |failure| match failure {
            Failure::NotReached => StatusAnswer::NotReached,
            Failure::Later(after) => StatusAnswer::Later { after },
            Failure::Lost => StatusAnswer::Later { after: None },
            Failure::Invalid => StatusAnswer::Invalid { message: message.clone() },
            Failure::Refused => StatusAnswer::Refused { message: message.clone() },
        };
        match self.what {
            What::Ask(ask) => self.told(Some(ask), told(failure)),
            What::Cancel => self.told(None, told(failure)),
            What::Create { .. } => self.created(match failure {
                Failure::NotReached => CreateAnswer::NotReached,
                Failure::Later(after) => CreateAnswer::Later { after },
                Failure::Lost => CreateAnswer::Lost { after: None },
                Failure::Invalid => CreateAnswer::Invalid { message },
                Failure::Refused => CreateAnswer::Refused { message },
            }),
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Failure {
    NotReached,
    /// Certainly not processed.
    Later(Option<Duration>),
    /// Perhaps processed.
    Lost,
    Invalid,
    Refused,
}

impl World {
    pub(crate) fn create(&mut self, create: CreateOrder) -> Verdict {
        self.judge_create(&create)?;
        self.call(Call::create(self.life, &create))
    }

    /// Sends a request into the weather.
    pub(crate) fn call(&mut self, call: Call) -> Verdict {
        match self.weather {
            Weather::NoNetwork => {
                let delay = self.rng.u64(1..3 * SECOND);
                self.fail(call, Failure::NotReached, delay);
            }
            Weather::Good => self.get_through(call, 20..500, 20..800),
            Weather::Sick => match self.rng.u32(0..14) {
                0 => {
                    let after = self.rng.bool().then(|| Duration::from_secs(self.rng.u64(1..40)));
                    let delay = self.rng.u64(20..3 * SECOND);
                    self.fail(call, Failure::Later(after), delay);
                }
                1 => self.lose(call, None),
                2 => self.lose(call, Some(100)),
                3 => {
                    let late = self.rng.u64(5..90) * SECOND;
                    self.lose(call, Some(late));
                }
                4 => {
                    self.after(50, Happening::Hear { call, answer: None });
                    self.fail(call, Failure::Invalid, 300);
                }
                5 if self.rng.u32(0..3) == 0 => self.fail(call, Failure::Refused, 200),
                6 | 7 => self.get_through(call, 500..8 * SECOND, 500..6 * SECOND),
                _ => self.get_through(call, 20..500, 20..800),
            },
        }
        Ok(())
    }

    fn get_through(&mut self, call: Call, there: std::ops::Range<u64>, back: std::ops::Range<u64>) {
        let (there, back) = (self.rng.u64(there), self.rng.u64(back));
        self.after(there, Happening::Hear { call, answer: Some(back) });
    }

    /// No answer comes; the request may be heard all the same, even long after it was given up.
    fn lose(&mut self, call: Call, heard_after: Option<u64>) {
        if let Some(delay) = heard_after {
            self.after(delay, Happening::Hear { call, answer: None });
        }
        let delay = self.rng.u64(SECOND..12 * SECOND);
        self.fail(call, Failure::Lost, delay);
    }

    fn fail(&mut self, call: Call, failure: Failure, delay: u64) {
        self.facts.tally.failed_calls += 1;
        self.after(delay, Happening::Answer { life: call.life, event: call.without(failure) });
    }

    pub(crate) fn provider_hears(&mut self, call: Call, answer: Option<u64>) {
        let polite = if self.rng.bool() { Politeness::Refuses } else { Politeness::Explains };
        let event = match call.what {
            What::Create { amount, expire } => {
                let flaw = match self.rng.u32(0..60) {
                    0 => Flaw::NoCode,
                    1 => Flaw::OtherAmount,
                    _ => Flaw::None,
                };
                // Not every order ends by itself.
                let lives = u64::try_from(expire.as_millis()).unwrap_or(u64::MAX) + 60 * SECOND;
                let expires = if self.rng.bool() { self.t + lives } else { u64::MAX };
                self.impersonate(call.order);
                call.created(self.provider.create(call.order, amount, expires, flaw))
            }
            What::Ask(ask) => call.told(Some(ask), self.provider.status(call.order, self.t)),
            What::Cancel => call.told(None, self.provider.cancel(call.order, self.t, polite)),
        };
        if let Some(delay) = answer {
            if self.rng.u32(0..4) == 0 {
                let seen = Event::ProviderTimeSeen { at: self.true_time() };
                self.after(delay, Happening::Answer { life: call.life, event: seen });
            }
            self.after(delay, Happening::Answer { life: call.life, event });
        }
    }

    /// An answer reaches the till; from now on it may know what the provider has told it.
    pub(crate) fn answered(&mut self, event: Event) -> Verdict {
        if let Event::StatusAnswered { answer: StatusAnswer::Known(report), .. }
        | Event::CancelAnswered { answer: StatusAnswer::Known(report), .. } = &event
        {
            let told = self.facts.told.entry(report.provider_id.clone()).or_default();
            *told = report.total.value().max(*told);
        }
        self.judge(event)
    }
}
