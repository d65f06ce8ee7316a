//! A whole parameter store in memory: fake token, memory store, and the real root, gate, policies, trail, keys and secrets.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use serde_json::Value as Json;
use strongroom_audit::Trail;
use strongroom_base::{Caller, Clock, Code, Deadline, Fault, RequestId, Scope};
use strongroom_gate::{Gate, GrantTokens, OpContext, Operation, Policies, Released};
use strongroom_kms::{Kms, Root};
use strongroom_parameters::op::{
    EnforceParameterPolicies, GetParameter, LabelParameterVersion, NewParameter, PolicyAction, PutParameter, PutVersion,
};
use strongroom_parameters::{ParameterValue, Parameters, Shown, Value};
use strongroom_policy::PolicyDocument;
use strongroom_secrets::Secrets;
use strongroom_store::{MemoryDisk, Records, Sealer, Store};
use strongroom_token::Token;
use strongroom_token::fake::FakeToken;
use tempfile::TempDir;

use crate::meddler::Meddler;

const ACCOUNT: &str = "000000000000";
/// When every bench begins, in milliseconds since the epoch: 2027-01-15T08:00:00Z.
pub(crate) const BEGINNING: i64 = 1_800_000_000_000;

/// The service and what it stands on.
pub(crate) struct Bench {
    pub(crate) disk: MemoryDisk,
    pub(crate) store: Arc<Meddler>,
    pub(crate) records: Records,
    pub(crate) kms: Arc<Kms>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) parameters: Parameters,
    time: Arc<AtomicI64>,
    seen: Arc<AtomicI64>,
    _token: Token,
    directory: TempDir,
}

impl Bench {
    /// A new installation with an administrator who may do everything.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// The same with further principals and their policies.
    pub(crate) async fn with(policies: &[(&str, String)]) -> Self {
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
        let (time, seen) = (Arc::new(AtomicI64::new(BEGINNING)), Arc::new(AtomicI64::new(BEGINNING)));
        let clock = Clock::Apart {
            wall: Arc::clone(&time),
            seen: Arc::clone(&seen),
        };
        let trail = Trail::open(&directory.path().join("audit"), clock.clone()).unwrap();
        let mut attached = Policies::default();
        let administrator = ("administrator", allow(r#"["kms:*","secretsmanager:*","ssm:*"]"#, "*"));
        for (name, policy) in std::iter::once(&administrator).chain(policies) {
            attached.attach(user_arn(name).parse().unwrap(), PolicyDocument::parse(policy).unwrap());
        }
        let gate = Arc::new(Gate::new(scope(), clock.clone(), attached, trail));
        gate.open();
        let kms = Arc::new(Kms::new(
            token.clone(),
            records.clone(),
            sealer,
            scope(),
            clock.clone(),
            &root,
        ));
        let (door, keys) = (Arc::clone(&gate), Arc::clone(&kms));
        let secrets = Arc::new(Secrets::new(records.clone(), door, keys, clock.clone()));
        let parameters = Parameters::new(
            records.clone(),
            Arc::clone(&gate),
            Arc::clone(&kms),
            Arc::clone(&secrets),
            clock,
        );
        Self {
            disk,
            store,
            records,
            kms,
            gate,
            secrets,
            parameters,
            time,
            seen,
            _token: token,
            directory,
        }
    }

    /// The same service started anew over the same store.
    pub(crate) fn restarted(&self) -> Parameters {
        let clock = Clock::Apart {
            wall: Arc::clone(&self.time),
            seen: Arc::clone(&self.seen),
        };
        let (gate, kms, secrets) = (Arc::clone(&self.gate), Arc::clone(&self.kms), Arc::clone(&self.secrets));
        Parameters::new(self.records.clone(), gate, kms, secrets, clock)
    }

    pub(crate) fn advance_hours(&self, hours: i64) {
        self.set_clock_forward(hours);
        self.seen.fetch_add(hours * 3_600_000, Ordering::SeqCst);
    }

    /// The wall clock shows so many hours more, and no time has passed.
    pub(crate) fn set_clock_forward(&self, hours: i64) {
        self.time.fetch_add(hours * 3_600_000, Ordering::SeqCst);
    }

    /// Takes an operation through the gate.
    pub(crate) async fn run<O: Operation<Domain = Parameters>>(
        &self,
        who: &OpContext,
        operation: O,
    ) -> Result<O::Reply, Fault> {
        let answer = self.gate.run(who, &self.parameters, operation).await;
        answer.map(Released::into_inner)
    }

    /// As the administrator.
    pub(crate) async fn admin<O: Operation<Domain = Parameters>>(&self, operation: O) -> Result<O::Reply, Fault> {
        self.run(&principal("administrator"), operation).await
    }

    pub(crate) async fn put(&self, request: NewParameter) -> Result<PutVersion, Fault> {
        self.admin(PutParameter::new(request, &scope())?).await
    }

    /// A new standard parameter of the type String.
    pub(crate) async fn string(&self, name: &str, value: &str) -> PutVersion {
        self.put(new(name, "String", value)).await.unwrap()
    }

    /// Another value for a parameter.
    pub(crate) async fn overwrite(&self, name: &str, value: &str) -> Result<PutVersion, Fault> {
        self.put(again(name, value)).await
    }

    pub(crate) async fn get(&self, name: &str) -> Result<ParameterValue, Fault> {
        self.get_as(&principal("administrator"), name).await
    }

    /// Decrypted.
    pub(crate) async fn get_as(&self, who: &OpContext, name: &str) -> Result<ParameterValue, Fault> {
        self.run(who, GetParameter::new(name, true, &scope())?).await
    }

    pub(crate) async fn text(&self, name: &str) -> String {
        text_of(&self.get(name).await.unwrap().value)
    }

    pub(crate) async fn label(&self, name: &str, version: Option<i64>, labels: &[&str]) -> Result<Vec<String>, Fault> {
        let labels = labels.iter().map(|label| (*label).to_owned()).collect();
        let labelled = self.admin(LabelParameterVersion::new(name, version, labels)?).await;
        labelled.map(|labelled| labelled.invalid)
    }

    /// Does what the background job does.
    pub(crate) async fn enforce(&self) -> Vec<(String, PolicyAction)> {
        let mut done = Vec::new();
        for due in self.parameters.due_for_policies().await.unwrap() {
            let name = due.name().to_string();
            let action = self.run(&system(), EnforceParameterPolicies { due }).await.unwrap();
            done.push((name, action));
        }
        done
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
        let text = self.trail_text();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

pub(crate) fn scope() -> Scope {
    Scope::new("aws", "local-1", ACCOUNT).unwrap()
}

pub(crate) fn user_arn(name: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:user/{name}")
}

/// The ARN of a parameter, or of all that fit a pattern.
pub(crate) fn parameter_arn(end: &str) -> String {
    scope().arn("ssm", format_args!("parameter/{end}")).to_string()
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
        deadline: Deadline::after(Duration::from_secs(60)),
        via: None,
        grant_tokens: GrantTokens::default(),
        dry_run: false,
    }
}

/// A policy that allows actions on resources; each may be a list in JSON's own notation or one text.
pub(crate) fn allow(action: &str, resource: &str) -> String {
    statements(&[statement("Allow", action, resource, "")])
}

/// One statement, with a condition or none.
pub(crate) fn statement(effect: &str, action: &str, resource: &str, condition: &str) -> String {
    let json = |text: &str| {
        if text.starts_with('[') {
            text.to_owned()
        } else {
            format!("{text:?}")
        }
    };
    let (action, resource) = (json(action), json(resource));
    let condition = match condition {
        "" => String::new(),
        condition => format!(r#","Condition":{condition}"#),
    };
    format!(r#"{{"Effect":"{effect}","Action":{action},"Resource":{resource}{condition}}}"#)
}

pub(crate) fn statements(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

pub(crate) fn value(text: &str) -> Value {
    Value::new(text.to_owned()).unwrap()
}

/// A request for a new parameter.
pub(crate) fn new(name: &str, kind: &str, text: &str) -> NewParameter {
    NewParameter {
        name: name.to_owned(),
        value: value(text),
        kind: Some(kind.to_owned()),
        description: None,
        key_id: None,
        overwrite: false,
        allowed_pattern: None,
        tags: Vec::new(),
        tier: None,
        policies: None,
        data_type: None,
    }
}

/// A request for another version.
pub(crate) fn again(name: &str, text: &str) -> NewParameter {
    NewParameter {
        kind: None,
        overwrite: true,
        ..new(name, "", text)
    }
}

/// A request for a new advanced parameter.
pub(crate) fn advanced(name: &str, kind: &str, text: &str) -> NewParameter {
    NewParameter {
        tier: Some("Advanced".to_owned()),
        ..new(name, kind, text)
    }
}

pub(crate) fn text_of(shown: &Shown) -> String {
    match shown {
        Shown::Plain(text) => text.clone(),
        Shown::Secret(value) => value.reveal_to_wire(|bytes| String::from_utf8(bytes.to_vec()).unwrap()),
    }
}

/// The answer is this fault, in code and message.
#[track_caller]
pub(crate) fn refused<T>(answer: Result<T, Fault>, code: Code, message: &str) {
    match answer {
        Ok(_) => panic!("allowed, and should be refused with {code:?}: {message}"),
        Err(fault) => assert_eq!((fault.code(), fault.message()), (code, message)),
    }
}

/// AWS's words for a field that breaks the model.
pub(crate) fn constraint(field: &str, rule: &str) -> String {
    format!("1 validation error detected: Value at '{field}' failed to satisfy constraint: {rule}")
}
