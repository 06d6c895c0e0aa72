//! Networks; the file itself is tried from outside, with the program.

use super::Network;

#[test]
fn a_network_holds_its_addresses_and_no_others() {
    for (network, inside, outside) in [
        ("10.0.0.0/8", "10.255.0.1", "11.0.0.0"),
        ("192.0.2.4/30", "192.0.2.7", "192.0.2.8"),
        ("192.0.2.4", "192.0.2.4", "192.0.2.5"),
        ("0.0.0.0/0", "255.255.255.255", "::1"),
        ("2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::1"),
        ("::/0", "ffff::1", "1.2.3.4"),
    ] {
        let parsed = Network::parse(network).expect("a network");
        let holds = |address: &str| parsed.contains(address.parse().expect("an address"));
        assert_eq!((holds(inside), holds(outside)), (true, false), "{network}");
    }
    for wrong in ["", "10.0.0.0/33", "10.0.0/8", "::/129", "10.0.0.0/", "a/8", "10.0.0.0/-1"] {
        assert_eq!(Network::parse(wrong), None, "{wrong}");
    }
}
