//! Commands in scripts: `command ID NAME [text=T] [seconds=S] [level=L] [minutes=N] [sale=#n] [aud=A] [topic=T] [made=S]
//! [begins=S] [life=S]`, and `performed ID [pieces=N|fails|fetching N|fetched]`. Times are seconds from now; `bad` is a command that nothing can
//! be done by.

use std::time::Duration;

use till_wire::fleet::{Checksum, UpdateKind};
use till_wire::{CommandId, UnixTime};

use super::world::{World, milliseconds};
use crate::till::{
    CommandResult, CommandStage, Delivery, Event, Instruction, LogLevel, Performed, Progress, SignedCommand, Update,
};

fn id(text: &str) -> CommandId {
    CommandId::new(text).expect("a command's id")
}

fn named<'a>(words: &[&'a str], name: &str) -> Option<&'a str> {
    words.iter().find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
}

fn number(text: &str) -> u32 {
    text.parse().expect("a whole number in a script")
}

impl World {
    pub(super) fn commanded(&self, words: &[&str]) -> Event {
        match *words {
            ["command", name, what, ref rest @ ..] => self.command(name, what, rest),
            ["performed", name, "fails"] => {
                Event::CommandPerformed { id: id(name), performed: Performed::Failed("no".to_owned()) }
            }
            ["performed", name, "fetching", percent] => {
                let percent = percent.parse().expect("hundredths in a script");
                Event::CommandPerformed { id: id(name), performed: Performed::Fetching(percent) }
            }
            ["performed", name, "fetched"] => Event::CommandPerformed { id: id(name), performed: Performed::Fetched },
            ["performed", name, ref rest @ ..] => {
                let pieces = named(rest, "pieces").map_or(0, number);
                let result = CommandResult::Json("{}".to_owned());
                Event::CommandPerformed { id: id(name), performed: Performed::Done { result, pieces } }
            }
            _ => unreachable!("an unknown line in a script: {words:?}"),
        }
    }

    fn command(&self, name: &str, what: &str, words: &[&str]) -> Event {
        let after = |name: &str, usual: Duration| {
            let ms = named(words, name).map_or(i64::try_from(usual.as_millis()).expect("short"), milliseconds);
            UnixTime::from_ms(self.now().wall.ms() + ms)
        };
        let made = after("made", Duration::ZERO);
        let command = SignedCommand {
            topic: id(named(words, "topic").unwrap_or(name)),
            id: id(name),
            audience: named(words, "aud").unwrap_or("0001017").parse().expect("an audience"),
            made,
            begins: after("begins", Duration::ZERO).max(made),
            expires: UnixTime::from_ms(made.ms() + milliseconds(named(words, "life").unwrap_or("3600"))),
            instruction: self.instruction(what, words),
            document: (what == "update").then(|| "e30.e30.AAAA".into()),
        };
        Event::CommandArrived { delivery: Delivery { connection: 1, packet: self.count }, command: Box::new(command) }
    }

    fn instruction(&self, what: &str, words: &[&str]) -> Result<Instruction, String> {
        let minutes = named(words, "minutes").map(number);
        Ok(match what {
            "identify" => Instruction::Identify,
            "show-message" => Instruction::ShowMessage {
                text: named(words, "text").unwrap_or("Chào").to_owned(),
                seconds: named(words, "seconds").map_or(60, number),
            },
            "cancel-sale" => Instruction::CancelSale {
                sale: named(words, "sale").map(|nth| self.sale_of(self.nth(number(nth.trim_start_matches('#'))))),
            },
            "report" => Instruction::Report { day: None },
            "set-log-level" => Instruction::SetLogLevel { level: LogLevel::Debug, minutes },
            "restart" => Instruction::Restart,
            "disable" => Instruction::Disable,
            "enable" => Instruction::Enable,
            "screenshot" => Instruction::Screenshot,
            "wipe" => {
                let confirm = named(words, "confirm").unwrap_or("0001017").parse().expect("a terminal's number");
                Instruction::Wipe { confirm }
            }
            "update" => Instruction::Update(Box::new(Update {
                url: "https://updates.example/tilld.deb".parse().expect("an address"),
                size: 1_000_000,
                sha256: Checksum::of(&[7; 32]),
                version: named(words, "version").unwrap_or("0.2.0").parse().expect("a version"),
                kind: UpdateKind::Deb,
                downgrade: false,
            })),
            "bad" => return Err("unknown command `bad`".to_owned()),
            _ => unreachable!("an unknown command in a script: {what}"),
        })
    }

    /// Every command as others see it.
    pub(super) fn fates(&self) -> Vec<String> {
        self.disk.commands.values().map(|record| format!("{} {}", record.id, stage(&record.stage))).collect()
    }
}

pub(super) fn stage(stage: &CommandStage) -> String {
    match stage {
        CommandStage::Received => "received".to_owned(),
        CommandStage::Running(Progress::Begun) => "running".to_owned(),
        CommandStage::Running(progress) => format!("running {progress:?}"),
        CommandStage::Succeeded(CommandResult::None) => "succeeded".to_owned(),
        CommandStage::Succeeded(CommandResult::Sale(sale)) => format!("succeeded {sale}"),
        CommandStage::Succeeded(CommandResult::Json(text)) => format!("succeeded {text}"),
        CommandStage::Failed(why) => format!("failed: {why}"),
        CommandStage::Rejected(why) => format!("rejected: {why}"),
        CommandStage::Expired => "expired".to_owned(),
    }
}
