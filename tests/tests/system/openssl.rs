//! Interoperability with OpenSSL's command line, over the wire and on a real token: what leaves the service is what the
//! standards say, and what others make for our keys is taken.

use std::path::{Path, PathBuf};
use std::process::Command;

use strongroom_proto::v1;
use strongroom_tests::install::openssl::openssl;
use strongroom_tests::installation::EVERYTHING;
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::world::{World, keys, told};

const TEXT: &[u8] = b"attack at dawn";

/// A service, and a folder in which OpenSSL works.
struct Bench {
    _world: World,
    channel: Channel,
    program: PathBuf,
    folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        let program = openssl().unwrap_or_else(|fault| panic!("{fault}"));
        let world = World::start(&[EVERYTHING]);
        Self {
            channel: world.connect().await,
            _world: world,
            program,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// Runs OpenSSL in the folder; whether it succeeded, and what it said.
    fn run(&self, arguments: &str) -> (bool, String) {
        let mut command = Command::new(&self.program);
        command
            .args(arguments.split(' '))
            .current_dir(Path::new(self.folder.path()));
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8_lossy(&said).into_owned())
    }

    #[track_caller]
    fn succeed(&self, arguments: &str) {
        let (success, said) = self.run(arguments);
        assert!(success, "openssl {arguments}: {said}");
    }

    /// A new key, its public half in `public.der`.
    async fn key(&self, spec: v1::KeySpec, usage: v1::KeyUsage) -> String {
        let request = v1::CreateKeyRequest {
            key_spec: spec.into(),
            key_usage: usage.into(),
            ..Default::default()
        };
        let created = keys(&self.channel).create_key(request).await;
        let created = created.unwrap_or_else(|status| panic!("{spec:?}: {}", told::<()>(Err(status))));
        let key_id = created.into_inner().key_metadata.unwrap().arn;
        let request = v1::GetPublicKeyRequest {
            key_id: key_id.clone(),
            ..Default::default()
        };
        if let Ok(half) = keys(&self.channel).get_public_key(request).await {
            let half = half.into_inner();
            assert_eq!((half.key_spec(), half.key_usage()), (spec, usage));
            self.write("public.der", &half.public_key);
        }
        key_id
    }

    async fn sign(&self, key_id: &str, algorithm: v1::SigningAlgorithm) -> Vec<u8> {
        let request = v1::SignRequest {
            key_id: key_id.to_owned(),
            message: TEXT.to_vec(),
            signing_algorithm: algorithm.into(),
            ..Default::default()
        };
        let signed = keys(&self.channel).sign(request).await;
        let signed = signed.unwrap_or_else(|status| panic!("{algorithm:?}: {}", told::<()>(Err(status))));
        signed.into_inner().signature
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_verifies_our_signatures() {
    use v1::SigningAlgorithm as Algorithm;
    let bench = Bench::new().await;
    bench.write("text", TEXT);
    bench.write("other", b"attack at dusk");
    let pss = "-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest";
    let cases = [
        (
            v1::KeySpec::Rsa2048,
            Algorithm::RsassaPssSha256,
            format!("-sha256 {pss}"),
        ),
        (
            v1::KeySpec::Rsa2048,
            Algorithm::RsassaPssSha384,
            format!("-sha384 {pss}"),
        ),
        (
            v1::KeySpec::Rsa3072,
            Algorithm::RsassaPssSha512,
            format!("-sha512 {pss}"),
        ),
        (
            v1::KeySpec::Rsa2048,
            Algorithm::RsassaPkcs1V15Sha256,
            "-sha256".to_owned(),
        ),
        (
            v1::KeySpec::Rsa2048,
            Algorithm::RsassaPkcs1V15Sha384,
            "-sha384".to_owned(),
        ),
        (
            v1::KeySpec::Rsa3072,
            Algorithm::RsassaPkcs1V15Sha512,
            "-sha512".to_owned(),
        ),
        (v1::KeySpec::EccNistP256, Algorithm::EcdsaSha256, "-sha256".to_owned()),
        (v1::KeySpec::EccNistP384, Algorithm::EcdsaSha384, "-sha384".to_owned()),
        (v1::KeySpec::EccNistP521, Algorithm::EcdsaSha512, "-sha512".to_owned()),
        (v1::KeySpec::EccSecgP256k1, Algorithm::EcdsaSha256, "-sha256".to_owned()),
    ];
    for (spec, algorithm, options) in cases {
        let key = bench.key(spec, v1::KeyUsage::SignVerify).await;
        bench.write("signature", &bench.sign(&key, algorithm).await);
        let verify = format!("dgst {options} -verify public.der -keyform DER -signature signature");
        bench.succeed(&format!("{verify} text"));
        assert!(!bench.run(&format!("{verify} other")).0, "{spec:?} {algorithm:?}");
    }
    let key = bench
        .key(v1::KeySpec::EccNistEdwards25519, v1::KeyUsage::SignVerify)
        .await;
    bench.write("signature", &bench.sign(&key, Algorithm::Ed25519Sha512).await);
    let verify = "pkeyutl -verify -pubin -inkey public.der -keyform DER -rawin -sigfile signature -in";
    bench.succeed(&format!("{verify} text"));
    assert!(!bench.run(&format!("{verify} other")).0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_openssl_encrypts_to_our_key_is_decrypted() {
    let bench = Bench::new().await;
    bench.write("text", TEXT);
    let key_id = bench.key(v1::KeySpec::Rsa2048, v1::KeyUsage::EncryptDecrypt).await;
    for (algorithm, hash) in [
        (v1::EncryptionAlgorithm::RsaesOaepSha1, "sha1"),
        (v1::EncryptionAlgorithm::RsaesOaepSha256, "sha256"),
    ] {
        let options = format!("-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:{hash} -pkeyopt rsa_mgf1_md:{hash}");
        let encrypt = "pkeyutl -encrypt -pubin -inkey public.der -keyform DER -in text -out sealed";
        bench.succeed(&format!("{encrypt} {options}"));
        let request = v1::DecryptRequest {
            ciphertext_blob: bench.read("sealed"),
            key_id: Some(key_id.clone()),
            encryption_algorithm: algorithm.into(),
            ..Default::default()
        };
        let opened = keys(&bench.channel)
            .decrypt(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert_eq!(
            (opened.plaintext.as_slice(), opened.encryption_algorithm()),
            (TEXT, algorithm)
        );
        let mut changed = request;
        changed.ciphertext_blob[10] ^= 1;
        assert_eq!(
            told(keys(&bench.channel).decrypt(changed).await),
            "InvalidArgument InvalidCiphertextException: The ciphertext is not valid."
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_comes_to_the_same_shared_secret() {
    let bench = Bench::new().await;
    for (spec, curve) in [
        (v1::KeySpec::EccNistP256, "P-256"),
        (v1::KeySpec::EccNistP384, "P-384"),
        (v1::KeySpec::EccNistP521, "P-521"),
    ] {
        let key_id = bench.key(spec, v1::KeyUsage::KeyAgreement).await;
        bench.succeed(&format!(
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:{curve} -out own.pem"
        ));
        bench.succeed("pkey -in own.pem -pubout -outform DER -out own.der");
        bench.succeed("pkey -pubin -inform DER -in public.der -out public.pem");
        bench.succeed("pkeyutl -derive -inkey own.pem -peerkey public.pem -out secret");
        let request = v1::DeriveSharedSecretRequest {
            key_id,
            key_agreement_algorithm: v1::KeyAgreementAlgorithm::Ecdh.into(),
            public_key: bench.read("own.der"),
            ..Default::default()
        };
        let derived = keys(&bench.channel)
            .derive_shared_secret(request.clone())
            .await
            .unwrap()
            .into_inner();
        assert_eq!(derived.shared_secret, bench.read("secret"), "{spec:?}");
        bench.succeed("genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out foreign.pem");
        bench.succeed("pkey -in foreign.pem -pubout -outform DER -out foreign.der");
        let foreign = v1::DeriveSharedSecretRequest {
            public_key: bench.read("foreign.der"),
            ..request
        };
        assert_eq!(
            told(keys(&bench.channel).derive_shared_secret(foreign).await),
            "InvalidArgument ValidationException: The public key is not a valid one for the key's curve."
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_reads_our_data_key_pairs() {
    use v1::DataKeyPairSpec as Spec;
    let bench = Bench::new().await;
    let created = keys(&bench.channel)
        .create_key(v1::CreateKeyRequest::default())
        .await
        .unwrap();
    let key_id = created.into_inner().key_metadata.unwrap().arn;
    for (spec, named) in [
        (Spec::Rsa2048, "2048 bit"),
        (Spec::Rsa3072, "3072 bit"),
        (Spec::EccNistP256, "P-256"),
        (Spec::EccNistP384, "P-384"),
        (Spec::EccNistP521, "P-521"),
        (Spec::EccSecgP256k1, "secp256k1"),
        (Spec::EccNistEdwards25519, "ED25519"),
    ] {
        let request = v1::GenerateDataKeyPairRequest {
            key_id: key_id.clone(),
            key_pair_spec: spec.into(),
            ..Default::default()
        };
        let pair = keys(&bench.channel)
            .generate_data_key_pair(request)
            .await
            .unwrap()
            .into_inner();
        bench.write("private.der", &pair.private_key_plaintext);
        bench.write("public.der", &pair.public_key);
        let (success, said) = bench.run("pkey -inform DER -in private.der -noout -text -check");
        assert!(success && said.contains(named), "{spec:?}: {said}");
        bench.succeed("pkey -inform DER -in private.der -pubout -outform DER -out computed.der");
        assert_eq!(bench.read("computed.der"), pair.public_key, "{spec:?}");
        let request = v1::DecryptRequest {
            ciphertext_blob: pair.private_key_ciphertext_blob,
            ..Default::default()
        };
        let opened = keys(&bench.channel).decrypt(request).await.unwrap().into_inner();
        assert_eq!(opened.plaintext, pair.private_key_plaintext, "{spec:?}");
    }
}

/// Nobody has the key outside the token, so the service itself must agree with itself, and refuse what was changed.
#[tokio::test(flavor = "multi_thread")]
async fn codes_verify_and_changed_ones_do_not() {
    let bench = Bench::new().await;
    for (spec, algorithm, length) in [
        (v1::KeySpec::Hmac224, v1::MacAlgorithm::HmacSha224, 28),
        (v1::KeySpec::Hmac256, v1::MacAlgorithm::HmacSha256, 32),
        (v1::KeySpec::Hmac384, v1::MacAlgorithm::HmacSha384, 48),
        (v1::KeySpec::Hmac512, v1::MacAlgorithm::HmacSha512, 64),
    ] {
        let key_id = bench.key(spec, v1::KeyUsage::GenerateVerifyMac).await;
        let request = v1::GenerateMacRequest {
            key_id: key_id.clone(),
            message: TEXT.to_vec(),
            mac_algorithm: algorithm.into(),
            ..Default::default()
        };
        let mut mac = keys(&bench.channel)
            .generate_mac(request)
            .await
            .unwrap()
            .into_inner()
            .mac;
        assert_eq!(mac.len(), length);
        let verify = |mac: Vec<u8>| v1::VerifyMacRequest {
            key_id: key_id.clone(),
            message: TEXT.to_vec(),
            mac,
            mac_algorithm: algorithm.into(),
            ..Default::default()
        };
        let verified = keys(&bench.channel)
            .verify_mac(verify(mac.clone()))
            .await
            .unwrap()
            .into_inner();
        assert!(verified.mac_valid);
        mac[0] ^= 1;
        assert_eq!(
            told(keys(&bench.channel).verify_mac(verify(mac)).await),
            "InvalidArgument KMSInvalidMacException: The message authentication code is not valid."
        );
    }
}
