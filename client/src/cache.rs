//! [`SecretCache`]: values of secrets, kept for a while, thrown away as soon as the service says that they changed.

mod entry;
mod policy;

use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use strongroom_proto::v1;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use self::entry::{Entry, Look};
pub use self::policy::CachePolicy;
use crate::client::Client;
use crate::events::{EventFollower, Followed};
use crate::fault::ClientFault;
use crate::secret_values::SecretVersion;

/// The label of the version that readers get who name none.
const CURRENT: &str = "AWSCURRENT";

/// Where values come from: the service, or a test.
pub trait ReadSecret: Send + Sync + 'static {
    /// Reads the version of the secret that has this staging label.
    fn read(&self, secret_id: &str, stage: &str) -> impl Future<Output = Result<SecretVersion, ClientFault>> + Send;
}

impl ReadSecret for Client {
    async fn read(&self, secret_id: &str, stage: &str) -> Result<SecretVersion, ClientFault> {
        let request = v1::GetSecretValueRequest {
            secret_id: secret_id.to_owned(),
            version_stage: Some(stage.to_owned()),
            ..Default::default()
        };
        self.secret_value(request).await
    }
}

/// A cache of secrets' values. Cheap to clone; clones share what they hold. Values stay [`Material`](crate::Material) and are
/// wiped when the cache and the last reader have dropped them.
pub struct SecretCache<S: ReadSecret = Client> {
    shared: Arc<Shared<S>>,
    follower: Option<Arc<Follower>>,
}

impl<S: ReadSecret> Clone for SecretCache<S> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            follower: self.follower.clone(),
        }
    }
}

struct Shared<S> {
    source: S,
    policy: CachePolicy,
    entries: Mutex<HashMap<Name, Arc<Entry>>>,
}

/// A secret as it was asked for, and a staging label.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Name {
    secret_id: Box<str>,
    stage: Box<str>,
}

impl SecretCache<Client> {
    /// A cache that also follows the service's events, so that a changed secret is read anew at the next question. The
    /// client needs `strongroom:WatchEvents` and `secretsmanager:DescribeSecret` for that; without them values are as old as
    /// the policy allows. Must be called inside a tokio runtime.
    #[must_use]
    pub fn following(client: Client, policy: CachePolicy) -> Self {
        let mut cache = Self::new(client.clone(), policy);
        let shared = Arc::downgrade(&cache.shared);
        let task = tokio::spawn(follow(EventFollower::new(client, Vec::new()), shared));
        cache.follower = Some(Arc::new(Follower(task)));
        cache
    }
}

impl<S: ReadSecret> SecretCache<S> {
    /// A cache that reads values anew when they are as old as the policy says, and is told of nothing.
    #[must_use]
    pub fn new(source: S, policy: CachePolicy) -> Self {
        Self {
            shared: Arc::new(Shared {
                source,
                policy,
                entries: Mutex::default(),
            }),
            follower: None,
        }
    }

    /// The current version of the secret with this name or ARN.
    ///
    /// # Errors
    /// As [`Self::stage`].
    pub async fn current(&self, secret_id: &str) -> Result<Arc<SecretVersion>, ClientFault> {
        self.stage(secret_id, CURRENT).await
    }

    /// The version of the secret that has this staging label. Whoever asks while it is being read waits for that reading.
    ///
    /// # Errors
    /// What the service answers. While it cannot be reached or is overloaded, the value that it gave last is answered instead,
    /// for as long as the policy allows; what it refuses (gone, deleted, denied) is refused at once.
    pub async fn stage(&self, secret_id: &str, stage: &str) -> Result<Arc<SecretVersion>, ClientFault> {
        let entry = self.shared.entry(secret_id, stage);
        let policy = &self.shared.policy;
        if let Look::Good(version) = entry.look(Instant::now()) {
            return Ok(version);
        }
        let _one_at_a_time = entry.reading().await;
        let generation = match entry.look(Instant::now()) {
            Look::Good(version) => return Ok(version),
            Look::Read { generation } => generation,
        };
        match self.shared.source.read(secret_id, stage).await {
            Ok(version) => Ok(entry.keep(version, generation, policy)),
            Err(fault) => entry.without(fault, policy),
        }
    }

    /// Reads this secret anew at the next question, by whatever name it is asked for.
    pub fn invalidate(&self, arn: &str) {
        self.shared.invalidate(Some(arn));
    }

    /// Reads every secret anew at the next question.
    pub fn invalidate_all(&self) {
        self.shared.invalidate(None);
    }

    /// Forgets all values.
    pub fn clear(&self) {
        self.shared.lock().clear();
    }

    /// How many values there are, or were asked for.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shared.lock().len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl<S> Shared<S> {
    fn entry(&self, secret_id: &str, stage: &str) -> Arc<Entry> {
        let name = Name {
            secret_id: secret_id.into(),
            stage: stage.into(),
        };
        let now = Instant::now();
        let mut entries = self.lock();
        if let Some(entry) = entries.get(&name) {
            entry.touch(now);
            return Arc::clone(entry);
        }
        while entries.len() >= self.policy.entries_max.max(1) {
            let oldest = entries.iter().min_by_key(|(_, entry)| entry.used());
            let Some(oldest) = oldest.map(|(name, _)| name.clone()) else {
                break;
            };
            entries.remove(&oldest);
        }
        let entry = Arc::new(Entry::new(now));
        entries.insert(name, Arc::clone(&entry));
        entry
    }

    fn invalidate(&self, arn: Option<&str>) {
        for entry in self.lock().values() {
            if arn.is_none_or(|arn| entry.may_be(arn)) {
                entry.invalidate();
            }
        }
    }

    fn heard(&self, event: &v1::Event) {
        if !matches!(
            event.r#type(),
            v1::EventType::SecretDeleted | v1::EventType::SecretRemoved
        ) {
            return self.invalidate(Some(&event.arn));
        }
        for entry in self.lock().values() {
            if entry.may_be(&event.arn) {
                entry.forget();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Name, Arc<Entry>>> {
        // Nothing panics under the lock.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task that hears of changes; it ends with the last clone of the cache.
struct Follower(JoinHandle<()>);

impl Drop for Follower {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn follow<S>(mut events: EventFollower, shared: Weak<Shared<S>>) {
    loop {
        let followed = events.next().await;
        let Some(shared) = shared.upgrade() else { return };
        match followed {
            Followed::Begun => shared.invalidate(None),
            Followed::Event(event) => shared.heard(&event),
            // Values go on being read as often as without events.
            Followed::Interrupted(_why) => {}
        }
    }
}

#[cfg(test)]
mod tests;
