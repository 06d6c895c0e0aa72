//! A broker as an operator has it, and everybody who may speak to it. It must not know what a test does there.

use tests::authority::{Authority, Identity};
use tests::folder::Folder;
use tests::mosquitto::Mosquitto;
use tests::peer::{Peer, PeerPlan};
use tests::wait::{SOON, wait_for};

/// The names that have rights: two terminals, a bridge, an operator.
pub(crate) const NAMES: [&str; 5] = ["0001017", "0001018", "bridge-1", "operator-1", "console-1"];

/// Parts are stopped in the order of the fields, and the folder goes last.
pub(crate) struct Place {
    pub(crate) broker: Mosquitto,
    pub(crate) authority: Authority,
    pub(crate) folder: Folder,
}

impl Place {
    pub(crate) fn make() -> Self {
        let folder = Folder::make();
        let authority = Authority::make(&folder, "fleet");
        let broker = Mosquitto::start_shipped(&folder, &authority);
        Self { broker, authority, folder }
    }

    pub(crate) fn identity(&self, name: &str) -> Identity {
        self.authority.issue(&self.folder, name)
    }

    /// Somebody with a certificate of the fleet in this name, who says it too.
    pub(crate) fn plan(&self, name: &str) -> PeerPlan {
        PeerPlan::new(name, &self.identity(name))
    }

    #[track_caller]
    pub(crate) fn connect(&self, plan: &PeerPlan) -> Peer {
        plan.connect(&self.broker, &self.authority)
    }

    #[track_caller]
    pub(crate) fn peer(&self, name: &str) -> Peer {
        self.connect(&self.plan(name))
    }

    /// The connection is cut, and the broker has noticed: a last will is out.
    #[track_caller]
    pub(crate) fn cut(&self, name: &str, peer: Peer) {
        let gone = || self.broker.printed().matches(&format!("Client {name} closed its connection")).count();
        let before = gone();
        drop(peer);
        wait_for(&format!("the broker notices that {name} is gone"), SOON, || {
            if gone() > before { Ok(()) } else { Err("it does not".to_owned()) }
        });
    }
}
