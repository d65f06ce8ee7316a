//! What the gate makes of policies: what requests answer, what refusals say, and that neither tells what exists.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests do")]

#[path = "decisions/accounts.rs"]
mod accounts;
#[path = "decisions/managed.rs"]
mod managed;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use strongroom_audit::Trail;
use strongroom_base::{Action, Arn, Caller, Clock, Code, Deadline, Fault, RequestId, Scope, Service};
use strongroom_gate::{
    Channel, Gate, GrantTokens, Need, OpContext, Operation, Parameters, Permit, Policies, Protected, Resolved,
};
use strongroom_policy::{ConditionKey, ContextPairs, Grants, Guard, KeyName, PolicyDocument, ResourcePolicy, Values};

const ACCOUNT: &str = "000000000000";
const ADA: &str = "arn:aws:iam::000000000000:user/team/ada";
const PRESENT: &str = "arn:aws:kms:r:000000000000:key/1";
const ABSENT: &str = "arn:aws:kms:r:000000000000:key/2";

#[derive(Default)]
struct Domain {
    /// How often anybody was asked for a condition key.
    asked: AtomicUsize,
}

/// A use of something that is there, or is not.
struct Look<'d> {
    domain: &'d Domain,
    action: Action,
    arn: &'static str,
    reserved_to: Option<Service>,
    guard: Option<Arc<dyn Guard>>,
    instead: Option<(Code, &'static str)>,
    context: ContextPairs,
}

struct Thing<'d>(&'d Domain, Need);

impl Protected for Thing<'_> {
    fn needs(&self) -> Vec<Need> {
        vec![self.1.clone()]
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.0.asked.fetch_add(1, Ordering::Relaxed);
        match key.name() {
            Some(KeyName::ResourceTag) => key.pick([("team", "red")]),
            _ => Values::Absent,
        }
    }
}

impl<'d> Operation for Look<'d> {
    const ACTION: Action = Action::Decrypt;
    type Domain = ();
    type Target = Thing<'d>;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        Parameters::new()
    }

    fn encryption_context(&self, _need: &Need) -> Option<&ContextPairs> {
        Some(&self.context)
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        self.domain.asked.fetch_add(1, Ordering::Relaxed);
        match key.name() {
            Some(KeyName::RequestAlias) => Values::one("alias/a"),
            _ => Values::Absent,
        }
    }

    async fn resolve(&self, (): &()) -> Result<Resolved<Thing<'d>>, Fault> {
        let need = Need::on(self.action, self.arn.parse().unwrap());
        if self.arn == ABSENT {
            return Ok(Resolved::Absent {
                needs: vec![need],
                fault: Fault::new(Code::NotFound, "there is no such thing"),
            });
        }
        let need = Need {
            guard: self.guard.clone(),
            reserved_to: self.reserved_to,
            instead: self.instead,
            ..need
        };
        Ok(Resolved::Found(Thing(self.domain, need)))
    }

    async fn perform(self, _: Permit<Self>, (): &()) -> Result<(), Fault> {
        Ok(())
    }
}

fn statement(effect: &str, rest: &str) -> String {
    format!(r#"{{"Effect":"{effect}","Action":"kms:*","Resource":"*"{rest}}}"#)
}

/// What a key without grants brings to a decision.
#[derive(Debug)]
struct KeyPolicy(ResourcePolicy);

impl Guard for KeyPolicy {
    fn policy(&self) -> &ResourcePolicy {
        &self.0
    }

    fn grants(&self) -> Option<&Grants> {
        None
    }
}

fn key_policy(statements: &[String]) -> Option<Arc<dyn Guard>> {
    let policy = ResourcePolicy::parse(&format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    ));
    Some(Arc::new(KeyPolicy(policy.unwrap())))
}

fn principal(arn: &str) -> String {
    format!(r#","Principal":{{"AWS":"{arn}"}}"#)
}

fn caller(arn: &str) -> Caller {
    let arn: Arn = arn.parse().unwrap();
    let account = arn.account().parse().unwrap();
    Caller::principal(arn, account).tagged([("Size".to_owned(), "large".to_owned())])
}

fn context(arn: &str) -> OpContext {
    OpContext {
        caller: Arc::new(caller(arn)),
        request_id: RequestId::random(),
        source: "192.0.2.1".into(),
        channel: Arc::new(Channel {
            listener: Some("inside".into()),
            address: Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1))),
            encrypted: true,
        }),
        user_agent: "agent/1".into(),
        deadline: Deadline::after(Duration::from_secs(10)),
        via: None,
        grant_tokens: GrantTokens::default(),
        dry_run: false,
    }
}

/// A gate at which the caller has these statements attached.
struct Bench {
    gate: Gate,
    domain: Domain,
    _directory: tempfile::TempDir,
}

impl Bench {
    fn new(arn: &str, statements: &[String]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let trail = Trail::open(directory.path(), Clock::System).unwrap();
        let mut policies = Policies::default();
        if !statements.is_empty() {
            let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
            policies.attach(arn.parse().unwrap(), PolicyDocument::parse(&text).unwrap());
        }
        let scope = Scope::new("aws", "r", ACCOUNT).unwrap();
        // 2026-03-01T00:00:00Z.
        let clock = Clock::Manual(Arc::new(AtomicI64::new(1_772_323_200_000)));
        let gate = Gate::new(scope, clock, policies, trail);
        gate.open();
        Self {
            gate,
            domain: Domain::default(),
            _directory: directory,
        }
    }

    fn look(&self, arn: &'static str, guard: Option<Arc<dyn Guard>>) -> Look<'_> {
        Look {
            domain: &self.domain,
            action: Action::Decrypt,
            arn,
            reserved_to: None,
            guard,
            instead: None,
            context: ContextPairs::from([("Dept".to_owned(), "hr".to_owned())]),
        }
    }

    async fn ask(&self, context: &OpContext, look: Look<'_>) -> Result<(), Fault> {
        self.gate.run(context, &(), look).await.map(|_| ())
    }
}

#[tokio::test]
async fn every_request_answers_what_it_can() {
    let table = [
        (r#"{"DateEquals":{"aws:CurrentTime":"2026-03-01"}}"#, true),
        (r#"{"NumericEquals":{"aws:EpochTime":1772323200}}"#, true),
        (
            r#"{"ArnEquals":{"aws:PrincipalArn":"arn:aws:iam::000000000000:user/team/ada"}}"#,
            true,
        ),
        (
            r#"{"StringEquals":{"aws:userid":"arn:aws:iam::000000000000:user/team/ada"}}"#,
            true,
        ),
        (
            r#"{"StringEquals":{"aws:PrincipalAccount":"000000000000","kms:CallerAccount":"000000000000"}}"#,
            true,
        ),
        (
            r#"{"StringEquals":{"aws:PrincipalType":"User","aws:username":"ada"}}"#,
            true,
        ),
        (r#"{"StringEquals":{"aws:PrincipalTag/size":"large"}}"#, true),
        (r#"{"Null":{"aws:PrincipalTag/team":"true"}}"#, true),
        (r#"{"IpAddress":{"aws:SourceIp":"192.0.2.0/24"}}"#, true),
        (r#"{"IpAddress":{"aws:SourceIp":"192.0.3.0/24"}}"#, false),
        (r#"{"StringEquals":{"aws:SourceVpce":"inside"}}"#, true),
        (
            r#"{"Bool":{"aws:SecureTransport":"true","aws:ViaAWSService":"false","aws:PrincipalIsAWSService":"false"}}"#,
            true,
        ),
        (r#"{"StringLike":{"aws:UserAgent":"agent/*"}}"#, true),
        (
            r#"{"StringEquals":{"aws:RequestedRegion":"r","aws:ResourceAccount":"000000000000"}}"#,
            true,
        ),
        (
            r#"{"Null":{"kms:ViaService":true,"aws:CalledVia":true,"aws:MultiFactorAuthPresent":true}}"#,
            true,
        ),
        (r#"{"StringEquals":{"kms:RequestAlias":"alias/a"}}"#, true),
        (r#"{"StringEquals":{"aws:ResourceTag/Team":"red"}}"#, true),
        (r#"{"StringEquals":{"kms:EncryptionContext:dept":"hr"}}"#, true),
        (
            r#"{"ForAllValues:StringEquals":{"kms:EncryptionContextKeys":["Dept"]}}"#,
            true,
        ),
        (r#"{"Null":{"kms:KeySpec":false}}"#, false),
    ];
    for (condition, expected) in table {
        let bench = Bench::new(ADA, &[statement("Allow", &format!(r#","Condition":{condition}"#))]);
        let answer = bench.ask(&context(ADA), bench.look(PRESENT, None)).await;
        assert_eq!(answer.is_ok(), expected, "{condition}");
    }
}

#[tokio::test]
async fn a_request_through_a_service_says_so_and_a_role_is_no_user() {
    let condition = r#","Condition":{"StringEquals":{"kms:ViaService":"secretsmanager.r.amazonaws.com"},"Bool":{"aws:ViaAWSService":true},
        "ForAllValues:StringEquals":{"aws:CalledVia":"secretsmanager.amazonaws.com"}}"#;
    let bench = Bench::new(ADA, &[statement("Allow", condition)]);
    assert!(bench.ask(&context(ADA), bench.look(PRESENT, None)).await.is_err());
    let through = context(ADA).on_behalf(Service::SecretsManager);
    assert!(bench.ask(&through, bench.look(PRESENT, None)).await.is_ok());
    let role = "arn:aws:iam::000000000000:role/app";
    let condition = r#","Condition":{"StringEquals":{"aws:PrincipalType":"AssumedRole"},"Null":{"aws:username":true}}"#;
    let bench = Bench::new(role, &[statement("Allow", condition)]);
    assert!(bench.ask(&context(role), bench.look(PRESENT, None)).await.is_ok());
}

#[tokio::test]
async fn nobody_is_asked_what_no_policy_asks() {
    let bench = Bench::new(
        ADA,
        &[
            statement("Allow", ""),
            statement("Deny", r#","Condition":{"Null":{"aws:UserAgent":true}}"#),
        ],
    );
    let guard = key_policy(&[statement("Allow", &principal(ACCOUNT))]);
    bench.ask(&context(ADA), bench.look(PRESENT, guard)).await.unwrap();
    assert_eq!(bench.domain.asked.load(Ordering::Relaxed), 0);
}

/// The key policies that the words must not tell of.
fn guards() -> Vec<(&'static str, Option<Arc<dyn Guard>>)> {
    let root = || statement("Allow", &principal(ACCOUNT));
    let other = || statement("Allow", &principal("arn:aws:iam::000000000000:role/other"));
    let deny = || statement("Deny", &principal(ADA));
    let tagged = r#","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}"#;
    vec![
        ("none", None),
        ("default", key_policy(&[root()])),
        ("names another", key_policy(&[other()])),
        ("denies", key_policy(&[root(), deny()])),
        (
            "denies by tag",
            key_policy(&[root(), statement("Deny", &format!("{}{tagged}", principal(ADA)))]),
        ),
    ]
}

#[tokio::test]
async fn whoever_is_refused_hears_the_same_of_what_exists_and_of_what_does_not() {
    let tagged = |effect: &str| {
        statement(
            effect,
            r#","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}"#,
        )
    };
    let identities = [
        vec![],
        vec![statement("Allow", "")],
        vec![statement("Deny", "")],
        vec![tagged("Deny")],
        vec![tagged("Allow")],
        vec![statement("Allow", ""), tagged("Deny")],
        vec![tagged("Allow"), tagged("Deny")],
    ];
    for (own, statements) in identities.iter().enumerate() {
        for (says, guard) in guards() {
            let bench = Bench::new(ADA, statements);
            let context = context(ADA);
            let of = |arn| bench.ask(&context, bench.look(arn, guard.clone()));
            let (present, absent) = (of(PRESENT).await, of(ABSENT).await.unwrap_err());
            if let (Err(present), Code::AccessDenied) = (present, absent.code()) {
                let present = present.to_string().replace(PRESENT, ABSENT);
                assert_eq!(present, absent.to_string(), "{own} {says}");
            }
        }
    }
}

#[tokio::test]
async fn refusals_are_in_awss_words_and_the_operator_hears_the_reason() {
    let start = format!("User: {ADA} is not authorized to perform: kms:Decrypt on resource: {PRESENT} ");
    let silent = "because no identity-based policy allows the kms:Decrypt action";
    let (silent_resource, denied_by_resource) = (
        "because no resource-based policy allows the kms:Decrypt action",
        "with an explicit deny in a resource-based policy",
    );
    let allow = || vec![statement("Allow", "")];
    let guard = |wanted: &str| guards().into_iter().find(|(says, _)| *says == wanted).unwrap().1;
    let table = [
        (vec![], guard("default"), silent, None),
        (
            vec![statement("Deny", "")],
            guard("default"),
            "with an explicit deny in an identity-based policy",
            None,
        ),
        (allow(), guard("names another"), silent_resource, None),
        (allow(), guard("denies"), denied_by_resource, None),
        (vec![], guard("denies"), silent, Some(denied_by_resource)),
    ];
    for (statements, guard, said, cause) in table {
        let bench = Bench::new(ADA, &statements);
        let fault = bench.ask(&context(ADA), bench.look(PRESENT, guard)).await.unwrap_err();
        assert_eq!(fault.message(), format!("{start}{said}"));
        assert_eq!(fault.cause().map(ToString::to_string).as_deref(), cause);
    }
}

#[tokio::test]
async fn strangers_need_both_policies_and_what_has_none_is_not_theirs() {
    let eve = "arn:aws:iam::999999999999:user/eve";
    let invited = || key_policy(&[statement("Allow", &principal("999999999999"))]);
    let allowed = Bench::new(eve, &[statement("Allow", "")]);
    assert!(
        allowed
            .ask(&context(eve), allowed.look(PRESENT, invited()))
            .await
            .is_ok()
    );
    for arn in [PRESENT, ABSENT] {
        let fault = allowed.ask(&context(eve), allowed.look(arn, None)).await.unwrap_err();
        assert_eq!(
            fault.message(),
            format!(
                "User: {eve} is not authorized to perform: kms:Decrypt on resource: {arn} because no resource-based policy \
                 allows the kms:Decrypt action"
            )
        );
    }
    let silent = Bench::new(eve, &[]);
    assert!(
        silent
            .ask(&context(eve), silent.look(PRESENT, invited()))
            .await
            .is_err()
    );
}

#[tokio::test]
async fn a_permission_that_must_hold_afterwards_is_refused_in_its_own_words() {
    let bench = Bench::new(ADA, &[statement("Allow", "")]);
    let guard = guards()
        .into_iter()
        .find(|(says, _)| *says == "names another")
        .unwrap()
        .1;
    let look = Look {
        instead: Some((Code::Validation, "The new policy would lock you out.")),
        ..bench.look(PRESENT, guard)
    };
    let fault = bench.ask(&context(ADA), look).await.unwrap_err();
    assert_eq!(
        (fault.code(), fault.message()),
        (Code::Validation, "The new policy would lock you out.")
    );
    assert!(fault.cause().is_some());
}
