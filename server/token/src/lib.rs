//! The token: keys live and work in a PKCS#11 token; this crate asks it from lanes of its own and hides it.
//!
//! [`Token`] is the async face. Data lanes use secret keys and make random numbers, asymmetric lanes use private
//! keys, and the control lane makes, finds and destroys objects and watches over the token's health. No PKCS#11 type is public, only `pkcs11/` imports `cryptoki`, and no
//! handle leaves its connection: keys are named by CKA_ID.
//!
//! This crate must never know of records, policies, audit or any wire. The `tidy` test checks its manifest, that only
//! `src/pkcs11/` names `cryptoki`, and the list of files that open the door `reveal_to_token`.

mod aead;
mod agreement;
mod blame;
mod board;
mod connection;
mod control;
mod der;
mod disposition;
mod doctor;
mod engine;
#[cfg(any(test, feature = "fake"))]
pub mod fake;
mod fault;
mod health;
mod job;
mod key;
mod keymap;
mod kind;
mod label;
mod lane;
mod length;
mod mac_witness;
mod message_key;
mod module;
mod oaep;
mod offer;
mod pin;
mod pkcs11;
mod point;
mod provenance;
mod rsa;
mod settings;
mod signing;
mod software_token;
mod spki;
mod suite;
mod token;
mod wrapping_key;

pub use doctor::{Check, DoctorReport, Verdict, doctor};
pub use fault::TokenFault;
pub use health::{Counts, Health, TokenDescription, TokenStatus};
pub use key::{
    CreatedKey, Destroyed, Encrypted, GeneratedDataKey, Hallmark, INVOCATIONS_PER_REQUEST_MAX, NONCE_BYTES, Nonce,
    ObjectSummary, SigningInput, TAG_BYTES, TokenKey, Witness,
};
pub use kind::{Capability, KeyKind};
pub use label::{LabelFault, ObjectLabel};
pub use module::{Function, ReturnValue};
pub use provenance::Provenance;
pub use settings::TokenSettings;
pub use suite::Suite;
pub use token::Token;
pub use wrapping_key::WrappedMaterial;
