//! Answers the API: wishes become events, questions are answered from the store and the driver's own knowledge.

use std::future::Future;

use crate::clock;
use crate::panel;
use crate::port::{Picture, Reply, Request, Unavailable};
use crate::store::StoreError;
use crate::till::{Answer, Event, ReplyTo};

use super::Driver;

impl Driver {
    pub(super) async fn question(&mut self, question: Request) {
        let store = self.store.clone();
        match question {
            Request::Sell { request, key, reply } => {
                let reply = self.expect(reply);
                self.judge(Event::SaleWanted { request: *request, key, reply }).await;
            }
            Request::Cancel { sale, reply } => {
                let reply = self.expect(reply);
                self.judge(Event::CancelWanted { sale, reply }).await;
            }
            Request::Acknowledge { sale, pin, reply } => {
                let reply = self.expect(reply);
                self.judge(Event::AcknowledgeWanted { sale, pin, reply }).await;
            }
            Request::Confirm { sale, reply } => {
                let reply = self.expect(reply);
                self.judge(Event::ConfirmWanted { sale, reply }).await;
            }
            Request::Match { receipt, sale, reply } => {
                let reply = self.expect(reply);
                self.judge(Event::MatchWanted { receipt, sale, reply }).await;
            }
            Request::Keys { keys, reply } => {
                let reply = self.expect(reply);
                self.judge(Event::KeysPressed { keys, reply }).await;
            }
            Request::Scan { reference, reply } => {
                let reply = self.expect(reply);
                self.judge(Event::ReferenceScanned { reference, reply }).await;
            }
            Request::Replay { reply } => {
                let reply = self.expect(reply);
                self.judge(Event::ReplayWanted { reply }).await;
            }
            Request::Sale { id, reply } => {
                tell(reply, async move { store.sale(id).await.map(|sale| sale.map(Box::new)) })
            }
            Request::Sales { query, reply } => tell(reply, async move { store.sales(query).await }),
            Request::Receipts { query, reply } => tell(reply, async move { store.receipts(query).await }),
            Request::Journal { sale, reply } => tell(reply, async move { store.journal(sale).await }),
            Request::Queue { limit, reply } => {
                // Whoever asked may have gone away.
                let _ = reply.send(Ok(self.till.queue(limit, clock::now())));
            }
            Request::Period { query, reply } => tell(reply, async move { store.period(query).await }),
            Request::Attention { limit, reply } => tell(reply, async move { store.attention(limit).await }),
            Request::Missed { after, limit, reply } => tell(reply, async move { store.missed(after, limit).await }),
            Request::Status { reply } => {
                let mut status = self.status();
                let is_used = self.begin_again.is_none();
                tell(reply, async move {
                    // A terminal whose store refuses has to say how it is doing all the more; the store has logged why.
                    // Files that can be read say nothing about a store that is not used before it takes commits again.
                    if let (true, Ok(facts)) = (is_used, store.facts().await) {
                        super::status::add_facts(&mut status, &facts);
                    }
                    Ok(status)
                });
            }
            Request::Counters { reply } => {
                let until = self.certificate.status().map(|certificate| certificate.not_after);
                // Whoever asked may have gone away.
                let _ = reply.send(Ok(self.tally.measures(until, self.commanded.measures())));
            }
            Request::Screen { reply } => self.picture(reply),
            Request::Flight { reply } => {
                // Whoever asked may have gone away.
                let _ = reply.send(Ok(self.recorder.lines()));
            }
        }
    }

    fn expect(&mut self, reply: Reply<Answer>) -> ReplyTo {
        self.next_reply = self.next_reply.wrapping_add(1);
        let to = ReplyTo(self.next_reply);
        self.replies.insert(to, reply);
        to
    }

    fn picture(&self, reply: Reply<Option<Picture>>) {
        let Some(screen) = &self.screen else {
            // Whoever asked may have gone away.
            let _ = reply.send(Ok(None));
            return;
        };
        let make = screen.picture();
        tokio::task::spawn_blocking(move || match make() {
            // Whoever asked may have gone away.
            Ok(panel::Picture { number, png }) => drop(reply.send(Ok(Some(Picture { number, png })))),
            Err(error) => {
                tracing::error!(%error, "cannot make a picture of the display");
                drop(reply.send(Ok(None)));
            }
        });
    }
}

/// Answers from the store without holding up the loop.
fn tell<T: Send + 'static>(reply: Reply<T>, answer: impl Future<Output = Result<T, StoreError>> + Send + 'static) {
    tokio::spawn(async move {
        let answer = answer.await.map_err(|error| {
            tracing::error!(error = %till_settings::tls::whole_chain(&error), "cannot read the store");
            Unavailable::StoreFault
        });
        // Whoever asked may have gone away.
        let _ = reply.send(answer);
    });
}
