//! Whether a key is of the right kind for what is asked of it, in AWS's words.

use strongroom_base::{
    Action, Code, EncapsulationAlgorithm, EncryptionAlgorithm, Fault, KeyAgreementAlgorithm, KeySpec, KeyUsage,
    MacAlgorithm, SigningAlgorithm,
};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::key::KeyVersion;
use crate::target::KeyTarget;

/// An algorithm that a request names for a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    Encryption(EncryptionAlgorithm),
    Signing(SigningAlgorithm),
    Mac(MacAlgorithm),
    KeyAgreement(KeyAgreementAlgorithm),
    Encapsulation(EncapsulationAlgorithm),
}

impl Algorithm {
    /// AES-256-GCM.
    pub(crate) const SYMMETRIC: Self = Self::Encryption(EncryptionAlgorithm::SymmetricDefault);

    /// What a key must be for to be used with it.
    const fn usage(self) -> KeyUsage {
        match self {
            Self::Encryption(_) => KeyUsage::EncryptDecrypt,
            Self::Signing(_) => KeyUsage::SignVerify,
            Self::Mac(_) => KeyUsage::GenerateVerifyMac,
            Self::KeyAgreement(_) => KeyUsage::KeyAgreement,
            Self::Encapsulation(_) => KeyUsage::EncapsulateDecapsulate,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Encryption(algorithm) => algorithm.as_str(),
            Self::Signing(algorithm) => algorithm.as_str(),
            Self::Mac(algorithm) => algorithm.as_str(),
            Self::KeyAgreement(algorithm) => algorithm.as_str(),
            Self::Encapsulation(algorithm) => algorithm.as_str(),
        }
    }

    /// What a request with this algorithm answers to a policy.
    pub(crate) fn answer(self, key: &ConditionKey) -> Values<'static> {
        let named = match self {
            Self::Encryption(_) => Some(KeyName::EncryptionAlgorithm),
            Self::Signing(_) => Some(KeyName::SigningAlgorithm),
            Self::Mac(_) => Some(KeyName::MacAlgorithm),
            Self::KeyAgreement(_) => Some(KeyName::KeyAgreementAlgorithm),
            // AWS has none.
            Self::Encapsulation(_) => None,
        };
        Values::maybe(named.filter(|named| key.name() == Some(*named)).map(|_| self.name()))
    }

    fn is_of(self, spec: KeySpec) -> bool {
        match self {
            Self::Encryption(algorithm) => spec.encryption_algorithms().contains(&algorithm),
            Self::Signing(algorithm) => spec.signing_algorithms().contains(&algorithm),
            Self::Mac(algorithm) => spec.mac_algorithm() == Some(algorithm),
            Self::KeyAgreement(algorithm) => spec.key_agreement_algorithm() == Some(algorithm),
            Self::Encapsulation(algorithm) => spec.encapsulation_algorithm() == Some(algorithm),
        }
    }
}

impl KeyTarget {
    /// The material that does `action` with `algorithm`: the newest of an enabled key of the right kind. What a key can
    /// never do is said before what it cannot do now.
    pub(crate) fn fit(&self, action: Action, algorithm: Algorithm) -> Result<&KeyVersion, Fault> {
        self.check_fit(action, algorithm)?;
        self.current()
    }

    /// Refuses a key that is not for this, or has not this algorithm.
    pub(crate) fn check_fit(&self, action: Action, algorithm: Algorithm) -> Result<(), Fault> {
        self.check_usage(action, algorithm)?;
        let spec = self.record.spec;
        if algorithm.is_of(spec) {
            return Ok(());
        }
        Err(Fault::new(
            Code::InvalidKeyUsage,
            format!("Algorithm {} is incompatible with key spec {spec}.", algorithm.name()),
        ))
    }

    /// Refuses a key that is for something else.
    pub(crate) fn check_usage(&self, action: Action, algorithm: Algorithm) -> Result<(), Fault> {
        let usage = self.record.usage;
        if usage == algorithm.usage() {
            return Ok(());
        }
        // Policies know two permissions of ReEncrypt; callers know one operation.
        let operation = match action {
            Action::ReEncryptFrom | Action::ReEncryptTo => Action::ReEncrypt,
            other => other,
        };
        Err(Fault::new(
            Code::InvalidKeyUsage,
            format!(
                "{} key usage is {usage} which is not valid for {}.",
                self.arn,
                operation.name()
            ),
        ))
    }

    /// The material that encrypts data keys.
    pub(crate) fn for_data_keys(&self, action: Action) -> Result<&KeyVersion, Fault> {
        self.check_usage(action, Algorithm::SYMMETRIC)?;
        if self.record.spec != KeySpec::SymmetricDefault {
            return Err(Fault::new(
                Code::InvalidKeyUsage,
                "You cannot generate a data key with an asymmetric CMK",
            ));
        }
        self.current()
    }

    /// Refuses a rotation of what never rotates: key pairs and HMAC keys.
    pub(crate) fn check_rotates(&self) -> Result<(), Fault> {
        if self.record.spec == KeySpec::SymmetricDefault {
            return Ok(());
        }
        Err(Fault::new(
            Code::UnsupportedOperation,
            format!(
                "{} key spec is {} which is not valid for this operation.",
                self.arn, self.record.spec
            ),
        ))
    }
}
