//! A whole key service in memory: fake token, memory store, and the real root, gate, policies and trail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;
use strongroom_audit::Trail;
use strongroom_base::limits::{KEY_INVOCATIONS_DERIVED_MAX, KEY_INVOCATIONS_MAX, KEY_ROTATION_INVOCATIONS_DEFAULT};
use strongroom_base::{Caller, Clock, Code, Deadline, Fault, KeyId, KeyMaterialId, RequestId, Scope};
use strongroom_gate::{Gate, GrantTokens, OpContext, Operation, Policies, Released};
use strongroom_kms::op::{
    CreateAlias, CreateGrant, CreateKey, CreatedGrant, Decrypt, Decrypted, DeleteKey, DescribeKey, Encrypt, Encryption,
    NewKey, ReconcileToken, Reconciled,
};
use strongroom_kms::{
    AliasName, EncryptionContext, GrantOperation, KeyMetadata, KeyReference, Kms, NewGrant, ResourcePolicy, Root, Suite,
};
use strongroom_material::{Kind, Material};
use strongroom_policy::PolicyDocument;
use strongroom_store::{MemoryDisk, Records, Sealer, Store};
use strongroom_token::Token;
use strongroom_token::fake::FakeToken;
use tempfile::TempDir;

use crate::meddler::Meddler;

const ACCOUNT: &str = "000000000000";
/// When every bench begins, in milliseconds since the epoch.
const BEGINNING: i64 = 1_800_000_000_000;

/// Names a suite as a profile does.
const SUITE_VARIABLE: &str = "STRONGROOM_TEST_SUITE";

/// What is told to everybody whose ciphertext does not open, whatever the reason.
pub(crate) const INVALID: &str = "The ciphertext is not valid.";

/// The service and what it stands on.
pub(crate) struct Bench {
    pub(crate) fake: FakeToken,
    pub(crate) token: Token,
    pub(crate) disk: MemoryDisk,
    pub(crate) store: Arc<Meddler>,
    pub(crate) records: Records,
    pub(crate) kms: Arc<Kms>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) root: Root,
    sealer: Sealer,
    /// Whether the administrator only asks what would be.
    pub(crate) dry_run: AtomicBool,
    time: Arc<AtomicI64>,
    /// What the wall clock would show had nobody set it.
    seen: Arc<AtomicI64>,
    trail: Trail,
    policies: Vec<(String, String)>,
    directory: TempDir,
    rotate_after: u64,
}

impl Bench {
    /// A new installation, unsealed, with its gate open and an administrator who may `kms:*`.
    pub(crate) async fn new() -> Self {
        let fake = FakeToken::new();
        fake.set_suite(default_suite());
        Self::on(fake).await
    }

    /// The same on a token that is there already.
    pub(crate) async fn on(fake: FakeToken) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (disk, sealer) = (MemoryDisk::default(), Sealer::locked());
        let store = Arc::new(Meddler::over(disk.clone(), sealer.clone()));
        let records = Records::new(Arc::clone(&store) as Arc<dyn Store>);
        let mut root = Root::of_store(&records, &scope()).await.unwrap();
        let settings = fake.settings(directory.path(), root.installation()).unwrap();
        let token = Token::start_with(fake.module(), settings).unwrap();
        token.first_contact().await.unwrap();
        root.unlock(&token, &sealer).await.unwrap();
        let time = Arc::new(AtomicI64::new(BEGINNING));
        let seen = Arc::new(AtomicI64::new(BEGINNING));
        let clock = clock(&time, &seen);
        let trail = Trail::open(&directory.path().join("audit"), clock.clone()).unwrap();
        let kms = Arc::new(Kms::new(
            token.clone(),
            records.clone(),
            sealer.clone(),
            scope(),
            clock,
            &root,
        ));
        let policies = vec![(user_arn("administrator"), allow("kms:*", "*"))];
        let gate = gate(&policies, &time, &trail);
        Self {
            fake,
            token,
            disk,
            store,
            records,
            kms,
            gate,
            root,
            sealer,
            dry_run: AtomicBool::new(false),
            time,
            seen,
            trail,
            policies,
            directory,
            rotate_after: KEY_ROTATION_INVOCATIONS_DEFAULT,
        }
    }

    /// Attaches a policy to the principal with this name.
    pub(crate) fn attach(&mut self, name: &str, policy: &str) {
        self.attach_to(&user_arn(name), policy);
    }

    /// Attaches a policy to the principal with this ARN, which may be of another account.
    pub(crate) fn attach_to(&mut self, arn: &str, policy: &str) {
        self.policies.push((arn.to_owned(), policy.to_owned()));
        self.gate = gate(&self.policies, &self.time, &self.trail);
    }

    /// The key service as a new process finds it: same token, same store, nothing remembered.
    pub(crate) fn restart(&mut self) {
        self.records = Records::new(Arc::clone(&self.store) as Arc<dyn Store>);
        self.seen = Arc::new(AtomicI64::new(self.now()));
        let clock = clock(&self.time, &self.seen);
        let kms = Kms::new(
            self.token.clone(),
            self.records.clone(),
            self.sealer.clone(),
            scope(),
            clock,
            &self.root,
        );
        self.kms = Arc::new(kms.rotating_after(self.rotate_after));
    }

    /// The whole service stops and starts again, with the profile that the token has now.
    pub(crate) async fn restart_with_token(&mut self) {
        self.token.stop().await;
        let installation = self.root.installation();
        let settings = self.fake.settings(self.directory.path(), installation).unwrap();
        self.token = Token::start_with(self.fake.module(), settings).unwrap();
        self.token.first_contact().await.unwrap();
        self.restart();
    }

    /// A second key service over the same records, which shares nothing else with the first.
    pub(crate) fn another_kms(&mut self) {
        let clock = clock(&self.time, &self.seen);
        let (token, records, sealer) = (self.token.clone(), self.records.clone(), self.sealer.clone());
        self.kms = Arc::new(Kms::new(token, records, sealer, scope(), clock, &self.root));
    }

    /// From the next restart on, keys rotate after so many encryptions.
    pub(crate) fn rotate_after(&mut self, invocations: u64) {
        self.rotate_after = invocations;
    }

    pub(crate) fn advance_days(&self, days: i64) {
        self.advance(days * 86_400_000);
    }

    /// So many milliseconds pass.
    pub(crate) fn advance(&self, millis: i64) {
        self.time.fetch_add(millis, Ordering::SeqCst);
        self.seen.fetch_add(millis, Ordering::SeqCst);
    }

    /// The wall clock shows so many days more, and no time has passed.
    pub(crate) fn set_clock_forward(&self, days: i64) {
        self.time.fetch_add(days * 86_400_000, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> i64 {
        self.time.load(Ordering::SeqCst)
    }

    /// Takes an operation through the gate.
    pub(crate) async fn run<O: Operation<Domain = Kms>>(
        &self,
        who: &OpContext,
        operation: O,
    ) -> Result<O::Reply, Fault> {
        self.gate
            .run(who, &*self.kms, operation)
            .await
            .map(Released::into_inner)
    }

    /// As the administrator.
    pub(crate) async fn admin<O: Operation<Domain = Kms>>(&self, operation: O) -> Result<O::Reply, Fault> {
        let who = OpContext {
            dry_run: self.dry_run.load(Ordering::Relaxed),
            ..principal("administrator")
        };
        self.run(&who, operation).await
    }

    /// As the service's own job.
    pub(crate) async fn system<O: Operation<Domain = Kms>>(&self, operation: O) -> Result<O::Reply, Fault> {
        self.run(&system(), operation).await
    }

    /// A new key.
    pub(crate) async fn key(&self) -> KeyId {
        self.admin(create("")).await.unwrap().record.id
    }

    /// A grant to the principal with this name.
    pub(crate) async fn grant(&self, key: KeyId, grantee: &str, operations: &[GrantOperation]) -> CreatedGrant {
        self.admin(create_grant(key, grantee, operations)).await.unwrap()
    }

    pub(crate) async fn name(&self, name: &str, key: KeyId) -> Result<(), Fault> {
        self.admin(CreateAlias::new(alias(name), key)?).await
    }

    pub(crate) async fn describe(&self, key: KeyId) -> KeyMetadata {
        self.admin(DescribeKey {
            key: KeyReference::Key(key),
        })
        .await
        .unwrap()
    }

    pub(crate) async fn encrypt(&self, key: KeyId, plaintext: &[u8]) -> Result<Encryption, Fault> {
        self.admin(Encrypt::new(
            KeyReference::Key(key),
            EncryptionContext::default(),
            material(plaintext),
        )?)
        .await
    }

    pub(crate) async fn decrypt(&self, blob: &[u8]) -> Result<Decrypted, Fault> {
        self.admin(Decrypt::new(None, EncryptionContext::default(), blob)?)
            .await
    }

    pub(crate) async fn delete(&self, key: KeyId) -> Result<(), Fault> {
        self.system(DeleteKey { key }).await
    }

    pub(crate) async fn reconcile(&self) -> Reconciled {
        self.system(ReconcileToken {
            minimum_age: Duration::ZERO,
        })
        .await
        .unwrap()
    }

    /// The label of a material's object.
    pub(crate) fn label(&self, key: KeyId, material: KeyMaterialId) -> String {
        format!("strongroom/{}/{key}/{material}", self.root.installation())
    }

    /// Waits until the token is usable, or not any more.
    pub(crate) async fn until_usable(&self, usable: bool) {
        let mut health = self.token.health();
        let wanted = health.wait_for(|health| (*health == strongroom_token::Health::Usable) == usable);
        tokio::time::timeout(Duration::from_secs(30), wanted)
            .await
            .unwrap()
            .unwrap();
    }

    /// The stored records of one kind.
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
    pub(crate) fn trail(&self) -> Vec<Value> {
        self.trail_text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The directory of the trail.
    pub(crate) fn trail_directory(&self) -> std::path::PathBuf {
        self.directory.path().join("audit")
    }
}

/// How new keys encrypt where a test does not say: `cargo ci` runs all tests with each.
pub(crate) fn default_suite() -> Suite {
    let Ok(name) = std::env::var(SUITE_VARIABLE) else {
        return Suite::Direct;
    };
    let named = [Suite::Direct, Suite::Derived]
        .into_iter()
        .find(|suite| suite.to_string() == name);
    named.unwrap_or_else(|| panic!("{SUITE_VARIABLE} is {name}, which no suite is called"))
}

/// What a key of [`default_suite`] may encrypt in its life, and after how many encryptions it rotates.
pub(crate) fn default_limits() -> (u64, u64) {
    let limit = match default_suite() {
        Suite::Direct => KEY_INVOCATIONS_MAX,
        Suite::Derived => KEY_INVOCATIONS_DERIVED_MAX,
    };
    (limit, limit / 2)
}

/// Bytes of a blob of [`default_suite`].
pub(crate) fn blob_bytes(plaintext: usize) -> usize {
    62 + default_suite().prefix_bytes() + plaintext + 16
}

fn clock(wall: &Arc<AtomicI64>, seen: &Arc<AtomicI64>) -> Clock {
    Clock::Apart {
        wall: Arc::clone(wall),
        seen: Arc::clone(seen),
    }
}

fn gate(policies: &[(String, String)], time: &Arc<AtomicI64>, trail: &Trail) -> Arc<Gate> {
    let mut attached = Policies::default();
    for (arn, policy) in policies {
        attached.attach(arn.parse().unwrap(), PolicyDocument::parse(policy).unwrap());
    }
    let gate = Gate::new(scope(), Clock::Manual(Arc::clone(time)), attached, trail.clone());
    gate.open();
    Arc::new(gate)
}

pub(crate) fn scope() -> Scope {
    Scope::new("aws", "local-1", ACCOUNT).unwrap()
}

pub(crate) fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

/// A request of the principal with this name.
pub(crate) fn principal(name: &str) -> OpContext {
    by(Caller::principal(
        user_arn(name).parse().unwrap(),
        ACCOUNT.parse().unwrap(),
    ))
}

/// The account of others.
pub(crate) const OTHER_ACCOUNT: &str = "111111111111";

pub(crate) fn foreign_arn(name: &str) -> String {
    format!("arn:aws:iam::{OTHER_ACCOUNT}:user/{name}")
}

/// A request of the principal with this name in another account.
pub(crate) fn foreigner(name: &str) -> OpContext {
    by(Caller::principal(
        foreign_arn(name).parse().unwrap(),
        OTHER_ACCOUNT.parse().unwrap(),
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
    policy("Allow", action, resource)
}

pub(crate) fn policy(effect: &str, action: &str, resource: &str) -> String {
    let json = |text: &str| {
        if text.starts_with('[') {
            text.to_owned()
        } else {
            format!("{text:?}")
        }
    };
    let (action, resource) = (json(action), json(resource));
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"{effect}","Action":{action},"Resource":{resource}}}}}"#)
}

pub(crate) fn create(description: &str) -> CreateKey {
    let new = NewKey {
        description: description.to_owned(),
        ..NewKey::default()
    };
    CreateKey::new(new).unwrap()
}

/// A grant to the principal with this name.
pub(crate) fn create_grant(key: KeyId, grantee: &str, operations: &[GrantOperation]) -> CreateGrant {
    CreateGrant::new(key, new_grant(grantee, operations)).unwrap()
}

pub(crate) fn new_grant(grantee: &str, operations: &[GrantOperation]) -> NewGrant {
    NewGrant {
        grantee_principal: user_arn(grantee),
        operations: operations.to_vec(),
        ..NewGrant::default()
    }
}

/// The policy of a key that nobody put one on.
pub(crate) fn default_policy() -> String {
    ResourcePolicy::default_of_keys(&scope()).as_str().to_owned()
}

pub(crate) fn alias(name: &str) -> AliasName {
    name.parse().unwrap()
}

pub(crate) fn context(pairs: &[(&str, &str)]) -> EncryptionContext {
    EncryptionContext::new(
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
    )
    .unwrap()
}

pub(crate) fn material<K: Kind>(bytes: &[u8]) -> Material<K> {
    Material::take(bytes.to_vec())
}

pub(crate) fn bytes<K: Kind>(material: &Material<K>) -> Vec<u8> {
    material.reveal_to_wire(<[u8]>::to_vec)
}

/// Checks what a caller is told, to the letter.
#[track_caller]
pub(crate) fn refused<T>(answer: Result<T, Fault>, code: Code, message: &str) {
    match answer {
        Ok(_) => panic!("allowed, and should be refused with {code:?}: {message}"),
        Err(fault) => assert_eq!((fault.code(), fault.message()), (code, message)),
    }
}

/// The fault of an answer that must be one.
#[track_caller]
pub(crate) fn fault<T>(answer: Result<T, Fault>) -> Fault {
    answer.err().unwrap_or_else(|| panic!("allowed, and should be refused"))
}

/// Waits for something that comes about by itself, up to half a minute.
pub(crate) async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let limit = Instant::now() + Duration::from_secs(30);
    while !holds().await {
        assert!(Instant::now() < limit, "did not come about within half a minute");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
