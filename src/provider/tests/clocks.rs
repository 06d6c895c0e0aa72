//! A terminal's clock that is wrong: the provider is told the right time by what its own answers say (P10), and nothing but
//! that is a reason to send a request twice.

use std::sync::atomic::{AtomicI64, Ordering};

use super::finan::{CREATED, LISTED, finan_at, known_to_finan, wanted_of_finan};
use super::server::{Act, Asked, Server, answer};
use super::*;
use crate::provider::clock::ProviderClock;

const TICK: Tick = Tick(5_000_000);

/// Our wall clock is this much ahead of the time that the tests call now.
fn off_by(secs: i64) -> UnixTime {
    UnixTime::from_secs(NOW.secs() + secs)
}

fn now() -> Now {
    Now { tick: TICK, wall: NOW }
}

/// The header of an answer that is made so many seconds ahead of our clock.
fn date(ahead: i64) -> String {
    let moment = jiff::Timestamp::from_second(NOW.secs() + ahead).expect("a moment");
    format!("date: {}\r\n", moment.strftime("%a, %d %b %Y %H:%M:%S GMT"))
}

fn timestamp(asked: &Asked) -> i64 {
    asked.headers["x-timestamp"].parse().expect("decimal seconds")
}

fn made(answer: &CreateAnswer) -> bool {
    matches!(answer, CreateAnswer::Made(_))
}

#[tokio::test]
async fn p10_a_no_that_tells_the_time_is_answered_within_the_same_call() {
    for ahead in [3600, -3600, 21, -21, 86_400 * 200] {
        for refusal in [answer(401, &date(ahead), ""), answer(200, &date(ahead), r#"{"code":400001}"#)] {
            let acts = vec![refusal, answer(200, &date(ahead), CREATED)];
            let mut server = Server::start_with(acts).await;
            let providers = finan_at(&server.base, "", now);
            let answered = providers.create(&wanted_of_finan()).await;
            assert!(made(&answered.answer), "{ahead}: {answered:?}");
            assert_eq!(answered.corrected_ms, ahead * 1000);
            let (first, second) = (server.asked().await, server.asked().await);
            assert_eq!((timestamp(&first), timestamp(&second)), (NOW.secs(), NOW.secs() + ahead));
            assert_eq!((first.line, first.body), (second.line, second.body));
            assert_eq!(server.waiting(), 0);
        }
    }
}

#[tokio::test]
async fn p10_what_was_learned_is_used_from_then_on_for_every_request() {
    let acts = vec![answer(200, &date(3600), CREATED), answer(404, "", ""), answer(200, "", LISTED)];
    let mut server = Server::start_with(acts).await;
    let providers = finan_at(&server.base, "", now);
    assert!(made(&providers.create(&wanted_of_finan()).await.answer));
    let asked = providers.ask(&known_to_finan()).await;
    assert!(matches!(asked.answer, StatusAnswer::Known(_)), "{asked:?}");
    assert_eq!((asked.date, asked.corrected_ms), (None, 3_600_000));
    let seen = [server.asked().await, server.asked().await, server.asked().await];
    assert_eq!(seen.map(|asked| timestamp(&asked) - NOW.secs()), [0, 3600, 3600]);
}

#[tokio::test]
async fn p10_a_clock_that_is_nearly_right_is_not_corrected() {
    for ahead in [19, -19, 20, -20, 0] {
        let mut server = Server::start(answer(401, &date(ahead), "")).await;
        let providers = finan_at(&server.base, "", now);
        for _ in 0..2 {
            let answered = providers.create(&wanted_of_finan()).await;
            assert!(matches!(answered.answer, CreateAnswer::Refused(_)), "{answered:?}");
            assert_eq!((answered.date, answered.corrected_ms), (Some(off_by(ahead)), 0));
            assert_eq!(timestamp(&server.asked().await), NOW.secs());
            assert_eq!(server.waiting(), 0, "nothing is sent again");
        }
    }
}

#[tokio::test]
async fn p10_a_refusal_is_asked_again_once_and_no_more() {
    let mut server = Server::start(answer(401, &date(3600), "")).await;
    let providers = finan_at(&server.base, "", now);
    let refused = CreateAnswer::Refused(Refusal {
        cause: RefusalCause::Access,
        code: None,
        reason: "Finan answered with HTTP status 401".to_owned(),
    });
    assert_eq!(providers.create(&wanted_of_finan()).await.answer, refused);
    let seen = [timestamp(&server.asked().await), timestamp(&server.asked().await)];
    assert_eq!((seen, server.waiting()), ([NOW.secs(), NOW.secs() + 3600], 0));
    // From then on the clock is right, so a refusal is for another reason.
    assert_eq!(providers.create(&wanted_of_finan()).await.answer, refused);
    server.asked().await;
    assert_eq!(server.waiting(), 0);
}

#[tokio::test]
async fn p3_nothing_but_a_refusal_by_a_wrong_clock_sends_a_request_again() {
    let wrong = date(3600);
    let half = Act::Say(format!("HTTP/1.1 200 x\r\ncontent-length: 99\r\n{wrong}\r\n{{").into_bytes());
    let acts = [
        answer(200, &wrong, CREATED),
        answer(200, &wrong, "<html>"),
        answer(404, &wrong, ""),
        answer(409, &wrong, ""),
        answer(429, &wrong, ""),
        answer(500, &wrong, ""),
        answer(302, &wrong, ""),
        half,
        Act::HangUp,
        answer(401, "", ""),
        answer(401, "date: yesterday\r\n", ""),
    ];
    for act in acts {
        let said = format!("{act:?}");
        let mut server = Server::start(act).await;
        finan_at(&server.base, "", now).create(&wanted_of_finan()).await;
        server.asked().await;
        assert_eq!(server.waiting(), 0, "{said}");
    }
}

#[tokio::test]
async fn p3_a_request_without_a_time_in_it_is_never_sent_again() {
    let refused = refusal("20");
    let mut server = Server::start(answer(200, &date(3600), &refused)).await;
    let payos = providers(&server.base, "").expect("usable settings");
    let cancelled = payos.cancel(&known(), CancelReason::ByCashier).await;
    assert!(matches!(cancelled.answer, StatusAnswer::Refused(_)));
    server.asked().await;
    assert_eq!(server.waiting(), 0);
}

#[tokio::test]
async fn p10_a_date_of_nobody_s_years_spoils_nothing() {
    for text in ["Thu, 01 Jan 1970 00:00:01 GMT", "Tue, 31 Dec 2024 23:59:59 GMT", "Fri, 20 Nov 2099 03:04:05 GMT"] {
        let mut server = Server::start(answer(401, &format!("date: {text}\r\n"), "")).await;
        let answered = finan_at(&server.base, "", now).create(&wanted_of_finan()).await;
        assert_eq!(answered.corrected_ms, 0, "{text}");
        server.asked().await;
        assert_eq!(server.waiting(), 0, "{text}");
    }
}

/// What both clocks of the machine show in the next test, in milliseconds.
static TICKS: AtomicI64 = AtomicI64::new(0);
static WALL: AtomicI64 = AtomicI64::new(0);

fn set(tick: i64, wall_secs: i64) {
    TICKS.store(tick, Ordering::Relaxed);
    WALL.store(wall_secs * 1000, Ordering::Relaxed);
}

#[test]
fn p10_the_provider_s_clock_goes_on_when_somebody_sets_ours() {
    let machine = || Now {
        tick: Tick(TICKS.load(Ordering::Relaxed).unsigned_abs()),
        wall: UnixTime::from_ms(WALL.load(Ordering::Relaxed)),
    };
    let clock = ProviderClock::new(machine);
    // A machine without a battery begins in the past.
    set(1000, NOW.secs() - 5_000_000);
    assert_eq!((clock.now(), clock.correction_ms()), (off_by(-5_000_000), 0));
    clock.learn(NOW);
    assert_eq!((clock.now(), clock.correction_ms()), (NOW, 5_000_000_000));
    // Ten minutes later the network's time has arrived: what was learned must not be added to it.
    set(601_000, NOW.secs() + 600);
    assert_eq!((clock.now(), clock.correction_ms()), (off_by(600), 0));
    // Somebody sets it two days back.
    set(602_000, NOW.secs() - 172_800);
    assert_eq!((clock.now(), clock.correction_ms()), (off_by(601), 173_401_000));
    // Close enough is left as it is.
    set(603_000, NOW.secs() + 602 + 20);
    assert_eq!((clock.now(), clock.correction_ms()), (off_by(622), 0));
    set(603_000, NOW.secs() + 602 - 21);
    assert_eq!((clock.now(), clock.correction_ms()), (off_by(602), 21_000));
}
