//! The algorithms of the AWS KMS API model, by what they are for.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::named::named;

named! {
    /// How a key encrypts (`EncryptionAlgorithmSpec`).
    pub enum EncryptionAlgorithm {
        /// AES-256-GCM.
        SymmetricDefault = "SYMMETRIC_DEFAULT";
        /// RSA-OAEP with SHA-1 and MGF1 with SHA-1 (RFC 8017 section 7.1).
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1";
        /// RSA-OAEP with SHA-256 and MGF1 with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256";
        /// SM2.
        Sm2Pke = "SM2PKE";
    }
}

named! {
    /// How a key signs (`SigningAlgorithmSpec`).
    pub enum SigningAlgorithm {
        /// RSA-PSS with SHA-256; the salt is as long as the digest (RFC 8017 section 8.1).
        RsassaPssSha256 = "RSASSA_PSS_SHA_256";
        /// RSA-PSS with SHA-384.
        RsassaPssSha384 = "RSASSA_PSS_SHA_384";
        /// RSA-PSS with SHA-512.
        RsassaPssSha512 = "RSASSA_PSS_SHA_512";
        /// RSA PKCS #1 v1.5 with SHA-256 (RFC 8017 section 8.2).
        RsassaPkcs1V15Sha256 = "RSASSA_PKCS1_V1_5_SHA_256";
        /// RSA PKCS #1 v1.5 with SHA-384.
        RsassaPkcs1V15Sha384 = "RSASSA_PKCS1_V1_5_SHA_384";
        /// RSA PKCS #1 v1.5 with SHA-512.
        RsassaPkcs1V15Sha512 = "RSASSA_PKCS1_V1_5_SHA_512";
        /// ECDSA over a SHA-256 digest (FIPS 186-5).
        EcdsaSha256 = "ECDSA_SHA_256";
        /// ECDSA over a SHA-384 digest.
        EcdsaSha384 = "ECDSA_SHA_384";
        /// ECDSA over a SHA-512 digest.
        EcdsaSha512 = "ECDSA_SHA_512";
        /// SM2.
        Sm2Dsa = "SM2DSA";
        /// ML-DSA (FIPS 204).
        MlDsaShake256 = "ML_DSA_SHAKE_256";
        /// Ed25519 over the whole message (RFC 8032 section 5.1).
        Ed25519Sha512 = "ED25519_SHA_512";
        /// Ed25519ph: over a SHA-512 digest.
        Ed25519PhSha512 = "ED25519_PH_SHA_512";
    }
}

named! {
    /// How a key makes message authentication codes (`MacAlgorithmSpec`).
    pub enum MacAlgorithm {
        /// HMAC with SHA-224 (RFC 2104).
        HmacSha224 = "HMAC_SHA_224";
        /// HMAC with SHA-256.
        HmacSha256 = "HMAC_SHA_256";
        /// HMAC with SHA-384.
        HmacSha384 = "HMAC_SHA_384";
        /// HMAC with SHA-512.
        HmacSha512 = "HMAC_SHA_512";
    }
}

named! {
    /// How a key derives secrets that it shares with another key pair (`KeyAgreementAlgorithmSpec`).
    pub enum KeyAgreementAlgorithm {
        /// Elliptic curve cofactor Diffie-Hellman (NIST SP 800-56A section 5.7.1.2).
        Ecdh = "ECDH";
    }
}

named! {
    /// How a key encapsulates secrets (`EncapsulationAlgorithmSpec`).
    pub enum EncapsulationAlgorithm {
        /// ML-KEM (FIPS 203).
        MlKem = "ML_KEM";
    }
}

named! {
    /// What the bytes are that are signed (`MessageType`).
    pub enum MessageType {
        /// The message itself.
        Raw = "RAW";
        /// Its digest.
        Digest = "DIGEST";
        /// The message representative of ML-DSA, made outside (FIPS 204 section 6.2).
        ExternalMu = "EXTERNAL_MU";
    }
}

named! {
    /// How imported material is encrypted on its way into the token (`AlgorithmSpec`).
    pub enum WrappingAlgorithm {
        /// RSA PKCS #1 v1.5: AWS stopped supporting it on 2023-10-10, and so does this service.
        RsaesPkcs1V15 = "RSAES_PKCS1_V1_5";
        /// RSA-OAEP with SHA-1.
        RsaesOaepSha1 = "RSAES_OAEP_SHA_1";
        /// RSA-OAEP with SHA-256.
        RsaesOaepSha256 = "RSAES_OAEP_SHA_256";
        /// An AES key under RSA-OAEP with SHA-1, and the material under that key with AES-KWP (RFC 5649).
        RsaAesKeyWrapSha1 = "RSA_AES_KEY_WRAP_SHA_1";
        /// The same with SHA-256.
        RsaAesKeyWrapSha256 = "RSA_AES_KEY_WRAP_SHA_256";
        /// SM2.
        Sm2Pke = "SM2PKE";
    }
}

impl SigningAlgorithm {
    /// Bytes of the digest that it signs; `None` where it signs the message itself.
    #[must_use]
    pub const fn digest_bytes(self) -> Option<usize> {
        match self {
            Self::RsassaPssSha256 | Self::RsassaPkcs1V15Sha256 | Self::EcdsaSha256 | Self::Sm2Dsa => Some(32),
            Self::RsassaPssSha384 | Self::RsassaPkcs1V15Sha384 | Self::EcdsaSha384 => Some(48),
            Self::RsassaPssSha512 | Self::RsassaPkcs1V15Sha512 | Self::EcdsaSha512 | Self::Ed25519PhSha512 => Some(64),
            Self::MlDsaShake256 | Self::Ed25519Sha512 => None,
        }
    }
}

impl EncryptionAlgorithm {
    /// The longest plaintext in bytes for an RSA modulus of so many bytes: OAEP takes two digests and two bytes (RFC
    /// 8017 section 7.1.1). `None` for what is not RSA.
    #[must_use]
    pub const fn oaep_plaintext_bytes_max(self, modulus_bytes: usize) -> Option<usize> {
        match self {
            Self::RsaesOaepSha1 => Some(modulus_bytes.saturating_sub(42)),
            Self::RsaesOaepSha256 => Some(modulus_bytes.saturating_sub(66)),
            Self::SymmetricDefault | Self::Sm2Pke => None,
        }
    }
}

impl MacAlgorithm {
    /// Bytes of the code, and of a key that this service makes for it.
    #[must_use]
    pub const fn bytes(self) -> usize {
        match self {
            Self::HmacSha224 => 28,
            Self::HmacSha256 => 32,
            Self::HmacSha384 => 48,
            Self::HmacSha512 => 64,
        }
    }
}
