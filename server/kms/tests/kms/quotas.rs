//! What operations spend of the quotas that the gate keeps: the kinds of their keys say so.

use std::sync::Arc;

use strongroom_base::{Clock, Code, EncryptionAlgorithm, Fault, KeyId, KeySpec, KeyUsage};
use strongroom_gate::{Gate, Policies, QuotaRates};
use strongroom_kms::KeyReference;
use strongroom_kms::op::{ReEncrypt, ReEncryptDestination, ReEncryptSource};
use strongroom_policy::PolicyDocument;

use crate::bench::{Bench, allow, context, refused, scope, user_arn};
use crate::uses::create;

const OAEP: EncryptionAlgorithm = EncryptionAlgorithm::RsaesOaepSha256;
const SYMMETRIC: EncryptionAlgorithm = EncryptionAlgorithm::SymmetricDefault;

impl Bench {
    /// From here on the account has no more than these tokens of each class, for a long time.
    fn limit(&mut self, classes: &[&str]) {
        let mut policies = Policies::default();
        let everything = PolicyDocument::parse(&allow("kms:*", "*")).unwrap();
        policies.attach(user_arn("administrator").parse().unwrap(), everything);
        let rates = classes.iter().map(|class| ((*class).to_owned(), 0.001));
        let gate = Gate::new(scope(), Clock::System, policies, self.gate.trail().clone())
            .limited_to(QuotaRates::configured(&rates.collect()).unwrap());
        gate.open();
        self.gate = Arc::new(gate);
    }

    async fn re_encrypt(&self, ciphertext: &[u8], into: (KeyId, EncryptionAlgorithm)) -> Result<Vec<u8>, Fault> {
        let source = ReEncryptSource {
            key: None,
            algorithm: SYMMETRIC,
            context: context(&[]),
            ciphertext,
        };
        let destination = ReEncryptDestination {
            key: KeyReference::Key(into.0),
            algorithm: into.1,
            context: context(&[]),
        };
        let moved = self.admin(ReEncrypt::with_algorithms(source, destination)?).await;
        moved.map(|moved| moved.blob)
    }
}

const TOO_MANY: &str = "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.";

#[tokio::test]
async fn re_encryption_spends_the_quota_of_each_kind_of_its_keys() {
    let mut bench = Bench::new().await;
    let (symmetric, rsa) = (
        bench.key().await,
        create(&bench, KeySpec::Rsa2048, KeyUsage::EncryptDecrypt).await,
    );
    let blob = bench.encrypt(symmetric, b"x").await.unwrap().blob;
    bench.limit(&["rsa-cryptography"]);
    bench.re_encrypt(&blob, (rsa, OAEP)).await.unwrap();
    let again = bench.re_encrypt(&blob, (rsa, OAEP)).await;
    refused(again, Code::Throttling, TOO_MANY);
    assert_eq!(bench.gate.throttled()[1], ("rsa-cryptography", 1));
    bench.limit(&["symmetric-cryptography", "rsa-cryptography"]);
    bench.re_encrypt(&blob, (symmetric, SYMMETRIC)).await.unwrap();
    let other = bench.re_encrypt(&blob, (rsa, OAEP)).await;
    refused(other, Code::Throttling, TOO_MANY);
    assert_eq!(
        bench.gate.throttled()[..2],
        [("symmetric-cryptography", 1), ("rsa-cryptography", 0)]
    );
}
