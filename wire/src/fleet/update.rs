//! What a terminal is told of an update: where the file is, what it must be, and what it makes of the terminal. It must not
//! know how anything is fetched or installed.

use core::net::IpAddr;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::IdError;

/// The largest file of an update, in bytes.
pub const MAX_UPDATE: u64 = 256 * 1024 * 1024;

/// The longest address of one, and the longest version, in bytes.
const MAX_URL: usize = 512;
const MAX_VERSION: usize = 64;

/// An update, all of it inside a signed command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Update {
    /// Where the file is: https, or http on the terminal itself.
    pub url: UpdateUrl,
    /// How many bytes it has: 1 to [`MAX_UPDATE`].
    pub size: u64,
    /// What it is, byte for byte.
    pub sha256: Checksum,
    /// What is installed afterwards.
    pub version: PackageVersion,
    /// How it is installed.
    pub kind: UpdateKind,
    /// Whether it may be older than what is installed.
    pub downgrade: bool,
}

/// How an update is installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpdateKind {
    /// A Debian package, by dpkg.
    Deb,
    /// A bundle for a system with two slots, by RAUC.
    Rauc,
}

/// The address of an update: `https://`, or `http://` on loopback; at most 512 bytes of plain ASCII without a user and a
/// fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UpdateUrl(String);

/// A SHA-256 in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum(String);

/// The version of a package as Debian writes it: `0.2.0`, `1:0.2.0-1`, `0.2.0~rc1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageVersion(String);

/// An update as it stands in a command's `args`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateArguments {
    url: String,
    size: u64,
    sha256: String,
    version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<UpdateKind>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    downgrade: bool,
}

impl UpdateKind {
    /// Returns the word that stands in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Rauc => "rauc",
        }
    }

    /// RAUC's bundles are told by their names.
    fn of(url: &UpdateUrl) -> Self {
        let path = url.0.split('?').next().unwrap_or_default();
        if path.ends_with(".raucb") { Self::Rauc } else { Self::Deb }
    }
}

impl UpdateUrl {
    /// Returns the address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UpdateUrl {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let expected = "the address of an update (https://, or http:// on loopback, at most 512 bytes, no user)";
        let is_plain = text.len() <= MAX_URL && text.bytes().all(|byte| byte.is_ascii_graphic());
        let allowed = text.split_once("://").is_some_and(|(scheme, rest)| {
            let host = host(rest);
            match scheme {
                "https" => host.is_some(),
                "http" => host.is_some_and(is_loopback),
                _ => false,
            }
        });
        let url = (is_plain && allowed && !text.contains('#')).then(|| Self(text.to_owned()));
        url.ok_or_else(|| IdError::new(text, expected))
    }
}

/// Returns the host of what stands behind a scheme; nothing when there is a user, or no host.
fn host(rest: &str) -> Option<&str> {
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.contains(['@', '\\']) {
        return None;
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(inside) => inside.split_once(']')?,
        None => authority.find(':').map_or((authority, ""), |at| authority.split_at(at)),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok();
    let port_is_well = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
    (!host.is_empty() && port_is_well).then_some(host)
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|number: IpAddr| number.is_loopback())
}

impl Checksum {
    /// Writes down a digest.
    pub fn of(digest: &[u8; 32]) -> Self {
        Self(digest.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// Returns the 64 digits, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Checksum {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let is_hex = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let sum = is_hex.then(|| Self(text.to_ascii_lowercase()));
        sum.ok_or_else(|| IdError::new(text, "a SHA-256 (64 hexadecimal digits)"))
    }
}

impl PackageVersion {
    /// Returns the version as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether a package of this version holds a program of that one: Debian puts an epoch before it, and a revision
    /// or a suffix behind.
    pub fn holds(&self, program: &str) -> bool {
        let upstream = self.0.split_once(':').map_or(self.0.as_str(), |(_, rest)| rest);
        let rest = upstream.strip_prefix(program).filter(|_| !program.is_empty());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['+', '-', '~']))
    }
}

impl fmt::Display for PackageVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PackageVersion {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let may_stand = |byte: u8| byte.is_ascii_alphanumeric() || b".+~:-".contains(&byte);
        let begins = text.bytes().next().is_some_and(|first| first.is_ascii_digit());
        let is_one = begins && text.len() <= MAX_VERSION && text.bytes().all(may_stand);
        let version = is_one.then(|| Self(text.to_owned()));
        version.ok_or_else(|| IdError::new(text, "a package's version (a digit, then letters, digits and .+~:-)"))
    }
}

impl TryFrom<UpdateArguments> for Update {
    type Error = String;

    fn try_from(args: UpdateArguments) -> Result<Self, String> {
        let named = |name: &str, error: IdError| format!("`{name}`: {error}");
        let url: UpdateUrl = args.url.parse().map_err(|error| named("url", error))?;
        if !(1..=MAX_UPDATE).contains(&args.size) {
            return Err(format!("`size` must be 1 to {MAX_UPDATE}"));
        }
        Ok(Self {
            kind: args.kind.unwrap_or_else(|| UpdateKind::of(&url)),
            url,
            size: args.size,
            sha256: args.sha256.parse().map_err(|error| named("sha256", error))?,
            version: args.version.parse().map_err(|error| named("version", error))?,
            downgrade: args.downgrade,
        })
    }
}

impl From<&Update> for UpdateArguments {
    fn from(update: &Update) -> Self {
        Self {
            url: update.url.0.clone(),
            size: update.size,
            sha256: update.sha256.0.clone(),
            version: update.version.0.clone(),
            kind: Some(update.kind),
            downgrade: update.downgrade,
        }
    }
}
