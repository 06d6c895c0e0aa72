//! P2: wherever the power is cut, and cut again, an update ends: the new package is installed and well, or the old one is back,
//! and the terminal hears which.

use super::super::course::{Departure, Stage, go};
use super::world::{Luck, NEW, NEW_SLOT, OLD, OLD_SLOT, World};
use crate::update::Fate;

/// Later than any course of one installation takes.
const NEVER: u32 = 40;

/// Lives through an update with the power cut after so many moments, and after so many of the next start.
fn live(mut world: World, first: u32, second: u32) -> World {
    world.cut_in = Some(first);
    for cut in [Some(second), None, None, None, None] {
        if go(&mut world).is_ok() && world.journal.is_none() {
            break;
        }
        world.start(cut);
    }
    world
}

fn reason(world: &World) -> String {
    match &world.said.as_ref().expect("it is said").fate {
        Fate::Failed { reason } => reason.clone(),
        Fate::Succeeded { version } => panic!("{version} is installed"),
    }
}

fn assert_ended(world: &World, place: &str) {
    assert!(world.journal.is_none() && world.request.is_none() && !world.copy, "{place}: something is left: {world:?}");
    assert!(world.begun <= 1, "{place}: it was begun {} times", world.begun);
}

#[test]
fn p2_a_package_is_installed_or_the_old_one_is_back() {
    for luck in [Luck::Well, Luck::Sick, Luck::Refused, Luck::Broken] {
        for settles in [true, false] {
            let begin = World::new("deb", luck, settles);
            for first in 0..NEVER {
                for second in 0..NEVER {
                    let place = format!("{luck:?}, {settles}, {first}, {second}");
                    let mut world = live(begin.clone(), first, second);
                    assert_ended(&world, &place);
                    let succeeded = world.has_succeeded();
                    let version = if succeeded { NEW } else { OLD };
                    assert_eq!(world.installed.as_deref(), Some(version), "{place}");
                    assert!(world.kept == Some(version) || world.kept.is_none(), "{place}: {:?}", world.kept);
                    assert!(!succeeded || luck == Luck::Well, "{place}");
                    assert!(succeeded || luck != Luck::Well || first < NEVER - 1, "{place}: nothing was in its way");
                    // The terminal hands it over again.
                    (world.request, world.cut_in) = (Some(world.document.clone()), None);
                    let (begun, said) = (world.begun, world.said.clone());
                    assert_eq!(go(&mut world), Ok(()), "{place}");
                    assert_eq!((world.begun, &world.said), (begun, &said), "{place}: once");
                    assert_ended(&world, &place);
                }
            }
        }
    }
}

/// The two words of an end without any cut.
#[test]
fn an_update_ends_in_success_or_says_why_not() {
    let end = |luck| live(World::new("deb", luck, false), NEVER, NEVER);
    assert!(end(Luck::Well).has_succeeded());
    let said = [(Luck::Sick, "did not say"), (Luck::Refused, "it is refused"), (Luck::Broken, "it breaks off")];
    for (luck, word) in said {
        let why = reason(&end(luck));
        assert!(why.contains(word) && why.contains("0.1.0 is back and well"), "{why}");
    }
}

#[test]
fn p2_a_bundle_runs_and_is_well_or_the_old_system_is_back() {
    for luck in [Luck::Well, Luck::Sick, Luck::Refused, Luck::Broken] {
        let begin = World::new("rauc", luck, false);
        for first in 0..NEVER {
            for second in 0..NEVER {
                let place = format!("{luck:?}, {first}, {second}");
                let world = live(begin.clone(), first, second);
                assert_ended(&world, &place);
                let succeeded = world.has_succeeded();
                let slot = if succeeded { NEW_SLOT } else { OLD_SLOT };
                assert_eq!(world.slot, slot, "{place}: {:?}", world.said);
                assert_eq!(world.stays, succeeded, "{place}");
                assert!(!succeeded || (luck == Luck::Well && world.next == NEW_SLOT), "{place}");
            }
        }
    }
}

/// The words of an end without any cut.
#[test]
fn a_bundle_ends_in_success_or_says_why_not() {
    let end = |luck| live(World::new("rauc", luck, false), NEVER, NEVER);
    assert!(end(Luck::Well).has_succeeded());
    let said = [
        (Luck::Sick, "has not said that it is well with 0.2.0; the old system is back"),
        (Luck::Refused, "it is refused"),
        (Luck::Broken, "does not come up: the boot loader went back"),
    ];
    for (luck, word) in said {
        let why = reason(&end(luck));
        assert!(why.contains(word), "{why}");
    }
}

/// A boot loader that starts the new system whatever RAUC tells it: the machine is not started again for ever.
#[test]
fn a_boot_loader_that_does_not_go_back_is_asked_a_few_times() {
    let mut world = World::new("rauc", Luck::Sick, false);
    for _ in 0..10 {
        if go(&mut world).is_ok() && world.journal.is_none() {
            break;
        }
        world.next = NEW_SLOT;
        world.start(None);
    }
    assert!(reason(&world).contains("does not go back"), "{}", reason(&world));
    assert_eq!(world.boots, 4, "once with the bundle, three times to leave it");
}

#[test]
fn a_system_without_the_package_and_an_older_version_are_refused_before_anything_changes() {
    let mut world = World::new("deb", Luck::Well, false);
    world.installed = None;
    assert_eq!(go(&mut world), Ok(()));
    assert!(reason(&world).contains("not installed here"), "{}", reason(&world));
    let mut world = World::new("deb", Luck::Well, false);
    world.installed = Some("0.3.0".to_owned());
    assert_eq!(go(&mut world), Ok(()));
    assert!(reason(&world).contains("older than 0.3.0"), "{}", reason(&world));
    assert_eq!((world.begun, world.done.len()), (0, 0));
}

#[test]
fn what_is_no_command_is_removed_and_nothing_is_said_of_it() {
    let mut world = World::new("deb", Luck::Well, false);
    world.request = Some("no command".to_owned());
    assert_eq!(go(&mut world), Ok(()));
    assert!(world.said.is_none() && world.request.is_none() && world.journal.is_none());
}

/// What an earlier version of this program has written is read by the next one: a cut may come between them.
#[test]
fn a_journal_is_written_as_it_always_was() {
    let departure = Departure { slot: "A".to_owned(), why: "w".to_owned(), tries: 1 };
    let stage = |stage| serde_json::to_string(&super::super::course::Journal { document: "d".to_owned(), stage });
    let told = [
        (Stage::Taken, r#"{"document":"d","stage":"taken"}"#),
        (Stage::Installing { from: "1".to_owned() }, r#"{"document":"d","stage":"installing","from":"1"}"#),
        (
            Stage::GoingBack { from: "1".to_owned(), why: "w".to_owned() },
            r#"{"document":"d","stage":"going_back","from":"1","why":"w"}"#,
        ),
        (Stage::Writing { slot: "A".to_owned() }, r#"{"document":"d","stage":"writing","slot":"A"}"#),
        (
            Stage::Booting { boot: "b".to_owned(), slot: "A".to_owned() },
            r#"{"document":"d","stage":"booting","boot":"b","slot":"A"}"#,
        ),
        (
            Stage::Leaving { boot: "b".to_owned(), departure },
            r#"{"document":"d","stage":"leaving","boot":"b","slot":"A","why":"w","tries":1}"#,
        ),
    ];
    for (given, text) in told {
        assert_eq!(stage(given).expect("JSON"), text);
    }
}
