//! Root's half of an update, the program `tilld-update`, with real packages: dpkg installs them into a system below a folder,
//! and the test is the terminal that hands over. It must not know how the terminal fetches.

mod terminal;

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::json;
use tests::debs::SmallDeb;
use tests::jws::{key, now};
use tests::process::Process;
use tests::wait::{SOON, wait_for};
use till_wire::fleet::{Audience, Claim, ClaimId, Command as Signed, FleetSigner};
use till_wire::{GroupName, TerminalNumber};

use terminal::{OLD, Terminal};

const NEW: &str = "0.2.0+test1";

/// P2, P12: the new package is installed when the operator has asked for it, once it says that it is well; and its name is
/// never heard again.
#[test]
fn p12_a_package_is_installed_once_and_is_the_next_ones_way_back() {
    let terminal = Terminal::make();
    assert!(terminal.run(1).status.success(), "nothing is to be done");
    let deb = SmallDeb::new(NEW).build(&terminal.folder);
    let document = terminal.command("u-1", &deb, NEW).sign(&terminal.signer).expect("signed");
    terminal.hand_over(&document, &deb);
    // What an earlier program has said counts for nothing.
    fs::write(terminal.own("healthy.json"), json!({"command": "u-1", "version": "0.2.0"}).to_string())
        .expect("written");
    let log = terminal.folder.file("log");
    let mut installer = Process::start("tilld-update", &mut terminal.program(60), &log);
    wait_for("it is installed", SOON * 4, || {
        if terminal.system.version() == NEW { Ok(()) } else { Err(terminal.system.version()) }
    });
    assert!(terminal.installer.join("installing.json").exists(), "the terminal sees that somebody is at it");
    assert!(!terminal.own("request.jwt").exists() && !terminal.own("healthy.json").exists());
    assert!(installer.ended().is_none(), "it waits: {}", installer.printed());
    terminal.say_well_with("u-1", NEW, "0.2.0");
    let ended = wait_for("it ends", SOON, || installer.ended().ok_or_else(|| installer.printed()));
    assert!(ended.success(), "{}", installer.printed());
    assert_eq!(terminal.result(), json!({"command": "u-1", "status": "succeeded", "version": NEW}));
    assert_eq!(terminal.system.told(), format!("installed {NEW}"));
    assert_eq!(fs::read(terminal.installer.join("private/kept.deb")).ok(), fs::read(&deb).ok(), "the way back");
    assert!(terminal.is_at_rest());

    // Again, as it came; and after another command.
    terminal.hand_over(&document, &deb);
    assert!(terminal.run(1).status.success());
    assert_eq!(terminal.result()["status"], "succeeded");
    let older = SmallDeb::new(OLD).build(&terminal.folder);
    let refused = terminal.command("u-2", &older, OLD).sign(&terminal.signer).expect("signed");
    terminal.hand_over(&refused, &older);
    assert!(terminal.run(1).status.success());
    assert!(terminal.result()["reason"].as_str().is_some_and(|why| why.contains("older")), "{}", terminal.result());
    terminal.hand_over(&document, &deb);
    assert!(terminal.run(1).status.success());
    let result = terminal.result();
    assert_eq!((&result["command"], &result["status"]), (&json!("u-1"), &json!("failed")));
    assert!(result["reason"].as_str().is_some_and(|why| why.contains("carried out before")), "{result}");

    // The operator may want it.
    let mut wanted = terminal.command("u-3", &older, OLD);
    wanted.args.insert("downgrade".to_owned(), json!(true));
    terminal.hand_over(&wanted.sign(&terminal.signer).expect("signed"), &older);
    let mut installer = Process::start("tilld-update", &mut terminal.program(60), &log);
    terminal.say_well_with("u-3", OLD, OLD);
    wait_for("it ends", SOON, || installer.ended().ok_or_else(|| installer.printed()));
    assert_eq!(terminal.result(), json!({"command": "u-3", "status": "succeeded", "version": OLD}));
}

/// P12: the terminal's half may be in anybody's hands.
#[test]
fn p12_what_nobody_trusted_has_signed_for_this_terminal_and_now_is_not_installed() {
    let terminal = Terminal::make();
    let deb = SmallDeb::new(NEW).build(&terminal.folder);
    let (stranger, _) = key(&terminal.folder, "stranger");
    let refused = |word: &str, signer: &FleetSigner, change: &dyn Fn(&mut Signed)| {
        let mut command = terminal.command("u-1", &deb, NEW);
        change(&mut command);
        terminal.hand_over(&command.sign(signer).expect("signed"), &deb);
        terminal.assert_refused("u-1", word);
        // Another command of the same name, in this test.
        fs::remove_file(terminal.installer.join("result.json")).expect("it was said");
    };
    refused("not trusted", &stranger, &|_| {});
    refused("not trusted", &terminal.harmless, &|_| {});
    let ours = &terminal.signer;
    refused("another", ours, &|command| {
        command.aud = Audience::Terminal(TerminalNumber::new(1018).expect("a number"));
    });
    refused("another", ours, &|command| {
        command.aud = Audience::Group(GroupName::new("others").expect("a group"));
    });
    refused("expired", ours, &|command| (command.iat, command.exp) = (now() - 7200, now() - 3700));
    refused("still to come", ours, &|command| (command.iat, command.exp) = (now() + 600, now() + 900));
    refused("only `update`", ours, &|command| {
        command.cmd = "restart".to_owned();
        command.args.clear();
    });
    assert!(terminal.is_at_rest());
}

/// P11, P12: of the file, too, nothing is believed.
#[test]
fn p12_another_file_than_the_commands_is_not_installed() {
    let terminal = Terminal::make();
    let deb = SmallDeb::new(NEW).build(&terminal.folder);
    let sign = |command: &Signed| command.sign(&terminal.signer).expect("signed");
    let document = sign(&terminal.command("u-1", &deb, NEW));
    let bytes = fs::read(&deb).expect("read");
    let refused = |word: &str| {
        terminal.assert_refused("u-1", word);
        fs::remove_file(terminal.installer.join("result.json")).expect("it was said");
    };
    let with = |content: &[u8]| {
        terminal.hand_over(&document, &deb);
        fs::write(terminal.own("download"), content).expect("written");
    };
    let mut wrong = bytes.clone();
    if let Some(last) = wrong.last_mut() {
        *last ^= 1;
    }
    with(&wrong);
    refused("sha256");
    with(&bytes[1..]);
    refused("fewer");
    with(&[bytes.as_slice(), b"x"].concat());
    refused("more");
    terminal.hand_over(&document, &deb);
    fs::remove_file(terminal.own("download")).expect("removed");
    refused("fetched nothing");
    terminal.hand_over(&document, &deb);
    fs::remove_file(terminal.own("download")).expect("removed");
    symlink(&deb, terminal.own("download")).expect("made");
    refused("link");
    fs::remove_file(terminal.own("download")).expect("removed");

    let other = |change: &dyn Fn(&mut SmallDeb)| {
        let mut small = SmallDeb::new(NEW);
        change(&mut small);
        let deb = small.build(&terminal.folder);
        terminal.hand_over(&sign(&terminal.command("u-1", &deb, NEW)), &deb);
        refused("is to be installed");
    };
    other(&|small| small.package = "tilld-other".to_owned());
    other(&|small| small.version = "0.2.0+test2".to_owned());
    let foreign = if SmallDeb::new(NEW).architecture == "arm64" { "amd64" } else { "arm64" };
    other(&|small| small.architecture = foreign.to_owned());
    let older = SmallDeb::new("0.0.9").build(&terminal.folder);
    terminal.hand_over(&sign(&terminal.command("u-1", &older, "0.0.9")), &older);
    refused("older");
    let noise = terminal.folder.write("noise", vec![7; 5000]);
    terminal.hand_over(&sign(&terminal.command("u-1", &noise, NEW)), &noise);
    refused("dpkg-deb");

    // Without a way back nothing is begun. Where there is dpkg-repack, it makes one.
    if Path::new("/usr/bin/dpkg-repack").exists() {
        return;
    }
    fs::remove_file(terminal.installer.join("private/kept.deb")).expect("removed");
    terminal.hand_over(&document, &deb);
    refused("no way back");
    terminal.keep(&SmallDeb::new("0.0.8").build(&terminal.folder));
    terminal.hand_over(&document, &deb);
    refused("no way back");
}

/// P2: what is not well is taken back, and so is what dpkg cannot install.
#[test]
fn p2_the_old_package_is_back_when_the_new_one_is_not_well() {
    let terminal = Terminal::make();
    let deb = SmallDeb::new(NEW).build(&terminal.folder);
    let sign = |id: &str, deb: &Path| terminal.command(id, deb, NEW).sign(&terminal.signer).expect("signed");
    terminal.hand_over(&sign("u-1", &deb), &deb);
    let output = terminal.run(1);
    assert!(output.status.success(), "{output:?}");
    let result = terminal.result();
    let why = result["reason"].as_str().unwrap_or_default();
    assert!(result["status"] == "failed" && why.contains("did not say that it is well"), "{result}");
    assert!(why.contains("0.1.0 is back and has not said"), "{result}");
    assert_eq!((terminal.system.told(), terminal.system.version()), (format!("installed {OLD}"), OLD.to_owned()));
    assert!(terminal.is_at_rest());

    // A script that needs a shell, which the system below the folder does not have: it is half installed.
    let mut broken = SmallDeb::new(NEW);
    broken.postinst = Some("#!/bin/sh\nexit 1\n".to_owned());
    let broken = broken.build(&terminal.folder);
    terminal.hand_over(&sign("u-2", &broken), &broken);
    assert!(terminal.run(1).status.success());
    let result = terminal.result();
    assert!(result["reason"].as_str().is_some_and(|why| why.contains("dpkg --install")), "{result}");
    assert_eq!((terminal.system.told(), terminal.system.version()), (format!("installed {OLD}"), OLD.to_owned()));
}

/// P2: the installer is killed while the new package proves itself, and the next start finishes.
#[test]
fn p2_a_start_finishes_what_an_earlier_one_began() {
    let terminal = Terminal::make();
    let deb = SmallDeb::new(NEW).build(&terminal.folder);
    let log = terminal.folder.file("log");
    for (id, is_well) in [("u-1", false), ("u-2", true)] {
        let document = terminal.command(id, &deb, NEW).sign(&terminal.signer).expect("signed");
        terminal.hand_over(&document, &deb);
        let mut installer = Process::start("tilld-update", &mut terminal.program(60), &log);
        wait_for("it is installed", SOON * 4, || {
            let told = terminal.system.told();
            if told == format!("installed {NEW}") { Ok(()) } else { Err(told) }
        });
        installer.kill();
        assert!(!terminal.is_at_rest());
        if is_well {
            terminal.say_well_with(id, NEW, "0.2.0");
        }
        let output = terminal.run(1);
        assert!(output.status.success(), "{output:?}");
        let (status, version) = if is_well { ("succeeded", NEW) } else { ("failed", OLD) };
        assert_eq!(terminal.result()["status"], status, "{}", terminal.result());
        assert_eq!(terminal.system.told(), format!("installed {version}"));
        assert!(terminal.is_at_rest());
    }
}

/// P12: an enrolled terminal's claim gives its number, and names keys; it counts where a key of the file has signed it, and the
/// terminal can write any other.
#[test]
fn p12_a_claim_counts_only_where_a_key_of_the_file_has_signed_it() {
    let terminal = Terminal::make();
    let older = SmallDeb::new("0.0.9").build(&terminal.folder);
    let (named, _) = key(&terminal.folder, "named");
    let (stranger, _) = key(&terminal.folder, "stranger");
    let identity = terminal.folder.folder("identity");
    let text = fs::read_to_string(&terminal.config).expect("read").replace("[terminal]\nnumber = 1017\n", "");
    fs::write(&terminal.config, format!("{text}identity = {identity:?}\n")).expect("written");
    let join = |signer: &FleetSigner, trusted: &FleetSigner, number: u32| {
        let claim = Claim {
            jti: ClaimId::new([1; 16]),
            number: TerminalNumber::new(number).expect("a number"),
            label: "Quầy 1".to_owned(),
            iat: now(),
            exp: now() + 600,
            enrol_url: "https://enrol.example/enrol".to_owned(),
            ca: "the authority".to_owned(),
            broker: "mqtts://broker.example".to_owned(),
            channels: Vec::new(),
            trusted_keys: vec![trusted.key()],
        };
        fs::write(identity.join("claim.jwt"), claim.sign(signer).expect("signed")).expect("written");
    };
    let refused = |word: &str, signer: &FleetSigner| {
        let document = terminal.command("u-1", &older, "0.0.9").sign(signer).expect("signed");
        terminal.hand_over(&document, &older);
        terminal.assert_refused("u-1", word);
        fs::remove_file(terminal.installer.join("result.json")).expect("it was said");
    };
    refused("terminal.number", &terminal.signer);
    join(&terminal.signer, &named, 1017);
    // Believed as far as that the version is looked at.
    refused("older", &named);
    refused("older", &terminal.signer);
    join(&stranger, &stranger, 1017);
    refused("claim", &stranger);
    refused("claim", &terminal.signer);
    join(&terminal.signer, &named, 1018);
    refused("another", &named);
    fs::remove_file(identity.join("claim.jwt")).expect("removed");
    symlink(&older, identity.join("claim.jwt")).expect("made");
    refused("link", &terminal.signer);
}

/// P11: a configuration that somebody else may change is not believed, nor one that is broken.
#[test]
fn p11_only_roots_own_file_counts() {
    let terminal = Terminal::make();
    let code = || terminal.run(1).status.code();
    let text = fs::read_to_string(&terminal.config).expect("read");
    fs::write(&terminal.config, text.replace("number = 1017", "number = \"x\"")).expect("written");
    assert_eq!(code(), Some(64));
    fs::remove_file(&terminal.config).expect("removed");
    let ended = terminal.run(1);
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    assert!(ended.status.code() == Some(64) && said.contains(&terminal.config.display().to_string()), "{said}");
    fs::write(&terminal.config, text).expect("written");
    assert_eq!(code(), Some(0));
    let mut chmod = Command::new("chmod");
    assert!(chmod.arg("666").arg(&terminal.config).status().expect("chmod runs").success());
    assert_eq!(code(), Some(1));
}
