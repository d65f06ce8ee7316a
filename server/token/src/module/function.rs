//! [`Function`]: the PKCS#11 functions that this crate calls.

use std::fmt;

macro_rules! functions {
    ($($function:ident;)*) => {
        /// A function of PKCS#11 that this crate calls.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are the standard's, without C_")]
        pub enum Function {
            $($function,)*
        }

        impl Function {
            /// All of them, in the order in which a connection meets them.
            #[cfg(test)]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$function,)*];
        }

        impl fmt::Display for Function {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$function => formatter.write_str(concat!("C_", stringify!($function))),)*
                }
            }
        }
    };
}

functions! {
    Initialize;
    Finalize;
    GetSlotList;
    GetTokenInfo;
    GetMechanismList;
    OpenSession;
    CloseSession;
    Login;
    FindObjectsInit;
    FindObjects;
    FindObjectsFinal;
    GetAttributeValue;
    CopyObject;
    DestroyObject;
    GenerateKey;
    GenerateKeyPair;
    DeriveKey;
    DecapsulateKey;
    UnwrapKey;
    DigestKey;
    GenerateRandom;
    EncryptInit;
    Encrypt;
    DecryptInit;
    Decrypt;
    SignInit;
    Sign;
}
