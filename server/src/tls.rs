//! Mutual TLS 1.3 with aws-lc-rs.

use std::fs::File;
use std::io::BufReader;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use rustls_pki_types::pem::{self, PemObject as _};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

/// Why TLS cannot be set up; every text names the file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TlsFault {
    #[error("cannot read {what} {path}: {cause}")]
    Unreadable {
        what: &'static str,
        path: PathBuf,
        cause: pem::Error,
    },
    #[error("the private key {path} cannot be used: others may read it (mode {mode:03o}); run: chmod 600 {path}")]
    Exposed { path: PathBuf, mode: u32 },
    #[error("{path} holds no PEM certificate")]
    Empty { path: PathBuf },
    #[error("{path} holds a certificate that cannot be an authority: {cause}")]
    Authority { path: PathBuf, cause: rustls::Error },
    #[error("client certificates cannot be checked against {path}: {cause}")]
    Verifier {
        path: PathBuf,
        cause: rustls::server::VerifierBuilderError,
    },
    #[error("certificate {certificate} and private key {private_key} do not go together: {cause}")]
    Pair {
        certificate: PathBuf,
        private_key: PathBuf,
        cause: rustls::Error,
    },
    #[error("TLS 1.3 is not available: {0}")]
    Provider(rustls::Error),
}

/// The server's side of TLS: its own certificate, and the authorities whose client certificates count.
pub(crate) fn server(certificate: &Path, private_key: &Path, client_ca: &Path) -> Result<Arc<ServerConfig>, TlsFault> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut roots = RootCertStore::empty();
    for authority in certificates("the client authorities", client_ca)? {
        roots.add(authority).map_err(|cause| TlsFault::Authority {
            path: client_ca.to_owned(),
            cause,
        })?;
    }
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|cause| TlsFault::Verifier {
            path: client_ca.to_owned(),
            cause,
        })?;
    let key = read_private_key(private_key)?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .map_err(TlsFault::Provider)?
        .with_client_cert_verifier(verifier)
        .with_single_cert(certificates("the certificate", certificate)?, key)
        .map_err(|cause| TlsFault::Pair {
            certificate: certificate.to_owned(),
            private_key: private_key.to_owned(),
            cause,
        })?;
    config.alpn_protocols = vec![b"h2".to_vec()];
    // A resumed session would go on with a certificate that nobody looked at again.
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    Ok(Arc::new(config))
}

/// Reads the key from a file that only its owner can read: the rule of the PIN file.
fn read_private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsFault> {
    let unreadable = |cause| TlsFault::Unreadable {
        what: "the private key",
        path: path.to_owned(),
        cause,
    };
    let input = |cause| unreadable(pem::Error::Io(cause));
    let file = File::open(path).map_err(input)?;
    let mode = file.metadata().map_err(input)?.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(TlsFault::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    PrivateKeyDer::from_pem_reader(BufReader::new(file)).map_err(unreadable)
}

fn certificates(what: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsFault> {
    let unreadable = |cause| TlsFault::Unreadable {
        what,
        path: path.to_owned(),
        cause,
    };
    let read: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path).map_err(unreadable)?.collect();
    let read = read.map_err(unreadable)?;
    if read.is_empty() {
        Err(TlsFault::Empty { path: path.to_owned() })
    } else {
        Ok(read)
    }
}
