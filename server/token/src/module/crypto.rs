//! What keys of other kinds than AES are asked for, and what they are.

/// Bytes of the secret in an ML-KEM ciphertext (FIPS 203 table 3).
pub(crate) const ML_KEM_SECRET_BYTES: u64 = 32;

/// A hash that a signature is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// How C_Sign signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignMechanism {
    /// CKM_RSA_PKCS_PSS over a digest; MGF1 with the same hash, the salt as long as the digest.
    RsaPss(Hash),
    /// CKM_RSA_PKCS over a DigestInfo.
    RsaPkcs,
    /// CKM_ECDSA over a digest, answering r and s side by side.
    Ecdsa,
    /// CKM_EDDSA over a message, without parameters.
    Eddsa,
    /// CKM_EDDSA as Ed25519ph, without a context; the token makes the digest of what it is given.
    EddsaPh,
    /// CKM_ML_DSA over a message, hedged as the token prefers, without a context.
    MlDsa,
}

/// How C_Decrypt with an RSA key takes the padding off. The label is empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RsaPadding {
    /// CKM_RSA_PKCS_OAEP with SHA-1, which its security does not rest on.
    OaepSha1,
    /// CKM_RSA_PKCS_OAEP with SHA-256.
    OaepSha256,
    /// CKM_RSA_X_509: not at all.
    None,
}

/// Both halves of a new key pair.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KeyPair<H> {
    pub(crate) private: H,
    pub(crate) public: H,
}

/// What a token tells of a public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicHalf {
    /// CKA_MODULUS and CKA_PUBLIC_EXPONENT, big-endian.
    Rsa { modulus: Vec<u8>, exponent: Vec<u8> },
    /// CKA_EC_POINT, bare or in a DER OCTET STRING.
    Point(Vec<u8>),
    /// CKA_VALUE of ML-DSA and ML-KEM keys.
    Bytes(Vec<u8>),
}
