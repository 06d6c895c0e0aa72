//! The record of a used claim, as it stands in its file. It must not know files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use till_wire::fleet::ClaimId;
use till_wire::{TerminalNumber, UnixTime};

/// Who has used a claim, when, and what he got first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    /// The claim.
    pub(crate) claim: ClaimId,
    /// The number that it gives.
    pub(crate) number: TerminalNumber,
    /// When it dies; its record is of no use long after.
    pub(crate) expires_at: UnixTime,
    /// The public key that came first: the only one that gets certificates for it.
    pub(crate) key: Vec<u8>,
    /// When.
    pub(crate) at: UnixTime,
    /// The serial number of the first certificate, in hex.
    pub(crate) serial: String,
}

/// The version of the record's form.
const VERSION: u64 = 1;

impl Used {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let record = json!({
            "v": VERSION,
            "jti": self.claim.to_string(),
            "number": self.number.value(),
            "exp": self.expires_at.secs(),
            "key": STANDARD.encode(&self.key),
            "at": self.at.secs(),
            "serial": self.serial,
        });
        format!("{record}\n").into_bytes()
    }

    /// Returns nothing when the bytes are not such a record, whole.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let record = till_wire::json::parse(std::str::from_utf8(bytes).ok()?).ok()?;
        let text = |key: &str| record.get(key).and_then(Value::as_str);
        let seconds = |key: &str| record.get(key).and_then(Value::as_i64).map(UnixTime::from_secs);
        let number = u32::try_from(record.get("number")?.as_u64()?).ok()?;
        Some(Self {
            claim: record.get("v")?.as_u64().filter(|version| *version == VERSION).and(text("jti"))?.parse().ok()?,
            number: TerminalNumber::new(number)?,
            expires_at: seconds("exp")?,
            key: STANDARD.decode(text("key")?).ok()?,
            at: seconds("at")?,
            serial: text("serial")?.to_owned(),
        })
    }
}
