//! The names in a certificate. Its bytes are a stranger's.

use rustls_pki_types::CertificateDer;
use x509_parser::extensions::GeneralName;
use x509_parser::parse_x509_certificate;

use crate::fault::IdentityFault;
use crate::name::Name;

/// The URI names of the certificate, then its DNS names, each in the certificate's order.
///
/// The subject's common name does not count: it has no type, so that a host's name could pass for a person's (RFC 6125
/// section 6.4.4 deprecates it).
pub(crate) fn names(certificate: &CertificateDer<'_>) -> Result<Vec<Name>, IdentityFault> {
    let unreadable = |cause: &dyn ToString| IdentityFault::Unreadable {
        cause: cause.to_string(),
    };
    let (rest, parsed) = parse_x509_certificate(certificate).map_err(|error| unreadable(&error))?;
    if !rest.is_empty() {
        return Err(unreadable(&"bytes follow it"));
    }
    // Fails on two such extensions: which of them counts would be a matter of taste.
    let extension = parsed.subject_alternative_name().map_err(|error| unreadable(&error))?;
    let (mut uris, mut hosts) = (Vec::new(), Vec::new());
    for name in extension.iter().flat_map(|extension| &extension.value.general_names) {
        match name {
            GeneralName::URI(uri) => uris.push(Name::uri(uri)),
            GeneralName::DNSName(host) => hosts.push(Name::dns(host)),
            GeneralName::Invalid(..) => return Err(unreadable(&"one of its names is malformed")),
            // A closed list would break with each release of the parser: other kinds of names identify nobody here.
            _ => {}
        }
    }
    uris.append(&mut hosts);
    if uris.is_empty() {
        Err(IdentityFault::NoNames)
    } else {
        Ok(uris)
    }
}

#[cfg(test)]
pub(crate) mod tests;
