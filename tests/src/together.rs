//! Lets scenarios that mostly wait run side by side, whatever the number of test threads is. It must not know the
//! scenarios.

use std::thread;

/// One scenario: a sentence that names it, and what it does.
pub type Scenario<'a> = (&'a str, &'a (dyn Fn() + Sync));

/// Runs all scenarios at the same time and waits for all of them.
///
/// # Panics
/// When one of them panicked; the text names all that did.
#[track_caller]
pub fn together(scenarios: &[Scenario<'_>]) {
    let failed: Vec<_> = thread::scope(|scope| {
        let started: Vec<_> = scenarios
            .iter()
            .map(|(name, scenario)| {
                let thread = thread::Builder::new().name((*name).to_owned()).spawn_scoped(scope, scenario);
                (*name, thread.unwrap_or_else(|error| panic!("cannot start a thread: {error}")))
            })
            .collect();
        started.into_iter().filter_map(|(name, thread)| thread.join().is_err().then_some(name)).collect()
    });
    assert!(failed.is_empty(), "{} of {} failed: {failed:#?}", failed.len(), scenarios.len());
}
