//! Server-sent events, read piece by piece. It must not know what they say.

/// The longest event that is kept, in bytes; a sale has at most 64 KiB.
const LONGEST: usize = 1 << 20;

/// One event.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) id: Option<String>,
    pub(super) kind: String,
    pub(super) data: String,
}

/// Turns bytes into events.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    event: Event,
}

impl Reader {
    /// Takes the next bytes and returns the events that they complete.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Vec<Event> {
        let mut events = Vec::new();
        for byte in bytes {
            if *byte != b'\n' {
                if self.line.len() < LONGEST {
                    self.line.push(*byte);
                }
                continue;
            }
            let line = std::mem::take(&mut self.line);
            let line = String::from_utf8_lossy(&line);
            events.extend(self.take_line(line.trim_end_matches('\r')));
        }
        events
    }

    fn take_line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let event = std::mem::take(&mut self.event);
            return Some(event).filter(|event| !event.data.is_empty());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => self.event.id = Some(value.to_owned()),
            "event" => self.event.kind = value.to_owned(),
            "data" if self.event.data.is_empty() => self.event.data = value.to_owned(),
            "data" if self.event.data.len() < LONGEST => {
                self.event.data.push('\n');
                self.event.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_out_whole_however_the_bytes_are_cut() {
        let text = ": listening\r\nretry: 1000\n\nid: 7\nevent: sale\ndata: {\"note\":\ndata: \"é\"}\n\n: still here\n\nid:8\nevent:receipt\ndata:{}\n\nid: 9\n";
        let expected = [
            Event { id: Some("7".into()), kind: "sale".into(), data: "{\"note\":\n\"é\"}".into() },
            Event { id: Some("8".into()), kind: "receipt".into(), data: "{}".into() },
        ];
        for size in [1, 2, 3, 7, 1000] {
            let mut reader = Reader::default();
            let events: Vec<Event> = text.as_bytes().chunks(size).flat_map(|bytes| reader.take(bytes)).collect();
            assert_eq!(events, expected, "{size}");
        }
    }
}
