//! Starts the real programs, a real broker and a payOS sandbox for black-box tests, and looks at what they do. It must
//! not know the programs' inside: what is expected stands in the tests.

// A harness speaks to its tests by failing them.
#![allow(clippy::panic, reason = "a panic is how a test is told that it failed")]

pub mod authority;
pub mod books;
pub mod bridge;
pub mod broker;
pub mod browser;
pub mod counter;
pub mod debs;
pub mod disk;
pub mod enrolment;
pub mod events;
pub mod file_server;
pub mod folder;
pub mod front;
pub mod http;
pub mod jws;
pub mod listener;
pub mod machine;
pub mod mosquitto;
pub mod nats;
pub mod nats_cluster;
pub mod package;
pub mod peer;
pub mod plain_client;
pub mod port;
pub mod process;
pub mod processor;
pub mod providers;
pub mod rabbitmq;
pub mod sale;
pub mod screen;
pub mod shop;
pub mod till;
pub mod tls_front;
pub mod together;
pub mod trade;
pub mod wait;
pub mod way;
pub mod wrong_clock;
