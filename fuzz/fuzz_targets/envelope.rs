//! Runs the checks of `envelope` over whatever libFuzzer finds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::envelope(data));
