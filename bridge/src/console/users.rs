//! Who may sign in, as the users' file says it now: one line for each, `NAME:ROLE:HASH`. It must not know sessions, nor
//! HTTP.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use till_settings::read_bounded;
use tracing::{error, info};

use super::password::{self, MAX_HASH};
use crate::clock;

/// What somebody may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Sees the fleet.
    Viewer,
    /// Sees the fleet and the audit log, and sends harmless commands.
    Operator,
}

/// Somebody who may sign in. The hash is as good as a secret, so there is no `Debug`.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) hash: String,
}

/// Why the users' file cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UsersError {
    /// It cannot be read.
    #[error("cannot read it")]
    Read(#[source] std::io::Error),
    /// Others could let themselves in.
    #[error("others may write to it: take that right away (chmod go-w)")]
    Writable,
    /// A line is none.
    #[error("line {line} must be NAME:viewer:HASH or NAME:operator:HASH, as `till-bridge console user` makes it")]
    Line {
        /// Which, from 1.
        line: usize,
    },
    /// A name comes twice.
    #[error("line {line} names somebody a second time")]
    Twice {
        /// Which, from 1.
        line: usize,
    },
    /// Nobody could ever sign in, or there are too many.
    #[error("it must name from 1 to {MAX_USERS} users: till-bridge console user NAME --role operator")]
    Count,
}

type Known = Arc<BTreeMap<String, User>>;

/// The file, read again when it has changed.
pub(crate) struct Users {
    path: PathBuf,
    state: Mutex<State>,
}

struct State {
    users: Known,
    /// Of the file as it was read.
    mark: Option<(SystemTime, u64)>,
    looked: Instant,
}

const MAX_USERS: usize = 200;
const LARGEST: u64 = 65_536;
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// The longest name, in bytes.
pub(crate) const MAX_USER: usize = 32;

impl Role {
    /// Returns the word of the file.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Operator => "operator",
        }
    }

    /// Returns the role of a word.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Viewer, Self::Operator].into_iter().find(|role| role.as_str() == word)
    }
}

/// Tells whether a text can be a user's name.
pub(crate) fn is_user_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_USER).contains(&name.len()) && name.bytes().all(plain)
}

impl Users {
    /// Reads the file.
    pub(crate) fn open(path: &Path) -> Result<Self, UsersError> {
        let mark = mark(path);
        let state = State { users: Arc::new(read(path)?), mark, looked: clock::instant() };
        Ok(Self { path: path.to_owned(), state: Mutex::new(state) })
    }

    /// Returns a user by name. Whoever was taken out of the file is nobody within a second; a file that cannot be used
    /// leaves those who were known.
    pub(crate) fn get(&self, name: &str) -> Option<User> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.looked.elapsed() >= LOOK_EVERY {
            state.looked = clock::instant();
            let found = mark(&self.path);
            if found != state.mark {
                state.mark = found;
                match read(&self.path) {
                    Ok(users) => {
                        info!(users = users.len(), "the users' file was read again");
                        state.users = Arc::new(users);
                    }
                    Err(fault) => {
                        let fault = till_settings::tls::whole_chain(&fault);
                        error!(fault, "the users' file has changed and cannot be used");
                    }
                }
            }
        }
        state.users.get(name).cloned()
    }
}

fn mark(path: &Path) -> Option<(SystemTime, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

fn read(path: &Path) -> Result<BTreeMap<String, User>, UsersError> {
    let mode = std::fs::metadata(path).map_err(UsersError::Read)?.permissions().mode();
    if mode & 0o022 != 0 {
        return Err(UsersError::Writable);
    }
    let bytes = read_bounded(path, LARGEST).map_err(UsersError::Read)?;
    parse(&String::from_utf8_lossy(&bytes))
}

fn parse(text: &str) -> Result<BTreeMap<String, User>, UsersError> {
    let mut users = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let user = user(line).ok_or(UsersError::Line { line: line_number })?;
        if users.insert(user.name.clone(), user).is_some() {
            return Err(UsersError::Twice { line: line_number });
        }
    }
    if users.is_empty() || users.len() > MAX_USERS {
        return Err(UsersError::Count);
    }
    Ok(users)
}

fn user(line: &str) -> Option<User> {
    let mut parts = line.splitn(3, ':');
    let (name, role, hash) = (parts.next()?, parts.next()?, parts.next()?);
    let fits = is_user_name(name) && hash.len() <= MAX_HASH && password::is_hash(hash);
    fits.then_some(User { name: name.to_owned(), role: Role::of(role)?, hash: hash.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_user_or_a_fault() {
        let hash = password::hash("a long password").expect("the system hashes");
        let good = format!("# who\n\nlan:operator:{hash}\nan.viewer-1:viewer:{hash}\n");
        let users = parse(&good).expect("two users");
        assert_eq!(
            users.values().map(|user| (user.name.as_str(), user.role)).collect::<Vec<_>>(),
            [("an.viewer-1", Role::Viewer), ("lan", Role::Operator)]
        );
        assert!(matches!(parse(""), Err(UsersError::Count)));
        assert!(matches!(parse(&format!("{good}lan:viewer:{hash}\n")), Err(UsersError::Twice { line: 5 })));
        for wrong in [
            "lan".to_owned(),
            format!("Lan:viewer:{hash}"),
            format!("lan:admin:{hash}"),
            format!("lan:viewer:{hash}x$y"),
            "lan:viewer:secret".to_owned(),
            "lan:viewer:$argon2id$v=19$m=9999999,t=2,p=1$c2FsdHNhbHRzYWx0$aGFzaGhhc2hoYXNoaGFzaA".to_owned(),
        ] {
            assert!(matches!(parse(&wrong), Err(UsersError::Line { line: 1 })), "{wrong}");
        }
    }
}
