//! [`Entry`]: one value of the cache, and when it must be read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Turn;
use tokio::time::Instant;

use super::policy::CachePolicy;
use crate::fault::ClientFault;
use crate::retry;
use crate::secret_values::SecretVersion;

/// Longer than any process runs, and no moment is beyond what the system's clock can say: 30 years.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 86_400);

/// What a look at an entry says.
pub(super) enum Look {
    /// The value can be answered.
    Good(Arc<SecretVersion>),
    /// It must be read first.
    Read {
        /// How often it had been invalidated when the reading began.
        generation: u64,
    },
}

/// One value.
pub(super) struct Entry {
    state: Mutex<State>,
    /// Held by whoever reads the value from the service.
    turn: Turn<()>,
}

struct State {
    held: Option<Held>,
    generation: u64,
    /// The generation in which the secret was last heard to be gone: what was read before is not kept.
    gone: u64,
    used: Instant,
}

struct Held {
    version: Arc<SecretVersion>,
    /// When the service gave it.
    read: Instant,
    /// Until when it is answered without asking.
    good_until: Instant,
}

impl Entry {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            state: Mutex::new(State {
                held: None,
                generation: 0,
                gone: 0,
                used: now,
            }),
            turn: Turn::new(()),
        }
    }

    pub(super) fn touch(&self, now: Instant) {
        self.lock().used = now;
    }

    pub(super) fn used(&self) -> Instant {
        self.lock().used
    }

    /// Waits until nobody else reads it.
    pub(super) async fn reading(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    pub(super) fn look(&self, now: Instant) -> Look {
        let state = self.lock();
        match &state.held {
            Some(held) if now < held.good_until => Look::Good(Arc::clone(&held.version)),
            Some(_) | None => Look::Read {
                generation: state.generation,
            },
        }
    }

    /// Keeps what was read. What was invalidated meanwhile may be older than the change: it is answered now, to whoever asked
    /// before, and read again for whoever asks next.
    pub(super) fn keep(&self, version: SecretVersion, generation: u64, policy: &CachePolicy) -> Arc<SecretVersion> {
        let (now, version) = (Instant::now(), Arc::new(version));
        let mut state = self.lock();
        if generation < state.gone {
            return version;
        }
        let good = if state.generation == generation {
            policy.refresh - retry::jitter(policy.refresh / 10)
        } else {
            Duration::ZERO
        };
        state.held = Some(Held {
            version: Arc::clone(&version),
            read: now,
            good_until: after(now, good),
        });
        version
    }

    /// Answers without the service: with the last value if the fault is one that passes and the value is not too old. What
    /// the service refuses for good is forgotten.
    pub(super) fn without(&self, fault: ClientFault, policy: &CachePolicy) -> Result<Arc<SecretVersion>, ClientFault> {
        let now = Instant::now();
        let mut state = self.lock();
        if !passes(&fault) {
            state.held = None;
            return Err(fault);
        }
        match &mut state.held {
            Some(held) if now < after(held.read, policy.stale_max) => {
                held.good_until = after(now, policy.pause).min(after(held.read, policy.stale_max));
                Ok(Arc::clone(&held.version))
            }
            Some(_) => {
                state.held = None;
                Err(fault)
            }
            None => Err(fault),
        }
    }

    /// Whether this may be the secret with the ARN: a name that was used again has another ARN, and what has not been read
    /// yet is not known.
    pub(super) fn may_be(&self, arn: &str) -> bool {
        let state = self.lock();
        let Some(held) = &state.held else { return true };
        held.version.arn == arn || name_in(arn) == Some(&held.version.name)
    }

    pub(super) fn invalidate(&self) {
        let mut state = self.lock();
        state.generation += 1;
        if let Some(held) = &mut state.held {
            held.good_until = held.read;
        }
    }

    /// The secret is deleted: no outage may bring its value back.
    pub(super) fn forget(&self) {
        let mut state = self.lock();
        state.generation += 1;
        state.gone = state.generation;
        state.held = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics under the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The moment after a time that may be as long as the caller likes.
fn after(moment: Instant, time: Duration) -> Instant {
    moment.checked_add(time).unwrap_or_else(|| moment + FOREVER)
}

/// The name in a secret's ARN, without the hyphen and the six characters at its end.
fn name_in(arn: &str) -> Option<&str> {
    let (_, name) = arn.split_once(":secret:")?;
    name.rsplit_once('-').map(|(name, _)| name)
}

/// Whether the same question may be answered later: the service cannot be reached, or says itself that trying again helps.
fn passes(fault: &ClientFault) -> bool {
    match fault {
        ClientFault::Refused(refusal) => refusal.retry_delay.is_some(),
        ClientFault::DeadlinePassed(_) | ClientFault::Unreachable { .. } | ClientFault::TlsExpected { .. } => true,
        ClientFault::Config(_)
        | ClientFault::Stream(_)
        | ClientFault::AnswerIncomplete(_)
        | ClientFault::NoRandomNumbers => false,
    }
}
