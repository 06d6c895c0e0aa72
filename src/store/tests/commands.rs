//! Commands and the terminal's service in the store.

use std::fs;

use till_wire::CommandId;

use super::*;
use crate::till::{CommandRecord, CommandResult, CommandStage, Instruction, LogLevel, Progress, Records, Service};

fn record(name: &str, stage: CommandStage) -> CommandRecord {
    CommandRecord {
        id: CommandId::new(name).expect("an id"),
        number: 7,
        instruction: Some(Instruction::SetLogLevel { level: LogLevel::Debug, minutes: Some(5) }),
        expires: later(1),
        at: NOW,
        revision: 3,
        stage,
        document: Some("a.b.c".into()),
    }
}

#[tokio::test]
async fn p2_commands_and_whether_the_terminal_is_shut_are_found_again() {
    let place = Place::new();
    let records = [
        record("received", CommandStage::Received),
        record("running", CommandStage::Running(Progress::Sending { sent: 1, of: 3 })),
        record("sale", CommandStage::Succeeded(CommandResult::Sale(id(1)))),
        record("told", CommandStage::Succeeded(CommandResult::Json("{\"a\":\"ầ\"}".to_owned()))),
        record("failed", CommandStage::Failed("why".to_owned())),
        CommandRecord { instruction: None, ..record("rejected", CommandStage::Rejected("why".to_owned())) },
        record("expired", CommandStage::Expired),
    ];
    let (store, opened) = open(&place);
    assert!(opened.records.commands.is_empty() && opened.records.service == Service::Open);
    let mut writes: Vec<Write> = records.iter().map(|record| Write::Command(Box::new(record.clone()))).collect();
    let subject = Subject::Command(CommandId::new("told").expect("an id"));
    let owed = Owed { number: 1, subject, revision: 3, at: Some(NOW), bytes: 128 };
    writes.extend([Write::Owe(owed), Write::Service(Service::Disabled)]);
    commit(&store, writes).await;
    let told = store.command(CommandId::new("told").expect("an id")).await.expect("it is read");
    assert_eq!(told.as_ref(), records.get(3));
    store.close().await;

    let (store, opened) = open(&place);
    let Records { mut commands, forgotten, service, owed: kept, .. } = opened.records;
    let by_name = |record: &CommandRecord| record.id;
    commands.sort_by_key(by_name);
    let mut want = records.to_vec();
    want.sort_by_key(by_name);
    assert_eq!((commands, forgotten, service, kept), (want, None, Service::Disabled, vec![owed]));
    let (id, expires) = (CommandId::new("failed").expect("an id"), later(1));
    commit(&store, vec![Write::ForgetCommand { id, expires }, Write::Settle(subject), Write::Service(Service::Open)])
        .await;
    store.close().await;

    let (store, opened) = open(&place);
    assert_eq!((opened.records.commands.len(), opened.records.forgotten), (6, Some(later(1))));
    assert_eq!((opened.records.service, opened.records.owed), (Service::Open, Vec::new()));
    store.close().await;
}

/// A thief who spoils the store of a terminal that is shut does not open it.
#[tokio::test]
async fn p12_a_store_that_is_set_aside_leaves_the_terminal_shut() {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![Write::Service(Service::Disabled)]).await;
    store.close().await;
    fs::remove_dir_all(place.sled()).expect("it is ours");
    let (store, opened) = open(&place);
    assert_eq!(opened.records.service, Service::Disabled);
    commit(&store, vec![Write::Service(Service::Open)]).await;
    store.close().await;
    fs::remove_dir_all(place.sled()).expect("it is ours");
    assert_eq!(open(&place).1.records.service, Service::Open);
}

#[tokio::test]
async fn what_is_erased_is_gone_and_the_terminal_is_shut() {
    let place = Place::new();
    let (store, _) = open(&place);
    commit(&store, vec![put(&sale(1)), Write::Sequence(1)]).await;
    store.close().await;
    fs::create_dir(place.path().join("sled.corrupt-1")).expect("the place can be written");
    fs::write(place.path().join("kept"), "of others").expect("the place can be written");
    Store::erase(place.path(), later(2), later(3)).expect("nobody has it open");
    assert!(!place.path().join("sled.corrupt-1").exists() && place.path().join("kept").exists());
    let (store, opened) = open(&place);
    let Records { sequence, sales, service, born, forgotten, .. } = opened.records;
    assert_eq!((sequence, sales, service, born), (None, Vec::new(), Service::Disabled, later(2)));
    assert_eq!(forgotten, Some(later(3)), "what was obeyed is not obeyed again");
    assert_eq!(store.sale(id(1)).await.expect("it is read"), None);
    store.close().await;
}
