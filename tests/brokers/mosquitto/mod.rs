//! A real mosquitto with the files of `config/mosquitto/` as they stand.

mod commands;
mod counter;
mod desired;
mod desk;
mod health;
mod identity;
mod large;
mod limits;
mod outages;
mod packages;
mod place;
mod post;
mod replay;
mod revoked;
mod rights;
mod sale;
mod tools;
mod updates;
