//! A whole service in memory, without a wire.

use std::sync::Arc;
use std::time::Duration;

use strongroom_audit::Trail;
use strongroom_base::{Caller, Clock, Deadline, EventKind, Fault, RequestId, Scope};
use strongroom_events::{Events, Told, WatchEvents, Watcher};
use strongroom_gate::{Gate, GrantTokens, OpContext, Operation, Policies, Released};
use strongroom_kms::{Kms, Root};
use strongroom_policy::PolicyDocument;
use strongroom_secrets::op::{CreateSecret, NewSecret, PutSecretValue};
use strongroom_secrets::{Secrets, Value};
use strongroom_store::{MemoryDisk, MemoryStore, Records, Sealer, Store};
use strongroom_token::Token;
use strongroom_token::fake::FakeToken;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio::time::timeout;

const ACCOUNT: &str = "000000000000";
const SOON: Duration = Duration::from_secs(10);
const A_WHILE: Duration = Duration::from_millis(150);

/// The service and what it stands on.
pub(crate) struct Bench {
    pub(crate) disk: MemoryDisk,
    sealer: Sealer,
    pub(crate) records: Records,
    pub(crate) kms: Arc<Kms>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) events: Events,
    follower: JoinHandle<()>,
    directory: TempDir,
    _fake: FakeToken,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.follower.abort();
    }
}

impl Bench {
    /// An administrator who may do everything, and others with their policies.
    pub(crate) async fn with(policies: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (disk, sealer) = (MemoryDisk::default(), Sealer::locked());
        let store = Arc::new(MemoryStore::over(disk.clone(), sealer.clone()));
        let records = Records::new(store as Arc<dyn Store>);
        let mut root = Root::of_store(&records, &scope()).await.unwrap();
        let fake = FakeToken::new();
        let settings = fake.settings(directory.path(), root.installation()).unwrap();
        let token = Token::start_with(fake.module(), settings).unwrap();
        token.first_contact().await.unwrap();
        root.unlock(&token, &sealer).await.unwrap();
        let trail = Trail::open(&directory.path().join("audit"), Clock::System).unwrap();
        let mut attached = Policies::default();
        let everything = r#"[{"Effect":"Allow","Action":"*","Resource":"*"}]"#;
        for (name, statements) in std::iter::once(&("administrator", everything)).chain(policies) {
            let document = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
            attached.attach(arn(name).parse().unwrap(), PolicyDocument::parse(&document).unwrap());
        }
        let gate = Arc::new(Gate::new(scope(), Clock::System, attached, trail));
        gate.open();
        let kms = Kms::new(token, records.clone(), sealer.clone(), scope(), Clock::System, &root);
        let kms = Arc::new(kms);
        let secrets = Secrets::new(records.clone(), Arc::clone(&gate), Arc::clone(&kms), Clock::System);
        let secrets = Arc::new(secrets);
        let events = Events::new(
            records.clone(),
            Arc::clone(&gate),
            Arc::clone(&kms),
            Arc::clone(&secrets),
        );
        let follower = follow(&events);
        let bench = Self {
            disk,
            sealer,
            records,
            kms,
            secrets,
            gate,
            events,
            follower,
            directory,
            _fake: fake,
        };
        bench.ready().await;
        bench
    }

    /// As after a restart of the process: nothing is known of events but what is stored.
    pub(crate) async fn forget(&mut self) {
        self.stop_following();
        self.follower = follow(&self.events);
        self.ready().await;
    }

    /// As after another start: secrets and events are read from the disk again.
    pub(crate) async fn restart(&mut self) {
        let store = MemoryStore::over(self.disk.clone(), self.sealer.clone());
        self.records = Records::new(Arc::new(store) as Arc<dyn Store>);
        let (gate, kms) = (Arc::clone(&self.gate), Arc::clone(&self.kms));
        self.secrets = Arc::new(Secrets::new(self.records.clone(), gate, kms, Clock::System));
        self.forget().await;
    }

    /// As right after a start, when nothing has been read yet.
    pub(crate) fn stop_following(&mut self) {
        self.follower.abort();
        self.events = self.fresh();
    }

    fn fresh(&self) -> Events {
        Events::new(
            self.records.clone(),
            Arc::clone(&self.gate),
            Arc::clone(&self.kms),
            Arc::clone(&self.secrets),
        )
    }

    async fn ready(&self) {
        let opened = timeout(SOON, self.watch("administrator", None, &[])).await;
        opened.unwrap().expect("it waits until the log has been read");
    }

    pub(crate) async fn watch(&self, who: &str, token: Option<&str>, kinds: &[EventKind]) -> Result<Watcher, Fault> {
        let request = WatchEvents::new(token, kinds.to_vec())?;
        let outcome = self.gate.run(&principal(who), &self.events, request).await;
        outcome.map(Released::into_inner)
    }

    /// A watcher that has heard where it stands.
    pub(crate) async fn begun(&self, who: &str) -> Watcher {
        let mut watcher = self.watch(who, None, &[]).await.unwrap();
        assert!(
            next(&mut watcher).await.event.is_none(),
            "first it hears where it stands"
        );
        watcher
    }

    pub(crate) async fn on_secrets<O: Operation<Domain = Secrets>>(&self, operation: O) -> O::Reply {
        let outcome = self
            .gate
            .run(&principal("administrator"), &*self.secrets, operation)
            .await;
        outcome.map(Released::into_inner).unwrap()
    }

    pub(crate) async fn on_keys<O: Operation<Domain = Kms>>(&self, operation: O) -> O::Reply {
        let outcome = self.gate.run(&principal("administrator"), &*self.kms, operation).await;
        outcome.map(Released::into_inner).unwrap()
    }

    /// A new secret with a value and perhaps a tag; its ARN.
    pub(crate) async fn create(&self, name: &str, team: Option<&str>) -> String {
        let request = NewSecret {
            name: name.to_owned(),
            value: Some(Value::string("first".to_owned()).unwrap()),
            tags: team
                .map(|team| ("team".to_owned(), team.to_owned()))
                .into_iter()
                .collect(),
            ..NewSecret::default()
        };
        let created = self.on_secrets(CreateSecret::new(request, &scope()).unwrap()).await;
        created.arn.to_string()
    }

    pub(crate) async fn put(&self, secret: &str, value: &str) {
        let value = Some(Value::string(value.to_owned()).unwrap());
        self.on_secrets(PutSecretValue::new(secret, None, value, &[]).unwrap())
            .await;
    }

    pub(crate) fn trail_text(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("audit/audit-00000001.jsonl")).unwrap()
    }
}

fn follow(events: &Events) -> JoinHandle<()> {
    let events = events.clone();
    tokio::spawn(async move { events.follow().await.unwrap() })
}

pub(crate) fn scope() -> Scope {
    Scope::new("aws", "local-1", ACCOUNT).unwrap()
}

pub(crate) fn arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

pub(crate) fn principal(name: &str) -> OpContext {
    OpContext {
        caller: Arc::new(Caller::principal(arn(name).parse().unwrap(), ACCOUNT.parse().unwrap())),
        request_id: RequestId::random(),
        source: "127.0.0.1".into(),
        channel: Arc::default(),
        user_agent: "test".into(),
        deadline: Deadline::after(Duration::from_secs(30)),
        via: None,
        grant_tokens: GrantTokens::default(),
        dry_run: false,
    }
}

pub(crate) async fn next(watcher: &mut Watcher) -> Told {
    timeout(SOON, watcher.next()).await.expect("it comes soon").unwrap()
}

/// The next events, as `KIND NAME`, in order.
pub(crate) async fn told(watcher: &mut Watcher, count: usize) -> Vec<String> {
    let mut rows = Vec::new();
    while rows.len() < count {
        if let Some(event) = next(watcher).await.event {
            let resource = event.arn.resource().to_owned();
            let name = resource.strip_prefix("secret:").and_then(|rest| rest.rsplit_once('-'));
            let name = name.map_or(resource.as_str(), |(name, _)| name);
            rows.push(format!("{} {name}", event.event().kind));
        }
    }
    rows
}

/// Nothing comes.
pub(crate) async fn silent(watcher: &mut Watcher) {
    if let Ok(told) = timeout(A_WHILE, watcher.next()).await {
        panic!("it hears {told:?}");
    }
}
