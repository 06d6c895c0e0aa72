//! Runs the checks of `amounts` over whatever libFuzzer finds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::amounts(data));
