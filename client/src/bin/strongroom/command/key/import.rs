//! `strongroom key import`: material that its owner brings along.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};
use prost_types::Timestamp;
use serde_json::json;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink, Source};
use crate::json;

/// Bytes of an import token, and of encrypted key material.
const IMPORT_BYTES_MAX: usize = 6_144;

/// Import key material that was made elsewhere, and delete it.
#[derive(Subcommand)]
pub(crate) enum ImportCommand {
    /// Get a public key to encrypt the material with, and the import token that belongs to it
    Parameters(Parameters),
    /// Import encrypted material into a key
    Material(Material),
    /// Delete imported material from the token; the same may be imported again
    DeleteMaterial {
        /// Key id or key ARN
        key: String,
        /// Which material, 64 hexadecimal digits; the current one if not given
        #[arg(long, value_name = "ID")]
        key_material_id: Option<String>,
    },
}

/// How material is encrypted on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Algorithm {
    /// RSA-OAEP with SHA-1
    #[value(name = "RSAES_OAEP_SHA_1")]
    OaepSha1,
    /// RSA-OAEP with SHA-256
    #[value(name = "RSAES_OAEP_SHA_256")]
    OaepSha256,
    /// AES-KWP under an AES key, and that under RSA-OAEP with SHA-1
    #[value(name = "RSA_AES_KEY_WRAP_SHA_1")]
    AesKeyWrapSha1,
    /// AES-KWP under an AES key, and that under RSA-OAEP with SHA-256
    #[value(name = "RSA_AES_KEY_WRAP_SHA_256")]
    AesKeyWrapSha256,
}

/// The kind of the wrapping key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Spec {
    /// 2,048 bits
    #[value(name = "RSA_2048")]
    Rsa2048,
    /// 3,072 bits
    #[value(name = "RSA_3072")]
    Rsa3072,
    /// 4,096 bits
    #[value(name = "RSA_4096")]
    Rsa4096,
}

/// Get a public key and an import token, good for one import within 24 hours.
#[derive(Args)]
pub(crate) struct Parameters {
    /// Key id or key ARN
    key: String,
    /// How the material will be encrypted; private RSA keys go by RSA_AES_KEY_WRAP
    #[arg(long, value_enum, ignore_case = true, default_value = "RSAES_OAEP_SHA_256")]
    wrapping_algorithm: Algorithm,
    /// The kind of the public key
    #[arg(long, value_enum, ignore_case = true, default_value = "RSA_4096")]
    wrapping_key_spec: Spec,
    /// Write the public key to this file: SubjectPublicKeyInfo in DER
    #[arg(long, value_name = "FILE")]
    public_key_out: PathBuf,
    /// Write the import token to this file, readable by its owner alone
    #[arg(long, value_name = "FILE")]
    import_token_out: PathBuf,
}

/// Import encrypted material into a key.
#[derive(Args)]
pub(crate) struct Material {
    /// Key id or key ARN
    key: String,
    /// The import token that belongs to the public key
    #[arg(long, value_name = "FILE")]
    import_token: PathBuf,
    /// The material, encrypted with the public key
    #[arg(long, value_name = "FILE")]
    encrypted_key_material: PathBuf,
    /// When it expires, within 365 days: 2027-01-31T00:00:00Z
    #[arg(long, value_name = "TIME", required_unless_present = "does_not_expire")]
    valid_to: Option<Timestamp>,
    /// It does not expire
    #[arg(long, conflicts_with = "valid_to")]
    does_not_expire: bool,
    /// It is other material than the symmetric key has: it encrypts after `strongroom key rotate`
    #[arg(long, conflicts_with = "key_material_id")]
    new: bool,
    /// Words about it; not secret, for symmetric keys
    #[arg(long)]
    description: Option<String>,
    /// Which of the key's materials it must be, 64 hexadecimal digits
    #[arg(long, value_name = "ID")]
    key_material_id: Option<String>,
}

impl ImportCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        match self {
            Self::Parameters(parameters) => parameters.run(session).await,
            Self::Material(material) => material.run(session).await,
            Self::DeleteMaterial { key, key_material_id } => {
                let material = key_material_id.as_deref();
                let answer = session.client.delete_imported_key_material(&key, material).await?;
                session.output.record(&json!({
                    "key_id": answer.key_id,
                    "key_material_id": answer.key_material_id,
                }))
            }
        }
    }
}

impl Parameters {
    /// The files are opened before the service makes a key for them.
    async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let public_key = Sink::create(Some(&self.public_key_out), Mode::Ordinary)?;
        let import_token = Sink::create(Some(&self.import_token_out), Mode::Private)?;
        let request = v1::GetParametersForImportRequest {
            key_id: self.key,
            wrapping_algorithm: algorithm(self.wrapping_algorithm).into(),
            wrapping_key_spec: spec(self.wrapping_key_spec).into(),
        };
        let answer = session.client.parameters_for_import(request).await?;
        for (sink, bytes) in [(public_key, &answer.public_key), (import_token, &answer.import_token)] {
            sink.write(bytes)?;
            sink.complete()?;
        }
        session.output.record(&json!({
            "import_token_file": self.import_token_out,
            "key_id": answer.key_id,
            "parameters_valid_to": json::time(answer.parameters_valid_to.as_ref()),
            "public_key_file": self.public_key_out,
        }))
    }
}

impl Material {
    async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let (expiration_model, import_type) = (self.expiration_model(), self.import_type());
        let request = v1::ImportKeyMaterialRequest {
            import_token: read(&self.import_token, "an import token")?,
            encrypted_key_material: read(&self.encrypted_key_material, "encrypted key material")?,
            key_id: self.key,
            valid_to: self.valid_to,
            expiration_model: expiration_model.into(),
            import_type: import_type.into(),
            key_material_description: self.description,
            key_material_id: self.key_material_id,
        };
        let answer = session.client.import_key_material(request).await?;
        session.output.record(&json!({
            "key_id": answer.key_id,
            "key_material_id": answer.key_material_id,
        }))
    }

    fn expiration_model(&self) -> v1::ExpirationModel {
        match self.does_not_expire {
            true => v1::ExpirationModel::KeyMaterialDoesNotExpire,
            false => v1::ExpirationModel::KeyMaterialExpires,
        }
    }

    /// What is not said to be new is whatever the key takes for right.
    fn import_type(&self) -> v1::ImportType {
        match self.new {
            true => v1::ImportType::NewKeyMaterial,
            false => v1::ImportType::Unspecified,
        }
    }
}

fn read(path: &Path, what: &'static str) -> Result<Vec<u8>, CommandFault> {
    Source::open(Some(path))?.read_all(IMPORT_BYTES_MAX, what)
}

fn algorithm(algorithm: Algorithm) -> v1::WrappingAlgorithm {
    match algorithm {
        Algorithm::OaepSha1 => v1::WrappingAlgorithm::RsaesOaepSha1,
        Algorithm::OaepSha256 => v1::WrappingAlgorithm::RsaesOaepSha256,
        Algorithm::AesKeyWrapSha1 => v1::WrappingAlgorithm::RsaAesKeyWrapSha1,
        Algorithm::AesKeyWrapSha256 => v1::WrappingAlgorithm::RsaAesKeyWrapSha256,
    }
}

fn spec(spec: Spec) -> v1::WrappingKeySpec {
    match spec {
        Spec::Rsa2048 => v1::WrappingKeySpec::Rsa2048,
        Spec::Rsa3072 => v1::WrappingKeySpec::Rsa3072,
        Spec::Rsa4096 => v1::WrappingKeySpec::Rsa4096,
    }
}
