//! Values of the interface's enumerations as arguments, by AWS's names, in either case.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use strongroom::v1;

macro_rules! arguments {
    ($($(#[$doc:meta])* $function:ident = $type:ident, $prefix:literal;)*) => {$(
        $(#[$doc])*
        pub(crate) fn $function() -> impl TypedValueParser<Value = v1::$type> {
            let values = (1..).map_while(|number| v1::$type::try_from(number).ok());
            let names = values.filter_map(|value| value.as_str_name().strip_prefix($prefix));
            PossibleValuesParser::new(names.collect::<Vec<_>>()).map(|name| {
                let name = format!("{}{}", $prefix, name.to_ascii_uppercase());
                v1::$type::from_str_name(&name).unwrap_or_default()
            })
        }
    )*};
}

arguments! {
    /// The kind of a key.
    key_spec = KeySpec, "KEY_SPEC_";
    /// What a key is for.
    key_usage = KeyUsage, "KEY_USAGE_";
    /// How to encrypt.
    encryption_algorithm = EncryptionAlgorithm, "ENCRYPTION_ALGORITHM_";
    /// How to sign.
    signing_algorithm = SigningAlgorithm, "SIGNING_ALGORITHM_";
    /// What is signed.
    message_type = MessageType, "MESSAGE_TYPE_";
    /// How to make a message authentication code.
    mac_algorithm = MacAlgorithm, "MAC_ALGORITHM_";
    /// The kind of a data key pair.
    data_key_pair_spec = DataKeyPairSpec, "DATA_KEY_PAIR_SPEC_";
}
