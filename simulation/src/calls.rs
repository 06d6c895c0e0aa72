//! What the till asks of the providers, through all weathers, and what comes back as their adapters would say it.

use std::time::Duration;

use till_wire::SaleId;
use tilld::till::{AskId, ConfirmAnswer, CreateAnswer, CreateOrder, Event, MakeStep, OrderAt, Refusal, StatusAnswer};

use crate::happening::Happening;
use crate::plan::{Kind, SECOND, Weather};
use crate::provider::{Flaw, Named, Politeness};
use crate::without::Sort;
use crate::world::{Verdict, World};

/// One request to a provider.
#[derive(Clone, Debug)]
pub(crate) struct Call {
    till: u64,
    sale: SaleId,
    named: Named,
    what: What,
}

#[derive(Clone, Copy, Debug)]
enum What {
    Create { expire: Duration },
    Start,
    Ask(AskId),
    Cancel,
    Confirm,
}

impl Call {
    pub(crate) fn create(till: u64, create: &CreateOrder) -> Self {
        let making = &create.making;
        let (id, what) = match &making.step {
            MakeStep::Create => (None, What::Create { expire: making.expire }),
            MakeStep::Start(id) => (Some(id.clone()), What::Start),
        };
        let (kind, amount) = (Kind::of(&create.channel), making.amount.value());
        Self { till, sale: create.sale, named: Named { kind, order: making.order, id, amount }, what }
    }

    pub(crate) fn ask(till: u64, ask: AskId, at: &OrderAt) -> Self {
        Self::about(till, at, What::Ask(ask))
    }

    pub(crate) fn cancel(till: u64, at: &OrderAt) -> Self {
        Self::about(till, at, What::Cancel)
    }

    pub(crate) fn confirm(till: u64, at: &OrderAt) -> Self {
        Self::about(till, at, What::Confirm)
    }

    fn about(till: u64, at: &OrderAt, what: What) -> Self {
        let (id, amount) = (at.known.provider_id.clone(), at.known.amount.value());
        let named = Named { kind: Kind::of(&at.channel), order: at.known.order, id, amount };
        Self { till, sale: at.sale, named, what }
    }

    fn created(&self, answer: CreateAnswer) -> Event {
        Event::OrderAnswered { sale: self.sale, order: self.named.order, answer }
    }

    fn confirmed(&self, answer: ConfirmAnswer) -> Event {
        Event::ConfirmAnswered { sale: self.sale, order: self.named.order, answer }
    }

    fn told(&self, ask: Option<AskId>, answer: StatusAnswer) -> Event {
        let (sale, order) = (self.sale, self.named.order);
        match ask {
            Some(ask) => Event::StatusAnswered { sale, order, ask, answer },
            None => Event::CancelAnswered { sale, order, answer },
        }
    }

    /// The adapter's word when no answer came, or none that it could use.
    fn without(&self, failure: Failure) -> Event {
        let message = "no".to_owned();
        let told = |failure| match failure {
            Failure::NotReached => StatusAnswer::NotReached,
            Failure::Later(after) => StatusAnswer::Later { after },
            Failure::Lost => StatusAnswer::Later { after: None },
            Failure::Invalid => StatusAnswer::Invalid { message: message.clone() },
            Failure::Refused => StatusAnswer::Refused(Refusal::unsaid(message.clone())),
        };
        match self.what {
            What::Ask(ask) => self.told(Some(ask), told(failure)),
            What::Cancel => self.told(None, told(failure)),
            What::Confirm => self.confirmed(match failure {
                Failure::NotReached => ConfirmAnswer::NotHeard { after: None },
                Failure::Later(after) => ConfirmAnswer::NotHeard { after },
                Failure::Lost | Failure::Invalid | Failure::Refused => ConfirmAnswer::Unknown,
            }),
            What::Create { .. } | What::Start => self.created(match failure {
                Failure::NotReached => CreateAnswer::NotReached,
                Failure::Later(after) => CreateAnswer::Later { after },
                // A session that nobody starts harms nobody, and an idempotency key finds one that was.
                Failure::Lost if self.repeats() => CreateAnswer::Repeatable { after: None },
                Failure::Lost => CreateAnswer::Lost { after: None },
                Failure::Invalid => CreateAnswer::Invalid { message },
                Failure::Refused => CreateAnswer::Refused(Refusal::unsaid(message)),
            }),
        }
    }

    fn repeats(&self) -> bool {
        match self.what {
            What::Create { .. } => self.named.kind == Kind::Glocal,
            What::Start | What::Ask(_) | What::Cancel | What::Confirm => false,
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
        self.call(Call::create(self.tills, &create))
    }

    /// Sends a request into the weather.
    pub(crate) fn call(&mut self, call: Call) -> Verdict {
        match self.weather {
            Weather::NoNetwork => {
                let delay = self.rng.u64(1..3 * SECOND);
                self.fail(&call, Failure::NotReached, delay);
            }
            Weather::Good => self.get_through(call, 20..500, 20..800),
            Weather::Sick => match self.rng.u32(0..14) {
                0..6 if !self.lets(Sort::Faults) => self.get_through(call, 20..500, 20..800),
                0 => {
                    let after = self.rng.bool().then(|| Duration::from_secs(self.rng.u64(1..40)));
                    let delay = self.rng.u64(20..3 * SECOND);
                    self.fail(&call, Failure::Later(after), delay);
                }
                1 => self.lose(call, None),
                2 => self.lose(call, Some(100)),
                3 => {
                    let late = self.rng.u64(5..90) * SECOND;
                    self.lose(call, Some(late));
                }
                4 => {
                    self.fail(&call, Failure::Invalid, 300);
                    self.after(50, Happening::Hear { call, answer: None });
                }
                5 if self.rng.u32(0..3) == 0 => self.fail(&call, Failure::Refused, 200),
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
        let delay = self.rng.u64(SECOND..12 * SECOND);
        self.fail(&call, Failure::Lost, delay);
        if let Some(delay) = heard_after {
            self.after(delay, Happening::Hear { call, answer: None });
        }
    }

    fn fail(&mut self, call: &Call, failure: Failure, delay: u64) {
        self.facts.tally.failed_calls += 1;
        match (call.what, failure) {
            (What::Start, Failure::Lost) => self.facts.tally.kinds.lost_starts += 1,
            (What::Confirm, Failure::Lost | Failure::Invalid) => self.facts.tally.kinds.lost_confirmations += 1,
            (What::Confirm, Failure::NotReached | Failure::Later(_)) => self.facts.tally.kinds.unheard += 1,
            (What::Create { .. } | What::Start | What::Ask(_) | What::Cancel | What::Confirm, _) => {}
        }
        self.after(delay, Happening::Answer { till: call.till, event: Box::new(call.without(failure)) });
    }

    pub(crate) fn provider_hears(&mut self, call: Call, answer: Option<u64>) {
        let event = match call.what {
            What::Create { expire } => call.created(self.provider_makes(&call.named, expire)),
            What::Start => call.created(self.start_session(&call.named)),
            What::Confirm => call.confirmed(self.confirm_session(&call.named)),
            What::Ask(ask) => call.told(Some(ask), self.provider.status(&call.named, self.t)),
            What::Cancel => {
                let polite = if self.rng.bool() { Politeness::Refuses } else { Politeness::Explains };
                call.told(None, self.provider.cancel(&call.named, self.t, polite))
            }
        };
        if let Some(delay) = answer {
            if self.rng.u32(0..4) == 0 {
                let seen = Event::ProviderTimeSeen { at: self.true_time() };
                self.after(delay, Happening::Answer { till: call.till, event: Box::new(seen) });
            }
            self.after(delay, Happening::Answer { till: call.till, event: Box::new(event) });
        }
    }

    fn provider_makes(&mut self, named: &Named, expire: Duration) -> CreateAnswer {
        // Not every order ends by itself, and some do at once.
        let lives = u64::try_from(expire.as_millis()).unwrap_or(u64::MAX) + 60 * SECOND;
        let expires = match self.rng.u32(0..8) {
            0 => self.t + self.rng.u64(5..300) * SECOND,
            1..5 => self.t + lives,
            _ => u64::MAX,
        };
        self.impersonate(named.kind, named.order, named.amount);
        match named.kind {
            Kind::Glocal => self.open_session(named, expires),
            Kind::PayOs | Kind::Finan => {
                let flaw = match self.rng.u32(0..60) {
                    0 => Flaw::NoCode,
                    1 => Flaw::OtherAmount,
                    2..12 if named.kind == Kind::Finan => Flaw::Address,
                    _ => Flaw::None,
                };
                let again = self.provider.of_reference(named.kind, named.order).any(|order| !order.foreign);
                self.facts.tally.kinds.duplicates += u64::from(again && named.kind == Kind::Finan);
                self.provider.create(named, expires, flaw)
            }
        }
    }

    /// An answer reaches the till; from now on it may know what the provider has told it.
    pub(crate) fn answered(&mut self, event: Event) -> Verdict {
        if !self.listens() {
            return Ok(());
        }
        if let Event::StatusAnswered { answer: StatusAnswer::Known(report), .. }
        | Event::CancelAnswered { answer: StatusAnswer::Known(report), .. }
        | Event::ConfirmAnswered { answer: ConfirmAnswer::Heard(report), .. } = &event
        {
            let told = self.facts.told.entry(report.provider_id.clone()).or_default();
            *told = report.total.value().max(*told);
        }
        self.hear_of_steps(&event);
        let (heard, life, confirmed) = (event.clone(), self.life, self.facts.steps.confirmations());
        self.judge(event)?;
        let confirmed = self.facts.steps.confirmations() > confirmed;
        self.facts.tally.kinds.heeded_late += u64::from(confirmed && matches!(heard, Event::OrderAnswered { .. }));
        match &mut self.committing {
            Some(committing) => committing.heard = Some(heard),
            None if self.life == life && !self.refused => self.learn_from(&heard),
            None => {}
        }
        Ok(())
    }
}
