use std::net::IpAddr;

use super::Network;

fn contains(network: &str, address: &str) -> bool {
    let network: Network = network.parse().unwrap();
    network.contains(address.parse::<IpAddr>().unwrap())
}

#[test]
fn blocks_hold_their_addresses_alone() {
    assert!(contains("192.0.2.1", "192.0.2.1"));
    assert!(!contains("192.0.2.1", "192.0.2.2"));
    assert!(
        contains("192.0.2.77/24", "192.0.2.255"),
        "bits behind the prefix do not count"
    );
    assert!(!contains("192.0.2.0/24", "192.0.3.0"));
    assert!(contains("192.0.2.128/25", "192.0.2.129"));
    assert!(!contains("192.0.2.128/25", "192.0.2.127"));
    assert!(contains("0.0.0.0/0", "255.255.255.255"));
    assert!(contains("::/0", "2001:db8::1"));
    assert!(contains("2001:db8::/33", "2001:db8:7fff::"));
    assert!(!contains("2001:db8::/33", "2001:db8:8000::"));
    assert!(!contains("::/0", "192.0.2.1"), "the families are apart");
    assert!(!contains("0.0.0.0/0", "2001:db8::1"));
    assert!(
        contains("192.0.2.0/24", "::ffff:192.0.2.9"),
        "an IPv4 address in IPv6's clothes"
    );
    assert!(contains("::ffff:10.0.0.0/104", "10.255.255.255"));
    assert!(contains("::ffff:10.0.0.0/104", "::ffff:10.1.2.3"));
    assert!(!contains("::ffff:10.0.0.0/104", "11.0.0.0"));
    assert!(contains("::ffff:10.0.0.1", "10.0.0.1"));
    assert!(!contains("::ffff:10.0.0.1", "10.0.0.2"));
    assert!(contains("::ffff:0:0/96", "192.0.2.1"));
    assert!(
        contains("::ffff:0:0/95", "::fffe:0:1"),
        "a block that holds more than IPv4's clothes is one of IPv6"
    );
    assert!(!contains("::ffff:0:0/95", "192.0.2.1"));
}
