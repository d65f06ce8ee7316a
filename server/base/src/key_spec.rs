//! [`KeySpec`], [`KeyUsage`], [`KeyOrigin`]: what kind of key, what it is for, and where its material comes from.
//!
//! Names are those of the AWS KMS API model (`KeySpec`, `KeyUsageType`, `OriginType`). Which of them a token can hold is
//! for its profile to say, not for this table.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::algorithm::{
    EncapsulationAlgorithm, EncryptionAlgorithm, KeyAgreementAlgorithm, MacAlgorithm, SigningAlgorithm,
};
use crate::named::named;

named! {
    /// The kind of a KMS key (`KeySpec`).
    pub enum KeySpec {
        /// AES-256-GCM.
        SymmetricDefault = "SYMMETRIC_DEFAULT";
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
        /// Ed25519 (RFC 8032).
        EccNistEdwards25519 = "ECC_NIST_EDWARDS25519";
        /// HMAC with SHA-224.
        Hmac224 = "HMAC_224";
        /// HMAC with SHA-256.
        Hmac256 = "HMAC_256";
        /// HMAC with SHA-384.
        Hmac384 = "HMAC_384";
        /// HMAC with SHA-512.
        Hmac512 = "HMAC_512";
        /// ML-DSA-44 (FIPS 204).
        MlDsa44 = "ML_DSA_44";
        /// ML-DSA-65.
        MlDsa65 = "ML_DSA_65";
        /// ML-DSA-87.
        MlDsa87 = "ML_DSA_87";
        /// ML-KEM-512 (FIPS 203).
        MlKem512 = "ML_KEM_512";
        /// ML-KEM-768.
        MlKem768 = "ML_KEM_768";
        /// ML-KEM-1024.
        MlKem1024 = "ML_KEM_1024";
        /// SM2 (China Regions of AWS only).
        Sm2 = "SM2";
    }
}

named! {
    /// What a KMS key is for (`KeyUsageType`). One for life.
    pub enum KeyUsage {
        /// Encrypt and decrypt.
        EncryptDecrypt = "ENCRYPT_DECRYPT";
        /// Sign and verify.
        SignVerify = "SIGN_VERIFY";
        /// Make and verify message authentication codes.
        GenerateVerifyMac = "GENERATE_VERIFY_MAC";
        /// Derive shared secrets.
        KeyAgreement = "KEY_AGREEMENT";
        /// Encapsulate and decapsulate keys.
        EncapsulateDecapsulate = "ENCAPSULATE_DECAPSULATE";
    }
}

named! {
    /// Where a KMS key's material comes from (`OriginType`). Fixed at creation.
    pub enum KeyOrigin {
        /// Generated inside the token.
        AwsKms = "AWS_KMS";
        /// Imported by the caller.
        External = "EXTERNAL";
        /// A custom key store on AWS CloudHSM.
        AwsCloudHsm = "AWS_CLOUDHSM";
        /// A key store outside AWS.
        ExternalKeyStore = "EXTERNAL_KEY_STORE";
    }
}

impl KeySpec {
    /// What a key of this kind may be made for; the first is what a request gets that names none, where there is but one.
    #[must_use]
    pub const fn usages(self) -> &'static [KeyUsage] {
        use KeyUsage::{EncapsulateDecapsulate, EncryptDecrypt, GenerateVerifyMac, KeyAgreement, SignVerify};
        match self {
            Self::SymmetricDefault => &[EncryptDecrypt],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[EncryptDecrypt, SignVerify],
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 => &[SignVerify, KeyAgreement],
            Self::EccSecgP256K1 | Self::EccNistEdwards25519 => &[SignVerify],
            Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => &[GenerateVerifyMac],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[SignVerify],
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => &[EncapsulateDecapsulate],
            Self::Sm2 => &[EncryptDecrypt, SignVerify, KeyAgreement],
        }
    }

    /// Whether there is a public key.
    #[must_use]
    pub const fn is_asymmetric(self) -> bool {
        match self {
            Self::SymmetricDefault | Self::Hmac224 | Self::Hmac256 | Self::Hmac384 | Self::Hmac512 => false,
            Self::Rsa2048
            | Self::Rsa3072
            | Self::Rsa4096
            | Self::EccNistP256
            | Self::EccNistP384
            | Self::EccNistP521
            | Self::EccSecgP256K1
            | Self::EccNistEdwards25519
            | Self::MlDsa44
            | Self::MlDsa65
            | Self::MlDsa87
            | Self::MlKem512
            | Self::MlKem768
            | Self::MlKem1024
            | Self::Sm2 => true,
        }
    }

    /// The algorithms that a key of this kind encrypts with, if it is made for that.
    #[must_use]
    pub const fn encryption_algorithms(self) -> &'static [EncryptionAlgorithm] {
        match self {
            Self::SymmetricDefault => &[EncryptionAlgorithm::SymmetricDefault],
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => {
                &[EncryptionAlgorithm::RsaesOaepSha1, EncryptionAlgorithm::RsaesOaepSha256]
            }
            Self::Sm2 => &[EncryptionAlgorithm::Sm2Pke],
            _ => &[],
        }
    }

    /// The algorithms that a key of this kind signs with, if it is made for that.
    #[must_use]
    pub const fn signing_algorithms(self) -> &'static [SigningAlgorithm] {
        match self {
            Self::Rsa2048 | Self::Rsa3072 | Self::Rsa4096 => &[
                SigningAlgorithm::RsassaPkcs1V15Sha256,
                SigningAlgorithm::RsassaPkcs1V15Sha384,
                SigningAlgorithm::RsassaPkcs1V15Sha512,
                SigningAlgorithm::RsassaPssSha256,
                SigningAlgorithm::RsassaPssSha384,
                SigningAlgorithm::RsassaPssSha512,
            ],
            Self::EccNistP256 | Self::EccSecgP256K1 => &[SigningAlgorithm::EcdsaSha256],
            Self::EccNistP384 => &[SigningAlgorithm::EcdsaSha384],
            Self::EccNistP521 => &[SigningAlgorithm::EcdsaSha512],
            Self::EccNistEdwards25519 => &[SigningAlgorithm::Ed25519Sha512, SigningAlgorithm::Ed25519PhSha512],
            Self::MlDsa44 | Self::MlDsa65 | Self::MlDsa87 => &[SigningAlgorithm::MlDsaShake256],
            Self::Sm2 => &[SigningAlgorithm::Sm2Dsa],
            _ => &[],
        }
    }

    /// The algorithm that a key of this kind makes message authentication codes with, if it is made for that.
    #[must_use]
    pub const fn mac_algorithm(self) -> Option<MacAlgorithm> {
        match self {
            Self::Hmac224 => Some(MacAlgorithm::HmacSha224),
            Self::Hmac256 => Some(MacAlgorithm::HmacSha256),
            Self::Hmac384 => Some(MacAlgorithm::HmacSha384),
            Self::Hmac512 => Some(MacAlgorithm::HmacSha512),
            _ => None,
        }
    }

    /// The algorithm that a key of this kind derives shared secrets with, if it is made for that.
    #[must_use]
    pub const fn key_agreement_algorithm(self) -> Option<KeyAgreementAlgorithm> {
        match self {
            Self::EccNistP256 | Self::EccNistP384 | Self::EccNistP521 | Self::Sm2 => Some(KeyAgreementAlgorithm::Ecdh),
            _ => None,
        }
    }

    /// The algorithm that a key of this kind encapsulates secrets with, if it is made for that.
    #[must_use]
    pub const fn encapsulation_algorithm(self) -> Option<EncapsulationAlgorithm> {
        match self {
            Self::MlKem512 | Self::MlKem768 | Self::MlKem1024 => Some(EncapsulationAlgorithm::MlKem),
            _ => None,
        }
    }

    /// Bytes of the modulus of an RSA key.
    #[must_use]
    pub const fn rsa_modulus_bytes(self) -> Option<usize> {
        match self {
            Self::Rsa2048 => Some(256),
            Self::Rsa3072 => Some(384),
            Self::Rsa4096 => Some(512),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
