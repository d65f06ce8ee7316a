//! The gate's promises, over a real trail in a temporary directory and a domain of one counter.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use strongroom_audit::{Parameters, Trail};
use strongroom_base::{Action, Arn, Caller, Clock, Code, Deadline, Fault, RequestId, Scope, Service};
use strongroom_policy::PolicyDocument;

use crate::{Domain, Gate, GrantTokens, Need, OpContext, Operation, Permit, Policies, Protected, Resolved, Used};

mod quotas;

const EXISTING: &str = "arn:aws:kms:r:000000000000:key/1";
const ABSENT: &str = "arn:aws:kms:r:000000000000:key/2";

#[derive(Default)]
struct Counter {
    performed: AtomicUsize,
    /// Whether its state allows nothing.
    jammed: bool,
    /// Event and request of each use that it has heard of.
    uses: Mutex<Vec<(String, String)>>,
}

impl Domain for Counter {
    fn used(&self, used: &Used<'_>) {
        let mut uses = self.uses.lock().unwrap();
        uses.push((used.event_id.to_string(), used.request_id.to_string()));
    }

    async fn check_grant_tokens(&self, tokens: &GrantTokens) -> Result<(), Fault> {
        match tokens.iter().find(|token| *token != "known") {
            None => Ok(()),
            Some(other) => Err(Fault::new(Code::InvalidGrantToken, format!("{other}?"))),
        }
    }
}

/// An operation on the one thing that exists.
struct Touch<const CHANGES: bool> {
    arn: &'static str,
    reserved_to: Option<Service>,
}

struct Thing(Need);

impl Protected for Thing {
    fn needs(&self) -> Vec<Need> {
        vec![self.0.clone()]
    }
}

impl<const CHANGES: bool> Operation for Touch<CHANGES> {
    const ACTION: Action = if CHANGES { Action::EnableKey } else { Action::Decrypt };
    type Domain = Counter;
    type Target = Thing;
    type Reply = usize;

    fn parameters(&self) -> Parameters {
        Parameters::from_iter([("keyId".to_owned(), self.arn.into())])
    }

    async fn resolve(&self, _: &Counter) -> Result<Resolved<Thing>, Fault> {
        let need = Need::on(Self::ACTION, self.arn.parse().unwrap()).reserved_to(self.reserved_to);
        Ok(if self.arn == EXISTING {
            Resolved::Found(Thing(need))
        } else {
            Resolved::Absent {
                needs: vec![need],
                fault: Fault::new(Code::NotFound, "there is no such thing"),
            }
        })
    }

    async fn check(&self, _: &Thing, counter: &Counter) -> Result<(), Fault> {
        if counter.jammed {
            return Err(Fault::new(Code::Disabled, "it is jammed"));
        }
        Ok(())
    }

    async fn perform(self, _: Permit<Self>, counter: &Counter) -> Result<usize, Fault> {
        Ok(counter.performed.fetch_add(1, Ordering::SeqCst))
    }
}

struct Bench {
    gate: Gate,
    counter: Counter,
    directory: tempfile::TempDir,
}

impl Bench {
    fn new(policy: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let scope = Scope::new("aws", "r", "000000000000").unwrap();
        let trail = Trail::open(directory.path(), Clock::System).unwrap();
        let mut policies = Policies::default();
        policies.attach(ada(), PolicyDocument::parse(policy).unwrap());
        let gate = Gate::new(scope, Clock::System, policies, trail);
        gate.open();
        Self {
            gate,
            counter: Counter::default(),
            directory,
        }
    }

    async fn read(&self, arn: &'static str) -> Result<usize, Fault> {
        let operation = Touch::<false> { arn, reserved_to: None };
        self.gate
            .run(&context(), &self.counter, operation)
            .await
            .map(crate::Released::into_inner)
    }

    fn performed(&self) -> usize {
        self.counter.performed.load(Ordering::SeqCst)
    }

    fn records(&self) -> Vec<Value> {
        records(self.directory.path())
    }
}

fn records(directory: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(directory.join("audit-00000001.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn ada() -> Arn {
    "arn:aws:iam::000000000000:user/ada".parse().unwrap()
}

fn context() -> OpContext {
    OpContext {
        caller: Arc::new(Caller::principal(ada(), "000000000000".parse().unwrap())),
        request_id: RequestId::random(),
        source: "127.0.0.1".into(),
        channel: Arc::default(),
        user_agent: "test".into(),
        deadline: Deadline::after(Duration::from_secs(10)),
        via: None,
        grant_tokens: GrantTokens::default(),
        dry_run: false,
    }
}

fn allow(action: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*"}}}}"#)
}

#[tokio::test]
async fn an_allowed_read_leaves_one_record() {
    let bench = Bench::new(&allow("kms:Decrypt"));
    assert_eq!(bench.read(EXISTING).await.unwrap(), 0);
    let records = bench.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0]["eventName"], "Decrypt");
    assert_eq!(records[0]["resources"][0]["ARN"], EXISTING);
}

#[tokio::test]
async fn a_change_leaves_intent_and_outcome() {
    let bench = Bench::new(&allow("kms:*"));
    let operation = Touch::<true> {
        arn: EXISTING,
        reserved_to: None,
    };
    bench
        .gate
        .run(&context(), &bench.counter, operation)
        .await
        .map(crate::Released::into_inner)
        .unwrap();
    let phases: Vec<_> = bench
        .records()
        .iter()
        .map(|record| record["additionalEventData"]["phase"].clone())
        .collect();
    assert_eq!(phases, ["intent", "outcome"]);
}

#[tokio::test]
async fn what_is_denied_is_not_performed_and_is_recorded() {
    let bench = Bench::new(&allow("kms:Encrypt"));
    let fault = bench.read(EXISTING).await.unwrap_err();
    assert_eq!(fault.code(), Code::AccessDenied);
    assert_eq!(
        fault.message(),
        "User: arn:aws:iam::000000000000:user/ada is not authorized to perform: kms:Decrypt on resource: \
         arn:aws:kms:r:000000000000:key/1 because no identity-based policy allows the kms:Decrypt action"
    );
    assert_eq!(bench.performed(), 0);
    assert_eq!(bench.records()[0]["errorCode"], "AccessDeniedException");
}

#[tokio::test]
async fn whoever_is_denied_cannot_tell_what_exists() {
    let bench = Bench::new(&allow("kms:Encrypt"));
    let existing = bench.read(EXISTING).await.unwrap_err().to_string();
    let absent = bench.read(ABSENT).await.unwrap_err().to_string();
    assert_eq!(existing.replace("key/1", "key/2"), absent);
    let bench = Bench::new(&allow("kms:Decrypt"));
    assert_eq!(
        bench.read(ABSENT).await.unwrap_err().to_string(),
        "NotFoundException: there is no such thing"
    );
}

#[tokio::test]
async fn a_managed_key_is_for_its_service_alone() {
    let bench = Bench::new(&allow("*"));
    let touch = || Touch::<false> {
        arn: EXISTING,
        reserved_to: Some(Service::SecretsManager),
    };
    let fault = bench.gate.run(&context(), &bench.counter, touch()).await.err().unwrap();
    assert_eq!(fault.code(), Code::AccessDenied);
    assert!(
        fault
            .message()
            .ends_with("because only the service that manages this key may use it"),
        "{fault}"
    );
    let through = context().on_behalf(Service::SecretsManager);
    assert!(bench.gate.run(&through, &bench.counter, touch()).await.is_ok());
    let unknown = Bench::new(&allow("s3:GetObject"));
    assert!(unknown.gate.run(&through, &unknown.counter, touch()).await.is_ok());
}

#[tokio::test]
async fn a_closed_gate_lets_only_the_service_itself_through() {
    let bench = Bench::new(&allow("*"));
    let closed = Gate::new(
        Scope::new("aws", "r", "000000000000").unwrap(),
        Clock::System,
        Policies::default(),
        bench.gate.trail().clone(),
    );
    let touch = || Touch::<false> {
        arn: EXISTING,
        reserved_to: None,
    };
    let fault = closed.run(&context(), &bench.counter, touch()).await.err().unwrap();
    assert_eq!(fault.code(), Code::Unavailable);
    assert!(fault.retry_delay().is_some());
    let job = Caller::system(
        "arn:aws:iam::000000000000:role/strongroom/job".parse().unwrap(),
        "000000000000".parse().unwrap(),
    );
    let context = OpContext {
        caller: Arc::new(job),
        ..context()
    };
    assert!(closed.run(&context, &bench.counter, touch()).await.is_ok());
}

#[tokio::test]
async fn a_request_that_comes_too_late_is_not_performed() {
    let bench = Bench::new(&allow("*"));
    let late = OpContext {
        deadline: Deadline::after(Duration::ZERO),
        ..context()
    };
    let touch = Touch::<false> {
        arn: EXISTING,
        reserved_to: None,
    };
    let fault = bench.gate.run(&late, &bench.counter, touch).await.err().unwrap();
    assert_eq!(fault.code(), Code::DependencyTimeout);
    assert_eq!(bench.performed(), 0);
}

/// Before anything is looked for: what is wrong with a token is told to everybody alike.
#[tokio::test]
async fn grant_tokens_are_checked_first_whoever_asks() {
    let bringing = |token: &str| OpContext {
        grant_tokens: GrantTokens::new(vec![token.to_owned()]).unwrap(),
        ..context()
    };
    let touch = |arn| Touch::<false> { arn, reserved_to: None };
    for policy in [allow("kms:Decrypt"), allow("kms:Encrypt")] {
        let bench = Bench::new(&policy);
        for arn in [EXISTING, ABSENT] {
            let answer = bench.gate.run(&bringing("other"), &bench.counter, touch(arn)).await;
            let fault = answer.err().unwrap();
            assert_eq!((fault.code(), fault.message()), (Code::InvalidGrantToken, "other?"));
        }
        assert_eq!(bench.performed(), 0);
        assert_eq!(bench.records().len(), 2, "refusals are recorded");
    }
    let bench = Bench::new(&allow("kms:Decrypt"));
    assert!(
        bench
            .gate
            .run(&bringing("known"), &bench.counter, touch(EXISTING))
            .await
            .is_ok()
    );
}

/// Runs the test below in a process of its own that may write files of 8 KiB at most.
#[test]
fn nothing_leaves_while_the_trail_cannot_be_written() {
    let limited = "trap '' XFSZ; ulimit -S -f 16; exec \"$0\" --exact run::tests::under_a_limit --ignored --nocapture";
    let output = std::process::Command::new("sh")
        .args(["-c", limited])
        .arg(std::env::current_exe().unwrap())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && printed.contains("1 passed"), "{printed}");
}

#[tokio::test]
#[ignore = "a child process of another test"]
async fn under_a_limit() {
    let bench = Bench::new(&allow("*"));
    let mut answered = 0;
    let fault = loop {
        match bench.read(EXISTING).await {
            Ok(_) => answered += 1,
            Err(fault) => break fault,
        }
    };
    assert_eq!(fault.code(), Code::Unavailable);
    assert!(
        fault.message().starts_with("The audit trail cannot be written"),
        "{fault}"
    );
    assert_eq!(
        bench.performed(),
        answered + 1,
        "the last one was performed and not answered"
    );
    let operation = Touch::<true> {
        arn: EXISTING,
        reserved_to: None,
    };
    let refused = bench.gate.run(&context(), &bench.counter, operation).await;
    assert_eq!(refused.err().unwrap().code(), Code::Unavailable);
    assert_eq!(
        bench.performed(),
        answered + 1,
        "a change is not begun without its intent"
    );
    let unlimited = rustix::process::Rlimit {
        current: None,
        maximum: None,
    };
    rustix::process::setrlimit(rustix::process::Resource::Fsize, unlimited).unwrap();
    assert!(bench.read(EXISTING).await.is_ok(), "it heals");
    assert_eq!(bench.records().len(), answered + 1);
}

/// A dry run of a read or of a change of the one thing.
async fn dry_run<const CHANGES: bool>(bench: &Bench, arn: &'static str) -> String {
    let operation = Touch::<CHANGES> { arn, reserved_to: None };
    let context = OpContext {
        dry_run: true,
        ..context()
    };
    let outcome = bench.gate.run(&context, &bench.counter, operation).await;
    outcome.err().unwrap().to_string()
}

#[tokio::test]
async fn a_dry_run_performs_nothing_and_leaves_one_record() {
    let bench = Bench::new(&allow("kms:*"));
    let expected = "DryRunOperationException: The request would have succeeded, but the DryRun option is set.";
    assert_eq!(dry_run::<false>(&bench, EXISTING).await, expected);
    assert_eq!(dry_run::<true>(&bench, EXISTING).await, expected);
    assert_eq!(bench.performed(), 0);
    let records = bench.records();
    assert_eq!(records.len(), 2, "a change that is not made has no intent");
    for record in records {
        assert_eq!(record["errorCode"], "DryRunOperationException");
        assert_eq!(record["requestParameters"]["dryRun"], true);
    }
}

#[tokio::test]
async fn a_dry_run_is_refused_as_the_request_would_be() {
    let mut bench = Bench::new(&allow("kms:Decrypt"));
    assert!(
        dry_run::<true>(&bench, EXISTING)
            .await
            .starts_with("AccessDeniedException: ")
    );
    assert_eq!(
        dry_run::<false>(&bench, ABSENT).await,
        "NotFoundException: there is no such thing"
    );
    bench.counter.jammed = true;
    assert_eq!(
        dry_run::<false>(&bench, EXISTING).await,
        "DisabledException: it is jammed"
    );
    assert_eq!(bench.performed(), 0);
}

/// What a domain hears of a use is what the trail says.
#[tokio::test]
async fn a_successful_use_is_told_with_its_record() {
    let bench = Bench::new(&allow("kms:*"));
    bench.read(EXISTING).await.unwrap();
    assert!(bench.read(ABSENT).await.is_err());
    dry_run::<false>(&bench, EXISTING).await;
    let touch = Touch::<true> {
        arn: EXISTING,
        reserved_to: None,
    };
    bench.gate.run(&context(), &bench.counter, touch).await.ok().unwrap();
    let uses = bench.counter.uses.lock().unwrap().clone();
    let record = &bench.records()[0];
    let text = |field: &str| record[field].as_str().unwrap().to_owned();
    assert_eq!(
        uses,
        [(text("eventID"), text("requestID"))],
        "no failure, no dry run and no change"
    );
}
