//! `till fleet` as an operator types it, on files of a folder of its own.

mod claims;
mod revoking;
mod settings;
mod tools;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use till_wire::fleet::FleetKey;

use super::{Came, Counter, Language};

/// A fleet's configuration that is right.
const FLEET: &str = "\
[enrol]
url = \"https://enrol.example:8472/enrol\"
[mqtt]
url = \"mqtts://broker.example\"
[[channel]]
id = \"payos\"
base_url = \"https://api-merchant.payos.vn\"
";

/// An operator with a configuration in the usual place.
struct Operator(Counter);

impl Operator {
    fn new(name: &str) -> Self {
        Self::with(name, FLEET)
    }

    fn with(name: &str, config: &str) -> Self {
        // What is in a terminal's configuration, or broken in it, is nothing to an operator.
        let counter = Counter::new(&format!("fleet-{name}"), "no TOML at all");
        let place = counter.folder.join(".config/till");
        fs::create_dir_all(&place).expect("the folder takes folders");
        fs::write(place.join("fleet.toml"), config).expect("the folder takes a file");
        Self(counter)
    }

    /// An operator whose fleet has its key and its authority.
    async fn ready(name: &str) -> Self {
        let operator = Self::new(name);
        operator.done(&["keygen"]).await;
        operator.done(&["ca", "init"]).await;
        operator
    }

    fn keys(&self) -> PathBuf {
        self.0.folder.join(".config/till/keys")
    }

    fn key(&self, name: &str) -> PathBuf {
        self.keys().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.key(name)).unwrap_or_else(|error| panic!("cannot read {name}: {error}"))
    }

    async fn fleet(&self, words: &[&str]) -> Came {
        let came = self.0.till(&[&["fleet"], words].concat()).await;
        self.assert_no_secret_in(&came);
        came
    }

    async fn done(&self, words: &[&str]) -> Came {
        let came = self.fleet(words).await;
        assert_eq!(came.code, 0, "{words:?}: {}", came.err);
        came
    }

    async fn refused(&self, code: u8, words: &[&str]) -> String {
        let came = self.fleet(words).await;
        assert_eq!((came.code, came.out.as_str()), (code, ""), "{words:?}: {}", came.err);
        came.err
    }

    /// Nothing that a command has said holds a line of a private key.
    fn assert_no_secret_in(&self, came: &Came) {
        for file in files(&self.keys()).iter().filter(|file| file.extension().is_some_and(|end| end == "key")) {
            let text = fs::read_to_string(file).expect("a key is text");
            for line in text.lines().filter(|line| !line.starts_with("-----")) {
                assert!(!came.out.contains(line) && !came.err.contains(line), "{file:?} in {came:?}");
            }
        }
    }

    fn public_key(&self) -> FleetKey {
        let pem = self.text("fleet.pub");
        let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, body).expect("base64");
        FleetKey::from_spki(&der).expect("an Ed25519 key")
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.path()).collect()
}

fn mode(path: &Path) -> u32 {
    let metadata = fs::metadata(path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    metadata.permissions().mode() & 0o777
}

#[tokio::test]
async fn a_key_is_made_and_named_by_its_kid() {
    let operator = Operator::new("keygen");
    let came = operator.done(&["keygen"]).await;
    let kid = operator.public_key().kid();
    assert!(came.out.starts_with(&format!("The fleet's key {kid} is made.\n")), "{}", came.out);
    for name in ["fleet.key", "fleet.pub"] {
        assert!(came.out.contains(&operator.key(name).display().to_string()), "{}", came.out);
    }
    let again = Operator::new("keygen-again");
    again.done(&["keygen"]).await;
    assert_ne!(again.public_key(), operator.public_key());
}

#[tokio::test]
async fn everything_secret_is_its_owners_alone_and_nothing_is_left_behind() {
    let operator = Operator::new("modes");
    // What a crash has left, which everybody could read.
    fs::create_dir_all(operator.keys()).expect("the folder takes folders");
    fs::write(operator.key(".fleet.key.part"), "x".repeat(500)).expect("the folder takes a file");
    fs::set_permissions(operator.key(".fleet.key.part"), PermissionsExt::from_mode(0o666)).expect("the file is ours");
    operator.done(&["keygen"]).await;
    operator.done(&["ca", "init", "--name", "Chợ Lớn"]).await;
    operator.done(&["ca", "client", "bridge-1"]).await;
    operator.done(&["ca", "server", "broker.example", "127.0.0.1"]).await;
    let mut names: Vec<String> = files(&operator.keys())
        .iter()
        .map(|file| file.file_name().unwrap_or_default().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let want = [
        ".lock",
        "bridge-1.key",
        "bridge-1.pem",
        "broker.example.key",
        "broker.example.pem",
        "ca-crl.pem",
        "ca.key",
        "ca.pem",
        "crl.pem",
        "fleet.key",
        "fleet.pub",
        "issuer.key",
        "issuer.pem",
        "revoked.txt",
    ];
    assert_eq!(names, want);
    for name in want.iter().filter(|name| name.ends_with(".key") || name.ends_with(".txt")) {
        assert_eq!(mode(&operator.key(name)), 0o600, "{name}");
    }
    let fresh = Operator::new("modes-fresh");
    fresh.done(&["keygen"]).await;
    assert_eq!(mode(&fresh.keys()), 0o700);
}

#[tokio::test]
async fn nothing_is_ever_written_over() {
    let operator = Operator::ready("over").await;
    operator.done(&["ca", "client", "bridge-1"]).await;
    operator.done(&["ca", "server", "broker.example"]).await;
    let all = || -> Vec<_> {
        let mut all: Vec<_> = files(&operator.keys()).iter().map(|file| (file.clone(), fs::read(file).ok())).collect();
        all.sort();
        all
    };
    let before = all();
    for words in [
        &["keygen"][..],
        &["ca", "init"],
        &["ca", "client", "bridge-1"],
        &["ca", "server", "broker.example", "127.0.0.1"],
    ] {
        let told = operator.refused(1, words).await;
        assert!(told.contains("is there already") && told.contains("move it away"), "{told}");
    }
    for name in ["fleet", "ca", "issuer", "crl"] {
        let told = operator.refused(2, &["ca", "client", name]).await;
        assert!(told.contains("choose another"), "{told}");
    }
    assert_eq!(all(), before);
    // One of the files is enough: a half of a pair is never made to fit.
    fs::remove_file(operator.key("fleet.key")).expect("the file is ours");
    operator.refused(1, &["keygen"]).await;
    assert!(!operator.key("fleet.key").exists());
}

#[tokio::test]
async fn what_is_missing_is_told_with_what_makes_it() {
    let operator = Operator::new("missing");
    let claim = ["claim", "--number", "1017", "--label", "Quầy 1"];
    for (words, advice) in [
        (&claim[..], "till fleet keygen"),
        (&["ca", "client", "bridge-1"], "till fleet ca init"),
        (&["revoke", "--renew"], "till fleet ca init"),
    ] {
        let told = operator.refused(1, words).await;
        assert!(told.contains(advice), "{told}");
    }
    operator.done(&["keygen"]).await;
    assert!(operator.refused(1, &claim).await.contains("till fleet ca init"));
    operator.done(&["ca", "init"]).await;
    fs::remove_file(operator.key("ca.key")).expect("the file is ours");
    assert!(operator.refused(1, &["ca", "client", "bridge-1"]).await.contains("bring it back"));
    // A claim needs the root's certificate alone.
    operator.done(&claim).await;
}

#[tokio::test]
async fn a_key_that_others_can_read_or_that_is_none_signs_nothing() {
    let operator = Operator::ready("open").await;
    fs::set_permissions(operator.key("fleet.key"), PermissionsExt::from_mode(0o644)).expect("the file is ours");
    let claim = ["claim", "--number", "1017", "--label", "Quầy 1"];
    let told = operator.refused(1, &claim).await;
    assert!(told.contains("0644") && told.contains("chmod 600"), "{told}");
    fs::set_permissions(operator.key("fleet.key"), PermissionsExt::from_mode(0o600)).expect("the file is ours");
    fs::copy(operator.key("ca.key"), operator.key("fleet.key")).expect("the files are ours");
    let told = operator.refused(1, &claim).await;
    assert!(told.contains("Ed25519"), "{told}");
    fs::copy(operator.key("issuer.key"), operator.key("ca.key")).expect("the files are ours");
    let told = operator.refused(1, &["ca", "client", "bridge-1"]).await;
    assert!(told.contains("another's"), "{told}");
    assert!(!operator.key("bridge-1.key").exists());
}

#[tokio::test]
async fn one_command_at_a_time_works_in_a_folder() {
    let operator = Operator::ready("busy").await;
    let lock = fs::File::open(operator.key(".lock")).expect("a command has left it");
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive).expect("nobody else has it");
    let told = operator.refused(1, &["revoke", "--renew"]).await;
    assert!(told.contains("another `till fleet`"), "{told}");
    drop(lock);
    operator.done(&["revoke", "--renew"]).await;
}

#[tokio::test]
async fn a_certificate_ends_with_its_authority_and_says_so() {
    let operator = Operator::new("ends");
    operator.done(&["ca", "init", "--root-years", "1", "--issuer-years", "1"]).await;
    let came = operator.done(&["ca", "client", "bridge-1", "--days", "730"]).await;
    assert!(came.err.contains("sooner than was asked for"), "{}", came.err);
    let came = operator.done(&["ca", "client", "bridge-2", "--days", "30"]).await;
    assert_eq!(came.err, "");
}

#[tokio::test]
async fn what_is_typed_wrongly_is_a_usage_fault_and_makes_nothing() {
    let operator = Operator::new("usage");
    let (number, label) = (["--number", "1017"], ["--label", "Quầy 1"]);
    let claim = |more: &[&'static str]| [&["claim"], &number[..], &label, more].concat();
    let long = "x".repeat(41);
    let lines: [Vec<&str>; 22] = [
        vec![],
        vec!["keygen", "x"],
        vec!["ca"],
        vec!["ca", "init", "--name", ""],
        vec!["ca", "init", "--root-years", "31"],
        vec!["ca", "client"],
        vec!["ca", "client", "0001017"],
        vec!["ca", "client", "a/b"],
        vec!["ca", "client", "bridge-1", "--days", "0"],
        vec!["ca", "server"],
        vec!["ca", "server", "broker.example", "-x"],
        vec!["ca", "server", "a b"],
        vec!["claim"],
        vec!["claim", "--number", "0", "--label", "x"],
        vec!["claim", "--number", "9007199", "--label", "x"],
        vec!["claim", "--number", "1017", "--label", "a\nb"],
        vec!["claim", "--number", "1017", "--label", &long],
        claim(&["--valid", "59"]),
        claim(&["--valid", "0m"]),
        claim(&["--valid", "31d"]),
        vec!["revoke"],
        vec!["revoke", "--serial", "xyz"],
    ];
    for line in &lines {
        let told = operator.refused(2, line).await;
        assert_ne!(told, "", "{line:?}");
    }
    assert!(!operator.keys().exists());
}

/// Every word that both languages say is a name, or has been forgotten.
#[tokio::test]
async fn no_english_is_left_in_what_is_said_of_a_fleet_in_vietnamese() {
    let said = |text: &str| -> std::collections::BTreeSet<String> {
        let words = text.split(|c: char| !c.is_alphabetic() && c != '_');
        words.filter(|word| word.len() >= 3 && word.is_ascii()).map(str::to_lowercase).collect()
    };
    let names = said(
        "till fleet tilld enrol CLAIM claim keygen init client server revoke renew help key pub pem crl txt issuer \
         revoked crlfile mosquitto systemctl reload bridge NATS nats signal docs md config toml lock number label \
         trusted_keys more_trusted_keys channel png FILE NAME HOST NUMBER TIME valid authority users conf restart serial HEX hex openssl chmod trong",
    );
    let (english, vietnamese) = (Operator::new("en"), Operator::new("vi"));
    let lines: [&[&str]; 16] = [
        &["claim", "--number", "1017", "--label", "Quầy 1"],
        &["keygen"],
        &["keygen"],
        &["ca", "init"],
        &["ca", "client", "bridge-1", "--days", "3650"],
        &["ca", "client", "bridge-1"],
        &["ca", "client", "fleet"],
        &["ca", "client", "0001017"],
        &["ca", "server", "a b"],
        &["claim", "--number", "1017", "--label", "Quầy 1", "--valid", "5y"],
        &["claim", "--number", "0", "--label", "Quầy 1"],
        &["revoke", "1017"],
        &["revoke", "--renew"],
        &["revoke", "--serial", "7"],
        &["revoke", "--serial", "7"],
        &[],
    ];
    for line in lines {
        let one = english.fleet(&[line, &["--lang", "en"]].concat()).await;
        let other = vietnamese.fleet(&[line, &["--lang", "vi"]].concat()).await;
        assert_eq!(one.code, other.code, "{line:?}: {other:?}");
        // A claim has no language.
        let text =
            |came: &Came| if line[..] == ["claim"] { came.err.clone() } else { format!("{}\n{}", came.out, came.err) };
        let paths = said(&format!("{} {}", english.keys().display(), vietnamese.keys().display()));
        let (one, other) = (said(&text(&one)), said(&text(&other)));
        let left: Vec<_> =
            one.intersection(&other).filter(|word| !names.contains(*word) && !paths.contains(*word)).collect();
        assert_eq!(left, Vec::<&String>::new(), "{line:?}");
    }
    assert!(vietnamese.0.speaking(Language::Vietnamese).till(&["fleet", "--check"]).await.out.contains("hợp lệ"));
}
