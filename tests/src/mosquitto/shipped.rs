//! Installs `config/mosquitto/` for a test: the files as they stand, but for what one machine has otherwise than
//! another. It must not know what stands in them beyond the lines that it replaces.

use std::fs;
use std::path::{Path, PathBuf};

use crate::authority::{Authority, Identity};
use crate::folder::{Folder, write_private};

/// Debian's own file, which includes ours.
const DEBIANS: &str = "/etc/mosquitto/mosquitto.conf";

/// The installed files.
#[derive(Debug)]
pub struct Shipped {
    /// What stands for `/etc/mosquitto`.
    etc: PathBuf,
}

/// What an operator makes beforehand.
#[derive(Debug)]
pub struct Papers {
    /// The certificate of the fleet's authority.
    pub authority: PathBuf,
    /// The broker's own.
    pub broker: Identity,
    /// The list of revoked certificates.
    pub revoked: PathBuf,
}

impl Papers {
    /// Papers of an authority that has revoked nothing.
    pub(super) fn of(folder: &Folder, authority: &Authority) -> Self {
        let revoked = folder.file("nothing-revoked.pem");
        authority.revoke(folder, &[], &revoked);
        Self { authority: authority.certificate.clone(), broker: authority.issue(folder, "broker"), revoked }
    }
}

impl Shipped {
    /// Puts the papers where the files look for them.
    pub(super) fn prepare(place: &Path, papers: &Papers) -> Self {
        let shipped = Self { etc: place.join("etc") };
        for made in [shipped.etc.join("certs"), shipped.etc.join("conf.d"), place.join("memory")] {
            fs::create_dir_all(&made).unwrap_or_else(|error| panic!("cannot make {made:?}: {error}"));
        }
        let Papers { authority, broker: Identity { certificate, key }, revoked } = papers;
        let files =
            [(authority, "fleet-ca.pem"), (certificate, "broker.pem"), (key, "broker.key"), (revoked, "revoked.pem")];
        for (from, to) in files {
            write_private(&shipped.etc.join("certs").join(to), read(from).as_bytes());
        }
        write_private(&shipped.rights(), shipped_file("config/mosquitto/tilld.acl").as_bytes());
        shipped
    }

    /// The list of revoked certificates.
    pub fn revoked(&self) -> PathBuf {
        self.etc.join("certs/revoked.pem")
    }

    /// The file of our settings, beside Debian's own.
    pub fn settings(&self) -> PathBuf {
        self.etc.join("conf.d/tilld.conf")
    }

    /// The file of who may read and write what.
    pub fn rights(&self) -> PathBuf {
        self.etc.join("tilld.acl")
    }

    /// Writes Debian's file as `mosquitto.conf` into `place`, and ours where it looks for it.
    pub(super) fn write(&self, place: &Path, port: u16) {
        let at = |name: &str| place.join(name).display().to_string();
        let mut debians = read(Path::new(DEBIANS));
        for (line, with) in [
            ("pid_file /run/mosquitto/mosquitto.pid", format!("pid_file {}", at("mosquitto.pid"))),
            ("persistence_location /var/lib/mosquitto/", format!("persistence_location {}/", at("memory"))),
            ("log_dest file /var/log/mosquitto/mosquitto.log", format!("log_dest file {}", at("mosquitto.log"))),
            // Started by root it would become user `mosquitto`, who cannot write here.
            ("include_dir /etc/mosquitto/conf.d", format!("user root\ninclude_dir {}", at("etc/conf.d"))),
        ] {
            replace_line(&mut debians, line, &with);
        }
        write_private(&place.join("mosquitto.conf"), debians.as_bytes());

        let mut ours = shipped_file("config/mosquitto/tilld.conf");
        replace_line(&mut ours, "listener 8883", &format!("listener {port} 127.0.0.1"));
        for (key, name) in [
            ("cafile", "certs/fleet-ca.pem"),
            ("certfile", "certs/broker.pem"),
            ("keyfile", "certs/broker.key"),
            ("crlfile", "certs/revoked.pem"),
            ("acl_file", "tilld.acl"),
        ] {
            let here = self.etc.join(name);
            replace_line(&mut ours, &format!("{key} /etc/mosquitto/{name}"), &format!("{key} {}", here.display()));
        }
        write_private(&self.settings(), ours.as_bytes());
    }
}

/// Returns a file of the repository as it stands.
///
/// # Panics
/// When it is not there.
pub fn shipped_file(name: &str) -> String {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
    read(&top.unwrap_or_else(|| panic!("the repository is above its tests")).join(name))
}

/// Replaces the only line that reads so.
fn replace_line(text: &mut String, line: &str, with: &str) {
    let found = text.lines().filter(|read| *read == line).count();
    assert_eq!(found, 1, "`{line}` stands so often in:\n{text}");
    *text = text
        .lines()
        .map(|read| if read == line { with } else { read })
        .fold(String::new(), |all, read| all + read + "\n");
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("cannot read {file:?} (apt install mosquitto): {error}"))
}
