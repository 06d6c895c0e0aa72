//! A real mosquitto with the files of `config/mosquitto/` as they stand.

mod commands;
mod counter;
mod identity;
mod limits;
mod place;
mod replay;
mod revoked;
mod rights;
mod sale;
mod tools;
