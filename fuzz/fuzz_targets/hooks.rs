//! Runs the checks of `hooks` over whatever libFuzzer finds.

#![no_main]

#[path = "../checks/hooks.rs"]
mod hooks;

libfuzzer_sys::fuzz_target!(|data: &[u8]| hooks::hooks(data));
