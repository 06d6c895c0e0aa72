//! The NATS cluster of config/nats as it stands: who may do what, and what the death of a node costs. It must not know how
//! a node is configured.

mod deaths;
mod fleet;
mod rights;
mod strangers;

use tests::authority::Authority;
use tests::folder::Folder;
use tests::nats_cluster::Cluster;
use tests::peer::PeerPlan;

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

/// Names as the fleet's list has them.
fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|&name| name.to_owned()).collect()
}
