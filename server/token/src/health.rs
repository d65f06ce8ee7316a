//! Whether the token can be used, and what it is: for health checks, metrics and DescribeToken.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::suite::Suite;

/// Whether the token can be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// Nothing has been tried yet.
    Unknown,
    /// The last probe was answered.
    Usable,
    /// The last probe or connection failed; it is tried again with back-off.
    Unusable {
        /// The text that callers get, without the token's insides.
        reason: &'static str,
    },
}

/// What the token says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenDescription {
    /// The label.
    pub label: String,
    /// The serial number.
    pub serial: String,
    /// Who made it.
    pub manufacturer: String,
    /// The model.
    pub model: String,
    /// The firmware's version.
    pub firmware: String,
    /// The mechanisms that the service uses.
    pub mechanisms: Vec<&'static str>,
    /// How new symmetric keys encrypt.
    pub suite: Suite,
    /// Why that is not the suite that the profile wants; `None` where it is.
    pub suite_refused: Option<String>,
}

/// The state of the token, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenStatus {
    /// Whether it can be used.
    pub health: Health,
    /// For the operator: why it cannot be used, with the token's own words. `None` while it can.
    pub cause: Option<String>,
    /// What it says of itself; `None` before the first connection.
    pub description: Option<TokenDescription>,
    /// The profile in use.
    pub profile: String,
    /// Data lanes.
    pub lanes: usize,
    /// Asymmetric lanes.
    pub asymmetric_lanes: usize,
    /// Our key objects that the lanes can use.
    pub keys: usize,
    /// Jobs that wait for the data lanes.
    pub data_queue_depth: usize,
    /// Jobs that wait for the asymmetric lanes.
    pub asymmetric_queue_depth: usize,
    /// Jobs that wait for the control lane.
    pub control_queue_depth: usize,
    /// What has happened since the start.
    pub counts: Counts,
}

macro_rules! counters {
    ($($(#[$doc:meta])* $counter:ident;)*) => {
        /// What has happened since the start.
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
        pub struct Counts {
            $($(#[$doc])* pub $counter: u64,)*
        }

        impl Counts {
            /// Name and number of each counter, for metrics.
            pub fn named(&self) -> impl Iterator<Item = (&'static str, u64)> {
                [$((stringify!($counter), self.$counter),)*].into_iter()
            }
        }

        /// The counters themselves.
        #[derive(Debug, Default)]
        pub(crate) struct Counters {
            $(pub(crate) $counter: Counter,)*
        }

        impl Counters {
            pub(crate) fn read(&self) -> Counts {
                Counts { $($counter: self.$counter.0.load(Ordering::Relaxed),)* }
            }
        }
    };
}

counters! {
    /// Jobs that a lane took up.
    jobs;
    /// Jobs refused because a queue was full.
    shed;
    /// Jobs whose deadline passed before their turn.
    expired;
    /// Jobs refused because the token was away.
    refused;
    /// Tries beyond a job's first.
    retries;
    /// Ciphertexts that did not open though the key's witness did.
    invalid_ciphertexts;
    /// Session copies made.
    copies;
    /// Health probes.
    probes;
    /// Health probes that failed.
    probe_failures;
    /// Connections made, the first one included.
    connections;
    /// C_Login calls.
    logins;
    /// Objects missing, damaged or changed by somebody else: each needs an operator.
    alarms;
}

/// One counter.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn count(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}
