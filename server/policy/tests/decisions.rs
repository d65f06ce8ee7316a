//! The whole decision: the reviewed matrix, and what holds of every combination of policies and grants.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests do")]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::select;
use strongroom_base::{AccountId, Action, Arn, Caller, GrantId, Scope, Service};
use strongroom_policy::{
    Basis, ConditionKey, ContextPairs, Decision, GrantConstraints, GrantOperation, GrantTerms, Grants, Guard, KeyName,
    PolicyDocument, Refusal, Request, ResourcePolicy, Values, decide,
};

const KEY: &str = "arn:aws:kms:r:000000000000:key/1";
const ADA: &str = "arn:aws:iam::000000000000:user/ada";
const APP: &str = "arn:aws:iam::000000000000:role/app";
const EVE: &str = "arn:aws:iam::999999999999:user/eve";

struct Asked {
    caller: Caller,
    owner: AccountId,
    action: &'static str,
    context: ContextPairs,
    agent: &'static str,
}

impl Asked {
    fn new(caller: &str, action: &'static str) -> Self {
        let arn: Arn = caller.parse().unwrap();
        let account = arn.account().parse().unwrap();
        Self {
            caller: Caller::principal(arn, account),
            owner: "000000000000".parse().unwrap(),
            action,
            context: ContextPairs::new(),
            agent: "a",
        }
    }
}

impl Request for Asked {
    fn caller(&self) -> &Caller {
        &self.caller
    }

    fn owner(&self) -> &AccountId {
        &self.owner
    }

    fn action(&self) -> &str {
        self.action
    }

    fn resource(&self) -> &str {
        KEY
    }

    fn encryption_context(&self) -> Option<&ContextPairs> {
        Some(&self.context)
    }

    fn grant_asked_for(&self) -> Option<&GrantTerms> {
        None
    }

    fn answer(&self, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::UserAgent) => Values::one(self.agent),
            _ => Values::Absent,
        }
    }
}

#[derive(Debug)]
struct Key {
    policy: ResourcePolicy,
    grants: Grants,
}

impl Guard for Key {
    fn policy(&self) -> &ResourcePolicy {
        &self.policy
    }

    fn grants(&self) -> Option<&Grants> {
        Some(&self.grants)
    }
}

/// What a secret brings: its policy stands beside those of the account's principals.
#[derive(Debug)]
struct Secret(ResourcePolicy);

impl Guard for Secret {
    fn policy(&self) -> &ResourcePolicy {
        &self.0
    }

    fn is_root(&self) -> bool {
        false
    }

    fn grants(&self) -> Option<&Grants> {
        None
    }
}

/// A grant of Decrypt to each.
fn grants_to(grantees: &[&str]) -> Grants {
    let terms = GrantTerms {
        operations: BTreeSet::from([GrantOperation::Decrypt]),
        constraints: GrantConstraints::default(),
    };
    let mut grants = Grants::default();
    for (number, grantee) in (1..).zip(grantees) {
        grants.add(&grantee.parse().unwrap(), GrantId::from_bytes([number; 32]), &terms);
    }
    grants
}

fn resource_policy(statements: &[String]) -> ResourcePolicy {
    ResourcePolicy::parse(&format!(r#"{{"Statement":[{}]}}"#, statements.join(","))).unwrap()
}

fn statement(effect: &str, principal: &str) -> String {
    let element = if principal.starts_with('!') {
        "NotPrincipal"
    } else {
        "Principal"
    };
    let principal = principal.trim_start_matches('!');
    format!(r#"{{"Effect":"{effect}","{element}":{{"AWS":"{principal}"}},"Action":"kms:*","Resource":"*"}}"#)
}

fn identity(statements: &[String]) -> Vec<PolicyDocument> {
    if statements.is_empty() {
        return Vec::new();
    }
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    vec![PolicyDocument::parse(&text).unwrap()]
}

fn word(decision: Decision) -> &'static str {
    match decision {
        Decision::Allowed(Basis::IdentityPolicy) => "allow identity",
        Decision::Allowed(Basis::ResourcePolicy) => "allow resource",
        Decision::Allowed(Basis::Grant) => "allow grant",
        Decision::Denied(Refusal::DeniedByIdentityPolicy) => "DENY identity",
        Decision::Denied(Refusal::DeniedByResourcePolicy) => "DENY resource",
        Decision::Denied(Refusal::SilentIdentityPolicies) => "silent identity",
        Decision::Denied(Refusal::SilentResourcePolicy) => "silent resource",
    }
}

/// What a key's policy says, with the name that the matrix gives it; aliases have none, nor have most secrets.
fn resources() -> Vec<(&'static str, Option<Vec<String>>)> {
    let root = || statement("Allow", "000000000000");
    vec![
        ("nothing of its own", None),
        ("key: default", Some(vec![root()])),
        ("key: allows ada", Some(vec![statement("Allow", ADA)])),
        ("key: allows ada and root", Some(vec![root(), statement("Allow", ADA)])),
        ("key: allows account 9", Some(vec![statement("Allow", "999999999999")])),
        ("key: allows eve of account 9", Some(vec![statement("Allow", EVE)])),
        ("key: allows everybody", Some(vec![statement("Allow", "*")])),
        (
            "key: denies ada, allows root",
            Some(vec![root(), statement("Deny", ADA)]),
        ),
        (
            "key: denies all but ada, allows root",
            Some(vec![root(), statement("Deny", &format!("!{ADA}"))]),
        ),
        (
            "key: denies account 0, allows everybody",
            Some(vec![statement("Allow", "*"), statement("Deny", "000000000000")]),
        ),
    ]
}

fn matrix() -> String {
    let allow = || r#"{"Effect":"Allow","Action":"kms:*","Resource":"*"}"#.to_owned();
    let deny = || r#"{"Effect":"Deny","Action":"kms:*","Resource":"*"}"#.to_owned();
    let identities = [vec![], vec![allow()], vec![allow(), deny()]].map(|statements| identity(&statements));
    let mut table = String::from("# caller | resource | grant | own policies: none, allow, allow and deny\n");
    for (name, caller) in [
        ("ada of account 0", ADA),
        ("role of account 0", APP),
        ("eve of account 9", EVE),
    ] {
        for (says, resource) in resources() {
            for granted in [false, true] {
                let grantees: Vec<&str> = granted.then_some(caller).into_iter().collect();
                let guard = resource.as_ref().map(|statements| Key {
                    policy: resource_policy(statements),
                    grants: grants_to(&grantees),
                });
                // Keys alone have grants.
                if granted && guard.is_none() {
                    continue;
                }
                let guard = guard.as_ref().map(|guard| guard as &dyn Guard);
                let answers = verdicts(&identities, guard, caller);
                let grant = if granted { "grant" } else { "-" };
                writeln!(table, "{name} | {says} | {grant} | {answers}").unwrap();
            }
        }
        // As the keys' policies, but where that of a key is the root of all permissions.
        for (says, statements) in resources().into_iter().filter_map(|(says, own)| Some((says, own?))) {
            let says = says
                .replace("key: default", "key: allows account 0")
                .replace("key:", "secret:");
            let secret = Secret(resource_policy(&statements));
            let answers = verdicts(&identities, Some(&secret), caller);
            writeln!(table, "{name} | {says} | - | {answers}").unwrap();
        }
    }
    table
}

/// What each of the principal's own policies comes to.
fn verdicts(identities: &[Vec<PolicyDocument>; 3], guard: Option<&dyn Guard>, caller: &str) -> String {
    let asked = Asked::new(caller, "kms:Decrypt");
    let answers = identities
        .each_ref()
        .map(|documents| word(decide(documents, guard, &asked)));
    answers.join(", ")
}

/// Which actions on keys and secrets the gate lets policies decide for principals of other accounts.
fn crossing() -> String {
    let mut table = String::from("# action on a key or a secret | to principals of other accounts\n");
    let has_policies = |action: &&Action| matches!(action.service(), Service::Kms | Service::SecretsManager);
    for action in Action::ALL.iter().filter(has_policies) {
        let says = if action.crosses_accounts() {
            "as policies and grants say"
        } else {
            "never"
        };
        writeln!(table, "{action} | {says}").unwrap();
    }
    table
}

#[test]
fn every_decision_is_the_reviewed_one() {
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/decisions.txt");
    let table = matrix() + &crossing();
    if std::env::var_os("STRONGROOM_BLESS").is_some() {
        std::fs::write(golden, &table).unwrap();
    }
    let reviewed = std::fs::read_to_string(golden).unwrap();
    assert_eq!(table, reviewed, "review the change, then run with STRONGROOM_BLESS=1");
}

/// What the documents show to whoever writes policies must be understood.
#[test]
fn the_examples_of_the_documents_are_understood() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/policies.md")).unwrap();
    let examples: Vec<&str> = text
        .split("```json")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(examples.len(), 4);
    for example in examples {
        let fault = if example.contains("\"Principal\"") {
            ResourcePolicy::parse(example).err()
        } else {
            PolicyDocument::parse(example).err()
        };
        assert_eq!(fault, None, "{example}");
    }
}

/// A key policy must leave its author the right to change it: the decision on the policy that is to come says so.
#[test]
fn a_policy_that_would_lock_its_author_out_can_be_found_before() {
    let scope = Scope::new("aws", "r", "000000000000").unwrap();
    let may_change = |policy: ResourcePolicy, documents: &[PolicyDocument]| {
        let grants = Grants::default();
        let guard = Key { policy, grants };
        decide(documents, Some(&guard), &Asked::new(ADA, "kms:PutKeyPolicy")).is_allowed()
    };
    let allowed = identity(&[r#"{"Effect":"Allow","Action":"kms:PutKeyPolicy","Resource":"*"}"#.to_owned()]);
    assert!(may_change(ResourcePolicy::default_of_keys(&scope), &allowed));
    assert!(!may_change(ResourcePolicy::default_of_keys(&scope), &[]));
    assert!(may_change(resource_policy(&[statement("Allow", ADA)]), &[]));
    assert!(!may_change(resource_policy(&[statement("Allow", APP)]), &allowed));
}

#[derive(Debug, Clone)]
struct World {
    caller: &'static str,
    action: &'static str,
    agent: &'static str,
    own: Vec<String>,
    theirs: Vec<String>,
    /// To whom there are grants.
    grants: Vec<&'static str>,
}

impl World {
    fn verdict(&self) -> bool {
        let documents = identity(&self.own);
        let mut asked = Asked::new(self.caller, self.action);
        asked.agent = self.agent;
        // A policy must have a statement; this one speaks of nobody here.
        let nobody = statement("Allow", "111111111111");
        let statements: Vec<String> = self.theirs.iter().cloned().chain([nobody]).collect();
        let guard = Key {
            policy: resource_policy(&statements),
            grants: grants_to(&self.grants),
        };
        decide(&documents, Some(&guard), &asked).is_allowed()
    }
}

fn any_condition() -> impl Strategy<Value = String> {
    let operators = select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringLikeIfExists",
        "ForAllValues:StringEquals",
    ]);
    let keys = select(vec!["aws:UserAgent", "aws:username"]);
    prop::option::of((operators, keys)).prop_map(|condition| {
        condition.map_or(String::new(), |(operator, key)| {
            format!(r#","Condition":{{"{operator}":{{"{key}":"a"}}}}"#)
        })
    })
}

fn any_rest() -> impl Strategy<Value = String> {
    let actions = select(vec!["kms:*", "kms:Decrypt", "kms:Encrypt", "*"]);
    let element = select(vec!["Action", "NotAction"]);
    (element, actions, any_condition())
        .prop_map(|(element, action, condition)| format!(r#""{element}":"{action}","Resource":"*"{condition}"#))
}

fn own_statement(effects: Vec<&'static str>) -> impl Strategy<Value = String> {
    (select(effects), any_rest()).prop_map(|(effect, rest)| format!(r#"{{"Effect":"{effect}",{rest}}}"#))
}

fn their_statement(effects: Vec<&'static str>) -> impl Strategy<Value = String> {
    let principals = select(vec!["*", ADA, APP, EVE, "000000000000", "999999999999"]);
    (select(effects), principals, any_rest()).prop_map(|(effect, principal, rest)| {
        format!(r#"{{"Effect":"{effect}","Principal":{{"AWS":"{principal}"}},{rest}}}"#)
    })
}

fn both() -> Vec<&'static str> {
    vec!["Allow", "Deny"]
}

fn any_world() -> impl Strategy<Value = World> {
    (
        select(vec![ADA, APP, EVE]),
        select(vec!["kms:Decrypt", "kms:Encrypt", "kms:DisableKey"]),
        select(vec!["a", "b"]),
        prop::collection::vec(own_statement(both()), 0..4),
        prop::collection::vec(their_statement(both()), 0..4),
        prop::collection::vec(select(vec![ADA, APP, EVE]), 0..2),
    )
        .prop_map(|(caller, action, agent, own, theirs, grants)| World {
            caller,
            action,
            agent,
            own,
            theirs,
            grants,
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn one_deny_is_enough_wherever_it_stands(mut world in any_world(), in_own in any::<bool>()) {
        if in_own {
            world.own.push(r#"{"Effect":"Deny","Action":"*","Resource":"*"}"#.to_owned());
        } else {
            world.theirs.push(r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#.to_owned());
        }
        prop_assert!(!world.verdict());
    }

    #[test]
    fn silence_denies(mut world in any_world()) {
        world.own.retain(|statement| statement.contains("Deny"));
        world.theirs.retain(|statement| statement.contains("Deny"));
        world.grants.clear();
        prop_assert!(!world.verdict());
    }

    #[test]
    fn an_allow_more_takes_nothing_away(world in any_world(), own in own_statement(vec!["Allow"]), theirs in their_statement(vec!["Allow"])) {
        let mut more = world.clone();
        more.own.push(own);
        more.theirs.insert(0, theirs);
        prop_assert!(!world.verdict() || more.verdict());
    }

    #[test]
    fn a_deny_more_gives_nothing(world in any_world(), own in own_statement(vec!["Deny"]), theirs in their_statement(vec!["Deny"])) {
        let mut more = world.clone();
        more.own.insert(0, own);
        more.theirs.push(theirs);
        prop_assert!(world.verdict() || !more.verdict());
    }

    #[test]
    fn grants_only_add(world in any_world(), grantee in select(vec![ADA, APP, EVE])) {
        let mut more = world.clone();
        more.grants.push(grantee);
        prop_assert!(!world.verdict() || more.verdict());
        prop_assert!(world.verdict() || !more.verdict() || (grantee == world.caller && world.action == "kms:Decrypt"));
    }

    #[test]
    fn the_order_of_statements_and_grants_does_not_matter(world in any_world()) {
        let mut turned = world.clone();
        turned.own.reverse();
        turned.theirs.reverse();
        turned.grants.reverse();
        prop_assert_eq!(world.verdict(), turned.verdict());
    }

    #[test]
    fn strangers_need_both_or_a_grant(mut world in any_world()) {
        world.caller = EVE;
        world.grants.clear();
        let (mut alone, mut uninvited) = (world.clone(), world.clone());
        alone.own.clear();
        uninvited.theirs.clear();
        prop_assert!(!alone.verdict() && !uninvited.verdict());
    }
}
