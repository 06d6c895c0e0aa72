//! Runs the checks of `payos_created` over whatever libFuzzer finds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::payos_created(data));
