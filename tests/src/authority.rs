//! A certificate authority for this machine alone: the server's certificate and one per client.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, SanType, date_time_ymd,
};

use crate::{HarnessFault, private_file};

/// Certificates in one folder: `ca.pem`, `server.pem`, `<client>.pem`, each with its `.key` beside it.
pub struct Authority {
    directory: PathBuf,
}

/// How long a certificate of a server or of a client lives.
const LEAF_LIFE: Duration = Duration::from_secs(365 * 86_400);
/// How long the authority's own certificate lives: longer, because every client trusts it by file.
const AUTHORITY_LIFE: Duration = Duration::from_secs(3_650 * 86_400);
/// What ends sooner than this is renewed: a development server may run for days.
const RENEWAL: Duration = Duration::from_secs(30 * 86_400);
/// Certificates are valid from a day before they are made, for clocks that differ.
const CLOCK_SKEW: Duration = Duration::from_secs(86_400);

impl Authority {
    /// Makes what is missing in `directory`, renews what ends within 30 days, and keeps the rest.
    ///
    /// # Errors
    /// When a file cannot be written or a certificate cannot be made.
    pub fn prepare(directory: &Path, clients: &[&str]) -> Result<Self, HarnessFault> {
        private_file::make_directory(directory)?;
        let authority = Self {
            directory: directory.to_owned(),
        };
        if !authority.lasts("ca") {
            authority.renew_authority()?;
        }
        authority.ensure("server", server_parameters()?)?;
        for client in clients {
            authority.ensure(client, client_parameters(client)?)?;
        }
        Ok(authority)
    }

    /// The certificate of `name` (`ca`, `server` or a client), as PEM.
    #[must_use]
    pub fn certificate(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.pem"))
    }

    /// The private key of `name`, as PKCS#8 PEM.
    #[must_use]
    pub fn private_key(&self, name: &str) -> PathBuf {
        self.directory.join(format!("{name}.key"))
    }

    fn ensure(&self, name: &str, parameters: CertificateParams) -> Result<(), HarnessFault> {
        if self.lasts(name) {
            return Ok(());
        }
        let key_file = self.private_key("ca");
        let key = fs::read_to_string(&key_file).map_err(HarnessFault::file("read", &key_file))?;
        let issuer = Issuer::new(authority_parameters(), KeyPair::from_pem(&key)?);
        let key = KeyPair::generate()?;
        self.replace(name, &key, &parameters.signed_by(&key, &issuer)?.pem())
    }

    fn renew_authority(&self) -> Result<(), HarnessFault> {
        // What the old authority signed is worthless without it.
        for entry in fs::read_dir(&self.directory)
            .map_err(HarnessFault::file("list", &self.directory))?
            .flatten()
        {
            if entry.path().extension().is_some_and(|extension| extension == "pem") {
                fs::remove_file(entry.path()).map_err(HarnessFault::file("remove", &entry.path()))?;
            }
        }
        let key = KeyPair::generate()?;
        self.replace("ca", &key, &authority_parameters().self_signed(&key)?.pem())
    }

    /// The certificate goes first and comes last: after a kill in between it is missing, and both are made again.
    fn replace(&self, name: &str, key: &KeyPair, certificate: &str) -> Result<(), HarnessFault> {
        let file = self.certificate(name);
        if file.exists() {
            fs::remove_file(&file).map_err(HarnessFault::file("remove", &file))?;
        }
        private_file::write(&self.private_key(name), key.serialize_pem().as_bytes())?;
        private_file::write(&file, certificate.as_bytes())
    }

    fn lasts(&self, name: &str) -> bool {
        let ends = fs::read(self.certificate(name)).ok().and_then(|pem| end_of(&pem));
        self.private_key(name).exists() && ends.is_some_and(|ends| ends > SystemTime::now() + RENEWAL)
    }
}

/// When the certificate in `pem` ends; `None` for what is no certificate.
#[must_use]
pub fn end_of(pem: &[u8]) -> Option<SystemTime> {
    let (_, block) = x509_parser::pem::parse_x509_pem(pem).ok()?;
    let ends = block.parse_x509().ok()?.validity().not_after.timestamp();
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(ends.try_into().ok()?))
}

fn authority_parameters() -> CertificateParams {
    let mut parameters = parameters("Strongroom development authority", AUTHORITY_LIFE);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    parameters.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    parameters
}

fn server_parameters() -> Result<CertificateParams, HarnessFault> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let mut parameters = parameters("Strongroom development server", LEAF_LIFE);
    parameters.subject_alt_names = CertificateParams::new(names)?.subject_alt_names;
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    Ok(parameters)
}

fn client_parameters(client: &str) -> Result<CertificateParams, HarnessFault> {
    let mut parameters = parameters(client, LEAF_LIFE);
    parameters.subject_alt_names = vec![SanType::URI(client_uri(client).try_into()?)];
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    Ok(parameters)
}

/// The URI in the certificate of `client`, by which the service's table of principals knows it.
#[must_use]
pub fn client_uri(client: &str) -> String {
    format!("spiffe://strongroom.local/{client}")
}

fn parameters(common_name: &str, life: Duration) -> CertificateParams {
    let now = SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    let mut name = DistinguishedName::new();
    name.push(DnType::CommonName, common_name);
    let mut parameters = CertificateParams::default();
    parameters.not_before = date_time_ymd(1970, 1, 1) + now.saturating_sub(CLOCK_SKEW);
    parameters.not_after = date_time_ymd(1970, 1, 1) + now + life;
    parameters.distinguished_name = name;
    parameters.use_authority_key_identifier_extension = true;
    parameters
}
