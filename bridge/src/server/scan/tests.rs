//! What passes and what does not, whole and byte by byte.

use super::{Ambiguous, Scan};

/// Whether an input passes must not depend on how it is cut into pieces.
#[track_caller]
fn check(input: &str, want: bool) {
    let whole = Scan::new().take(input.as_bytes());
    let mut scan = Scan::new();
    let by_byte = input.bytes().try_for_each(|byte| scan.take(&[byte]));
    assert_eq!((whole.is_ok(), by_byte.is_ok()), (want, want), "{input:?}");
}

const HEAD: &str = "POST /hooks/payos HTTP/1.1\r\nHost: bridge\r\n";

#[test]
fn requests_with_one_reading_pass() {
    let long = "x".repeat(5000);
    for rest in [
        "\r\n",
        "Content-Length: 0\r\n\r\n",
        "content-length:5\r\n\r\n12\n45",
        "Content-Length: 5\r\n\r\n12345POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\n1",
        "Content-Length: 5\r\n\r\n12345\r\nPOST / HTTP/1.1\r\n\r\n",
        "Transfer-Encoding: Chunked\r\n\r\n2\r\n\n\n\r\n00A\r\n0123456789\r\n0\r\n\r\nPOST / HTTP/1.1\r\n\r\n",
        &format!("X: {long}\r\nContent-Length: 2\r\n\r\n\n\n"),
        &format!("{long}: 1\r\n\r\n"),
    ] {
        check(&format!("{HEAD}{rest}"), true);
    }
}

#[test]
fn p11_requests_with_two_readings_do_not_pass() {
    let long = " ".repeat(200);
    for rest in [
        "\n",
        "A: 1\nB: 2\r\n\r\n",
        "A: 1\r\n 2\r\n\r\n",
        "A: 1\r\n\t2\r\n\r\n",
        "Content-Length : 5\r\n\r\n12345",
        ": 5\r\n\r\n",
        "nothing\r\n\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n\r\n12345",
        "Content-Length: 5\r\ncontent-length: 6\r\n\r\n12345",
        "Content-Length: 5, 5\r\n\r\n12345",
        "Content-Length: +5\r\n\r\n12345",
        "Content-Length: 0x5\r\n\r\n12345",
        "Content-Length: -1\r\n\r\n",
        "Content-Length:\r\n\r\n",
        "Content-Length: 99999999999999999999\r\n\r\n",
        &format!("Content-Length:{long}5\r\n\r\n12345"),
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5;a=b\r\n12345\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5 \r\n12345\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\n12345\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n5\r\n123456\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n-5\r\n12345\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0\r\nX: 1\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFF\r\n",
    ] {
        check(&format!("{HEAD}{rest}"), false);
    }
    check("GET / HTTP/1.1\n\r\n", false);
}

#[test]
fn what_came_before_a_fault_is_told_apart_from_it() {
    let good = format!("{HEAD}Content-Length: 2\r\n\r\n12");
    let both = format!("{good}POST / HTTP/1.1\nX: 1\r\n\r\n");
    assert_eq!(Scan::new().take(both.as_bytes()), Err(Ambiguous(good.len())));
}

#[test]
fn between_requests_is_known_from_within_one() {
    let mut scan = Scan::new();
    assert!(scan.is_between_requests());
    for (piece, between) in [
        ("PO", false),
        ("ST / HTTP/1.1\r\nContent-Length: 3\r\n", false),
        ("\r\n1", false),
        ("23", true),
        ("\r\n", true),
    ] {
        scan.take(piece.as_bytes()).expect("one reading");
        assert_eq!(scan.is_between_requests(), between, "{piece:?}");
    }
}
