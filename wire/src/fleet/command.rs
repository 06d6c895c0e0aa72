//! A command to terminals as the operator signs it (contract §5): whom it is for, when it lives, and what is to be done.
//! It must not know who obeys, nor what time it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::instruction::{Instruction, InstructionError};
use super::jws::{self, SignedError};
use super::key::{FleetKey, FleetSigner};
use crate::envelope::MAX_MESSAGE;
use crate::ids::{CommandId, GroupName, IdError, TerminalNumber};
use crate::text::text_form;
use crate::time::UnixTime;

/// The longest command in bytes: the largest message of the contract.
pub const MAX_COMMAND: usize = MAX_MESSAGE;

/// The longest that a command may live after its making, in seconds.
pub const MAX_LIFE_S: i64 = 24 * 3600;

/// The longest that a command may live which a key for harmless commands has signed, in seconds.
pub const MAX_HARMLESS_LIFE_S: i64 = 900;

/// The longest name of what is to be done, in bytes.
const MAX_NAME: usize = 64;

/// Whom a command is for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Audience {
    /// One terminal.
    Terminal(TerminalNumber),
    /// Every terminal of a group.
    Group(GroupName),
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Terminal(number) => write!(f, "{number}"),
            Self::Group(name) => write!(f, "group:{name}"),
        }
    }
}

impl FromStr for Audience {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let group = || text.strip_prefix("group:").and_then(GroupName::new).map(Self::Group);
        let found = text.parse().ok().map(Self::Terminal).or_else(group);
        found.ok_or_else(|| IdError::new(text, "an audience (seven digits, or `group:` and a group's name)"))
    }
}

text_form!(Audience, "0001017", pattern("^([0-9]{7}|group:[a-z0-9_-]{1,32})$"));

/// What a command says. That it is signed does not make it valid: whether it lives and is for this terminal, and whether
/// its `cmd` and `args` mean anything, is judged by whoever obeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Command {
    /// The command's name, also of its topic; it is carried out once.
    pub jti: CommandId,
    /// Whom it is for.
    pub aud: Audience,
    /// When it was made, in seconds since 1970.
    pub iat: i64,
    /// Before when it is not to be obeyed, in seconds since 1970 (RFC 7519); left out mostly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nbf: Option<i64>,
    /// When it dies, in seconds since 1970; at most a day after `iat`.
    pub exp: i64,
    /// What is to be done.
    pub cmd: String,
    /// How, by the names of each command's own.
    #[serde(default)]
    pub args: Map<String, Value>,
}

/// Why a command is not believed, or not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The document around it is not believed, or not a command's.
    #[error(transparent)]
    Signed(#[from] SignedError),
    /// A part of it is out of bounds.
    #[error("the command's `{field}` must be {expected}")]
    Field {
        /// Which part.
        field: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// Who signed it is trusted with harmless commands alone.
    #[error("it can do harm, and the key that signed it is for harmless commands alone (fleet.harmless_keys)")]
    Harmful,
    /// Such a key has signed more than is obeyed.
    #[error("this key has sent too many commands: wait a minute and send it again")]
    TooMany,
    /// It asks for what no terminal does.
    #[error(transparent)]
    Instruction(#[from] InstructionError),
}

impl Command {
    /// Signs the command.
    ///
    /// # Errors
    /// When it lives too long, asks for what no terminal does, or is longer than [`MAX_COMMAND`].
    pub fn sign(&self, signer: &FleetSigner) -> Result<String, CommandError> {
        self.check()?;
        if !self.lives_within_bounds() {
            return Err(CommandError::Field { field: "exp", expected: "later than `iat`, and at most a day later" });
        }
        self.instruction()?;
        Ok(jws::sign(self, signer, MAX_COMMAND)?)
    }

    /// Reads a command that one of these keys has signed. Everything else about it is still to be judged.
    ///
    /// # Errors
    /// When none has, or it is not a command.
    pub fn open(document: &[u8], trusted: &[FleetKey]) -> Result<Self, CommandError> {
        let command: Self = jws::open(jws::text(document, MAX_COMMAND)?, trusted, MAX_COMMAND)?;
        command.check()?;
        Ok(command)
    }

    /// Reads a command that one of these keys has signed, which are trusted with harmless commands alone.
    ///
    /// # Errors
    /// When none has, it is not a command, can do harm, or lives longer than [`MAX_HARMLESS_LIFE_S`].
    pub fn open_harmless(document: &[u8], trusted: &[FleetKey]) -> Result<Self, CommandError> {
        let command = Self::open(document, trusted)?;
        if !command.instruction()?.is_harmless() {
            return Err(CommandError::Harmful);
        }
        if command.exp.saturating_sub(command.iat) > MAX_HARMLESS_LIFE_S {
            return Err(CommandError::Field {
                field: "exp",
                expected: "at most 15 minutes after `iat`, with this key",
            });
        }
        Ok(command)
    }

    /// Reads what a command says without any proof, for showing it to whoever has it. Nothing may be done by it.
    ///
    /// # Errors
    /// When it is not a command.
    pub fn peek(document: &[u8]) -> Result<Self, CommandError> {
        let command: Self = jws::peek(jws::text(document, MAX_COMMAND)?, MAX_COMMAND)?;
        command.check()?;
        Ok(command)
    }

    /// Returns what is to be done.
    ///
    /// # Errors
    /// When no terminal does that, or not with these arguments.
    pub fn instruction(&self) -> Result<Instruction, InstructionError> {
        Instruction::parse(&self.cmd, &self.args)
    }

    /// Says from when it is to be obeyed.
    pub fn begins_at(&self) -> UnixTime {
        UnixTime::from_secs(self.nbf.map_or(self.iat, |nbf| nbf.max(self.iat)))
    }

    /// Tells whether it dies after its making, and at most a day after.
    pub fn lives_within_bounds(&self) -> bool {
        (1..=MAX_LIFE_S).contains(&self.exp.saturating_sub(self.iat))
    }

    fn check(&self) -> Result<(), CommandError> {
        let named = (1..=MAX_NAME).contains(&self.cmd.len()) && !self.cmd.chars().any(char::is_control);
        let expected = "1 to 64 bytes without control characters";
        if named { Ok(()) } else { Err(CommandError::Field { field: "cmd", expected }) }
    }
}
