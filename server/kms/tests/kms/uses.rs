//! Every use of a key, on keys of every kind: who may be used for what, in which state, dry, and on the trail.

use std::sync::atomic::Ordering;

use strongroom_base::{
    Code, DataKeyPairSpec, EncapsulationAlgorithm, EncryptionAlgorithm, Fault, KeyAgreementAlgorithm, KeyId, KeySpec,
    KeyUsage, MacAlgorithm, SigningAlgorithm,
};
use strongroom_kms::op::{
    CreateKey, DataKeyLength, Decapsulate, Decrypt, DeriveSharedSecret, DisableKey, Encapsulate, Encrypt,
    GenerateDataKey, GenerateDataKeyPair, GenerateDataKeyPairWithoutPlaintext, GenerateDataKeyWithoutPlaintext,
    GenerateMac, GetPublicKey, NewKey, ReEncrypt, ReEncryptDestination, ReEncryptSource, ScheduleKeyDeletion, Sign,
    Verify, VerifyMac,
};
use strongroom_kms::{KeyReference, Message};

use crate::bench::{Bench, bytes, context, fault, material, refused, scope};

/// The uses, with the usage that a key must have for each; `None` where any key pair will do.
pub(crate) const USES: [(&str, Option<KeyUsage>); 16] = [
    ("Decapsulate", Some(KeyUsage::EncapsulateDecapsulate)),
    ("Decrypt", Some(KeyUsage::EncryptDecrypt)),
    ("DeriveSharedSecret", Some(KeyUsage::KeyAgreement)),
    ("Encapsulate", Some(KeyUsage::EncapsulateDecapsulate)),
    ("Encrypt", Some(KeyUsage::EncryptDecrypt)),
    ("GenerateDataKey", Some(KeyUsage::EncryptDecrypt)),
    ("GenerateDataKeyPair", Some(KeyUsage::EncryptDecrypt)),
    ("GenerateDataKeyPairWithoutPlaintext", Some(KeyUsage::EncryptDecrypt)),
    ("GenerateDataKeyWithoutPlaintext", Some(KeyUsage::EncryptDecrypt)),
    ("GenerateMac", Some(KeyUsage::GenerateVerifyMac)),
    ("GetPublicKey", None),
    ("ReEncrypt from", Some(KeyUsage::EncryptDecrypt)),
    ("ReEncrypt to", Some(KeyUsage::EncryptDecrypt)),
    ("Sign", Some(KeyUsage::SignVerify)),
    ("Verify", Some(KeyUsage::SignVerify)),
    ("VerifyMac", Some(KeyUsage::GenerateVerifyMac)),
];

/// One key of each kind that behaves in a way of its own.
pub(crate) const KINDS: [(KeySpec, KeyUsage); 10] = [
    (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt),
    (KeySpec::Rsa2048, KeyUsage::EncryptDecrypt),
    (KeySpec::Rsa2048, KeyUsage::SignVerify),
    (KeySpec::EccNistP256, KeyUsage::SignVerify),
    (KeySpec::EccNistP384, KeyUsage::KeyAgreement),
    (KeySpec::EccSecgP256K1, KeyUsage::SignVerify),
    (KeySpec::EccNistEdwards25519, KeyUsage::SignVerify),
    (KeySpec::Hmac384, KeyUsage::GenerateVerifyMac),
    (KeySpec::MlDsa44, KeyUsage::SignVerify),
    (KeySpec::MlKem768, KeyUsage::EncapsulateDecapsulate),
];

/// A new key of this kind.
pub(crate) async fn create(bench: &Bench, spec: KeySpec, usage: KeyUsage) -> KeyId {
    let new = NewKey {
        spec: Some(spec),
        usage: Some(usage),
        ..NewKey::default()
    };
    bench.admin(CreateKey::new(new).unwrap()).await.unwrap().record.id
}

pub(crate) fn message(bytes: &[u8]) -> Message {
    Message::new(material(bytes), None).unwrap()
}

/// A key, and what it made in better days.
pub(crate) struct Subject {
    pub(crate) key: KeyId,
    spec: KeySpec,
    ciphertext: Vec<u8>,
    signature: Vec<u8>,
    mac: Vec<u8>,
    encapsulation: Vec<u8>,
    peer: Vec<u8>,
    /// A symmetric key beside it, with a ciphertext.
    other: KeyId,
    others_blob: Vec<u8>,
}

impl Subject {
    async fn new(bench: &Bench, spec: KeySpec, usage: KeyUsage) -> Self {
        Self::of(bench, create(bench, spec, usage).await, spec, usage).await
    }

    /// Of a key that is there.
    pub(crate) async fn of(bench: &Bench, key: KeyId, spec: KeySpec, usage: KeyUsage) -> Self {
        let other = bench.key().await;
        let mut subject = Self {
            key,
            spec,
            ciphertext: vec![1; 256],
            signature: vec![1; 64],
            mac: vec![1; 32],
            encapsulation: vec![1; 1_088],
            peer: vec![1; 91],
            other,
            others_blob: bench.encrypt(other, b"x").await.unwrap().blob,
        };
        subject.prepare(bench, usage).await;
        subject
    }

    async fn prepare(&mut self, bench: &Bench, usage: KeyUsage) {
        match usage {
            KeyUsage::EncryptDecrypt => self.ciphertext = bench.admin(self.encrypt()).await.unwrap().blob,
            KeyUsage::SignVerify => self.signature = bench.admin(self.sign()).await.unwrap().signature.into_vec(),
            KeyUsage::GenerateVerifyMac => self.mac = bytes(&bench.admin(self.generate_mac()).await.unwrap().mac),
            KeyUsage::KeyAgreement => {
                let key = KeyReference::Key(create(bench, self.spec, usage).await);
                let half = bench.admin(GetPublicKey { key }).await.unwrap();
                self.peer = half.public_key.as_der().to_vec();
            }
            KeyUsage::EncapsulateDecapsulate => {
                self.encapsulation = bench.admin(self.encapsulate()).await.unwrap().ciphertext;
            }
        }
    }

    fn by_id(&self) -> KeyReference {
        KeyReference::Key(self.key)
    }

    fn encryption(&self) -> EncryptionAlgorithm {
        let own = self.spec.encryption_algorithms().last().copied();
        own.unwrap_or(EncryptionAlgorithm::SymmetricDefault)
    }

    fn signing(&self) -> SigningAlgorithm {
        let own = self.spec.signing_algorithms().first().copied();
        own.unwrap_or(SigningAlgorithm::EcdsaSha256)
    }

    fn encrypt(&self) -> Encrypt {
        Encrypt::with_algorithm(
            self.by_id(),
            self.encryption(),
            context(&[]),
            material(b"attack at dawn"),
        )
        .unwrap()
    }

    fn sign(&self) -> Sign {
        Sign {
            key: self.by_id(),
            algorithm: self.signing(),
            message: message(b"attack at dawn"),
        }
    }

    fn mac_algorithm(&self) -> MacAlgorithm {
        self.spec.mac_algorithm().unwrap_or(MacAlgorithm::HmacSha256)
    }

    fn generate_mac(&self) -> GenerateMac {
        GenerateMac {
            key: self.by_id(),
            algorithm: self.mac_algorithm(),
            message: message(b"attack at dawn"),
        }
    }

    fn encapsulate(&self) -> Encapsulate {
        Encapsulate {
            key: self.by_id(),
            algorithm: EncapsulationAlgorithm::MlKem,
        }
    }

    pub(crate) async fn undergo(&self, bench: &Bench, operation: &str) -> Result<(), Fault> {
        let (key, message) = (self.by_id(), || message(b"attack at dawn"));
        let (kem, ecdh) = (EncapsulationAlgorithm::MlKem, KeyAgreementAlgorithm::Ecdh);
        match operation {
            "Decapsulate" => {
                let opening = Decapsulate::new(key, kem, self.encapsulation.clone())?;
                bench.admin(opening).await.map(drop)
            }
            "DeriveSharedSecret" => {
                let deriving = DeriveSharedSecret::new(key, ecdh, self.peer.clone())?;
                bench.admin(deriving).await.map(drop)
            }
            "Encapsulate" => bench.admin(self.encapsulate()).await.map(drop),
            "GenerateMac" => bench.admin(self.generate_mac()).await.map(drop),
            "GetPublicKey" => bench.admin(GetPublicKey { key }).await.map(drop),
            "Sign" => bench.admin(self.sign()).await.map(drop),
            "Verify" => {
                let verifying = Verify::new(key, self.signing(), message(), self.signature.clone())?;
                bench.admin(verifying).await.map(drop)
            }
            "VerifyMac" => {
                let verifying = VerifyMac::new(key, self.mac_algorithm(), message(), material(&self.mac))?;
                bench.admin(verifying).await.map(drop)
            }
            data_key if data_key.starts_with("GenerateDataKey") => self.generate(bench, data_key).await,
            encryption => self.encrypt_or_decrypt(bench, encryption).await,
        }
    }

    async fn generate(&self, bench: &Bench, operation: &str) -> Result<(), Fault> {
        let (key, context, length) = (self.by_id(), context(&[]), DataKeyLength::AES_256);
        let spec = DataKeyPairSpec::EccNistP256;
        match operation {
            "GenerateDataKey" => bench.admin(GenerateDataKey { key, context, length }).await.map(drop),
            "GenerateDataKeyPair" => bench.admin(GenerateDataKeyPair { key, context, spec }).await.map(drop),
            "GenerateDataKeyPairWithoutPlaintext" => {
                let without = GenerateDataKeyPairWithoutPlaintext { key, context, spec };
                bench.admin(without).await.map(drop)
            }
            _ => {
                let without = GenerateDataKeyWithoutPlaintext { key, context, length };
                bench.admin(without).await.map(drop)
            }
        }
    }

    async fn encrypt_or_decrypt(&self, bench: &Bench, operation: &str) -> Result<(), Fault> {
        let symmetric = EncryptionAlgorithm::SymmetricDefault;
        let source = |key, algorithm, ciphertext| ReEncryptSource {
            key: Some(KeyReference::Key(key)),
            algorithm,
            context: context(&[]),
            ciphertext,
        };
        let destination = |key, algorithm| ReEncryptDestination {
            key: KeyReference::Key(key),
            algorithm,
            context: context(&[]),
        };
        let own = self.encryption();
        match operation {
            "Encrypt" => bench.admin(self.encrypt()).await.map(drop),
            "Decrypt" => {
                let opening = Decrypt::with_algorithm(Some(self.by_id()), own, context(&[]), &self.ciphertext)?;
                bench.admin(opening).await.map(drop)
            }
            "ReEncrypt from" => {
                let from = source(self.key, own, &self.ciphertext);
                let moving = ReEncrypt::with_algorithms(from, destination(self.other, symmetric))?;
                bench.admin(moving).await.map(drop)
            }
            "ReEncrypt to" => {
                let from = source(self.other, symmetric, &self.others_blob);
                let moving = ReEncrypt::with_algorithms(from, destination(self.key, own))?;
                bench.admin(moving).await.map(drop)
            }
            unknown => panic!("the table names {unknown}"),
        }
    }
}

/// What AWS says of a key that is not of the right kind; `None` of one that is.
pub(crate) fn refusal(
    operation: &str,
    needed: Option<KeyUsage>,
    key: KeyId,
    spec: KeySpec,
    usage: KeyUsage,
) -> Option<(Code, String)> {
    let arn = scope().key_arn(&key);
    let name = operation.split(' ').next().unwrap();
    match needed {
        None if spec.is_asymmetric() => None,
        None => Some((
            Code::UnsupportedOperation,
            format!("{arn} key spec is {spec} which is not valid for {name}."),
        )),
        Some(needed) if needed != usage => Some((
            Code::InvalidKeyUsage,
            format!("{arn} key usage is {usage} which is not valid for {name}."),
        )),
        Some(_) if name.starts_with("GenerateDataKey") && spec != KeySpec::SymmetricDefault => Some((
            Code::InvalidKeyUsage,
            "You cannot generate a data key with an asymmetric CMK".to_owned(),
        )),
        Some(_) => None,
    }
}

#[tokio::test]
async fn every_use_takes_keys_of_its_kind_and_says_so_to_others() {
    let bench = Bench::new().await;
    for (spec, usage) in KINDS {
        let subject = Subject::new(&bench, spec, usage).await;
        for (operation, needed) in USES {
            let outcome = subject.undergo(&bench, operation).await;
            let found = outcome.err().map(|fault| (fault.code(), fault.message().to_owned()));
            let expected = refusal(operation, needed, subject.key, spec, usage);
            assert_eq!(found, expected, "{operation} with {spec} for {usage}");
        }
    }
}

/// The uses that a key of this kind is for.
pub(crate) fn proper(spec: KeySpec, usage: KeyUsage) -> impl Iterator<Item = &'static str> {
    let nobody = KeyId::from_bytes([0; 16]);
    let is_proper = move |(operation, needed): &(&str, _)| refusal(operation, *needed, nobody, spec, usage).is_none();
    USES.into_iter().filter(is_proper).map(|(operation, _)| operation)
}

/// The key state table of AWS: no use of a key that is not enabled.
#[tokio::test]
async fn a_key_that_is_not_enabled_is_used_for_nothing() {
    let bench = Bench::new().await;
    for (spec, usage) in KINDS {
        let subject = Subject::new(&bench, spec, usage).await;
        let (key, arn) = (subject.key, scope().key_arn(&subject.key));
        bench.admin(DisableKey { key }).await.unwrap();
        for operation in proper(spec, usage) {
            let outcome = subject.undergo(&bench, operation).await;
            refused(outcome, Code::Disabled, &format!("{arn} is disabled."));
        }
        bench.admin(ScheduleKeyDeletion::new(key, None).unwrap()).await.unwrap();
        for operation in proper(spec, usage) {
            let outcome = subject.undergo(&bench, operation).await;
            refused(outcome, Code::KmsInvalidState, &format!("{arn} is pending deletion."));
        }
    }
}

#[tokio::test]
async fn a_dry_run_of_every_use_says_what_the_request_would_have_come_to() {
    let bench = Bench::new().await;
    for (spec, usage) in KINDS {
        let subject = Subject::new(&bench, spec, usage).await;
        bench.dry_run.store(true, Ordering::Relaxed);
        // The model has none of GetPublicKey.
        for (operation, needed) in USES.into_iter().filter(|(operation, _)| *operation != "GetPublicKey") {
            let told = fault(subject.undergo(&bench, operation).await);
            let expected = refusal(operation, needed, subject.key, spec, usage).unwrap_or_else(|| {
                let would = "The request would have succeeded, but the DryRun option is set.";
                (Code::DryRunOperation, would.to_owned())
            });
            let found = (told.code(), told.message().to_owned());
            assert_eq!(found, expected, "{operation} with {spec} for {usage}");
        }
        bench.dry_run.store(false, Ordering::Relaxed);
    }
}

/// And nothing of what was signed, authenticated or agreed on.
#[tokio::test]
async fn every_use_leaves_one_record() {
    let bench = Bench::new().await;
    for (spec, usage) in KINDS {
        let subject = Subject::new(&bench, spec, usage).await;
        for operation in proper(spec, usage) {
            let before = bench.trail().len();
            subject.undergo(&bench, operation).await.unwrap();
            let records = bench.trail();
            assert_eq!(records.len(), before + 1, "{operation}");
            let record = records.last().unwrap();
            assert_eq!(record["eventName"], operation.split(' ').next().unwrap());
            assert!(record["responseElements"].is_null(), "{operation}");
            let parameters = record["requestParameters"].as_object().unwrap();
            let known = [
                "keyId",
                "destinationKeyId",
                "sourceKeyId",
                "keyPairSpec",
                "messageType",
                "numberOfBytes",
            ];
            let is_known = |name: &String| {
                known.contains(&name.as_str()) || name.ends_with("Algorithm") || name.ends_with("EncryptionContext")
            };
            assert!(parameters.keys().all(is_known), "{operation}: {parameters:?}");
        }
    }
}
