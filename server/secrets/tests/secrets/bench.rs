//! A whole secrets service in memory: fake token, memory store, and the real root, gate, policies, trail and keys.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::Value as Json;
use strongroom_audit::Trail;
use strongroom_base::{Arn, Caller, Clock, Code, Deadline, Fault, KeyId, RequestId, Scope};
use strongroom_gate::{Gate, GrantTokens, OpContext, Operation, Policies, QuotaRates, Released};
use strongroom_kms::op::{CreateAlias, CreateKey, NewKey};
use strongroom_kms::{Kms, Root};
use strongroom_policy::PolicyDocument;
use strongroom_secrets::op::{
    CreateSecret, CreatedSecret, DeleteSecret, DeletedSecret, DescribeSecret, EndSecretVersionDelete, GetSecretValue,
    ListSecretVersionIds, NewSecret, PutSecretValue, PutVersion, SecretDescription, SecretUpdate, SecretVersionValue,
    UpdateSecret, UpdatedSecret, VersionPage,
};
use strongroom_secrets::{Secrets, Value};
use strongroom_store::{MemoryDisk, Records, Sealer, Store};
use strongroom_token::Token;
use strongroom_token::fake::FakeToken;
use tempfile::TempDir;

use crate::meddler::Meddler;

const ACCOUNT: &str = "000000000000";
/// When every bench begins, in milliseconds since the epoch.
pub(crate) const BEGINNING: i64 = 1_800_000_000_000;

/// The service and what it stands on.
pub(crate) struct Bench {
    pub(crate) fake: FakeToken,
    pub(crate) token: Token,
    pub(crate) disk: MemoryDisk,
    pub(crate) store: Arc<Meddler>,
    pub(crate) records: Records,
    pub(crate) kms: Arc<Kms>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) secrets: Arc<Secrets>,
    time: Arc<AtomicI64>,
    /// What the wall clock would show had nobody set it.
    seen: Arc<AtomicI64>,
    directory: TempDir,
}

impl Bench {
    /// A new installation with an administrator who may do everything with keys and secrets.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The same with further principals, by user name or ARN, and their policies.
    pub(crate) async fn with(policies: &[(&str, String)]) -> Self {
        Self::limited_to(QuotaRates::unlimited(), policies).await
    }

    /// The same for callers who make at most so many requests a second.
    pub(crate) async fn limited_to(rates: QuotaRates, policies: &[(&str, String)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (disk, sealer) = (MemoryDisk::default(), Sealer::locked());
        let store = Arc::new(Meddler::over(disk.clone(), sealer.clone()));
        let records = Records::new(Arc::clone(&store) as Arc<dyn Store>);
        let mut root = Root::of_store(&records, &scope()).await.unwrap();
        let fake = FakeToken::new();
        let settings = fake.settings(directory.path(), root.installation()).unwrap();
        let token = Token::start_with(fake.module(), settings).unwrap();
        token.first_contact().await.unwrap();
        root.unlock(&token, &sealer).await.unwrap();
        let time = Arc::new(AtomicI64::new(BEGINNING));
        let seen = Arc::new(AtomicI64::new(BEGINNING));
        let clock = Clock::Apart {
            wall: Arc::clone(&time),
            seen: Arc::clone(&seen),
        };
        let trail = Trail::open(&directory.path().join("audit"), clock.clone()).unwrap();
        let mut attached = Policies::default();
        let administrator = ("administrator", allow(r#"["kms:*","secretsmanager:*"]"#, "*"));
        for (name, policy) in std::iter::once(&administrator).chain(policies) {
            let arn = if name.starts_with("arn:") {
                (*name).to_owned()
            } else {
                user_arn(name)
            };
            attached.attach(arn.parse().unwrap(), PolicyDocument::parse(policy).unwrap());
        }
        let gate = Arc::new(Gate::new(scope(), clock.clone(), attached, trail).limited_to(rates));
        gate.open();
        let kms = Arc::new(Kms::new(
            token.clone(),
            records.clone(),
            sealer.clone(),
            scope(),
            clock.clone(),
            &root,
        ));
        let secrets = Secrets::new(records.clone(), Arc::clone(&gate), Arc::clone(&kms), clock);
        Self {
            fake,
            token,
            disk,
            store,
            records,
            kms,
            gate,
            secrets: Arc::new(secrets),
            time,
            seen,
            directory,
        }
    }

    /// The secrets service as after a start: it remembers nothing but what is stored.
    pub(crate) fn restart(&mut self) {
        let records = Records::new(Arc::clone(&self.store) as Arc<dyn Store>);
        let (gate, kms) = (Arc::clone(&self.gate), Arc::clone(&self.kms));
        let clock = Clock::Apart {
            wall: Arc::clone(&self.time),
            seen: Arc::clone(&self.seen),
        };
        self.secrets = Arc::new(Secrets::new(records, gate, kms, clock));
    }

    pub(crate) fn advance(&self, duration: Duration) {
        let millis = i64::try_from(duration.as_millis()).unwrap();
        self.time.fetch_add(millis, Ordering::SeqCst);
        self.seen.fetch_add(millis, Ordering::SeqCst);
    }

    /// The wall clock shows so many days more, and no time has passed.
    pub(crate) fn set_clock_forward(&self, days: i64) {
        self.time.fetch_add(days * 86_400_000, Ordering::SeqCst);
    }

    pub(crate) fn advance_days(&self, days: u64) {
        self.advance(Duration::from_secs(days * 86_400));
    }

    /// Takes an operation through the gate.
    pub(crate) async fn run<O: Operation<Domain = Secrets>>(
        &self,
        who: &OpContext,
        operation: O,
    ) -> Result<O::Reply, Fault> {
        self.gate
            .run(who, &*self.secrets, operation)
            .await
            .map(Released::into_inner)
    }

    /// As the administrator.
    pub(crate) async fn admin<O: Operation<Domain = Secrets>>(&self, operation: O) -> Result<O::Reply, Fault> {
        self.run(&principal("administrator"), operation).await
    }

    /// An operation on keys, as the administrator.
    pub(crate) async fn on_keys<O: Operation<Domain = Kms>>(&self, operation: O) -> Result<O::Reply, Fault> {
        self.gate
            .run(&principal("administrator"), &*self.kms, operation)
            .await
            .map(Released::into_inner)
    }

    /// A new key with this alias.
    pub(crate) async fn key(&self, alias: &str) -> KeyId {
        let key = self
            .on_keys(CreateKey::new(NewKey::default()).unwrap())
            .await
            .unwrap()
            .record
            .id;
        self.on_keys(CreateAlias::new(alias.parse().unwrap(), key).unwrap())
            .await
            .unwrap();
        key
    }

    pub(crate) async fn create(&self, request: NewSecret) -> Result<CreatedSecret, Fault> {
        self.admin(CreateSecret::new(request, &scope())?).await
    }

    /// A new secret whose first version is `token(1)`.
    pub(crate) async fn secret(&self, name: &str, text: &str) -> CreatedSecret {
        self.create(new_secret(name, Some((token(1), text)))).await.unwrap()
    }

    pub(crate) async fn put(
        &self,
        secret: &str,
        number: usize,
        text: &str,
        labels: &[&str],
    ) -> Result<PutVersion, Fault> {
        self.admin(put(secret, number, text, labels)?).await
    }

    pub(crate) async fn update(&self, request: SecretUpdate) -> Result<UpdatedSecret, Fault> {
        self.admin(UpdateSecret::new(request, &scope())?).await
    }

    pub(crate) async fn read(&self, secret: &str) -> Result<String, Fault> {
        self.read_as(&principal("administrator"), secret, None, None).await
    }

    pub(crate) async fn read_as(
        &self,
        who: &OpContext,
        secret: &str,
        version: Option<&str>,
        stage: Option<&str>,
    ) -> Result<String, Fault> {
        Ok(text_of(
            &self.run(who, GetSecretValue::new(secret, version, stage)?).await?,
        ))
    }

    pub(crate) async fn describe(&self, secret: &str) -> SecretDescription {
        self.admin(DescribeSecret::new(secret).unwrap()).await.unwrap()
    }

    pub(crate) async fn delete(&self, secret: &str, days: Option<i64>, force: bool) -> Result<DeletedSecret, Fault> {
        self.admin(DeleteSecret::new(secret, days, force)?).await
    }

    /// All versions, with those that have no label.
    pub(crate) async fn versions(&self, secret: &str) -> VersionPage {
        self.admin(ListSecretVersionIds::new(secret, true, None, None).unwrap())
            .await
            .unwrap()
    }

    /// Which labels are where, as `label=number` with the numbers of [`token`].
    pub(crate) async fn stages(&self, secret: &str) -> String {
        let mut rows = Vec::new();
        for (version, labels) in self.describe(secret).await.version_stages {
            let number = version
                .as_str()
                .trim_start_matches("token-")
                .trim_start_matches('0')
                .to_owned();
            rows.extend(labels.into_iter().map(|label| format!("{label}={number}")));
        }
        rows.sort();
        rows.join(" ")
    }

    /// Does what the background job does.
    pub(crate) async fn purge(&self) -> usize {
        let due = self.secrets.due_for_deletion().await.unwrap();
        let count = due.len();
        for due in due {
            self.run(&system(), EndSecretVersionDelete { due }).await.unwrap();
        }
        count
    }

    /// The ids of the stored records of one kind.
    pub(crate) fn stored(&self, kind: &str) -> Vec<String> {
        let prefix = format!("{kind}/");
        let ids = |key: &strongroom_store::RecordKey| key.as_str().strip_prefix(&prefix).map(str::to_owned);
        self.disk.tamper(|values| values.keys().filter_map(ids).collect())
    }

    /// The trail as it is on disk.
    pub(crate) fn trail_text(&self) -> String {
        std::fs::read_to_string(self.directory.path().join("audit/audit-00000001.jsonl")).unwrap()
    }

    /// The trail's records.
    pub(crate) fn trail(&self) -> Vec<Json> {
        self.trail_text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

pub(crate) fn scope() -> Scope {
    Scope::new("aws", "local-1", ACCOUNT).unwrap()
}

pub(crate) fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

/// The ARN of a secret by the end of it.
pub(crate) fn secret_arn(end: &str) -> String {
    scope().arn("secretsmanager", format_args!("secret:{end}")).to_string()
}

/// A request of the principal with this name.
pub(crate) fn principal(name: &str) -> OpContext {
    by(Caller::principal(
        user_arn(name).parse().unwrap(),
        ACCOUNT.parse().unwrap(),
    ))
}

/// A request of a background job.
pub(crate) fn system() -> OpContext {
    by(Caller::system(scope().system_arn("test"), ACCOUNT.parse().unwrap()))
}

fn by(caller: Caller) -> OpContext {
    OpContext {
        caller: Arc::new(caller),
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

/// A policy that allows actions on resources; each may be a list in JSON's own notation or one text.
pub(crate) fn allow(action: &str, resource: &str) -> String {
    let json = |text: &str| {
        if text.starts_with('[') {
            text.to_owned()
        } else {
            format!("{text:?}")
        }
    };
    let (action, resource) = (json(action), json(resource));
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":{action},"Resource":{resource}}}}}"#)
}

/// A ClientRequestToken.
pub(crate) fn token(number: usize) -> String {
    format!("token-{number:0>32}")
}

pub(crate) fn text(value: &str) -> Value {
    Value::string(value.to_owned()).unwrap()
}

pub(crate) fn new_secret(name: &str, value: Option<(String, &str)>) -> NewSecret {
    let client_request_token = value.as_ref().map(|(token, _)| token.clone());
    let value = value.map(|(_, value)| text(value));
    NewSecret {
        name: name.to_owned(),
        client_request_token,
        value,
        ..NewSecret::default()
    }
}

pub(crate) fn put(secret: &str, number: usize, value: &str, labels: &[&str]) -> Result<PutSecretValue, Fault> {
    let labels: Vec<_> = labels.iter().map(|label| (*label).to_owned()).collect();
    PutSecretValue::new(secret, Some(&token(number)), Some(text(value)), &labels)
}

pub(crate) fn update(secret: &str) -> SecretUpdate {
    SecretUpdate {
        secret_id: secret.to_owned(),
        ..SecretUpdate::default()
    }
}

pub(crate) fn bytes_of(read: &SecretVersionValue) -> Vec<u8> {
    read.value.bytes().reveal_to_wire(<[u8]>::to_vec)
}

pub(crate) fn text_of(read: &SecretVersionValue) -> String {
    String::from_utf8(bytes_of(read)).unwrap()
}

pub(crate) fn key_arn(key: &KeyId) -> Arn {
    scope().key_arn(key)
}

/// AWS's words for a field that breaks a constraint.
pub(crate) fn constraint(field: &str, rule: &str) -> String {
    format!("1 validation error detected: Value at '{field}' failed to satisfy constraint: {rule}")
}

/// Checks what a caller is told, to the letter.
#[track_caller]
pub(crate) fn refused<T>(answer: Result<T, Fault>, code: Code, message: &str) {
    match answer {
        Ok(_) => panic!("allowed, and should be refused with {code:?}: {message}"),
        Err(fault) => assert_eq!((fault.code(), fault.message()), (code, message)),
    }
}

pub(crate) const NOT_FOUND: &str = "Secrets Manager can't find the specified secret.";
pub(crate) const DELETED: &str = "You can't perform this operation on the secret because it was marked for deletion.";
