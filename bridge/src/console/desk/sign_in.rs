//! Signing in and out: who may try how often, and what is written down of it. A password is neither logged nor kept.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::{HeaderMap, Response, StatusCode};
use sha2::{Digest, Sha256};
use till_settings::Secret;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tracing::{error, info};

use super::{Desk, Person};
use crate::clock;
use crate::console::form::Fields;
use crate::console::gate::Cookie;
use crate::console::language::Language;
use crate::console::metrics::SignIn;
use crate::console::pages::sign_in::{Notice, page};
use crate::console::users::{User, is_user_name};
use crate::console::{password, reply, sessions};
use crate::often::Verdict;
use crate::server::room::Source;

/// How long a sign-in waits until its password is checked.
const PATIENCE: Duration = Duration::from_secs(5);

/// Belongs to no password: whoever names nobody is kept waiting as long as whoever names somebody.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$dGlsbC1jb25zb2xlLW5vYm9keQ$\
                       AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Desk {
    /// The form, bound to this browser.
    pub(super) fn sign_in_page(&self, headers: &HeaderMap, notice: Option<Notice>) -> Response<Body> {
        let Ok(token) = sessions::token() else {
            return reply::plain(StatusCode::SERVICE_UNAVAILABLE, "the system gives no random numbers\n");
        };
        let status = match notice {
            None => StatusCode::OK,
            Some(Notice::Wrong) => StatusCode::UNAUTHORIZED,
            Some(Notice::OldForm) => StatusCode::FORBIDDEN,
            Some(Notice::TooOften) => StatusCode::TOO_MANY_REQUESTS,
            Some(Notice::Busy | Notice::NoAudit) => StatusCode::SERVICE_UNAVAILABLE,
        };
        let html = page(Language::wanted(headers), &token, notice);
        reply::with_cookie(reply::page(status, html), &self.gate.set(Cookie::SignIn, &token))
    }

    pub(super) async fn sign_in(&self, headers: &HeaderMap, fields: &Fields, source: IpAddr) -> Response<Body> {
        match self.try_sign_in(headers, fields, source).await {
            Ok(id) => {
                self.metrics.signed_in(SignIn::Good);
                let response = reply::with_cookie(reply::see("/"), &self.gate.set(Cookie::Session, &id));
                reply::with_cookie(response, &self.gate.unset(Cookie::SignIn))
            }
            Err(notice) => {
                self.metrics.signed_in(match notice {
                    Notice::Wrong => SignIn::Wrong,
                    Notice::TooOften => SignIn::TooOften,
                    Notice::OldForm | Notice::Busy | Notice::NoAudit => SignIn::Other,
                });
                self.sign_in_page(headers, Some(notice))
            }
        }
    }

    /// Returns the id of a new session.
    async fn try_sign_in(&self, headers: &HeaderMap, fields: &Fields, source: IpAddr) -> Result<String, Notice> {
        let token = self.gate.cookie(headers, Cookie::SignIn).unwrap_or_default();
        if token.is_empty() || !Secret::new(token).matches(fields.get("token").as_bytes()) {
            return Err(Notice::OldForm);
        }
        let name = fields.get("name").trim().to_lowercase();
        let now = clock::instant();
        let by_source = self.limits.sources.note(Source::of(source), now);
        let by_name = self.limits.names.note(Sha256::digest(&name).into(), now);
        if by_source == Verdict::TooOften || by_name == Verdict::TooOften {
            info!(%source, "too many tries to sign in");
            return Err(Notice::TooOften);
        }
        let user = is_user_name(&name).then(|| self.users.get(&name)).flatten();
        let fits = self.check(user.as_ref(), fields.get("password")).await?;
        let Some(user) = user.filter(|_| fits) else {
            // Somebody may have typed the password where the name belongs: only known names are written down.
            let known = self.users.get(&name).map_or("unknown", |_| name.as_str());
            let noted = self.audit.note("sign-in-refused", known, source, Vec::new()).await;
            return Err(noted.map_or(Notice::NoAudit, |()| Notice::Wrong));
        };
        let role = [("role", user.role.as_str().into())];
        self.audit.note("sign-in", &user.name, source, role.into()).await.map_err(|_| Notice::NoAudit)?;
        if let Some(before) = self.person(headers) {
            self.sessions.end(&before.session);
        }
        let begun = self.sessions.begin(&user, Language::wanted(headers), clock::instant());
        begun.map_err(|fault| {
            error!(%fault, "no session can be made");
            Notice::Busy
        })
    }

    /// Checks a password off this thread, few at a time.
    async fn check(&self, user: Option<&User>, typed: &str) -> Result<bool, Notice> {
        let Ok(_waiting) = self.limits.waiting.try_acquire() else { return Err(Notice::Busy) };
        let hashing = timeout(PATIENCE, Arc::clone(&self.limits.hashing).acquire_owned()).await;
        let Ok(Ok(place)) = hashing else { return Err(Notice::Busy) };
        let (typed, hash) = (typed.to_owned(), user.map_or_else(|| NOBODYS.to_owned(), |user| user.hash.clone()));
        let checking = spawn_blocking(move || {
            let _place = place;
            password::fits(&typed, &hash)
        });
        checking.await.map_err(|_| Notice::Busy)
    }

    pub(super) async fn sign_out(&self, person: &Person, source: IpAddr) -> Response<Body> {
        self.sessions.end(&person.session);
        // Whoever wants to go goes, also when that cannot be written down.
        let _unwritten = self.audit.note("sign-out", &person.user.name, source, Vec::new()).await;
        reply::with_cookie(reply::see("/sign-in"), &self.gate.unset(Cookie::Session))
    }
}
