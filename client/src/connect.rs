//! How a connection is made: TCP, mutual TLS, and the service's first word.
//!
//! tonic's own connector takes a connection for made as soon as this side's handshake is done. With TLS 1.3 that is
//! before the service has looked at the client's certificate: if it refuses it, tonic connects again and again until
//! the deadline, and the caller never learns why. Here a connection is made once the service has said something.

mod plaintext;

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use hyper_util::rt::TokioIo;
use strongroom_material::{Material, PrivateKeyDer as PrivateKey};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{self, RootCertStore};
use tonic::codegen::http::Uri;
use tonic::transport::{Channel, Endpoint};
use tower::service_fn;

use crate::config::{ClientConfig, ConfigFault, TlsFiles};
use plaintext::Plaintext;

pub(crate) use plaintext::TLS_EXPECTED;

/// Time that a connection may take to be made.
const CONNECT_DEADLINE: Duration = Duration::from_secs(5);
/// Time between signs of life on a connection: one that died behind a firewall is noticed within two of them.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(20);
/// Time for the service's first word. It comes at once; a proxy that waits for ours must not be waited for long.
const FIRST_WORD_WAIT: Duration = Duration::from_secs(1);
/// Bytes of the buffer for the first word: so small that everything after it passes the buffer by.
const FIRST_WORD_BYTES: usize = 64;
const HTTP_2: &[u8] = b"h2";

/// A byte stream in both directions.
trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

/// Where to connect to, and how to know that it is the service.
#[derive(Clone)]
struct Destination {
    host: Arc<str>,
    port: u16,
    security: Option<(TlsConnector, ServerName<'static>)>,
}

/// A channel that connects by its first request, and again whenever the connection breaks.
pub(crate) fn channel(config: &ClientConfig) -> Result<Channel, ConfigFault> {
    let destination = Destination {
        host: config.endpoint.host().into(),
        port: config.endpoint.port(),
        security: security(config)?,
    };
    let origin = Endpoint::from_shared(config.endpoint.as_str().to_owned()).map_err(ConfigFault::Transport)?;
    // Without `s`, or tonic would do TLS too; the requests name the true scheme (`origin`).
    let plain = config.endpoint.as_str().replacen("https://", "http://", 1);
    let endpoint = Endpoint::from_shared(plain)
        .and_then(|endpoint| endpoint.user_agent(concat!("strongroom/", env!("CARGO_PKG_VERSION"))))
        .map_err(ConfigFault::Transport)?
        .origin(origin.uri().clone())
        .connect_timeout(CONNECT_DEADLINE.min(config.call_deadline))
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL);
    Ok(endpoint.connect_with_connector_lazy(service_fn(move |_address: Uri| {
        let destination = destination.clone();
        async move { dial(destination).await.map(TokioIo::new) }
    })))
}

async fn dial(destination: Destination) -> io::Result<Box<dyn Wire>> {
    let tcp = TcpStream::connect((&*destination.host, destination.port)).await?;
    tcp.set_nodelay(true)?;
    let Some((connector, server_name)) = destination.security else {
        return Ok(Box::new(Plaintext::open(tcp).await?));
    };
    let tls = connector.connect(server_name, tcp).await?;
    if tls.get_ref().1.alpn_protocol() != Some(HTTP_2) {
        return Err(io::Error::other("what listens there does not speak gRPC (HTTP/2)"));
    }
    let mut stream = BufReader::with_capacity(FIRST_WORD_BYTES, tls);
    match timeout(FIRST_WORD_WAIT, stream.fill_buf()).await {
        Ok(Ok([])) => Err(silence()),
        Ok(Ok(_)) | Err(_) => Ok(Box::new(stream)),
        // Such as the TLS alert by which the service refuses the client's certificate.
        Ok(Err(cause)) => Err(cause),
    }
}

fn silence() -> io::Error {
    io::Error::other("the service closed the connection without a word")
}

/// What TLS needs; nothing for an http endpoint.
fn security(config: &ClientConfig) -> Result<Option<(TlsConnector, ServerName<'static>)>, ConfigFault> {
    if !config.endpoint.is_tls() {
        return Ok(None);
    }
    let files = config.tls.as_ref().ok_or(ConfigFault::CertificatesMissing)?;
    let name = config.server_name.clone().unwrap_or_else(|| config.endpoint.host());
    let server_name = ServerName::try_from(name.clone()).map_err(|_invalid| ConfigFault::ServerName(name))?;
    Ok(Some((TlsConnector::from(Arc::new(tls(files)?)), server_name)))
}

fn tls(files: &TlsFiles) -> Result<rustls::ClientConfig, ConfigFault> {
    let mut roots = RootCertStore::empty();
    for authority in certificates(&files.certificate_authority)? {
        roots.add(authority).map_err(ConfigFault::Certificates)?;
    }
    let mut tls = rustls::ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(ConfigFault::Certificates)?
        .with_root_certificates(roots)
        .with_client_auth_cert(certificates(&files.certificate)?, private_key(&files.private_key)?)
        .map_err(ConfigFault::Certificates)?;
    tls.alpn_protocols = vec![HTTP_2.to_vec()];
    Ok(tls)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, ConfigFault> {
    let pem = read(path)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match found {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(ConfigFault::Pem {
            path: path.to_owned(),
            missing: "certificate",
        }),
    }
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, ConfigFault> {
    let pem = Material::<PrivateKey>::take(read(path)?);
    pem.reveal_to_cipher(PrivateKeyDer::from_pem_slice)
        .map_err(|_absent| ConfigFault::Pem {
            path: path.to_owned(),
            missing: "private key",
        })
}

fn read(path: &Path) -> Result<Vec<u8>, ConfigFault> {
    fs::read(path).map_err(|cause| ConfigFault::Unreadable {
        path: path.to_owned(),
        cause,
    })
}

#[cfg(test)]
mod tests;
