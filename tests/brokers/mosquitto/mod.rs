//! A real mosquitto with the files of `config/mosquitto/` as they stand.

mod identity;
mod limits;
mod place;
mod revoked;
mod rights;
