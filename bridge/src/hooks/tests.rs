//! The parts of the hooks that need no socket: who is counted for a forgery, and whose address a
//! request has.

use std::net::IpAddr;
use std::time::Duration;

use hyper::HeaderMap;
use hyper::header::HeaderValue;

use super::forgery::Forgeries;
use super::source;
use crate::clock;
use crate::config::Network;
use crate::often::Verdict;

fn address(text: &str) -> IpAddr {
    text.parse().expect("an address")
}

#[test]
fn more_wrong_signatures_than_allowed_in_the_last_second_are_too_many() {
    let forgeries = Forgeries::default();
    let start = clock::instant();
    let note =
        |from: &str, ms: u64| forgeries.note(address(from), 3, start + Duration::from_millis(ms)) == Verdict::TooOften;
    let at = |times: &[u64]| times.iter().map(|ms| note("10.0.0.1", *ms)).collect::<Vec<_>>();
    assert_eq!(at(&[0, 100, 200, 300, 999]), [false, false, false, true, true]);
    assert!(!note("10.0.0.2", 999));
    // Whoever goes on is not forgiven, whoever stops is.
    assert_eq!(at(&[1100, 1250, 2500, 2600]), [true, true, false, false]);
}

#[test]
fn p9_sources_beyond_the_bound_of_the_table_share_one_allowance() {
    let forgeries = Forgeries::default();
    let start = clock::instant();
    let note = |number: u32, ms: u64| {
        let source = IpAddr::from(std::net::Ipv4Addr::from_bits(number));
        forgeries.note(source, 1, start + Duration::from_millis(ms)) == Verdict::TooOften
    };
    assert!((0..2000).all(|number| !note(number, 0)));
    assert!(!note(5000, 0));
    assert!(note(5001, 0) && note(5002, 0) && note(0, 0));
    assert!(!note(5001, 2000));
}

#[test]
fn the_source_is_the_right_most_address_that_is_not_a_trusted_proxy() {
    let proxies = ["10.0.0.0/8", "192.0.2.7", "2001:db8::/32"];
    let proxies = proxies.map(|text| Network::parse(text).expect("a network"));
    for (peer, forwarded, want) in [
        ("198.51.100.1", &["203.0.113.1"][..], "198.51.100.1"),
        ("10.1.2.3", &[], "10.1.2.3"),
        ("10.1.2.3", &["203.0.113.1"], "203.0.113.1"),
        ("10.1.2.3", &["1.1.1.1, 203.0.113.1"], "203.0.113.1"),
        ("10.1.2.3", &["1.1.1.1, 203.0.113.1 , 10.9.9.9"], "203.0.113.1"),
        ("10.1.2.3", &["1.1.1.1", "203.0.113.1,192.0.2.7"], "203.0.113.1"),
        ("10.1.2.3", &["10.0.0.1, 10.0.0.2"], "10.0.0.1"),
        ("10.1.2.3", &["203.0.113.1, unknown"], "10.1.2.3"),
        ("10.1.2.3", &["203.0.113.1:8080"], "203.0.113.1"),
        ("2001:db8::1", &["[2001:4860::8]:443"], "2001:4860::8"),
        ("2001:db8::1", &["[2001:4860::8]"], "2001:4860::8"),
        ("10.1.2.3", &["::ffff:203.0.113.1"], "203.0.113.1"),
        ("192.0.2.8", &["203.0.113.1"], "192.0.2.8"),
    ] {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_static(line));
        }
        let found = source::of(address(peer), &headers, &proxies);
        assert_eq!(found, address(want), "{peer} {forwarded:?}");
    }
}
