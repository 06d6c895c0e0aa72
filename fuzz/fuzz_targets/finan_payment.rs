//! Runs the checks of `finan_payment` over whatever libFuzzer finds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::finan_payment(data));
