use proptest::prelude::*;
use rcgen::string::Ia5String;
use rcgen::{CertificateParams, KeyPair, SanType};
use rustls_pki_types::CertificateDer;

use super::names;
use crate::fault::IdentityFault;
use crate::name::Name;

fn ia5(text: &str) -> Ia5String {
    text.try_into().unwrap()
}

pub(crate) fn uri(text: &str) -> SanType {
    SanType::URI(ia5(text))
}

pub(crate) fn dns(text: &str) -> SanType {
    SanType::DnsName(ia5(text))
}

/// A self-signed certificate with these names and the common name `developer`.
pub(crate) fn certificate(names: Vec<SanType>) -> CertificateDer<'static> {
    let mut params = CertificateParams::default();
    params.subject_alt_names = names;
    params.distinguished_name.push(rcgen::DnType::CommonName, "developer");
    params.self_signed(&KeyPair::generate().unwrap()).unwrap().der().clone()
}

#[test]
fn uris_come_before_host_names() {
    let address = SanType::IpAddress([192, 0, 2, 1].into());
    let mail = SanType::Rfc822Name(ia5("a@example.com"));
    let certificate = certificate(vec![
        dns("Host.Example"),
        address,
        uri("spiffe://x/A"),
        mail,
        uri("spiffe://x/b"),
    ]);
    let expected = [
        Name::uri("spiffe://x/A"),
        Name::uri("spiffe://x/b"),
        Name::dns("host.example"),
    ];
    assert_eq!(names(&certificate).unwrap(), expected);
}

/// A common name has no type: whoever may have a host's certificate made could call the host `developer`.
#[test]
fn common_names_are_not_names() {
    assert_eq!(names(&certificate(Vec::new())), Err(IdentityFault::NoNames));
    assert_eq!(
        names(&certificate(vec![SanType::IpAddress([192, 0, 2, 1].into())])),
        Err(IdentityFault::NoNames)
    );
}

#[test]
fn bytes_behind_a_certificate_are_refused() {
    let mut bytes = certificate(vec![dns("a")]).to_vec();
    bytes.push(0);
    let expected = IdentityFault::Unreadable {
        cause: "bytes follow it".into(),
    };
    assert_eq!(names(&CertificateDer::from(bytes)), Err(expected));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(names(&CertificateDer::from(bytes)).is_err());
    }
}

/// Each bit of a certificate changed in turn: read, or refused, and never a panic.
#[test]
fn damaged_certificates_never_panic() {
    let whole = certificate(vec![uri("spiffe://x/a"), dns("host.example")]).to_vec();
    let mut refused = 0;
    for bit in 0..whole.len() * 8 {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        refused += u32::from(names(&CertificateDer::from(bytes)).is_err());
    }
    assert!(refused > 0);
    for length in 0..whole.len() {
        assert!(
            names(&CertificateDer::from(&whole[..length])).is_err(),
            "{length} bytes"
        );
    }
}
