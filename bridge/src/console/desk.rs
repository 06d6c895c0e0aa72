//! Answers people's browsers: finds out who asks, and hands over to the page or the deed that is asked for. It must not
//! know how a page looks.

mod order;
mod sign_in;

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Body;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use till_wire::fleet::FleetSigner;
use till_wire::{CommandId, TerminalNumber};
use tokio::sync::{Semaphore, mpsc};

use super::audit::Audit;
use super::form::Fields;
use super::gate::{Cookie, Gate};
use super::html::Html;
use super::language::Language;
use super::metrics::Metrics;
use super::pages::{self, Frame, Place};
use super::reply;
use super::sessions::{Session, Sessions};
use super::users::{Role, User, Users};
use super::view::Fleet;
use super::view::bundles::Kind;
use crate::clock;
use crate::config::Network;
use crate::hooks::body::{self, BodyFault};
use crate::hooks::source;
use crate::mqtt::listening::Letter;
use crate::often::Often;
use crate::server::room::Source;
use crate::server::{Answer, Visitor};

/// The side that people see.
pub(crate) struct Desk {
    pub(crate) gate: Gate,
    pub(crate) proxies: Vec<Network>,
    pub(crate) users: Users,
    pub(crate) sessions: Sessions,
    pub(crate) audit: Audit,
    pub(crate) fleet: Arc<Mutex<Fleet>>,
    pub(crate) signer: Option<FleetSigner>,
    pub(crate) letters: mpsc::Sender<Letter>,
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) limits: Limits,
}

/// How often somebody may try, and how many passwords are checked at a time.
pub(crate) struct Limits {
    sources: Often<Source>,
    names: Often<[u8; 32]>,
    commands: Often<[u8; 32]>,
    hashing: Arc<Semaphore>,
    waiting: Semaphore,
}

/// Somebody who is signed in.
struct Person {
    session: Session,
    user: User,
}

/// The largest form, in bytes.
const MAX_BODY: usize = 16 * 1024;
/// Tries to sign in within five minutes, from one source and for one name.
const TRIES_OF_A_SOURCE: u32 = 20;
const TRIES_FOR_A_NAME: u32 = 10;
const TRIES_WITHIN: Duration = Duration::from_secs(300);
/// Commands of one person within a minute.
const COMMANDS: u32 = 30;
const COMMANDS_WITHIN: Duration = Duration::from_secs(60);
const MAX_KEYS: usize = 10_000;
/// Each takes twenty megabytes and a tenth of a second.
const HASHED_AT_A_TIME: usize = 2;
const WAITING: usize = 16;

const STYLE: &str = include_str!("web/style.css");
const SCRIPT: &str = include_str!("web/console.js");
const ICON: &str = include_str!("web/icon.svg");

impl Default for Limits {
    fn default() -> Self {
        Self {
            sources: Often::new(TRIES_OF_A_SOURCE, TRIES_WITHIN, MAX_KEYS),
            names: Often::new(TRIES_FOR_A_NAME, TRIES_WITHIN, MAX_KEYS),
            commands: Often::new(COMMANDS, COMMANDS_WITHIN, MAX_KEYS),
            hashing: Arc::new(Semaphore::new(HASHED_AT_A_TIME)),
            waiting: Semaphore::new(WAITING),
        }
    }
}

impl Answer for Desk {
    async fn answer(&self, visitor: Visitor<'_>, request: Request<Incoming>) -> Response<Body> {
        let (head, incoming) = request.into_parts();
        let mut response = self.take(visitor, &head, incoming).await;
        if self.gate.is_secure() {
            reply::over_tls(response.headers_mut());
        }
        self.metrics.answered(response.status());
        response
    }

    fn is_proxy(&self, peer: IpAddr) -> bool {
        self.proxies.iter().any(|network| network.contains(peer))
    }
}

impl Desk {
    async fn take(&self, visitor: Visitor<'_>, head: &Parts, incoming: Incoming) -> Response<Body> {
        if !self.gate.is_ours(&head.headers) {
            return reply::plain(StatusCode::MISDIRECTED_REQUEST, "this console is not known by that name\n");
        }
        if head.method == Method::GET || head.method == Method::HEAD {
            return self.show(head).await;
        }
        if head.method != Method::POST {
            return reply::plain(StatusCode::METHOD_NOT_ALLOWED, "only GET and POST\n");
        }
        let body = match body::read(&head.headers, incoming, MAX_BODY).await {
            Ok(body) => body,
            Err(BodyFault::TooLarge) => {
                return reply::plain(StatusCode::PAYLOAD_TOO_LARGE, "a form has at most 16 KiB\n");
            }
            Err(BodyFault::TooSlow | BodyFault::Broken) => {
                return reply::plain(StatusCode::REQUEST_TIMEOUT, "the form did not come whole in time\n");
            }
            Err(BodyFault::Malformed | BodyFault::Encoded) => {
                return reply::plain(StatusCode::BAD_REQUEST, "this is no form\n");
            }
        };
        visitor.seat.whole();
        let source = source::of(visitor.peer, &head.headers, &self.proxies);
        self.act(head, &body, source).await
    }

    /// A page or a file.
    async fn show(&self, head: &Parts) -> Response<Body> {
        let path = head.uri.path();
        match path {
            "/style.css" => return reply::file("text/css; charset=utf-8", STYLE),
            "/console.js" => return reply::file("text/javascript; charset=utf-8", SCRIPT),
            "/icon.svg" => return reply::file("image/svg+xml", ICON),
            _ => {}
        }
        let person = self.person(&head.headers);
        if path == "/sign-in" {
            return if person.is_some() { reply::see("/") } else { self.sign_in_page(&head.headers, None) };
        }
        let Some(person) = person else { return reply::see("/sign-in") };
        let fields = Fields::read(head.uri.query().unwrap_or_default());
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        let made = match parts.as_slice() {
            [""] => Some(self.page(&person, Place::Terminals, |frame, fleet| pages::list::page(frame, fleet, &fields))),
            ["terminals", number] => number.parse().ok().and_then(|number| {
                self.found(&person, |frame, fleet| pages::terminal::page(frame, fleet, number, &fields))
            }),
            ["commands"] => Some(self.page(&person, Place::Commands, pages::commands::list)),
            ["commands", id] => CommandId::new(id)
                .and_then(|id| self.found(&person, |frame, fleet| pages::commands::one(frame, fleet, id, &fields))),
            ["bundles", id] => CommandId::new(id).and_then(|id| self.bundle(id)),
            ["unrouted"] => Some(self.page(&person, Place::Unrouted, pages::unrouted::page)),
            ["audit"] if person.user.role == Role::Operator => {
                let lines = self.audit.newest(pages::audit::MOST).await;
                Some(self.page(&person, Place::Audit, |frame, _| pages::audit::page(frame, &lines)))
            }
            ["audit"] => Some(self.refused(&person, StatusCode::FORBIDDEN, pages::Refusal::Operators)),
            _ => None,
        };
        made.unwrap_or_else(|| self.refused(&person, StatusCode::NOT_FOUND, pages::Refusal::NoSuchPage))
    }

    /// A form that was sent.
    async fn act(&self, head: &Parts, body: &[u8], source: IpAddr) -> Response<Body> {
        if !is_form(&head.headers) {
            return reply::plain(StatusCode::UNSUPPORTED_MEDIA_TYPE, "this is no form\n");
        }
        if !self.gate.is_own_form(&head.headers) {
            return reply::plain(StatusCode::FORBIDDEN, "this form does not come from the console's own page\n");
        }
        let Ok(text) = std::str::from_utf8(body) else {
            return reply::plain(StatusCode::BAD_REQUEST, "this is no form\n");
        };
        let fields = Fields::read(text);
        let path = head.uri.path();
        if path == "/sign-in" {
            return self.sign_in(&head.headers, &fields, source).await;
        }
        let Some(person) = self.person(&head.headers) else { return reply::see("/sign-in") };
        if !person.session.csrf.matches(fields.get("csrf").as_bytes()) {
            return self.refused(&person, StatusCode::FORBIDDEN, pages::Refusal::OldForm);
        }
        let parts: Vec<&str> = path.split('/').skip(1).collect();
        match parts.as_slice() {
            ["sign-out"] => self.sign_out(&person, source).await,
            ["language"] => {
                if let Some(language) = Language::of(fields.get("language")) {
                    self.sessions.speak(&person.session, language);
                }
                reply::see("/")
            }
            ["terminals", number, "commands"] => match number.parse::<TerminalNumber>() {
                Ok(number) => self.order(&person, number, &fields, source).await,
                Err(_) => self.refused(&person, StatusCode::NOT_FOUND, pages::Refusal::NoSuchPage),
            },
            _ => self.refused(&person, StatusCode::NOT_FOUND, pages::Refusal::NoSuchPage),
        }
    }

    /// Says who is signed in, by the users' file as it is now.
    fn person(&self, headers: &HeaderMap) -> Option<Person> {
        let id = self.gate.cookie(headers, Cookie::Session)?;
        let session = self.sessions.find(id, clock::instant())?;
        match self.users.get(&session.user).filter(|user| session.is_of(user)) {
            Some(user) => Some(Person { session, user }),
            None => {
                self.sessions.end(&session);
                None
            }
        }
    }

    fn fleet(&self) -> MutexGuard<'_, Fleet> {
        self.fleet.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a page of the fleet as it is now.
    fn page(&self, person: &Person, place: Place, make: impl FnOnce(&Frame<'_>, &Fleet) -> Html) -> Response<Body> {
        let fleet = self.fleet();
        let frame = self.frame(person, &fleet, place);
        reply::page(StatusCode::OK, make(&frame, &fleet))
    }

    fn found(&self, person: &Person, make: impl FnOnce(&Frame<'_>, &Fleet) -> Option<Html>) -> Option<Response<Body>> {
        let fleet = self.fleet();
        let frame = self.frame(person, &fleet, Place::Nowhere);
        make(&frame, &fleet).map(|html| reply::page(StatusCode::OK, html))
    }

    fn refused(&self, person: &Person, status: StatusCode, why: pages::Refusal<'_>) -> Response<Body> {
        let fleet = self.fleet();
        let frame = self.frame(person, &fleet, Place::Nowhere);
        reply::page(status, pages::refusal(&frame, why))
    }

    fn frame<'a>(&'a self, person: &'a Person, fleet: &Fleet, place: Place) -> Frame<'a> {
        Frame {
            language: person.session.language,
            user: &person.user.name,
            role: person.user.role,
            csrf: person.session.csrf.text().unwrap_or_default(),
            place,
            now: clock::now(),
            timezone: fleet.timezone.clone(),
            link: fleet.link,
            signs: self.signer.is_some(),
        }
    }

    fn bundle(&self, id: CommandId) -> Option<Response<Body>> {
        let fleet = self.fleet();
        let (terminal, whole) = fleet.bundles.whole(&id)?;
        let named = |end| Some(format!("{terminal}-{id}.{end}"));
        let (kind, name) = match whole.kind {
            Kind::Picture => ("image/png", None),
            Kind::Text => ("text/plain; charset=utf-8", named("txt")),
            Kind::Json => ("application/json", named("json")),
        };
        Some(reply::foreign(kind, name, whole.bytes.to_vec()))
    }
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
