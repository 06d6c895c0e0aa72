//! Who is signed in. Ids are random, kept as hashes alone, and die of idleness and of age; there are at most so many. It
//! must not know HTTP.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use till_settings::Secret;

use super::language::Language;
use super::password::{PasswordError, random};
use super::users::User;

/// Somebody's session as a request sees it.
#[derive(Clone)]
pub(crate) struct Session {
    id: Hash,
    pub(crate) user: String,
    /// The hash of the password with which it began: a changed password ends it.
    credential: String,
    /// What every form of it has to carry.
    pub(crate) csrf: Secret,
    pub(crate) language: Language,
    begun: Instant,
    seen: Instant,
}

type Hash = [u8; 32];

/// See the module.
pub(crate) struct Sessions {
    idle: Duration,
    life: Duration,
    all: Mutex<BTreeMap<Hash, Session>>,
}

const MAX_SESSIONS: usize = 1000;
const MAX_OF_ONE: usize = 10;
/// The length of an id and of a token, in characters.
const TOKEN: usize = 64;

/// Returns a random token of 256 bits.
pub(crate) fn token() -> Result<String, PasswordError> {
    let bytes: [u8; 32] = random()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn hash(id: &str) -> Hash {
    Sha256::digest(id).into()
}

impl Sessions {
    pub(crate) fn new(idle: Duration, life: Duration) -> Self {
        Self { idle, life, all: Mutex::default() }
    }

    /// Begins a session and returns its id, which only the browser keeps.
    pub(crate) fn begin(&self, user: &User, language: Language, now: Instant) -> Result<String, PasswordError> {
        let (id, csrf) = (token()?, token()?);
        let session = Session {
            id: hash(&id),
            user: user.name.clone(),
            credential: user.hash.clone(),
            csrf: Secret::new(csrf),
            language,
            begun: now,
            seen: now,
        };
        let mut all = self.all();
        all.retain(|_, session| self.lives(session, now));
        let of_one = all.values().filter(|other| other.user == user.name).count();
        if of_one >= MAX_OF_ONE {
            drop_idlest(&mut all, |other| other.user == user.name);
        } else if all.len() >= MAX_SESSIONS {
            drop_idlest(&mut all, |_| true);
        }
        all.insert(session.id, session);
        Ok(id)
    }

    /// Returns the session of an id that lives, and notes that it was used.
    pub(crate) fn find(&self, id: &str, now: Instant) -> Option<Session> {
        if id.len() != TOKEN {
            return None;
        }
        let mut all = self.all();
        let key = hash(id);
        let session = all.get_mut(&key)?;
        if !self.lives(session, now) {
            all.remove(&key);
            return None;
        }
        session.seen = now;
        Some(session.clone())
    }

    /// Ends a session.
    pub(crate) fn end(&self, session: &Session) {
        self.all().remove(&session.id);
    }

    /// Changes a session's language.
    pub(crate) fn speak(&self, session: &Session, language: Language) {
        if let Some(session) = self.all().get_mut(&session.id) {
            session.language = language;
        }
    }

    pub(crate) fn count(&self, now: Instant) -> usize {
        self.all().values().filter(|session| self.lives(session, now)).count()
    }

    fn lives(&self, session: &Session, now: Instant) -> bool {
        now.saturating_duration_since(session.begun) < self.life
            && now.saturating_duration_since(session.seen) < self.idle
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<Hash, Session>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// Tells whether it is still this user's, whose password has not changed since.
    pub(crate) fn is_of(&self, user: &User) -> bool {
        self.user == user.name && Secret::new(self.credential.as_str()).matches(user.hash.as_bytes())
    }
}

fn drop_idlest(all: &mut BTreeMap<Hash, Session>, among: impl Fn(&Session) -> bool) {
    let idlest = all.values().filter(|session| among(session)).min_by_key(|session| session.seen);
    if let Some(id) = idlest.map(|session| session.id) {
        all.remove(&id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::users::Role;

    const IDLE: Duration = Duration::from_secs(60);
    const LIFE: Duration = Duration::from_secs(150);

    fn user(name: &str) -> User {
        User { name: name.into(), role: Role::Viewer, hash: "hash".into() }
    }

    #[test]
    fn a_session_dies_of_idleness_and_of_age() {
        let sessions = Sessions::new(IDLE, LIFE);
        let start = Instant::now();
        let after = |secs| start + Duration::from_secs(secs);
        let begin = |at| sessions.begin(&user("lan"), Language::English, at).expect("an id");
        let idle = begin(start);
        assert!(sessions.find(&idle, after(59)).is_some());
        assert!(sessions.find(&idle, after(118)).is_some());
        assert!(sessions.find(&idle, after(151)).is_none(), "it is too old");
        let left = begin(start);
        assert!(sessions.find(&left, after(60)).is_none(), "it was idle");
        assert!(sessions.find("x", start).is_none());
    }

    #[test]
    fn sessions_are_bounded_and_end_with_the_password() {
        let sessions = Sessions::new(IDLE, LIFE);
        let start = Instant::now();
        let first = sessions.begin(&user("lan"), Language::English, start).expect("an id");
        let later = start + Duration::from_secs(1);
        for _ in 0..MAX_OF_ONE {
            sessions.begin(&user("lan"), Language::English, later).expect("an id");
        }
        assert_eq!(sessions.count(later), MAX_OF_ONE);
        assert!(sessions.find(&first, later).is_none(), "the idlest made place");
        let id = sessions.begin(&user("an"), Language::English, later).expect("an id");
        let session = sessions.find(&id, later).expect("it lives");
        assert!(session.is_of(&user("an")) && !session.is_of(&user("lan")));
        assert!(!session.is_of(&User { hash: "other".into(), ..user("an") }));
        sessions.end(&session);
        assert!(sessions.find(&id, later).is_none());
    }
}
