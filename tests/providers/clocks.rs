//! Clocks that are wrong: Finan takes times that are at most 30 s off (P10).

use tests::providers::FinanShop;
use tests::wait::{SOON, wait_for};

/// P10: the first answer tells the time, and the same sale works with it.
#[test]
fn p10_a_clock_that_is_an_hour_off_is_corrected_and_said() {
    let shop = FinanShop::open();
    shop.finan.set_clock_offset_s(3600);
    shop.assert_sells(50_000);
    wait_for("the status says so", SOON, || {
        let clock = shop.shop.till.status()["clock"].clone();
        let corrected = clock["corrected_ms"].as_i64().unwrap_or_default();
        if (3_590_000..=3_610_000).contains(&corrected) { Ok(()) } else { Err(clock.to_string()) }
    });
    shop.finan.set_clock_offset_s(-3600);
    shop.assert_sells(50_000);
    shop.finan.set_clock_offset_s(0);
    shop.assert_sells(50_000);
    let clock = shop.shop.till.status()["clock"].clone();
    assert!(clock["corrected_ms"].is_null(), "{clock}");
}
