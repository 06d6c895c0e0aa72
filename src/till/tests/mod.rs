//! The till's tables: each test is a script of what happens at which second, and the whole of what must come of it.
//!
//! A script has one line per event: seconds, a verb, and its words (see `script`). Orders are named by their place in
//! the sequence, `#1` being the first; transfers by their reference; the provider's id of order `#1` is `P1`. Between
//! the lines the till is woken whenever it wants to be. The panel confirms every picture at once, unless the script
//! begins with `panel manual`. The wall clock shows 2026-11-20T03:00:00Z at second 0 and the broker is gone until `up`.

mod commanding;
mod disk;
mod say;
mod script;
mod world;

mod cancelling;
mod checking;
mod codes;
mod commands;
mod confirming;
mod counter;
mod display;
mod endings;
mod entry;
mod glance;
mod journal;
mod late;
mod matching;
mod money;
mod offline;
mod outbox;
mod queue;
mod receipts;
mod recorded;
mod requesting;
mod restart;
mod scanning;
mod showing;

use world::World;

fn lines(text: &str) -> Vec<String> {
    text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
}

#[track_caller]
fn compare(script: &str, world: &World, got: &[String], want: &str) {
    let want = lines(want);
    let last = world.log.iter().skip(world.log.len().saturating_sub(16)).cloned().collect::<Vec<_>>();
    assert!(
        got == want,
        "script:\n{script}\nwant:\n  {}\ngot:\n  {}\nits last effects:\n  {}",
        want.join("\n  "),
        got.join("\n  "),
        last.join("\n  ")
    );
}

/// Runs the script and compares every sale and receipt as others see them.
#[track_caller]
fn check(script: &str, want: &str) {
    let world = World::run(script);
    compare(script, &world, &world.seen(), want);
}

/// Runs the script and compares everything that was asked of the provider, with its second.
#[track_caller]
fn check_calls(script: &str, want: &str) {
    let world = World::run(script);
    let calls: Vec<String> = world
        .log
        .iter()
        .filter(|line| ["create", "start", "confirm", "ask", "cancel"].contains(&verb(line)))
        .cloned()
        .collect();
    compare(script, &world, &calls, want);
}

/// Runs the script and compares the effects of one kind, with their second.
#[track_caller]
fn check_only(kind: &str, script: &str, want: &str) {
    let world = World::run(script);
    let some: Vec<String> = world.log.iter().filter(|line| verb(line) == kind).cloned().collect();
    compare(script, &world, &some, want);
}

/// Runs the script and compares what the display should show at its end.
#[track_caller]
fn check_scene(script: &str, want: &str) {
    let world = World::run(script);
    compare(script, &world, &[world.scene()], want);
}

fn verb(line: &str) -> &str {
    line.split_whitespace().nth(1).unwrap_or_default()
}
