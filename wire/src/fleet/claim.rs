//! The claim by which a terminal joins a fleet (contract §5): which number it gets, whom it believes from then on, and
//! where it fetches its certificate. It must not know how a terminal keeps one, nor what a URL must look like.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::jws::{self, SignedError};
use super::key::{FleetKey, FleetSigner};
use crate::ids::{ChannelId, CommandId, IdError, TerminalNumber};
use crate::text::text_form;
use crate::time::UnixTime;

/// The longest claim in bytes. One that fits into a QR code has at most 2 953.
pub const MAX_CLAIM: usize = 16_384;

/// The most channels of a claim.
const MAX_CHANNELS: usize = 64;
/// The most trusted keys of a claim.
const MAX_KEYS: usize = 32;
/// The longest label in characters, and the longest URL and certificate in bytes.
const MAX_LABEL: usize = 40;
const MAX_URL: usize = 512;
const MAX_CERTIFICATE: usize = 8_192;

/// Names a claim: 1 to 64 of `A-Z`, `a-z`, `0-9`, `_` and `-`; ours are 16 random bytes in hex. A claim counts as used with
/// the first key that it got a certificate for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClaimId(String);

impl ClaimId {
    /// Names a claim by sixteen bytes.
    pub fn new(bytes: [u8; 16]) -> Self {
        Self(format!("{:032x}", u128::from_be_bytes(bytes)))
    }
}

impl fmt::Display for ClaimId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ClaimId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        // It is the name of a file and stands in logs, as a command's id is the name of a topic.
        let named = CommandId::new(text).map(|id| Self(id.as_str().to_owned()));
        named.ok_or_else(|| IdError::new(text, "a claim's id (1 to 64 letters, digits, `_` and `-`, without accents)"))
    }
}

text_form!(ClaimId, "3f0c9b6de1a24785906b1f2a3c4d5e6f", pattern("^[A-Za-z0-9_-]{1,64}$"));

/// What a claim says. Everything that a terminal believes afterwards is in it, so whoever answers at `enrol_url` can
/// give a certificate and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The claim's name.
    pub jti: ClaimId,
    /// The number that the terminal gets.
    pub number: TerminalNumber,
    /// What the terminal is called, 1 to 40 characters.
    pub label: String,
    /// When it was made, in seconds since 1970; 0 when it does not say.
    #[serde(default)]
    pub iat: i64,
    /// When it dies, in seconds since 1970.
    pub exp: i64,
    /// Where certificates are asked for (https).
    pub enrol_url: String,
    /// The authority of the broker and of the enrolment server: certificates in PEM form.
    pub ca: String,
    /// The broker (mqtts).
    pub broker: String,
    /// The channels whose addresses are prescribed.
    pub channels: Vec<ClaimChannel>,
    /// Whose commands and claims are obeyed from then on, at least one.
    pub trusted_keys: Vec<FleetKey>,
}

/// Where a channel's provider is reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimChannel {
    /// The channel, as in the terminal's configuration.
    pub id: ChannelId,
    /// The provider's address (https).
    pub base_url: String,
}

/// Why a claim is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// The document around it is not believed, or not a claim's.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// It is signed by a key that it does not even name itself.
    #[error("the claim is signed with a key that is not among its own trusted keys")]
    ForeignKey,
    /// A part of it is out of bounds.
    #[error("the claim's `{field}` must be {expected}")]
    Field {
        /// Which part.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// Its time is over.
    #[error("the claim expired at {at}: ask for a new one (till fleet claim)")]
    Expired {
        /// When.
        at: UnixTime,
    },
    /// It is not yet valid, by far more than clocks differ.
    #[error("the claim was made at {at}, which is still to come: check the clock")]
    Early {
        /// When it was made.
        at: UnixTime,
    },
}

/// By how much the clocks of two machines may differ.
const CLOCKS_DIFFER_S: i64 = 300;

impl Claim {
    /// Signs the claim.
    ///
    /// # Errors
    /// When a part of it is out of bounds, or the whole is longer than [`MAX_CLAIM`].
    pub fn sign(&self, signer: &FleetSigner) -> Result<String, ClaimError> {
        self.check()?;
        Ok(jws::sign(self, signer, MAX_CLAIM)?)
    }

    /// Reads a claim that one of these keys has signed. Whether it is still alive, [`Claim::must_be_alive`] says.
    ///
    /// # Errors
    /// When none has, or it is not a claim.
    pub fn open(document: &str, trusted: &[FleetKey]) -> Result<Self, ClaimError> {
        let claim: Self = jws::open(document.trim(), trusted, MAX_CLAIM)?;
        claim.check()?;
        Ok(claim)
    }

    /// Reads a claim that one of the keys that it names itself has signed. For a terminal that knows no key yet, and
    /// believes whoever handed the claim over; it shows that the claim is whole, not whose it is.
    ///
    /// # Errors
    /// When none has, or it is not a claim.
    pub fn open_by_itself(document: &str) -> Result<Self, ClaimError> {
        let named: Self = jws::peek(document.trim(), MAX_CLAIM)?;
        named.check()?;
        match Self::open(document, &named.trusted_keys) {
            Err(ClaimError::Signed(SignedError::UnknownKey { .. })) => Err(ClaimError::ForeignKey),
            other => other,
        }
    }

    /// Says when it dies.
    pub fn expires_at(&self) -> UnixTime {
        UnixTime::from_secs(self.exp)
    }

    /// Refuses a claim that is over, or whose making lies more than five minutes ahead.
    ///
    /// # Errors
    /// See above.
    pub fn must_be_alive(&self, now: UnixTime) -> Result<(), ClaimError> {
        if now.secs() >= self.exp {
            return Err(ClaimError::Expired { at: self.expires_at() });
        }
        if now.secs() < self.iat.saturating_sub(CLOCKS_DIFFER_S) {
            return Err(ClaimError::Early { at: UnixTime::from_secs(self.iat) });
        }
        Ok(())
    }

    fn check(&self) -> Result<(), ClaimError> {
        let text = |text: &str, most: usize| (1..=most).contains(&text.len()) && !text.chars().any(char::is_control);
        let bounds = [
            ("label", (1..=MAX_LABEL).contains(&self.label.chars().count()), "1 to 40 characters"),
            ("label", !self.label.chars().any(char::is_control), "one line without control characters"),
            ("exp", self.exp > self.iat, "later than `iat`"),
            ("enrol_url", text(&self.enrol_url, MAX_URL), "a URL of at most 512 bytes"),
            ("broker", text(&self.broker, MAX_URL), "a URL of at most 512 bytes"),
            ("ca", (1..=MAX_CERTIFICATE).contains(&self.ca.len()), "certificates in PEM form, at most 8192 bytes"),
            ("channels", self.channels.len() <= MAX_CHANNELS, "at most 64"),
            ("channels", self.channels.iter().all(|one| text(&one.base_url, MAX_URL)), "URLs of at most 512 bytes"),
            ("channels", self.has_each_channel_once(), "channels with an id of their own each"),
            ("trusted_keys", (1..=MAX_KEYS).contains(&self.trusted_keys.len()), "1 to 32 keys"),
        ];
        let broken = bounds.into_iter().find(|(_, holds, _)| !holds);
        broken.map_or(Ok(()), |(field, _, expected)| Err(ClaimError::Field { field, expected }))
    }

    fn has_each_channel_once(&self) -> bool {
        let mut ids: Vec<_> = self.channels.iter().map(|channel| &channel.id).collect();
        ids.sort();
        ids.windows(2).all(|pair| pair.first() != pair.last())
    }
}
