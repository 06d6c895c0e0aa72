//! A terminal on which a package is installed, as far as root's half of updates sees one: a system below a folder, a
//! configuration, and the folder in which the terminal hands over. It must not know what is tried.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rustix::process::geteuid;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tests::debs::{SmallDeb, SmallSystem};
use tests::folder::Folder;
use tests::jws::{key, now};
use tests::process::{program, run};
use tests::wait::{SOON, wait_for};
use till_wire::fleet::{Audience, Command as Signed, FleetSigner};
use till_wire::{CommandId, TerminalNumber};

/// The version that is installed.
pub(super) const OLD: &str = "0.1.0";

/// A terminal on which the old package is installed, and whoever commands it.
pub(super) struct Terminal {
    pub(super) folder: Folder,
    pub(super) system: SmallSystem,
    pub(super) signer: FleetSigner,
    pub(super) harmless: FleetSigner,
    store: PathBuf,
    pub(super) installer: PathBuf,
    pub(super) config: PathBuf,
}

impl Terminal {
    /// Makes one.
    pub(super) fn make() -> Self {
        assert!(geteuid().is_root(), "ROOT IS NEEDED: dpkg installs for root alone");
        let folder = Folder::make();
        let system = SmallSystem::make(&folder);
        let old = SmallDeb::new(OLD).build(&folder);
        system.install(&old);
        let (signer, public) = key(&folder, "fleet");
        let (harmless, harmless_public) = key(&folder, "console");
        let (store, installer) = (folder.folder("store"), folder.file("installer"));
        folder.folder("store/updates");
        let config = folder.write(
            "tilld.toml",
            format!(
                "[terminal]\nnumber = 1017\n[store]\npath = {store:?}\n[fleet]\ntrusted_keys = [ {public:?} ]\n\
                 harmless_keys = [ {harmless_public:?} ]\ngroups = [ \"pilot\" ]\ninstaller = {installer:?}\n"
            ),
        );
        let terminal = Self { folder, system, signer, harmless, store, installer, config };
        terminal.keep(&old);
        terminal
    }

    /// Puts the package that is installed where the installer keeps it, as an installer of terminals does.
    pub(super) fn keep(&self, deb: &Path) {
        let private = self.installer.join("private");
        fs::create_dir_all(&private).expect("made");
        fs::copy(deb, private.join("kept.deb")).expect("copied");
    }

    pub(super) fn program(&self, patience: u32) -> Command {
        let mut command = Command::new(program("tilld-update"));
        command.arg("--config").arg(&self.config).arg("--root").arg(self.system.root());
        command.arg("--patience").arg(patience.to_string());
        command
    }

    pub(super) fn run(&self, patience: u32) -> Output {
        run(&mut self.program(patience))
    }

    pub(super) fn own(&self, name: &str) -> PathBuf {
        self.store.join("updates").join(name)
    }

    pub(super) fn result(&self) -> Value {
        let text = fs::read(self.installer.join("result.json")).expect("it is said what came of it");
        serde_json::from_slice(&text).expect("JSON")
    }

    pub(super) fn is_at_rest(&self) -> bool {
        let left = ["installing.json", "private/journal.json", "private/new"];
        !left.iter().any(|name| self.installer.join(name).exists()) && !self.own("request.jwt").exists()
    }

    /// A command for this file.
    pub(super) fn command(&self, id: &str, file: &Path, version: &str) -> Signed {
        let bytes = fs::read(file).expect("the file is there");
        let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let url = "https://updates.example/tilld.deb";
        let args = json!({"url": url, "size": bytes.len(), "sha256": digest, "version": version});
        Signed {
            jti: CommandId::new(id).expect("an id"),
            aud: Audience::Terminal(TerminalNumber::new(1017).expect("a number")),
            iat: now(),
            nbf: None,
            exp: now() + 600,
            cmd: "update".to_owned(),
            args: args.as_object().cloned().expect("an object"),
        }
    }

    /// Hands a request and a file over, as the terminal does.
    pub(super) fn hand_over(&self, document: &str, file: &Path) {
        fs::copy(file, self.own("download")).expect("copied");
        fs::write(self.own("request.jwt"), document).expect("written");
    }

    /// Waits until this version is installed, and says that it is well.
    pub(super) fn say_well_with(&self, id: &str, version: &str, program: &str) {
        wait_for("it is installed", SOON * 4, || {
            let found = self.system.version();
            if found == version { Ok(()) } else { Err(found) }
        });
        let part = self.own("part");
        fs::write(&part, json!({"command": id, "version": program}).to_string()).expect("written");
        fs::rename(part, self.own("healthy.json")).expect("renamed");
    }

    /// Fails unless it is refused for this reason, and nothing has changed.
    #[track_caller]
    pub(super) fn assert_refused(&self, id: &str, word: &str) {
        let output = self.run(1);
        assert!(output.status.success(), "{output:?}");
        let result = self.result();
        assert_eq!((&result["command"], &result["status"]), (&json!(id), &json!("failed")), "{result}");
        assert!(result["reason"].as_str().is_some_and(|why| why.contains(word)), "{word}: {result}");
        assert_eq!(self.system.told(), format!("installed {OLD}"));
        assert_eq!(self.system.version(), OLD);
        assert!(self.is_at_rest(), "something of it is left");
        assert!(!self.installer.join("private/done.json").exists(), "nothing was begun");
    }
}
