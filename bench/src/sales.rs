//! Measures whole sales: from the call to the code, and from the webhook on the broker to PAID. What counts as shown is
//! what a decoder of QR codes that is not ours sees in the display's file. It must not know how `tilld` works inside.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use demo::eye;
use serde_json::{Value, json};
use tests::till::{id_of, order_of};

use crate::Fault;
use crate::clock::{self, Micros};
use crate::figure::{Figure, Unit};
use crate::mqtt::Client;
use crate::picture::Seen;
use crate::terminal::{Counter, Running, TERMINAL, wait};

/// Nothing looks at `tilld` for so long after a question is put: looking takes processor time from it.
const UNDISTURBED: Duration = Duration::from_millis(25);

/// Makes `count` sales after a few that warm up.
pub(crate) fn measure(counter: &Counter, count: usize) -> Result<Vec<Figure>, Fault> {
    let mut running = counter.start();
    running.wait_ready()?;
    let before = running.memory_mib()?;
    let mut mouth = Client::connect(counter.broker.address(), "bench-bridge")?;
    let warm_up = count.min(5);
    let mut figures = Figures::new();
    for round in 0..warm_up + count {
        let amount = 10_000 + round as u64 * 1000;
        let times = one_sale(counter, &running, &mut mouth, amount)?;
        if round >= warm_up {
            figures.add(&times);
        }
        counter.forget();
    }
    let after = running.memory_mib()?;
    running.stop();
    let mut all = figures.into_list();
    all.push(Figure::new("memory after the start, connected", Unit::Mib).with(before));
    all.push(Figure::new(format!("memory after {} sales", warm_up + count), Unit::Mib).with(after));
    Ok(all)
}

/// When things happened in one sale.
struct Times {
    called: Micros,
    answered: Micros,
    /// Milliseconds that payOS took for itself.
    provider: f64,
    code: Shown,
    told: Micros,
    paid: Shown,
}

/// When a picture came to the panel and to the file.
struct Shown {
    panel: Micros,
    file: Micros,
}

fn one_sale(counter: &Counter, running: &Running<'_>, mouth: &mut Client, amount: u64) -> Result<Times, Fault> {
    let busy = counter.payos.busy();
    let called = clock::now();
    let sale = running.sell(amount)?;
    let answered = clock::now();
    thread::sleep(UNDISTURBED);
    let code = first_picture(counter, called, |codes| codes.len() == 1)?;
    let provider = (counter.payos.busy() - busy).as_secs_f64() * 1000.0;
    let sale = running.wait_state(id_of(&sale), "showing")?;
    let envelope = envelope(counter, &sale, amount)?;
    // The picture of the countdown that follows the code is none of the measured ones.
    thread::sleep(UNDISTURBED);
    let told = clock::now();
    mouth.publish(&format!("till/v1/{TERMINAL:07}/down/webhook"), &envelope)?;
    thread::sleep(UNDISTURBED);
    let paid = first_picture(counter, told, |codes| codes.is_empty())?;
    mouth.published()?;
    running.wait_state(id_of(&sale), "paid")?;
    Ok(Times { called, answered, provider, code, told, paid })
}

/// Returns when the first picture since `start` that fits came to the panel and to the file.
fn first_picture(counter: &Counter, start: Micros, fits: impl Fn(&[String]) -> bool) -> Result<Shown, Fault> {
    let mut known: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    let mut codes = |seen: &Seen| known.entry(seen.at.0).or_insert_with(|| codes_in(&seen.png)).clone();
    let found = wait("the picture is there", || {
        let pictures = counter.pictures.since(start);
        pictures.iter().find(|seen| fits(&codes(seen))).map(|seen| seen.at)
    })?;
    let handed = counter.handed_since(start).into_iter().map(|handed| handed.at).filter(|at| *at <= found).max();
    let panel = handed.ok_or("tilld does not say when it hands pictures to the panel")?;
    Ok(Shown { panel, file: found })
}

fn codes_in(png: &Arc<Vec<u8>>) -> Vec<String> {
    let Ok(sight) = eye::look(png) else {
        return Vec::new();
    };
    sight.texts().into_iter().map(str::to_owned).collect()
}

/// A webhook as the bridge passes it on, signed by payOS.
fn envelope(counter: &Counter, sale: &Value, amount: u64) -> Result<Vec<u8>, Fault> {
    let reference = counter.payos.pay_silently(order_of(sale), amount)?;
    let body = counter.payos.webhook_body(&reference).ok_or("payOS knows its own transfer")?;
    let id = format!("{:032x}", fastrand::u128(..));
    let envelope = json!({
        "v": 1, "id": id, "channel": "payos", "provider": "payos", "received_at": "2026-11-20T03:04:05Z",
        "method": "POST", "path": "/hooks/payos", "headers": {}, "body": body,
    });
    Ok(envelope.to_string().into_bytes())
}

/// The figures of sales.
struct Figures {
    answer: Figure,
    code_panel: Figure,
    code_file: Figure,
    provider: Figure,
    paid_panel: Figure,
    paid_file: Figure,
}

impl Figures {
    fn new() -> Self {
        let ms = |name| Figure::new(name, Unit::Ms);
        Self {
            answer: ms("API call → 201"),
            code_panel: ms("API call → code handed to the panel, without payOS's time"),
            code_file: ms("API call → code in the file, without payOS's time").aim(3.0),
            provider: ms("payOS's own time, from request to answer"),
            paid_panel: ms("message → PAID handed to the panel").aim(0.6),
            paid_file: ms("message → PAID in the file").aim(1.5),
        }
    }

    fn add(&mut self, times: &Times) {
        self.answer.add(times.answered.ms_since(times.called));
        self.code_panel.add(times.code.panel.ms_since(times.called) - times.provider);
        self.code_file.add(times.code.file.ms_since(times.called) - times.provider);
        self.provider.add(times.provider);
        self.paid_panel.add(times.paid.panel.ms_since(times.told));
        self.paid_file.add(times.paid.file.ms_since(times.told));
    }

    fn into_list(self) -> Vec<Figure> {
        vec![self.answer, self.code_panel, self.code_file, self.provider, self.paid_panel, self.paid_file]
    }
}
