//! What a customer and a cashier hear: the daemon with a player of its own making. It must not judge what it sounds like.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;

use serde_json::json;
use tests::folder::Folder;
use tests::process::{program, run};
use tests::shop::Shop;
use tests::till::id_of;
use tests::wait::{SOON, wait_for};
use tilld::sound::chime;

/// Programs in place of `aplay` and `espeak-ng`, and what they were given.
struct Ears {
    folder: Folder,
}

impl Ears {
    /// A player that takes what is played and then does this, and a voice.
    fn new(player_does: &str) -> Self {
        let folder = Folder::make();
        let bin = folder.folder("bin");
        let at = folder.path().display().to_string();
        let player = format!(
            "#!/bin/sh\nn=$(ls {at} | grep -c 'played-[0-9]*$')\ncat >{at}/part-$n\nmv {at}/part-$n {at}/played-$n\n{player_does}\n"
        );
        let voice = format!("#!/bin/sh\ncat >>{at}/said\necho >>{at}/said\ncat {at}/voice.wav\n");
        fs::write(folder.file("voice.wav"), wav(&[500; 400])).expect("a voice");
        for (name, text) in [("aplay", player), ("espeak-ng", voice)] {
            let path = bin.join(name);
            fs::write(&path, text).expect("a program");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a mode");
        }
        Self { folder }
    }

    fn shop(&self) -> Shop {
        let path = format!("PATH={}:/usr/bin:/bin", self.folder.file("bin").display());
        Shop::open_with(|till| {
            till.launcher = vec!["env".to_owned(), path];
            till.tables.push_str("[sound]\ndriver = \"alsa\"\nvolume = 100\n");
        })
    }

    fn played(&self) -> Vec<Vec<u8>> {
        let file = |n: usize| -> PathBuf { self.folder.file(&format!("played-{n}")) };
        (0..).map_while(|n| fs::read(file(n)).ok()).collect()
    }

    fn said(&self) -> String {
        fs::read_to_string(self.folder.file("said")).unwrap_or_default()
    }

    #[track_caller]
    fn wait_played(&self, count: usize) -> Vec<Vec<u8>> {
        wait_for(&format!("{count} sounds are played"), SOON, || {
            let played = self.played();
            if played.len() >= count { Ok(played) } else { Err(format!("{} are", played.len())) }
        })
    }
}

/// A WAV file of one channel, 16 bits, 22 050 Hz.
fn wav(samples: &[i16]) -> Vec<u8> {
    let length = u32::try_from(samples.len() * 2).expect("a short sound");
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((length + 36).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    bytes.extend(22_050u32.to_le_bytes());
    bytes.extend(44_100u32.to_le_bytes());
    bytes.extend(b"\x02\0\x10\0data");
    bytes.extend(length.to_le_bytes());
    bytes.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
    bytes
}

/// How long the tones of a chime are, in bytes of a WAV file.
fn length_of(tones: &[u32]) -> usize {
    44 + tones.len() * usize::try_from(chime::RATE * chime::TONE_MS / 1000).expect("it is short") * 2
}

#[test]
fn a_paid_sale_is_heard_once_and_again_when_the_cashier_asks() {
    let ears = Ears::new("");
    let mut shop = ears.shop();
    shop.assert_sells(50_000);
    let played = ears.wait_played(2);
    assert_eq!(played[0].len(), length_of(&chime::PAID));
    assert_eq!(played[1], wav(&[500; 400]), "the voice is played as it was made");
    assert_eq!(ears.said(), "đã nhận năm mươi nghìn đồng\n");
    let status = shop.till.status();
    assert_eq!(status["sound"], json!({"ok": true, "driver": "alsa"}), "{status}");

    let next = shop.till.sell_and_show(21_000);
    let answer = shop.till.post("/v1/keypad", r#"{"keys":["repeat"]}"#);
    assert_eq!((answer.status, answer.json()["sale"]["id"].as_str()), (200, Some(id_of(&next))), "{}", answer.text());
    ears.wait_played(3);
    assert_eq!(ears.said(), "đã nhận năm mươi nghìn đồng\nnhắc lại đã nhận năm mươi nghìn đồng\n");
    shop.till.wait_for_code(next["qr"].as_str().expect("the sale goes on"));
    shop.pay(&next, 1_000);
    ears.wait_played(5);
    shop.pay(&next, 20_000);
    shop.till.wait_state(id_of(&next), "paid", SOON);
    let played = ears.wait_played(7);
    assert_eq!((played[3].len(), played[5].len()), (length_of(&chime::SHORT), length_of(&chime::PAID)));
    assert!(
        ears.said().ends_with("\ncòn thiếu hai mươi nghìn đồng\nđã nhận hai mươi mốt nghìn đồng\n"),
        "{}",
        ears.said()
    );

    assert!(shop.till.terminate().success());
    let before = ears.said();
    shop.till.start_again();
    let failing = shop.till.sell_and_show(5_000);
    shop.pay(&failing, 5_000);
    ears.wait_played(9);
    assert_eq!(ears.said(), format!("{before}đã nhận năm nghìn đồng\n"), "a start announces nothing old");
}

#[test]
fn whoever_sets_a_terminal_up_hears_it_or_why_not() {
    let ears = Ears::new("");
    let shop = ears.shop();
    let rehearse = |path: &str| {
        let mut command = Command::new(program("tilld"));
        run(command.env("PATH", path).arg("--config").arg(&shop.till.config).arg("--sound"))
    };
    let path = format!("{}:/usr/bin:/bin", ears.folder.file("bin").display());
    assert_eq!(rehearse(&path).status.code(), Some(0));
    assert_eq!((ears.played().len(), ears.said()), (2, "đã nhận năm mươi nghìn đồng\n".to_owned()));
    let failed = rehearse("/nowhere");
    let text = String::from_utf8_lossy(&failed.stderr).into_owned();
    assert_eq!(failed.status.code(), Some(1), "{text}");
    assert!(text.ends_with(".toml: sound: `aplay` is not found: install the package alsa-utils\n"), "{text}");
    assert_eq!(shop.till.sales().len(), 0, "nothing is sold");
}

/// PAID never waits for the voice: the player has taken the chime and never ends.
#[test]
fn p6_a_player_that_hangs_holds_no_sale_up() {
    let ears = Ears::new("exec sleep 600");
    let mut shop = ears.shop();
    for amount in [50_000, 21_000] {
        shop.assert_sells(amount);
    }
    wait_for("the terminal says that nothing is heard", SOON * 2, || {
        let status = shop.till.status();
        let reason = status["sound"]["reason"].as_str().unwrap_or_default();
        let hangs = status["sound"]["ok"] == false && reason.contains("`aplay` did not end within");
        if hangs { Ok(()) } else { Err(status["sound"].to_string()) }
    });
    shop.assert_sells(35_000);
    let said = shop.till.command_line(&["status"]);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    // The line is broken to fit the terminal.
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("(alsa): cannot play through `default`") && words.contains("did not end within"), "{text}");
    assert!(shop.till.terminate().success(), "a daemon ends while its player hangs");
}

#[test]
fn a_terminal_without_card_and_programs_sells_and_says_what_to_install() {
    let path = "PATH=/nowhere".to_owned();
    let shop = Shop::open_with(|till| {
        till.launcher = vec!["/usr/bin/env".to_owned(), path];
        till.tables.push_str("[sound]\ndriver = \"alsa\"\n");
    });
    shop.assert_sells(50_000);
    let status = shop.till.status();
    let reason = "`aplay` is not found: install the package alsa-utils";
    assert_eq!(status["sound"], json!({"ok": false, "driver": "alsa", "reason": reason}), "{status}");
    let printed = shop.till.printed();
    assert_eq!(printed.matches("is not found: install the package alsa-utils").count(), 1, "{printed}");
    assert_eq!(printed.matches("is not found: install the package espeak-ng").count(), 1, "{printed}");

    let mut check = Command::new(program("tilld"));
    let said = run(check.env("PATH", "/nowhere").arg("--config").arg(&shop.till.config).arg("--check"));
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert!(said.status.success(), "{text}");
    assert_eq!(text.matches(": note: sound: `").count(), 2, "{text}");
}
