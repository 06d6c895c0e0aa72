//! A real mosquitto with the files of `config/mosquitto/` as they stand.

mod commands;
mod counter;
mod desired;
mod health;
mod identity;
mod limits;
mod place;
mod post;
mod replay;
mod revoked;
mod rights;
mod sale;
mod tools;
mod updates;
