//! GetParametersForImport: a wrapping key for material that its owner brings along, and the token to import it with.

use strongroom_base::{Action, Arn, Code, Fault, KeyId, KeySpec, Timestamp, WrappingAlgorithm};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::import_parameters::ImportToken;
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// The request.
pub struct GetParametersForImport {
    key: KeyId,
    algorithm: WrappingAlgorithm,
    spec: KeySpec,
}

/// What whoever imports needs, for 24 hours and one import.
pub struct ParametersForImport {
    /// The key's ARN.
    pub arn: Arn,
    /// The token that ImportKeyMaterial wants.
    pub token: ImportToken,
    /// The wrapping key's public half: SubjectPublicKeyInfo in DER.
    pub public_key: Vec<u8>,
    /// Until when both are good.
    pub valid_to: Timestamp,
}

impl GetParametersForImport {
    /// Parameters for material that is wrapped with `algorithm` under an RSA key of `spec`.
    ///
    /// # Errors
    /// UnsupportedOperationException for algorithms and wrapping keys that this service does not have.
    pub fn new(key: KeyId, algorithm: WrappingAlgorithm, spec: KeySpec) -> Result<Self, Fault> {
        let unsupported = |field: &str, value: &str| {
            Err(Fault::new(
                Code::UnsupportedOperation,
                format!("{field} {value} is not supported."),
            ))
        };
        match (algorithm, spec) {
            (WrappingAlgorithm::RsaesPkcs1V15 | WrappingAlgorithm::Sm2Pke, _) => {
                unsupported("WrappingAlgorithm", algorithm.as_str())
            }
            (_, KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096) => Ok(Self { key, algorithm, spec }),
            (_, other) => unsupported("WrappingKeySpec", other.as_str()),
        }
    }
}

/// Refuses what AWS does not wrap so: a private RSA key is longer than any RSA key encrypts, and one on P-521 longer than one
/// of RSA_2048 does.
fn check_fits(key: KeySpec, algorithm: WrappingAlgorithm, wrapping: KeySpec) -> Result<(), Fault> {
    let is_direct = matches!(
        algorithm,
        WrappingAlgorithm::RsaesOaepSha1 | WrappingAlgorithm::RsaesOaepSha256
    );
    let with = match (key, wrapping) {
        (KeySpec::Rsa2048 | KeySpec::Rsa3072 | KeySpec::Rsa4096, _) if is_direct => String::new(),
        (KeySpec::EccNistP521, KeySpec::Rsa2048) if is_direct => format!(" under WrappingKeySpec {wrapping}"),
        _ => return Ok(()),
    };
    Err(Fault::new(
        Code::UnsupportedOperation,
        format!(
            "WrappingAlgorithm {algorithm}{with} is not supported for key material of KeySpec {key}; use an RSA_AES_KEY_WRAP \
             algorithm."
        ),
    ))
}

impl Operation for GetParametersForImport {
    const ACTION: Action = Action::GetParametersForImport;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ParametersForImport;

    fn parameters(&self) -> Parameters {
        parameters([
            ("keyId", self.key.to_string().into()),
            ("wrappingAlgorithm", self.algorithm.as_str().into()),
            ("wrappingKeySpec", self.spec.as_str().into()),
        ])
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::WrappingAlgorithm) => Values::one(self.algorithm.as_str()),
            Some(KeyName::WrappingKeySpec) => Values::one(self.spec.as_str()),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<ParametersForImport, Fault> {
        let target = permit.into_target();
        target.record.importable(&target.arn)?;
        check_fits(target.record.spec, self.algorithm, self.spec)?;
        let made = kms
            .make_import_parameters(&target.record, self.algorithm, self.spec)
            .await?;
        Ok(ParametersForImport {
            arn: target.arn,
            token: made.token,
            public_key: made.public_key,
            valid_to: made.valid_to,
        })
    }

    fn response(reply: &ParametersForImport) -> Parameters {
        parameters([
            ("keyId", reply.arn.as_str().into()),
            ("parametersValidTo", reply.valid_to.as_millis().into()),
        ])
    }
}
