//! Runs the checks of `finan_webhook` over whatever libFuzzer finds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::finan_webhook(data));
