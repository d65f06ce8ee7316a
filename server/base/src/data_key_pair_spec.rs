//! [`DataKeyPairSpec`]: the kinds of key pair that are made for use outside the service.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::key_spec::KeySpec;
use crate::named::named;

named! {
    /// The kind of a data key pair (`DataKeyPairSpec`).
    pub enum DataKeyPairSpec {
        /// RSA, 2,048 bits.
        Rsa2048 = "RSA_2048";
        /// RSA, 3,072 bits.
        Rsa3072 = "RSA_3072";
        /// RSA, 4,096 bits.
        Rsa4096 = "RSA_4096";
        /// NIST P-256.
        EccNistP256 = "ECC_NIST_P256";
        /// NIST P-384.
        EccNistP384 = "ECC_NIST_P384";
        /// NIST P-521.
        EccNistP521 = "ECC_NIST_P521";
        /// secp256k1 (SEC 2).
        EccSecgP256K1 = "ECC_SECG_P256K1";
        /// SM2 (China Regions of AWS only).
        Sm2 = "SM2";
        /// Ed25519 (RFC 8032).
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519";
        /// ML-KEM-512 (FIPS 203).
        MlKem512 = "ML_KEM_512";
        /// ML-KEM-768.
        MlKem768 = "ML_KEM_768";
        /// ML-KEM-1024.
        MlKem1024 = "ML_KEM_1024";
    }
}

impl DataKeyPairSpec {
    /// The same kind of a KMS key.
    #[must_use]
    pub const fn key_spec(self) -> KeySpec {
        match self {
            Self::Rsa2048 => KeySpec::Rsa2048,
            Self::Rsa3072 => KeySpec::Rsa3072,
            Self::Rsa4096 => KeySpec::Rsa4096,
            Self::EccNistP256 => KeySpec::EccNistP256,
            Self::EccNistP384 => KeySpec::EccNistP384,
            Self::EccNistP521 => KeySpec::EccNistP521,
            Self::EccSecgP256K1 => KeySpec::EccSecgP256K1,
            Self::Sm2 => KeySpec::Sm2,
            Self::EccNistEdwards25519 => KeySpec::EccNistEdwards25519,
            Self::MlKem512 => KeySpec::MlKem512,
            Self::MlKem768 => KeySpec::MlKem768,
            Self::MlKem1024 => KeySpec::MlKem1024,
        }
    }
}
