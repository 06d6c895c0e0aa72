//! The API as its callers see it: real HTTP on loopback, byte by byte, with a driver of our own behind it.

mod basket;
mod callers;
mod flight;
mod journal;
mod keypad;
mod listening;
mod picture;
mod queue;
mod raw;
mod receipts;
mod refused;
mod report;
mod screen;
mod selling;
mod terminal;
