//! Envelopes: what is read can be written and read again, the same; any webhook can be put into one, or is too large.

use std::collections::BTreeMap;

use till_wire::{ChannelId, Envelope, MAX_MESSAGE, UnixTime};

use super::check_error;

/// Reads the input as an envelope, and puts it into one as the webhook.
pub fn envelope(data: &[u8]) {
    match Envelope::parse(data) {
        Ok(envelope) => {
            let written = envelope.to_bytes().expect("an envelope that was read fits a message");
            assert!(written.len() <= data.len(), "{} bytes became {}", data.len(), written.len());
            assert_eq!(Envelope::parse(&written), Ok(envelope));
        }
        Err(error) => {
            check_error(&error, data, &[]);
            let mut source = std::error::Error::source(&error);
            while let Some(cause) = source {
                check_error(&cause, data, &[]);
                source = cause.source();
            }
        }
    }
    if let Ok(webhook) = std::str::from_utf8(data) {
        check_writing(webhook);
    }
}

fn check_writing(webhook: &str) {
    let channel: ChannelId = "payos".parse().expect("a channel's id");
    let (name, value) = webhook.split_once('\n').unwrap_or(("", webhook));
    let headers = BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let at = UnixTime::from_ms(i64::try_from(webhook.len()).map_or(0, |length| length * 1_234_567_891));
    let new = |body: &str| {
        let (provider, path) = (name.to_owned(), value.to_owned());
        Envelope::new(channel.clone(), provider, at, "POST".to_owned(), path, headers.clone(), body.to_owned())
    };
    let envelope = new(webhook);
    assert_eq!(envelope.body, webhook);
    assert_eq!(envelope.id, new(webhook).id);
    assert_ne!(envelope.id, new(&format!("{webhook} ")).id);
    match envelope.to_bytes() {
        Ok(bytes) => {
            assert!(bytes.len() <= MAX_MESSAGE);
            assert_eq!(Envelope::parse(&bytes), Ok(envelope));
        }
        Err(error) => assert!(error.bytes > MAX_MESSAGE, "{error}"),
    }
}
