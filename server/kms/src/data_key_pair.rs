//! Key pairs for use outside the service: made in this process, because the private key leaves it at once.
//!
//! The library's own copies of the private key are wiped when they are freed; THREAT_MODEL says what remains.

use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::pkcs8::Document;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair};
use strongroom_base::limits::DATA_KEY_PAIRS_AT_ONCE_MAX;
use strongroom_base::{Code, DataKeyPairSpec, Deadline, Fault};
use strongroom_material::{Material, PrivateKeyDer};
use tokio::sync::Semaphore;

/// A new key pair. `N` says how many consume the private key: material is not copied afterwards.
pub(crate) struct NewPair<const N: usize> {
    /// PKCS #8 PrivateKeyInfo in DER.
    pub(crate) private: [Material<PrivateKeyDer>; N],
    /// SubjectPublicKeyInfo in DER.
    pub(crate) public: Vec<u8>,
}

/// Makes key pairs, few at a time and not on the threads that serve requests: one of RSA takes up to seconds.
pub(crate) struct PairMaker {
    places: Arc<Semaphore>,
}

impl Default for PairMaker {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(DATA_KEY_PAIRS_AT_ONCE_MAX)),
        }
    }
}

impl PairMaker {
    /// Makes a pair. Its place is free again when it is made, whether or not the caller still waits.
    ///
    /// # Errors
    /// UnsupportedOperationException for kinds that the library lacks; DependencyTimeoutException when no pair could be
    /// made in time.
    pub(crate) async fn make<const N: usize>(
        &self,
        spec: DataKeyPairSpec,
        deadline: Deadline,
    ) -> Result<NewPair<N>, Fault> {
        let kind = kind(spec)?;
        let places = Arc::clone(&self.places);
        #[expect(
            clippy::disallowed_methods,
            reason = "a pair takes far longer than a change of threads"
        )]
        let made = async move {
            let place = places.acquire_owned().await;
            let make = move || {
                let _until_it_is_made = place;
                kind.make()
            };
            tokio::task::spawn_blocking(make).await
        };
        let late = |_| Fault::new(Code::DependencyTimeout, "No key pair could be made in time; try again.");
        let made = tokio::time::timeout_at(deadline.instant().into(), made)
            .await
            .map_err(late)?;
        made.map_err(|cause| failed().because(cause))?
            .map_err(|Unspecified| failed())
    }
}

/// Refuses kinds that cannot be made.
pub(crate) fn check_kind(spec: DataKeyPairSpec) -> Result<(), Fault> {
    kind(spec).map(drop)
}

/// How the library makes a pair.
enum Kind {
    Rsa(KeySize),
    Ecdsa(&'static EcdsaSigningAlgorithm),
    Ed25519,
}

/// A private key as the library hands it out. Both types wipe themselves.
enum Encoded {
    Der(Pkcs8V1Der<'static>),
    Document(Document),
}

/// SM2 is not in the library, and of an ML-KEM private key it gives the expanded form only, where AWS gives the seed.
fn kind(spec: DataKeyPairSpec) -> Result<Kind, Fault> {
    Ok(match spec {
        DataKeyPairSpec::Rsa2048 => Kind::Rsa(KeySize::Rsa2048),
        DataKeyPairSpec::Rsa3072 => Kind::Rsa(KeySize::Rsa3072),
        DataKeyPairSpec::Rsa4096 => Kind::Rsa(KeySize::Rsa4096),
        DataKeyPairSpec::EccNistP256 => Kind::Ecdsa(&signature::ECDSA_P256_SHA256_ASN1_SIGNING),
        DataKeyPairSpec::EccNistP384 => Kind::Ecdsa(&signature::ECDSA_P384_SHA384_ASN1_SIGNING),
        DataKeyPairSpec::EccNistP521 => Kind::Ecdsa(&signature::ECDSA_P521_SHA512_ASN1_SIGNING),
        DataKeyPairSpec::EccSecgP256K1 => Kind::Ecdsa(&signature::ECDSA_P256K1_SHA256_ASN1_SIGNING),
        DataKeyPairSpec::EccNistEdwards25519 => Kind::Ed25519,
        DataKeyPairSpec::Sm2 | DataKeyPairSpec::MlKem512 | DataKeyPairSpec::MlKem768 | DataKeyPairSpec::MlKem1024 => {
            return Err(Fault::new(
                Code::UnsupportedOperation,
                format!("This service makes no data key pairs of key pair spec {spec}."),
            ));
        }
    })
}

impl Kind {
    fn make<const N: usize>(&self) -> Result<NewPair<N>, Unspecified> {
        let (private, public) = match self {
            Self::Rsa(size) => {
                let pair = rsa::KeyPair::generate(*size)?;
                (Encoded::Der(pair.as_der()?), public_of(&pair)?)
            }
            Self::Ecdsa(algorithm) => {
                let pair = EcdsaKeyPair::generate(algorithm)?;
                (Encoded::Document(pair.to_pkcs8v1()?), public_of(&pair)?)
            }
            Self::Ed25519 => {
                let pair = Ed25519KeyPair::generate()?;
                (Encoded::Document(pair.to_pkcs8v1()?), public_of(&pair)?)
            }
        };
        Ok(NewPair {
            private: std::array::from_fn(|_| Material::take(private.as_bytes().to_vec())),
            public,
        })
    }
}

fn public_of<P: KeyPair>(pair: &P) -> Result<Vec<u8>, Unspecified>
where
    P::PublicKey: AsDer<PublicKeyX509Der<'static>>,
{
    Ok(pair.public_key().as_der()?.as_ref().to_vec())
}

impl Encoded {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Der(der) => der.as_ref(),
            Self::Document(document) => document.as_ref(),
        }
    }
}

fn failed() -> Fault {
    Fault::new(Code::Internal, "The key pair could not be made.")
}

#[cfg(test)]
mod tests;
