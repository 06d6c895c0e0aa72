//! Runs the checks of `glocal_keys` over whatever libFuzzer finds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::glocal_keys(data));
