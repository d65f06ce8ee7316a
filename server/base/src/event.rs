//! [`Event`]: what happened to a key or a secret, as watchers are told of it. One table of kinds; nothing in it is secret.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::action::Service;

macro_rules! event_kinds {
    ($($(#[$doc:meta])* $kind:ident = $service:ident;)*) => {
        /// What can happen. A new kind is a line of this table, a value of `EventType` on the wire, and the place in a
        /// record's `events` that notices it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum EventKind {
            $($(#[$doc])* $kind,)*
        }

        impl EventKind {
            /// All kinds, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The service whose resource it is about.
            #[must_use]
            pub const fn service(self) -> Service {
                match self { $(Self::$kind => Service::$service,)* }
            }

            /// Its name in audit records and logs.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => stringify!($kind),)* }
            }
        }
    };
}

event_kinds! {
    /// The log of events was begun. Nobody is told; it is what the first resume token stands on.
    LogBegan = Strongroom;
    /// A secret was made.
    SecretCreated = SecretsManager;
    /// AWSCURRENT is on another version of a secret: its value is another.
    SecretValueChanged = SecretsManager;
    /// Staging labels other than AWSCURRENT and AWSPREVIOUS were put on a version, moved or removed.
    SecretLabelsMoved = SecretsManager;
    /// A secret's description or key is another.
    SecretMetadataChanged = SecretsManager;
    /// A secret's tags are others.
    SecretTagsChanged = SecretsManager;
    /// A secret was deleted and can be restored until its recovery window is over.
    SecretDeleted = SecretsManager;
    /// A secret was taken back.
    SecretRestored = SecretsManager;
    /// A secret is gone for good.
    SecretRemoved = SecretsManager;
    /// A key encrypts with new material.
    KeyRotated = Kms;
    /// A key may be used again: it was enabled, or the imported material that it lacked is there.
    KeyEnabled = Kms;
    /// A key may not be used: it was disabled, or imported material that it needs is gone.
    KeyDisabled = Kms;
    /// A key waits for its deletion.
    KeyDeletionScheduled = Kms;
    /// A key waits for its deletion no more.
    KeyDeletionCancelled = Kms;
}

impl fmt::Display for EventKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// What happened, as the change itself knows it; when is known when it is committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// What.
    pub kind: EventKind,
    /// To what: the part of its ARN after the account.
    pub resource: String,
    /// The version of the secret that has AWSCURRENT now, or the key material that encrypts now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Staging labels that are elsewhere than before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The tags that a resource had at its end, where there is no record any more that decisions could ask.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub last_tags: BTreeMap<String, String>,
}

impl Event {
    /// This happened to the resource.
    #[must_use]
    pub fn new(kind: EventKind, resource: impl Into<String>) -> Self {
        Self {
            kind,
            resource: resource.into(),
            version: None,
            labels: Vec::new(),
            last_tags: BTreeMap::new(),
        }
    }
}
