//! Who is let in: client, time and signature.

use super::{Headers, Shop, done, made, refusal};
use crate::finan::{Habits, Moment, SignatureKind};
use crate::http::Request;
use crate::sandbox::tests::LIMIT;

const PATH: &str = "/api/v1/payments";
const REFUSED: (u16, u64) = (401, 401_001);

async fn get_with(shop: &Shop, headers: Headers) -> (u16, u64) {
    let answer = shop.send(Request::get(shop.url(PATH)), headers).await;
    if answer.as_ref().is_ok_and(|answer| answer.status == 200) { (200, 0) } else { refusal(answer) }
}

#[tokio::test]
async fn a_call_without_all_three_headers_is_refused() {
    let shop = Shop::open();
    let answer = Request::get(shop.url(PATH)).send(LIMIT).await;
    assert_eq!(refusal(answer), REFUSED);
    let good = || shop.headers("GET", PATH, "");
    assert_eq!(get_with(&shop, good()).await, (200, 0));
    assert_eq!(get_with(&shop, Headers { client_id: "x".into(), ..good() }).await, REFUSED);
    assert_eq!(get_with(&shop, Headers { timestamp: String::new(), ..good() }).await, REFUSED);
    assert_eq!(get_with(&shop, Headers { signature: good().signature.to_uppercase(), ..good() }).await, REFUSED);
}

#[tokio::test]
async fn a_timestamp_is_good_for_thirty_seconds_of_the_sandboxs_clock() {
    let shop = Shop::open();
    shop.sandbox.set_clock_offset_s(3600);
    let secs = |offset: i64| (Moment::now(3600).secs() + offset).to_string();
    let at = |offset: i64| shop.headers_at(secs(offset), "GET", PATH, "");
    assert_eq!(get_with(&shop, at(-10)).await, (200, 0));
    assert_eq!(get_with(&shop, at(30)).await, (200, 0));
    assert_eq!(get_with(&shop, at(-31)).await, REFUSED);
    assert_eq!(get_with(&shop, at(300)).await, REFUSED);
    assert_eq!(get_with(&shop, shop.headers("GET", PATH, "")).await, REFUSED);
    let odd = shop.headers_at(format!("+{}", secs(0)), "GET", PATH, "");
    assert_eq!(get_with(&shop, odd).await, REFUSED, "a sign is no digit");
}

#[tokio::test]
async fn the_signature_covers_method_path_query_and_body() {
    let shop = Shop::open();
    let body = shop.order("a", 1_000).to_string();
    let post = async |headers: Headers| shop.send(Request::post_json(shop.url(PATH), body.clone()), headers).await;
    let wrong = [
        shop.headers("GET", PATH, &body),
        shop.headers("POST", "/open/api/v1/payments", &body),
        shop.headers("POST", PATH, ""),
        shop.headers("POST", PATH, &shop.order("a", 2_000).to_string()),
    ];
    for headers in wrong {
        assert_eq!(refusal(post(headers).await), REFUSED);
    }
    assert_eq!(shop.sandbox.payment_requests(), []);
    made(post(shop.headers("POST", PATH, &body)).await);
    let query = "/api/v1/payments?reference_type=&reference_id=a";
    done(shop.get(query).await);
    let answer = shop.send(Request::get(shop.url(query)), shop.headers("GET", PATH, "")).await;
    assert_eq!(refusal(answer), REFUSED);
}

#[tokio::test]
async fn a_body_with_white_space_between_is_not_what_finan_hashes() {
    let shop = Shop::open();
    let body = format!("{:#}", shop.order("a", 1_000));
    let headers = shop.headers("POST", PATH, &body);
    assert_eq!(refusal(shop.send(Request::post_json(shop.url(PATH), body), headers).await), REFUSED);
}

#[tokio::test]
async fn both_readings_of_the_documentation_can_be_chosen() {
    let hmac = Habits { signature: SignatureKind::HmacSha256, ..Habits::default() };
    let shop = Shop::open_with(hmac);
    shop.make("a", 1_000).await;
    shop.sandbox.set_habits(Habits::default());
    assert_eq!(refusal(shop.get(PATH).await), REFUSED);
}

#[tokio::test]
async fn what_is_no_call_is_not_found() {
    let shop = Shop::open();
    assert_eq!(refusal(shop.get("/api/v1/payments/1/cancel").await), (404, 404_001));
    let outside = Request::get(format!("http://{}/api/v1/payments", shop.sandbox.address())).send(LIMIT).await;
    assert_eq!(refusal(outside), (404, 404_001));
}
