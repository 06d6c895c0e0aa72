//! Secrets, and the three places that they come from. It must not show what they are: neither in `Debug` nor in a
//! fault's text.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use subtle::ConstantTimeEq;
use toml::Value;

use crate::document::read_bounded;
use crate::environment::Environment;
use crate::fault::{HIDDEN, quoted};

/// The largest secret that is read, in bytes.
const LARGEST: u64 = 65_536;

/// Where systemd puts the credentials of a unit.
const CREDENTIALS: &str = "CREDENTIALS_DIRECTORY";

/// What may stand in a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Anything, such as a private key in PEM form.
    Any,
    /// One line of UTF-8, such as a password.
    Line,
    /// Visible ASCII without spaces, such as an API key, which goes into an HTTP header or a signature.
    Token,
}

impl Content {
    /// What is said of a secret that holds something else.
    pub(crate) fn expected(self) -> &'static str {
        match self {
            Self::Any => "a secret",
            Self::Line => "a secret of one line of UTF-8",
            Self::Token => "a secret of visible ASCII characters, without spaces and line breaks",
        }
    }
}

/// A secret's bytes. Its `Debug` shows nothing of them.
#[derive(Clone)]
pub struct Secret {
    /// Empty only for a credential that was noted, not read; a secret that is read and empty is refused.
    bytes: Vec<u8>,
}

impl Secret {
    /// Makes a secret of these bytes, without the line breaks at their end.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        let mut bytes = bytes.into();
        while matches!(bytes.last(), Some(b'\n' | b'\r')) {
            bytes.pop();
        }
        Self { bytes }
    }

    /// Returns the secret itself.
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the secret itself as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self) -> Result<&str, std::str::Utf8Error> {
        std::str::from_utf8(&self.bytes)
    }

    /// Tells whether it was not there to be read, which only `--check` allows.
    pub fn is_absent(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Tells whether `candidate` is this secret, in a time that depends on its length alone. An absent secret is like
    /// nothing.
    pub fn matches(&self, candidate: &[u8]) -> bool {
        !self.is_absent() && bool::from(self.bytes.ct_eq(candidate))
    }

    fn holds(&self, content: Content) -> bool {
        match content {
            Content::Any => true,
            Content::Line => self.text().is_ok_and(|text| !text.chars().any(char::is_control)),
            Content::Token => self.bytes.iter().all(u8::is_ascii_graphic),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is expected where a secret is to be named.
pub(crate) const EXPECTED: &str = "{ credential = \"name\" }, { file = \"path\" } or { env = \"NAME\" }";

/// Where a secret comes from, as the file names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    Credential(String),
    File(PathBuf),
    Variable(String),
}

/// Why a secret cannot be had.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The credentials' folder is not known.
    NoCredentials,
    /// It could not be read; the text is a fault's expectation.
    Unreadable(String),
    /// It was read and is no good; the text is a fault's expectation.
    Unusable(String),
}

impl Source {
    /// Reads exactly one of the three ways.
    pub(crate) fn parse(value: &Value) -> Option<Self> {
        let mut entries = value.as_table()?.iter();
        let (way, name) = entries.next()?;
        let name = name.as_str().filter(|name| !name.is_empty())?;
        if entries.next().is_some() || name.contains('\0') {
            return None;
        }
        match way.as_str() {
            "credential" if !name.contains('/') && name != "." && name != ".." => {
                Some(Self::Credential(name.to_owned()))
            }
            "file" => Some(Self::File(name.into())),
            "env" if !name.contains('=') => Some(Self::Variable(name.to_owned())),
            _ => None,
        }
    }

    /// Lets a file's path count from a folder.
    pub(crate) fn below(self, folder: &Path) -> Self {
        match self {
            Self::File(path) => Self::File(folder.join(path)),
            Self::Credential(_) | Self::Variable(_) => self,
        }
    }

    pub(crate) fn load(&self, content: Content, environment: &Environment) -> Result<Secret, Refusal> {
        let secret = match self {
            Self::Credential(name) => {
                let folder = environment.get(CREDENTIALS).ok_or(Refusal::NoCredentials)?;
                read_file(&Path::new(folder).join(name))?
            }
            Self::File(path) => {
                refuse_if_public(path)?;
                read_file(path)?
            }
            Self::Variable(name) => environment
                .get(name)
                .map(|value: &OsStr| Secret::new(value.as_bytes()))
                .ok_or_else(|| Refusal::Unreadable(format!("the environment variable {name} to be set")))?,
        };
        let refused = |text: &str| Err(Refusal::Unusable(text.to_owned()));
        if secret.is_absent() {
            return refused("a secret that is not empty");
        }
        if !secret.holds(content) {
            return refused(content.expected());
        }
        Ok(secret)
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Refusal {
    Refusal::Unreadable(format!("a file of at most {LARGEST} bytes that can be read ({}: {error})", path.display()))
}

fn read_file(path: &Path) -> Result<Secret, Refusal> {
    read_bounded(path, LARGEST).map(Secret::new).map_err(|error| unreadable(path, &error))
}

/// Refuses a file that every user of the machine can read.
fn refuse_if_public(path: &Path) -> Result<(), Refusal> {
    let metadata = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o004 == 0 {
        return Ok(());
    }
    let text = format!("a file that others cannot read (its mode is {mode:04o}: chmod o= it)");
    Err(Refusal::Unusable(text))
}

/// Shows where a secret comes from; anything else that stands in its place is hidden.
pub(crate) fn shown(value: &Value) -> String {
    let (way, name) = match Source::parse(value) {
        Some(Source::Credential(name)) => ("credential", name),
        Some(Source::File(path)) => ("file", path.display().to_string()),
        Some(Source::Variable(name)) => ("env", name),
        None => return HIDDEN.to_owned(),
    };
    format!("{{ {way} = {} }}", quoted(&name))
}
