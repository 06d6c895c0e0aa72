//! Watches the till through its own API, as any program could: what the display shows, and how sales stand. It must not
//! know who looks.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::board::Board;
use super::line::{Party, What};
use crate::cashier::Sale;
use crate::http::Request;

/// Before a till that did not answer is asked again.
const PAUSE: Duration = Duration::from_millis(200);
/// Longer than the till waits for a new picture.
const PATIENCE: Duration = Duration::from_secs(30);
/// A stream is read anew beyond this many bytes.
const LONGEST_STREAM: u64 = 64 * 1024 * 1024;

/// Shows every picture of the display, for ever. The till answers when it has another one.
pub(super) async fn pictures(board: Arc<Board>) {
    let mut shown: Option<(SocketAddr, String)> = None;
    while let Some(till) = powered(&board).await {
        let mut request = Request::get(format!("http://{till}/v1/screen.png")).header("Prefer", "wait=20");
        if let Some((_, tag)) = shown.as_ref().filter(|(whose, _)| *whose == till) {
            request = request.header("If-None-Match", tag);
        }
        match request.send(PATIENCE).await {
            Ok(answer) if answer.status == 200 => {
                shown = answer.header("etag").map(|tag| (till, tag.to_owned()));
                board.show(till, answer.body);
            }
            Ok(answer) if answer.status == 304 => {}
            Ok(_) | Err(_) => {
                shown = None;
                sleep(PAUSE).await;
            }
        }
    }
}

/// Tells every change of a sale, for ever.
pub(super) async fn sales(board: Arc<Board>) {
    let mut listener = Listener { board: board.clone(), last_id: None, told: BTreeMap::new() };
    while let Some(till) = powered(&board).await {
        // A stream that ends or breaks is read anew, from where it ended.
        let _ = listener.listen(till).await;
        sleep(PAUSE).await;
    }
}

/// Waits until the till has power.
async fn powered(board: &Board) -> Option<SocketAddr> {
    *board.till().wait_for(Option::is_some).await.ok()?
}

struct Listener {
    board: Arc<Board>,
    /// The last event that was heard.
    last_id: Option<u64>,
    /// What was told last of each sale.
    told: BTreeMap<String, What>,
}

impl Listener {
    async fn listen(&mut self, till: SocketAddr) -> io::Result<()> {
        let mut stream = TcpStream::connect(till).await?;
        let after = self.last_id.map(|id| format!("Last-Event-ID: {id}\r\n")).unwrap_or_default();
        // HTTP/1.0, so that the stream comes as it is, without chunks.
        let head = format!("GET /v1/events HTTP/1.0\r\nHost: {till}\r\n{after}\r\n");
        stream.write_all(head.as_bytes()).await?;
        let mut lines = BufReader::new(stream.take(LONGEST_STREAM)).lines();
        while let Some(line) = lines.next_line().await? {
            if let Some(id) = line.strip_prefix("id:") {
                self.last_id = id.trim().parse().ok().or(self.last_id);
            } else if let Some(sale) = line.strip_prefix("data:").and_then(|data| serde_json::from_str(data).ok()) {
                self.note(&sale);
            }
        }
        Ok(())
    }

    /// Tells of a sale what has not been told. A receipt is no sale, and is heard of by MQTT.
    fn note(&mut self, sale: &Sale) {
        self.board.note_sale(sale);
        let what = What::Shows {
            state: sale.state.clone(),
            amount: sale.amount,
            paid: sale.paid_amount,
            waiting_for: sale.waiting_for.clone(),
            late: sale.flags.iter().any(|flag| flag == "late"),
        };
        let told = self.told.insert(sale.id.clone(), what.clone());
        if told.as_ref() != Some(&what) {
            self.board.tell(Party::Till, Party::Display, what, &sale.id);
        }
    }
}
