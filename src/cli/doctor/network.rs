//! Whether there is a way out of this machine, and whether the names of the configuration lead anywhere. It must not send
//! anything but questions to the name server.

use std::io;
use std::net::{IpAddr, UdpSocket};
use std::time::Duration;

use futures_util::future::join_all;
use tokio::net::lookup_host;
use tokio::time::timeout;

use super::Finding;
use super::subject::Peer;
use crate::cli::words::{Check, Net, Said};

/// How long the name server may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Addresses that nobody has (RFC 5737, RFC 3849): a socket that is directed at one sends nothing, and gets our own
/// address if there is a route.
const NOWHERE: [(&str, &str); 2] = [("0.0.0.0:0", "192.0.2.1:9"), ("[::]:0", "[2001:db8::1]:9")];

/// Tells whether there is a way out, as far as somebody is outside.
pub(super) fn way_out(peers: &[Peer]) -> Finding {
    let all_here = !peers.is_empty() && peers.iter().all(|peer| is_here(&peer.host));
    let said = match own_address() {
        _ if all_here => Net::AllHere,
        Ok(address) => Net::Address { address: address.to_string() },
        Err(error) => Net::NoRoute { why: error.to_string() },
    };
    Finding::new(Check::Network, Said::Net(said))
}

fn own_address() -> io::Result<IpAddr> {
    let address = |(from, to): (&str, &str)| -> io::Result<IpAddr> {
        let socket = UdpSocket::bind(from)?;
        socket.connect(to)?;
        Ok(socket.local_addr()?.ip())
    };
    let [four, six] = NOWHERE;
    address(four).or_else(|error| address(six).map_err(|_| error))
}

fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|number| number.is_loopback())
}

/// Looks up every name that somebody is reached by, once.
pub(super) async fn names(peers: &[Peer]) -> Vec<Finding> {
    let mut hosts: Vec<&str> = Vec::new();
    for peer in peers.iter().filter(|peer| peer.host.parse::<IpAddr>().is_err()) {
        if !hosts.contains(&peer.host.as_str()) {
            hosts.push(&peer.host);
        }
    }
    if hosts.is_empty() {
        let said = if peers.is_empty() { Net::NobodyNamed } else { Net::AllHere };
        // Hosts by their numbers need no name server.
        let by_number = peers.iter().any(|peer| !is_here(&peer.host));
        return if by_number { Vec::new() } else { vec![Finding::new(Check::Dns, Said::Net(said))] };
    }
    join_all(hosts.into_iter().map(name)).await
}

async fn name(host: &str) -> Finding {
    let found =
        timeout(PATIENCE, lookup_host((host, 443))).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
    let said = match found.map(|mut found| found.next()) {
        Ok(Some(address)) => Net::Found { host: host.to_owned(), address: address.ip().to_string() },
        Ok(None) => Net::NotFound { host: host.to_owned(), why: "no address".to_owned() },
        Err(error) => Net::NotFound { host: host.to_owned(), why: error.to_string() },
    };
    Finding::new(Check::Dns, Said::Net(said))
}
