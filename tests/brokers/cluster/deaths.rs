//! A node of the cluster is killed, comes back, and another is killed. It must not know what the tills do meanwhile.

use std::time::Duration;

use super::Place;
use super::fleet::{Fleet, Outcome, everybody};

/// How many nodes are killed, one after the other: each once, wherever what matters is kept.
const KILLS: usize = 3;

/// P2, P3: whatever node dies, every webhook that was answered 200 is at its till in the end, and counts once.
/// `CLUSTER_KILLS` kills more nodes.
#[test]
fn p2_p3_the_death_of_one_node_after_the_other_loses_and_doubles_nothing() {
    let kills = std::env::var("CLUSTER_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut place = Place::make(&everybody());
    let mut fleet = Fleet::open(&place);
    fleet.sell_for(Duration::from_secs(1));
    for kill in 0..kills {
        let node = kill % 3;
        fleet.lose_one();
        place.cluster.kill(node);
        fleet.find_it_again(&place);
        fleet.sell_for(Duration::from_secs(4));
        // Two nodes go on without the third, whichever it is.
        fleet.settle();
        place.cluster.start_again(node);
        fleet.wait_until_all_are_up();
        fleet.sell_for(Duration::from_secs(1));
    }
    let outcome = fleet.settle();
    fleet.assert_sessions_were_kept();
    let Outcome { taken, repeated, longest, median } = outcome;
    println!(
        "{kills} nodes killed one after the other: {taken} webhooks answered 200, all arrived, {repeated} of them again; \
         wait: median {median:?}, longest {longest:?}"
    );
}
