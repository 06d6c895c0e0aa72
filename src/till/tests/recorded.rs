//! Scripts that nobody wrote: whatever happens, a recording of it replays to the same steps. Every other script of these
//! tables is replayed too, by its world.

use proptest::prelude::*;

use super::world::World;

/// What can happen in any order.
const VERBS: [&str; 44] = [
    "sell 50000 key=K1",
    "sell 70000 key=K1",
    "sell 30000",
    "cancel",
    "cancel #1",
    "acknowledge",
    "acknowledge pin",
    "confirm",
    "created",
    "created code=other",
    "created code=none",
    "created address=https://pay.example/x",
    "create lost",
    "create refused",
    "create unreached",
    "create duplicate",
    "create later after=5",
    "opened",
    "started",
    "status open",
    "status paid T1:50000",
    "status paid T1:50000 T2:1000",
    "status later",
    "status notfound",
    "status ready",
    "confirmed open",
    "confirmed unknown",
    "cancelled cancelled",
    "cancelled later",
    "webhook T1 50000",
    "webhook T2 20000",
    "webhook T9 1000 nobody",
    "webhook refund R1 500",
    "webhook ready 50000",
    "webhook hint",
    "match P1 T9",
    "keys 25 000 enter",
    "keys 7 + 5 esc",
    "up new",
    "down",
    "published?",
    "dense",
    "restart",
    "wall 500",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_script_is_replayed_to_the_same_steps(
        steps in prop::collection::vec((0u32..120, 0usize..VERBS.len()), 1..60),
        setting in 0usize..4,
    ) {
        let setting = ["", "panel manual", "offline vietqr", "double 40000"][setting];
        let mut at = 0;
        let mut script = format!("{setting}\n 0 up\n 0 sell 50000\n");
        for (gap, verb) in steps {
            at += gap;
            script += &format!(" {at} {}\n", VERBS[verb]);
        }
        // The world compares.
        World::run(&script);
    }
}
