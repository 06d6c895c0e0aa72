//! Says where a request comes from, also behind proxies that we trust. Knows addresses and the
//! header `X-Forwarded-For`, nothing else.

use std::net::{IpAddr, SocketAddr};

use hyper::HeaderMap;

use crate::config::Network;

/// Returns the peer's address or, where the peer is a trusted proxy, the right-most forwarded
/// address that is not trusted: whatever stands left of it may be made up by the sender.
pub(crate) fn of(peer: IpAddr, headers: &HeaderMap, proxies: &[Network]) -> IpAddr {
    let trusted = |address: IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut source = peer;
    let forwarded = headers.get_all("x-forwarded-for").iter().rev();
    let lines = forwarded.map(|value| value.to_str().unwrap_or_default());
    for hop in lines.flat_map(|line| line.rsplit(',')) {
        if !trusted(source) {
            break;
        }
        let Some(address) = parse(hop.trim()) else {
            break;
        };
        source = address;
    }
    source
}

/// Reads an address with or without a port, IPv6 also in brackets.
fn parse(hop: &str) -> Option<IpAddr> {
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse().ok();
    let address = address.or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}
