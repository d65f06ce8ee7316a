//! [`MechanismName`], [`CurveName`] and [`SuiteName`]: what a profile may name, by the standards' names.

use std::fmt;

use serde::Deserialize;

macro_rules! names {
    ($(#[$doc:meta])* pub enum $type:ident { $($(#[$each:meta])* $name:ident = $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
        pub enum $type {
            $($(#[$each])* #[serde(rename = $text)] $name,)*
        }

        impl $type {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The standard's name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    };
}

names! {
    /// A mechanism of PKCS#11 that the service can use.
    pub enum MechanismName {
        /// Makes AES keys.
        AesKeyGen = "CKM_AES_KEY_GEN";
        /// AES in Galois/counter mode.
        AesGcm = "CKM_AES_GCM";
        /// Wraps keys under an AES key, with padding: AES-KWP (RFC 5649) in the tokens whose profile names it.
        AesKeyWrapPad = "CKM_AES_KEY_WRAP_PAD";
        /// Wraps keys under an AES key by AES-KWP (RFC 5649), in tokens that know PKCS#11 3.0.
        AesKeyWrapKwp = "CKM_AES_KEY_WRAP_KWP";
        /// Makes secret keys without a cipher: for message authentication codes.
        GenericSecretKeyGen = "CKM_GENERIC_SECRET_KEY_GEN";
        /// NIST SP 800-108 in counter mode: derives keys.
        Sp800108CounterKdf = "CKM_SP800_108_COUNTER_KDF";
        /// HMAC with SHA-224.
        Sha224Hmac = "CKM_SHA224_HMAC";
        /// HMAC with SHA-256.
        Sha256Hmac = "CKM_SHA256_HMAC";
        /// HMAC with SHA-384.
        Sha384Hmac = "CKM_SHA384_HMAC";
        /// HMAC with SHA-512.
        Sha512Hmac = "CKM_SHA512_HMAC";
        /// Makes RSA key pairs.
        RsaPkcsKeyPairGen = "CKM_RSA_PKCS_KEY_PAIR_GEN";
        /// RSA PKCS #1 v1.5, over a DigestInfo.
        RsaPkcs = "CKM_RSA_PKCS";
        /// RSA-PSS, over a digest.
        RsaPkcsPss = "CKM_RSA_PKCS_PSS";
        /// RSA-OAEP.
        RsaPkcsOaep = "CKM_RSA_PKCS_OAEP";
        /// RSA without padding.
        RsaX509 = "CKM_RSA_X_509";
        /// Makes key pairs on elliptic curves in Weierstrass form.
        EcKeyPairGen = "CKM_EC_KEY_PAIR_GEN";
        /// ECDSA, over a digest.
        Ecdsa = "CKM_ECDSA";
        /// Elliptic-curve Diffie-Hellman.
        Ecdh1Derive = "CKM_ECDH1_DERIVE";
        /// Makes key pairs on Edwards curves.
        EcEdwardsKeyPairGen = "CKM_EC_EDWARDS_KEY_PAIR_GEN";
        /// EdDSA, over a message.
        Eddsa = "CKM_EDDSA";
        /// Makes ML-DSA key pairs (PKCS#11 3.2).
        MlDsaKeyPairGen = "CKM_ML_DSA_KEY_PAIR_GEN";
        /// ML-DSA, over a message.
        MlDsa = "CKM_ML_DSA";
        /// Makes ML-KEM key pairs (PKCS#11 3.2).
        MlKemKeyPairGen = "CKM_ML_KEM_KEY_PAIR_GEN";
        /// ML-KEM.
        MlKem = "CKM_ML_KEM";
    }
}

names! {
    /// An elliptic curve in Weierstrass form, by the name of SEC 2.
    pub enum CurveName {
        /// NIST P-256.
        Secp256R1 = "secp256r1";
        /// NIST P-384.
        Secp384R1 = "secp384r1";
        /// NIST P-521.
        Secp521R1 = "secp521r1";
        /// The curve of Bitcoin.
        Secp256K1 = "secp256k1";
    }
}

names! {
    /// How symmetric keys encrypt.
    pub enum SuiteName {
        /// With the key itself.
        Aes256Gcm = "AES_256_GCM";
        /// With a key for each message, derived in the token from the key (SP 800-108).
        DerivedAes256Gcm = "SP800_108_AES_256_GCM";
    }
}
