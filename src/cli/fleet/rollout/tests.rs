//! Roll-outs as scripts of what terminals say and when, without a broker.

use super::*;

const PATIENCE: Duration = Duration::from_secs(100);
const LIMITS: Limits = Limits { percent: None, per_minute: None, abort_over: None, patience: PATIENCE };

fn n(number: u32) -> TerminalNumber {
    TerminalNumber::new(number).expect("a terminal's number")
}

fn plan(count: u32, limits: Limits) -> (Rollout, Instant) {
    (Rollout::new((1..=count).map(n), limits), Instant::now())
}

fn says(state: CommandState) -> CommandStatus {
    CommandStatus::plain(state)
}

/// Tells as many as may be told now; returns their numbers, and what comes after.
fn tell(rollout: &mut Rollout, now: Instant) -> (Vec<u32>, Next) {
    let mut told = Vec::new();
    loop {
        match rollout.next(now) {
            Next::Tell(number) => {
                told.push(number.value());
                rollout.told(now);
            }
            next @ (Next::Wait(_) | Next::Over) => return (told, next),
        }
    }
}

fn end(rollout: &mut Rollout, numbers: &[u32], state: CommandState, now: Instant) {
    for number in numbers {
        assert!(rollout.heard(n(*number), says(state), now).is_some());
    }
}

#[test]
fn without_limits_all_are_told_at_once_and_waited_for() {
    let (mut rollout, now) = plan(3, LIMITS);
    assert_eq!(tell(&mut rollout, now), (vec![1, 2, 3], Next::Wait(now + PATIENCE)));
    end(&mut rollout, &[2], CommandState::Succeeded, now);
    end(&mut rollout, &[1], CommandState::Rejected, now);
    assert_eq!(rollout.heard(n(9), says(CommandState::Succeeded), now), None, "nobody asked it");
    assert_eq!(rollout.heard(n(1), says(CommandState::Succeeded), now), None, "it has ended");
    assert_eq!(rollout.unheard(), [n(3)]);
    assert_eq!(rollout.next(now + PATIENCE), Next::Over);
    assert_eq!(rollout.tally(), Tally { total: 3, told: 3, succeeded: 1, failed: 2, not_meant: 0 });
    let fates: Vec<_> = rollout.fates().map(|(number, fate)| (number.value(), fate.is_failure())).collect();
    assert_eq!(fates, [(1, true), (2, false), (3, true)]);
}

#[test]
fn who_says_something_gets_time_again() {
    let (mut rollout, now) = plan(2, LIMITS);
    tell(&mut rollout, now);
    let half = now + PATIENCE / 2;
    rollout.heard(n(1), says(CommandState::Running), half);
    assert_eq!(rollout.next(now + PATIENCE), Next::Wait(half + PATIENCE));
    assert_eq!(rollout.tally().failed, 1);
    assert_eq!(rollout.next(half + PATIENCE), Next::Over);
    let fates: Vec<_> = rollout.fates().map(|(_, fate)| fate).collect();
    assert_eq!(fates, [Fate::Silent(Some(CommandState::Running)), Fate::Silent(None)]);
}

#[test]
fn a_stage_begins_when_the_one_before_has_ended() {
    let (mut rollout, now) = plan(10, Limits { percent: Some(25), ..LIMITS });
    assert_eq!(tell(&mut rollout, now).0, [1, 2, 3]);
    end(&mut rollout, &[1, 2], CommandState::Succeeded, now);
    assert_eq!(tell(&mut rollout, now).0, Vec::<u32>::new());
    end(&mut rollout, &[3], CommandState::Failed, now);
    assert_eq!(tell(&mut rollout, now).0, [4, 5, 6]);
    end(&mut rollout, &[4, 5, 6], CommandState::Succeeded, now);
    assert_eq!(tell(&mut rollout, now).0, [7, 8, 9]);
    end(&mut rollout, &[7, 8, 9], CommandState::Succeeded, now);
    assert_eq!(tell(&mut rollout, now).0, [10]);
    end(&mut rollout, &[10], CommandState::Succeeded, now);
    assert_eq!((rollout.next(now), rollout.is_aborted()), (Next::Over, false));
}

#[test]
fn too_many_failures_stop_it_once_those_that_were_told_have_ended() {
    let (mut rollout, now) = plan(10, Limits { percent: Some(40), abort_over: Some(25), ..LIMITS });
    assert_eq!(tell(&mut rollout, now).0, [1, 2, 3, 4]);
    end(&mut rollout, &[1], CommandState::Failed, now);
    assert_eq!(rollout.next(now), Next::Wait(now + PATIENCE), "one of four is not more than 25 %");
    end(&mut rollout, &[2], CommandState::Expired, now);
    assert_eq!(rollout.next(now), Next::Wait(now + PATIENCE), "the others are heard out");
    end(&mut rollout, &[3, 4], CommandState::Succeeded, now);
    assert_eq!((rollout.next(now), rollout.is_aborted()), (Next::Over, true));
    assert_eq!(rollout.fates().filter(|(_, fate)| *fate == Fate::Spared).count(), 6);
}

#[test]
fn no_failure_at_all_is_tolerated_where_that_is_said() {
    let (mut rollout, now) = plan(3, Limits { percent: Some(1), abort_over: Some(0), ..LIMITS });
    assert_eq!(tell(&mut rollout, now).0, [1]);
    end(&mut rollout, &[1], CommandState::Succeeded, now);
    assert_eq!(tell(&mut rollout, now).0, [2]);
    end(&mut rollout, &[2], CommandState::Failed, now);
    assert_eq!((rollout.next(now), rollout.is_aborted()), (Next::Over, true));
}

#[test]
fn no_more_than_so_many_are_told_a_minute() {
    let (mut rollout, now) = plan(3, Limits { per_minute: Some(60), ..LIMITS });
    let second = Duration::from_secs(1);
    assert_eq!(tell(&mut rollout, now), (vec![1], Next::Wait(now + second)));
    assert_eq!(tell(&mut rollout, now + second), (vec![2], Next::Wait(now + 2 * second)));
    // What was missed is not made up for.
    assert_eq!(tell(&mut rollout, now + 30 * second), (vec![3], Next::Wait(now + PATIENCE)));
}

#[test]
fn who_is_not_meant_is_neither_success_nor_failure() {
    let (mut rollout, now) = plan(2, Limits { abort_over: Some(0), ..LIMITS });
    tell(&mut rollout, now);
    rollout.not_meant(n(1));
    end(&mut rollout, &[2], CommandState::Succeeded, now);
    assert_eq!((rollout.next(now), rollout.is_aborted()), (Next::Over, false));
    assert_eq!(rollout.tally(), Tally { total: 2, told: 2, succeeded: 1, failed: 0, not_meant: 1 });
}

#[test]
fn an_empty_rollout_is_over() {
    let (mut rollout, now) = plan(0, Limits { percent: Some(10), abort_over: Some(0), ..LIMITS });
    assert_eq!((rollout.next(now), rollout.is_aborted()), (Next::Over, false));
}
