//! A running `till-bridge enrol`. It must not know who asks it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;

use crate::authority::Identity;
use crate::folder::Folder;
use crate::http;
use crate::process::{Process, program};
use crate::wait::{SOON, wait_for};

/// What stands in an enrolment server's configuration, as far as tests choose it.
#[derive(Debug)]
pub struct EnrolmentPlan {
    /// Where terminals reach it.
    pub terminals: SocketAddr,
    /// Where it tells how it is.
    pub admin: SocketAddr,
    /// Its own certificate.
    pub server: Identity,
    /// What signs terminals.
    pub issuer: Identity,
    /// The root's certificate.
    pub root: PathBuf,
    /// The list of revoked certificates, if there is one.
    pub revoked: Option<PathBuf>,
    /// The public key whose claims are believed.
    pub fleet_key: PathBuf,
    /// Where it keeps claims and certificates.
    pub claims: PathBuf,
    /// What of its log is wanted (`RUST_LOG`), where it is not the usual.
    pub rust_log: Option<&'static str>,
}

impl EnrolmentPlan {
    /// Writes the configuration and starts the server.
    ///
    /// # Panics
    /// When it does not get ready.
    pub fn start(&self, folder: &Folder) -> Process {
        let Self { terminals, admin, server, issuer, root, revoked, fleet_key, claims, rust_log } = self;
        let revoked = revoked.as_ref().map(|file| format!("crl = {file:?}\n")).unwrap_or_default();
        let config = folder.write(
            "enrol.toml",
            format!(
                "[http]\nlisten = \"{terminals}\"\ntls = {{ cert = {:?}, key = {{ file = {:?} }} }}\n\
                 [admin]\nlisten = \"{admin}\"\n\
                 [authority]\ncert = {:?}\nkey = {{ file = {:?} }}\nroot = {root:?}\n{revoked}\
                 [claims]\ntrusted_keys = [ {fleet_key:?} ]\npath = {claims:?}\n",
                server.certificate, server.key, issuer.certificate, issuer.key,
            ),
        );
        let mut command = Command::new(program("till-bridge"));
        command.arg("enrol").arg("--config").arg(config);
        command.envs(rust_log.map(|wanted| ("RUST_LOG", wanted)));
        let mut process = Process::start("till-bridge enrol", &mut command, &folder.file("enrol.log"));
        wait_for("the enrolment server is ready", SOON, || {
            if let Some(status) = process.ended() {
                panic!("it ended with {status}:\n{}", process.last_words());
            }
            let answer = http::get(*admin, "/readyz").map_err(|error| error.to_string())?;
            if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
        });
        process
    }
}
