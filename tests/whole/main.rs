//! The real programs with a real broker and a payOS sandbox: what a cashier, a provider and a fleet operator can see.
//! It must not know the programs' inside; what is expected is the contract.

// A helper of a test fails it.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

mod answers;
mod api_input;
mod barrier;
mod basket;
mod books;
mod bridge;
mod broker;
mod cash_register;
mod clock;
mod command_line;
mod commands;
mod config;
mod doctor;
mod endings;
mod enrolment;
mod first_sale;
mod fleet;
mod flight;
mod forged;
mod idle;
mod keypad;
mod listeners;
mod matching;
mod metrics;
mod money;
mod no_display;
mod openapi;
mod queue;
mod refusing_disk;
mod register;
mod second_file;
mod secrets;
mod sound;
mod terminal_output;
mod tls;
mod trace;
mod updating;
mod watchdog;
mod webhook_input;
