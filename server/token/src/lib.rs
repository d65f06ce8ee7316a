//! The token: async face, lanes, health; pkcs11 is the only door to cryptoki.
