//! Runs the checks of `enrolment` over whatever libFuzzer finds.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| checks::enrolment(data));
