//! A cash register on a serial line: its lines become sales, and what becomes of those goes back as lines. Uses the port,
//! as the API does. It must not know how a sale is made.

mod line;
mod words;

use std::collections::VecDeque;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use till_wire::sale::Sale;
use till_wire::{Amount, ChannelId, SaleId};
use tokio::sync::broadcast::error::RecvError;

use crate::config::{Channel, Settings};
use crate::port::{Announced, Port};
use crate::till::{Change, Customer, NewSale};

use line::{Heard, Line};
use words::{Refusal, Wish};

/// The shortest and the longest pause before a line that could not be had is opened again.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));
/// Of so many of the register's sales it hears what becomes of them.
const REMEMBERED: usize = 16;

/// Where a cash register is, and what its sales are.
#[derive(Clone, Debug)]
pub(super) struct Register {
    /// The device.
    pub(super) path: PathBuf,
    /// The merchant account (`sale.channel`).
    pub(super) channel: ChannelId,
    /// How long a code is shown.
    pub(super) expire: Duration,
    /// The largest sale.
    pub(super) max_amount: Amount,
    /// What the channel must know of whoever pays, which no line can tell; nothing can be sold then.
    pub(super) customer_needs: &'static [&'static str],
}

impl Register {
    /// Takes it out of the configuration; nothing when there is none.
    pub(super) fn of(settings: &Settings) -> Option<Self> {
        let sale = &settings.sale;
        let channel = settings.channel(&sale.channel);
        Some(Self {
            path: settings.serial.clone()?,
            channel: sale.channel.clone(),
            expire: channel.map_or(sale.expire, |channel| sale.expire.min(channel.longest_expiry())),
            max_amount: sale.max_amount,
            customer_needs: channel.map(Channel::customer_needs).unwrap_or_default(),
        })
    }
}

/// A register's talk with the till.
struct Talk {
    register: Register,
    port: Port,
    /// Its sales, the newest last, and what was said of each.
    sales: VecDeque<Followed>,
}

/// A sale of which the register hears.
struct Followed {
    id: SaleId,
    /// The newest revision that was looked at. What was announced before an answer is read after it, and is older.
    revision: u64,
    /// What was said last.
    said: String,
}

/// Talks with the register for ever.
pub(super) async fn listen(register: Register, port: Port) {
    let mut talk = Talk { register, port, sales: VecDeque::new() };
    let mut pause = PAUSES.0;
    let mut told = None;
    loop {
        match talk.once(&mut pause).await {
            Ok(()) => {}
            Err(error) => {
                if pause == PAUSES.0 {
                    // It has been open meanwhile.
                    told = None;
                }
                let trouble = error.to_string();
                if told.as_ref() != Some(&trouble) {
                    let device = talk.register.path.display();
                    tracing::warn!(%device, trouble, "the cash register's line cannot be used; it is tried again");
                    told = Some(trouble);
                }
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(PAUSES.1);
    }
}

impl Talk {
    /// Talks until the line is gone.
    async fn once(&mut self, pause: &mut Duration) -> io::Result<()> {
        // Heard first, so that nothing happens between the news and what comes.
        let mut changes = self.port.listen();
        let mut line = open(&self.register.path)?;
        tracing::info!(device = %self.register.path.display(), "a cash register's line is open");
        *pause = PAUSES.0;
        self.tell_newest(&mut line).await?;
        loop {
            tokio::select! {
                heard = line.hear() => self.obey(heard?, &mut line).await?,
                change = changes.recv() => self.tell(change, &mut line).await?,
            }
        }
    }

    async fn obey(&mut self, heard: Heard, line: &mut Line) -> io::Result<()> {
        let wish = match heard {
            Heard::TooLong => Err(Refusal::new("too-large", format!("a line has at most {} bytes", line::LONGEST))),
            Heard::Line(text) => words::read(&text, self.register.max_amount),
        };
        let done = match wish {
            Ok(None) => return Ok(()),
            Ok(Some(Wish::Sell(amount, reference))) => self.sell(amount, reference).await,
            Ok(Some(Wish::Cancel)) => self.cancel().await,
            Ok(Some(Wish::Status)) => self.status().await,
            Err(refusal) => Err(refusal),
        };
        match done {
            Ok(sale) => self.say(&sale, line).await,
            Err(refusal) => line.say(&refusal.line()).await,
        }
    }

    async fn sell(&mut self, amount: Amount, reference: Option<String>) -> Result<Sale, Refusal> {
        let Register { channel, expire, customer_needs, .. } = &self.register;
        if !customer_needs.is_empty() {
            let text =
                format!("{channel} needs each sale's customer ({}): sell over the API", customer_needs.join(", "));
            return Err(Refusal::new("invalid", text));
        }
        let (channel, expire) = (channel.clone(), *expire);
        let (note, customer, items) = (None, Customer::default(), Vec::new());
        let request = NewSale { amount, channel, reference, note, expire, customer, items };
        let answer = self.port.sell(request, None).await.map_err(words::unavailable)?;
        let sale = words::done(answer)?;
        if self.sales.len() == REMEMBERED {
            self.sales.pop_front();
        }
        self.sales.push_back(Followed { id: sale.id, revision: 0, said: String::new() });
        Ok(Sale::from(sale.as_ref()))
    }

    async fn cancel(&mut self) -> Result<Sale, Refusal> {
        let id = self.sales.back().ok_or_else(no_sale)?.id;
        let answer = self.port.cancel(id).await.map_err(words::unavailable)?;
        Ok(Sale::from(words::done(answer)?.as_ref()))
    }

    /// Reads the newest sale, and forgets what was said of it, so that it is said again.
    async fn status(&mut self) -> Result<Sale, Refusal> {
        let newest = self.sales.back_mut().ok_or_else(no_sale)?;
        let sale = self.port.sale(newest.id).await.map_err(words::unavailable)?.ok_or_else(no_sale)?;
        newest.said.clear();
        Ok(Sale::from(sale.as_ref()))
    }

    /// Says how the newest sale stands if the register has not heard it: the line was gone, or too much happened.
    async fn tell_newest(&mut self, line: &mut Line) -> io::Result<()> {
        let Some(newest) = self.sales.back() else { return Ok(()) };
        match self.port.sale(newest.id).await {
            Ok(Some(sale)) => self.say(&Sale::from(sale.as_ref()), line).await,
            // The register asks when it wants to know.
            Ok(None) | Err(_) => Ok(()),
        }
    }

    async fn tell(&mut self, change: Result<Arc<Announced>, RecvError>, line: &mut Line) -> io::Result<()> {
        match change {
            Ok(announced) => match &announced.change {
                Change::Sale(sale) => self.say(&Sale::from(sale.as_ref()), line).await,
                Change::Receipt(_) => Ok(()),
            },
            Err(RecvError::Lagged(_)) => self.tell_newest(line).await,
            Err(RecvError::Closed) => Err(io::Error::other("the till has stopped")),
        }
    }

    /// Says how one of the register's sales stands, unless that has been said.
    async fn say(&mut self, sale: &Sale, line: &mut Line) -> io::Result<()> {
        let followed = self.sales.iter_mut().find(|followed| followed.id == sale.id);
        let Some(followed) = followed.filter(|followed| followed.revision <= sale.revision) else { return Ok(()) };
        followed.revision = sale.revision;
        let news = words::news(sale);
        if followed.said != news {
            line.say(&news).await?;
            followed.said = news;
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<Line> {
    Line::open(path).map_err(|error| io::Error::new(error.kind(), format!("cannot open it: {error}")))
}

fn no_sale() -> Refusal {
    Refusal::new("not-found", "this line has made no sale since the terminal's start")
}
