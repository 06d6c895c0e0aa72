//! What is announced, what it sounds like, and programs that fail, hang or are missing. It must not start a daemon.

mod announcing;
mod clips;
mod hearing;
mod sounds;
mod stage;
