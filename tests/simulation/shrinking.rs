//! Whether a failure can be read: the script of a world that breaks a promise is made short, and breaks it again.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use simulation::{Script, Without};
use tilld::till::mutant::Mutant;

/// Faults of every kind: of money, of the display, of time, of the disk, of the road over the broker.
const FAULTS: [Mutant; 6] = [
    Mutant::CountsTwice,
    Mutant::SaysTheEndTooEarly,
    Mutant::ForgetsTheBoot,
    Mutant::ReceivesWhatIsMatched,
    Mutant::GoesOnAfterARefusal,
    Mutant::TakesStrangersOrders,
];

/// Only a world in which so much happened before the promise broke is worth it.
const LONG: usize = 40;

/// Shortens the first long world that shows the fault, and runs it again from what is printed.
fn shorten(fault: Mutant) -> Script {
    Mutant::choose(Some(fault));
    let kept = Without::default();
    let seed = (0..1000).find(|seed| simulation::length(*seed, &kept).is_some_and(|size| size.decisions >= LONG));
    let seed = seed.expect("a long world shows it");
    let script = simulation::shrink(seed, &kept).expect("it shows it again");
    let typed: Without = script.without.to_string().parse().expect("what is printed can be read");
    for _ in 0..2 {
        assert_eq!(simulation::run(seed, &typed).expect_err("it is broken again"), script.broken, "{fault:?}");
    }
    let told = script.to_string();
    assert!(told.contains(&format!("--seed {seed} --without {typed}")), "{told}");
    assert_eq!(told, script.to_string());
    Mutant::choose(None);
    script
}

#[test]
fn a_world_that_breaks_a_promise_is_told_in_a_short_script() {
    let next = AtomicUsize::new(0);
    let scripts = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(fault) = FAULTS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let script = shorten(*fault);
                    scripts.lock().expect("no thread panics").push((fault, script));
                }
            });
        }
    });
    let scripts = scripts.into_inner().expect("no thread panics");
    for (fault, Script { seed, before, after, runs, broken, .. }) in &scripts {
        let (decisions, steps) = ((before.decisions, after.decisions), (before.steps, after.steps));
        println!("{fault:?}: world {seed}: decisions {decisions:?}, steps {steps:?}, {runs} runs: {}", broken.text());
    }
    assert_eq!(scripts.len(), FAULTS.len());
    let short = scripts.iter().filter(|(_, script)| script.after.decisions * 4 <= script.before.decisions);
    assert!(short.count() * 4 >= FAULTS.len() * 3, "most scripts are at most a quarter as long");
    let longest = scripts.iter().map(|(_, script)| script.after.decisions).max();
    assert!(longest <= Some(15), "a person can read {longest:?} decisions");
}
