//! The NATS cluster of config/nats as it stands: who may do what, and what the death of a node costs. It must not know how
//! a node is configured.

mod deaths;
mod fleet;
mod obeying;
mod rights;
mod strangers;
mod tools;

use tests::authority::Authority;
use tests::folder::Folder;
use tests::nats_cluster::{Cluster, shipped};
use tests::plain_client::PeerPlan;

/// A cluster, and whoever has a certificate for it. Parts are stopped in the order of the fields.
struct Place {
    cluster: Cluster,
    authority: Authority,
    folder: Folder,
}

impl Place {
    /// Starts the cluster for these names.
    fn make(names: &[String]) -> Self {
        let folder = Folder::make();
        let authority = Authority::make(&folder, "ours");
        let server = authority.issue(&folder, "broker");
        let cluster = Cluster::start(&folder, &authority, &server, names);
        Self { cluster, authority, folder }
    }

    /// A client with a certificate of its own, whose client id is its name, at a node.
    fn client(&self, name: &str, node: usize, filters: &[&str]) -> PeerPlan {
        self.client_called(name, name, node, filters)
    }

    /// A client with a certificate of its own and another client id.
    fn client_called(&self, name: &str, id: &str, node: usize, filters: &[&str]) -> PeerPlan {
        let identity = self.authority.issue(&self.folder, name);
        let nodes = self.cluster.addresses();
        let at = nodes.get(node).copied().unwrap_or_else(|| panic!("there is no node {node}"));
        PeerPlan::new(id, at, filters).tls(&identity, &self.authority)
    }
}

/// What is shipped is what runs: `config/nats/nats.conf` is copied, `config/nats/machine.conf` gets a value for each of its
/// keys, and `config/nats/users` has written the rights.
fn the_nodes_run_with_what_is_shipped(place: &Place) {
    for node in ["broker-1", "broker-2", "broker-3"] {
        let file =
            |name: &str| std::fs::read_to_string(place.folder.file(node).join(name)).expect("a node has its files");
        assert_eq!(file("nats.conf"), shipped("nats.conf"));
        assert!(file("users.conf").contains("CN=0001017"));
        let keys = |text: &str| text.lines().filter_map(|line| line.split_once(": ")).count();
        assert_eq!(keys(&file("machine.conf")), keys(&shipped("machine.conf")));
    }
}

/// Names as the fleet's list has them.
fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|&name| name.to_owned()).collect()
}
