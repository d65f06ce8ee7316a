//! Client for Strongroom: typed calls, envelope encryption of byte streams of any size, and the `strongroom` command.
//!
//! [`Client`] has one method per operation. Secrets come back as [`Material`], which cannot be printed, cloned or
//! compared by accident, and is wiped when dropped. Calls are repeated only when the service's error says that it may
//! help and repeating cannot do a thing twice. [`Client::seal`] and [`Client::open`] encrypt and decrypt streams under
//! a data key that only the service can open.
//!
//! This crate knows the wire and the material, never a server's crate; the `tidy` test checks its manifest.

mod admin;
mod cache;
mod client;
mod config;
mod connect;
mod cryptography;
mod endpoint;
mod events;
mod fault;
mod grants;
mod key_import;
mod key_pairs;
mod key_policies;
mod key_tags;
mod keys;
mod macs;
mod parameters;
mod retry;
mod rotation;
mod secret_policies;
mod secret_values;
mod secrets;
mod signatures;
mod stream;
mod value;

pub use cache::{CachePolicy, ReadSecret, SecretCache};
pub use client::Client;
pub use config::{CALL_DEADLINE_DEFAULT, ClientConfig, ConfigFault, TlsFiles};
pub use cryptography::{Decrypted, EncryptionContext, GeneratedDataKey, Plain};
pub use endpoint::{Endpoint, EndpointFault};
pub use events::{EventFollower, EventStream, Followed};
pub use fault::{ClientFault, Refusal};
pub use key_pairs::{AgreedSecret, EncapsulatedSecret, GeneratedDataKeyPair};
pub use macs::{GeneratedMac, MessageToAuthenticate};
pub use parameters::{
    NewParameter, ParameterValue, ParameterValuePage, ParameterValues, ParameterVersion, ParameterVersionPage,
};
pub use secret_values::{NewSecret, NewVersion, SecretBatch, SecretChange, SecretVersion};
pub use signatures::MessageToSign;
pub use stream::StreamFault;
pub use strongroom_material::{DataKey, Mac, Material, Message, Plaintext, PrivateKeyDer, SecretValue, SharedSecret};
pub use strongroom_proto::v1;
pub use value::Value;
