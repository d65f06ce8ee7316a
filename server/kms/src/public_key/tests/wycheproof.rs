//! Project Wycheproof's signatures through the service's own verification, as Verify calls it.
//!
//! How many of each file verify and how many are refused is a reviewed table, so that nothing is left out silently.

#[path = "../../../../../tests/vectors/wycheproof.rs"]
#[allow(dead_code, reason = "the token's tests need another part")]
mod vectors;

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

use strongroom_base::SigningAlgorithm::{
    EcdsaSha256, EcdsaSha384, EcdsaSha512, Ed25519Sha512, MlDsaShake256, RsassaPkcs1V15Sha256, RsassaPkcs1V15Sha384,
    RsassaPkcs1V15Sha512, RsassaPssSha256, RsassaPssSha384, RsassaPssSha512,
};
use strongroom_base::limits::MESSAGE_BYTES_MAX;
use strongroom_base::{Code, KeySpec, MessageType, SigningAlgorithm};

use super::{digest, message};
use crate::public_key::PublicKey;
use vectors::{Test, groups, hexadecimal};

/// The files of signatures in the form that the service takes: what a key of theirs is, and how it signs.
const FILES: [(&str, KeySpec, SigningAlgorithm); 15] = [
    ("ecdsa_secp256k1_sha256", KeySpec::EccSecgP256K1, EcdsaSha256),
    ("ecdsa_secp256r1_sha256", KeySpec::EccNistP256, EcdsaSha256),
    ("ecdsa_secp384r1_sha384", KeySpec::EccNistP384, EcdsaSha384),
    ("ecdsa_secp521r1_sha512", KeySpec::EccNistP521, EcdsaSha512),
    ("ed25519", KeySpec::EccNistEdwards25519, Ed25519Sha512),
    ("mldsa_44_verify", KeySpec::MlDsa44, MlDsaShake256),
    ("mldsa_65_verify", KeySpec::MlDsa65, MlDsaShake256),
    ("mldsa_87_verify", KeySpec::MlDsa87, MlDsaShake256),
    ("rsa_pss_2048_sha256_mgf1_32", KeySpec::Rsa2048, RsassaPssSha256),
    ("rsa_pss_2048_sha384_mgf1_48", KeySpec::Rsa2048, RsassaPssSha384),
    ("rsa_pss_3072_sha256_mgf1_32", KeySpec::Rsa3072, RsassaPssSha256),
    ("rsa_pss_4096_sha512_mgf1_64", KeySpec::Rsa4096, RsassaPssSha512),
    ("rsa_signature_2048_sha256", KeySpec::Rsa2048, RsassaPkcs1V15Sha256),
    ("rsa_signature_3072_sha384", KeySpec::Rsa3072, RsassaPkcs1V15Sha384),
    ("rsa_signature_4096_sha512", KeySpec::Rsa4096, RsassaPkcs1V15Sha512),
];

/// What became of the vectors of a file.
#[derive(Default)]
struct Tally {
    verified: usize,
    refused: usize,
    left_out: BTreeMap<&'static str, usize>,
    acceptable: Vec<String>,
    deviating: Vec<String>,
}

#[test]
fn every_signature_of_wycheproof_is_taken_or_refused_as_it_should_be() {
    let is_signature = |name: &String| !["aes", "hmac", "rsa_oaep"].iter().any(|other| name.starts_with(other));
    // PKCS#11's form of ECDSA signatures, which only tokens see.
    let mut there = vectors::files();
    there.retain(|name| is_signature(name) && !name.ends_with("_p1363"));
    assert_eq!(there, FILES.map(|(name, ..)| name), "a file is not checked");
    let mut table = String::new();
    for (name, spec, algorithm) in FILES {
        let mut tally = Tally::default();
        for group in groups(name) {
            let key = PublicKey::from_der(hexadecimal(group.text("publicKeyDer")));
            for test in group.tests() {
                match foreign(algorithm, &test) {
                    Some(why) => *tally.left_out.entry(why).or_default() += 1,
                    None => tally.count(&test, verifies(&key, spec, algorithm, &test)),
                }
            }
        }
        tally.report(&mut table, name);
    }
    compare(&table);
}

/// What no caller of the service can ask for.
fn foreign(algorithm: SigningAlgorithm, test: &Test) -> Option<&'static str> {
    if test.bytes("msg").is_empty() && algorithm.digest_bytes().is_none() {
        return Some("the service's messages are not empty");
    }
    if test.bytes("msg").len() > MESSAGE_BYTES_MAX {
        return Some("the service's messages have 4,096 bytes at most");
    }
    test.optional_bytes("ctx")
        .map(|_| "the service signs without a context")
}

/// Whether it verifies: as a message and, where the algorithm signs one, as a digest, which must come to the same.
fn verifies(key: &PublicKey, spec: KeySpec, algorithm: SigningAlgorithm, test: &Test) -> bool {
    let (text, signature) = (test.bytes("msg"), test.bytes("sig"));
    let verify = |form, bytes: &[u8]| {
        let message = message(form, bytes);
        message.check(spec, algorithm).unwrap();
        let verified = key.verify(spec, algorithm, &message, &signature);
        verified.map_err(|fault| fault.code())
    };
    let mut answers = Vec::new();
    if !text.is_empty() {
        answers.push(verify(MessageType::Raw, &text));
    }
    if algorithm.digest_bytes().is_some() {
        answers.push(verify(MessageType::Digest, &digest(algorithm, &text)));
    }
    let first = answers[0];
    assert!(
        answers.iter().all(|answer| *answer == first),
        "{algorithm} {}",
        test.number()
    );
    match first {
        Ok(()) => true,
        Err(code) => {
            assert_eq!(code, Code::KmsInvalidSignature, "{algorithm} {}", test.number());
            false
        }
    }
}

impl Tally {
    fn count(&mut self, test: &Test, verifies: bool) {
        let told = || {
            let verb = if verifies { "verifies" } else { "is refused" };
            format!("{} {verb} ({})", test.number(), test.flags())
        };
        match (test.expected(), verifies) {
            ("valid", true) => self.verified += 1,
            ("invalid", false) => self.refused += 1,
            ("acceptable", _) => self.acceptable.push(told()),
            _ => self.deviating.push(told()),
        }
    }

    fn report(&self, table: &mut String, name: &str) {
        let Self { verified, refused, .. } = self;
        writeln!(table, "{name}: {verified} valid verify, {refused} invalid are refused").unwrap();
        for (why, count) in &self.left_out {
            writeln!(table, "    {count} left out: {why}").unwrap();
        }
        for (kind, vectors) in [("acceptable", &self.acceptable), ("deviates", &self.deviating)] {
            for vector in vectors {
                writeln!(table, "    {kind}: {vector}").unwrap();
            }
        }
    }
}

fn compare(table: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/wycheproof.txt");
    if std::env::var_os("STRONGROOM_BLESS").is_some() {
        std::fs::write(&file, table).unwrap();
    }
    let reviewed = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        table,
        reviewed,
        "{} differs; review it with STRONGROOM_BLESS=1",
        file.display()
    );
}
