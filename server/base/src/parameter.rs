//! What a parameter can be, in the names of the AWS Systems Manager API model.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::named::named;

named! {
    /// What a parameter holds (`ParameterType`).
    pub enum ParameterType {
        /// Text.
        String = "String";
        /// Texts, separated by commas.
        StringList = "StringList";
        /// A secret.
        SecureString = "SecureString";
    }
}

named! {
    /// What a parameter may have (`ParameterTier`).
    pub enum ParameterTier {
        /// Values of up to 4 KiB, and no policies.
        Standard = "Standard";
        /// Values of up to 8 KiB, and policies.
        Advanced = "Advanced";
        /// In requests: standard unless the request needs more. No parameter is stored with it.
        IntelligentTiering = "Intelligent-Tiering";
    }
}

named! {
    /// What a value is checked for (`ParameterDataType`).
    pub enum ParameterDataType {
        /// Nothing.
        Text = "text";
        /// Twelve digits.
        AccountId = "aws:account:id";
        /// The name of a region.
        Region = "aws:region";
        /// `true` or `false`.
        Boolean = "boolean";
        /// A whole number of 64 bits.
        Integer = "integer";
        /// A finite number.
        Float = "float";
        /// Bytes in base64 (RFC 4648 section 4).
        Binary = "binary";
        /// A host's name (RFC 1123 section 2.1).
        Hostname = "hostname";
        /// A mail address.
        Email = "email";
        /// An IP address of version 4.
        Ipv4Address = "ipv4-address";
        /// An IP address of version 6.
        Ipv6Address = "ipv6-address";
        /// An absolute URL with a host (RFC 3986).
        Url = "url";
        /// A JSON text (RFC 8259).
        Json = "json";
    }
}
