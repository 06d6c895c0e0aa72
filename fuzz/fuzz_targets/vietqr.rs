//! Runs the checks of `vietqr` over whatever libFuzzer finds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::vietqr(data));
