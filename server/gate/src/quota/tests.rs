//! Tokens come at their rate, per account and class or per principal for what is refused, and floods are not written down one
//! by one.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use strongroom_base::{Action, Caller, Code, Deadline, KeySpec, RequestId, Service};

use super::class::{CLASSES, Spends, of_key, of_pair, spends};
use super::{QuotaFault, QuotaRates, Quotas, Throttled};
use crate::{GrantTokens, OpContext};

fn of(account: &str) -> OpContext {
    named("ada", account)
}

fn named(name: &str, account: &str) -> OpContext {
    let arn = format!("arn:aws:iam::{account}:user/{name}").parse().unwrap();
    by(Caller::principal(arn, account.parse().unwrap()))
}

fn job() -> OpContext {
    let arn = "arn:aws:iam::000000000000:role/strongroom/job".parse().unwrap();
    by(Caller::system(arn, "000000000000".parse().unwrap()))
}

fn by(caller: Caller) -> OpContext {
    OpContext {
        caller: Arc::new(caller),
        request_id: RequestId::random(),
        source: "192.0.2.1".into(),
        user_agent: "test".into(),
        deadline: Deadline::after(Duration::from_secs(10)),
        via: None,
        channel: Arc::default(),
        grant_tokens: GrantTokens::default(),
        dry_run: false,
    }
}

fn quotas(configured: &[(&str, f64)]) -> Quotas {
    let rates = configured
        .iter()
        .map(|(name, rate)| ((*name).to_owned(), *rate))
        .collect();
    Quotas::new(QuotaRates::configured(&rates).unwrap())
}

fn at(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// A request that policy allows.
fn spend(quotas: &Quotas, who: &OpContext, action: Action, now: Duration) -> Result<(), Throttled> {
    spend_on(quotas, who, action, KeySpec::SymmetricDefault, now)
}

fn spend_on(quotas: &Quotas, who: &OpContext, action: Action, key: KeySpec, now: Duration) -> Result<(), Throttled> {
    quotas.begin(who, action, now)?.spend((key, None), None)
}

/// A request that is refused.
fn refuse(quotas: &Quotas, who: &OpContext, action: Action, now: Duration) -> Result<(), Throttled> {
    quotas.begin(who, action, now).map(drop)
}

fn wait(spent: Result<(), Throttled>) -> Duration {
    spent.unwrap_err().fault.retry_delay().unwrap()
}

#[test]
fn a_second_of_requests_may_come_at_once() {
    let quotas = quotas(&[("kms:DescribeKey", 4.0)]);
    let ask = |millis| spend(&quotas, &of("000000000001"), Action::DescribeKey, at(millis));
    for _ in 0..4 {
        ask(0).unwrap();
    }
    assert_eq!(wait(ask(0)), at(250), "until there is a token");
    assert_eq!(wait(ask(200)), at(50));
    ask(250).unwrap();
    assert_eq!(wait(ask(250)), at(250));
    for _ in 0..4 {
        ask(60_000).unwrap();
    }
    assert!(ask(60_000).is_err(), "a bucket does not grow over time");
}

#[test]
fn less_than_one_a_second_is_one_at_a_time() {
    let quotas = quotas(&[("kms:DescribeKey", 0.25)]);
    let ask = |millis| spend(&quotas, &of("000000000001"), Action::DescribeKey, at(millis));
    ask(10).unwrap();
    assert_eq!(wait(ask(10)), at(4_000));
    assert_eq!(wait(ask(4_009)), at(1));
    ask(4_010).unwrap();
}

#[test]
fn accounts_and_classes_have_buckets_of_their_own() {
    let quotas = quotas(&[
        ("symmetric-cryptography", 1.0),
        ("rsa-cryptography", 1.0),
        ("kms:ListKeys", 1.0),
    ]);
    let (one, other) = (of("000000000001"), of("000000000002"));
    let crypto = |who, action, key| spend_on(&quotas, who, action, key, at(0));
    crypto(&one, Action::Encrypt, KeySpec::SymmetricDefault).unwrap();
    let early = crypto(&one, Action::Decrypt, KeySpec::SymmetricDefault).unwrap_err();
    assert_eq!(early.fault.code(), Code::Throttling);
    assert_eq!(
        early.fault.message(),
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
    );
    assert!(
        crypto(&one, Action::ReEncrypt, KeySpec::Hmac256).is_err(),
        "MAC keys share it"
    );
    assert!(
        spend(&quotas, &one, Action::GenerateDataKey, at(0)).is_err(),
        "and data keys"
    );
    crypto(&one, Action::Decrypt, KeySpec::Rsa2048).unwrap();
    assert!(crypto(&one, Action::Encrypt, KeySpec::Rsa4096).is_err());
    crypto(&one, Action::Decrypt, KeySpec::EccNistP256).unwrap();
    spend(&quotas, &one, Action::ListKeys, at(0)).unwrap();
    crypto(&other, Action::Encrypt, KeySpec::SymmetricDefault).unwrap();
    let throttled: BTreeMap<_, _> = quotas.throttled().into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(
        throttled,
        BTreeMap::from([("symmetric-cryptography", 3), ("rsa-cryptography", 1)])
    );
}

#[test]
fn what_comes_through_a_service_is_the_callers() {
    let quotas = quotas(&[("symmetric-cryptography", 1.0)]);
    let direct = of("000000000001");
    let through = direct.on_behalf(Service::SecretsManager);
    spend(&quotas, &through, Action::GenerateDataKey, at(0)).unwrap();
    assert!(spend(&quotas, &direct, Action::GenerateDataKey, at(0)).is_err());
}

#[test]
fn the_services_own_jobs_are_not_counted() {
    let quotas = quotas(&[("others", 0.001)]);
    for _ in 0..10 {
        spend(&quotas, &job(), Action::DescribeKey, at(0)).unwrap();
        refuse(&quotas, &job(), Action::DescribeKey, at(0)).unwrap();
    }
    assert_eq!(quotas.purses.count(), 0);
}

/// Whatever it asks: refusals are the principal's own, and while it has no token nothing more of it is looked at.
#[test]
fn refusals_are_spent_by_their_principal_alone() {
    let quotas = quotas(&[("refused-requests", 4.0), ("kms:DisableKey", 1.0)]);
    let (mallory, ada) = (named("mallory", "000000000001"), named("ada", "000000000001"));
    for action in [
        Action::DisableKey,
        Action::Decrypt,
        Action::ListKeys,
        Action::GetSecretValue,
    ] {
        refuse(&quotas, &mallory, action, at(0)).unwrap();
    }
    let early = refuse(&quotas, &mallory, Action::DisableKey, at(0)).unwrap_err();
    assert_eq!(
        early.fault.to_string(),
        "ThrottlingException: You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
    );
    assert_eq!(early.fault.retry_delay(), Some(at(250)));
    assert_eq!(early.recorded, Some(0));
    let early = spend(&quotas, &mallory, Action::GetSecretValue, at(200)).unwrap_err();
    assert_eq!(early.fault.to_string(), "ThrottlingException: Rate exceeded");
    assert_eq!(early.fault.retry_delay(), Some(at(50)));
    assert_eq!(early.recorded, None);
    spend(&quotas, &ada, Action::DisableKey, at(200)).unwrap();
    assert_eq!(wait(spend(&quotas, &ada, Action::DisableKey, at(200))), at(1_000));
    refuse(&quotas, &mallory, Action::DisableKey, at(250)).unwrap();
    assert_eq!(wait(refuse(&quotas, &mallory, Action::DisableKey, at(250))), at(250));
    let throttled: BTreeMap<_, _> = quotas.throttled().into_iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(
        throttled,
        BTreeMap::from([("refused-requests", 3), ("kms:DisableKey", 1)])
    );
}

/// What is allowed costs no token of refusals, nor does being told to come back.
#[test]
fn what_is_allowed_is_no_refusal() {
    let quotas = quotas(&[("refused-requests", 1.0), ("kms:DescribeKey", 4.0)]);
    let who = of("000000000001");
    for _ in 0..4 {
        spend(&quotas, &who, Action::DescribeKey, at(0)).unwrap();
    }
    for _ in 0..4 {
        assert_eq!(wait(spend(&quotas, &who, Action::DescribeKey, at(0))), at(250));
    }
    refuse(&quotas, &who, Action::DescribeKey, at(0)).unwrap();
    assert_eq!(wait(refuse(&quotas, &who, Action::DescribeKey, at(0))), at(1_000));
}

/// Each pays, also those that nobody could turn away because they began together.
#[test]
fn refusals_of_requests_that_began_together_are_owed() {
    let quotas = quotas(&[("refused-requests", 2.0)]);
    let who = of("000000000001");
    let begun: Vec<_> = (0..5)
        .map(|_| quotas.begin(&who, Action::Decrypt, at(0)).ok().unwrap())
        .collect();
    drop(begun);
    assert_eq!(wait(refuse(&quotas, &who, Action::Decrypt, at(0))), at(2_000));
    refuse(&quotas, &who, Action::Decrypt, at(2_000)).unwrap();
}

#[test]
fn a_principal_may_be_refused_a_hundred_times_a_second() {
    let quotas = Quotas::new(QuotaRates::default());
    let who = of("000000000001");
    for _ in 0..100 {
        refuse(&quotas, &who, Action::PutKeyPolicy, at(0)).unwrap();
    }
    assert_eq!(wait(refuse(&quotas, &who, Action::PutKeyPolicy, at(0))), at(10));
    assert_eq!(
        quotas.purses.count(),
        1,
        "a principal has one purse, however much it asks"
    );
}

#[test]
fn a_flood_leaves_one_record_a_second() {
    let quotas = quotas(&[("kms:DescribeKey", 0.001)]);
    let ask = |millis| spend(&quotas, &of("000000000001"), Action::DescribeKey, at(millis));
    ask(0).unwrap();
    let recorded: Vec<_> = [5, 6, 7, 1_004, 1_005, 1_006, 2_005]
        .map(|millis| ask(millis).unwrap_err().recorded)
        .into();
    assert_eq!(recorded, [Some(0), None, None, None, Some(3), None, Some(1)]);
}

/// However many ask at once, no more get through than there are tokens.
#[test]
fn no_token_is_taken_twice() {
    let quotas = quotas(&[("kms:DescribeKey", 1_000.0)]);
    let taken = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let who = of("000000000001");
                for _ in 0..1_000 {
                    let spent = spend(&quotas, &who, Action::DescribeKey, at(7));
                    taken.fetch_add(usize::from(spent.is_ok()), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(taken.into_inner(), 1_000);
}

#[test]
fn every_class_that_a_kind_of_key_has_is_the_one_of_its_name() {
    let name = |class: usize| CLASSES[class].name;
    for spec in KeySpec::ALL {
        let expected = match spec.as_str().split('_').next().unwrap() {
            "SYMMETRIC" | "HMAC" => "symmetric-cryptography",
            "RSA" => "rsa-cryptography",
            "ML" => "lattice-cryptography",
            _ => "ecc-cryptography",
        };
        assert_eq!(name(of_key(*spec)), expected, "{spec}");
        if of_pair(*spec) != of_key(*spec) {
            let pair = format!("data-key-pair-{}", spec.as_str().to_lowercase().replace('_', "-"));
            assert_eq!(name(of_pair(*spec)), pair);
        }
    }
}

/// A new operation is either the service's own or has a quota.
#[test]
fn what_callers_may_ask_has_a_quota() {
    let free: Vec<_> = Action::ALL
        .iter()
        .filter(|action| spends(**action) == Spends::Nothing)
        .map(|action| action.permission())
        .collect();
    assert_eq!(
        free,
        [
            "kms:DeleteExpiredKeyMaterial",
            "kms:DeleteKey",
            "kms:ReEncryptFrom",
            "kms:ReEncryptTo",
            "kms:RotateKey",
            "secretsmanager:EndSecretVersionDelete",
            "ssm:EnforceParameterPolicies",
            "strongroom:ReconcileToken",
        ]
    );
}

#[test]
fn what_is_configured_is_checked() {
    let configured = |name: &str, rate: f64| QuotaRates::configured(&BTreeMap::from([(name.to_owned(), rate)])).err();
    assert_eq!(configured("kms:CreateKey", 0.0), None);
    assert_eq!(configured("others", 1e9), None);
    assert!(matches!(
        configured("kms:Encrypt", 1.0),
        Some(QuotaFault::Unknown { .. })
    ));
    for rate in [-1.0, 0.000_9, 1.1e9, f64::NAN, f64::INFINITY] {
        let fault = configured("kms:CreateKey", rate).unwrap();
        assert!(
            fault
                .to_string()
                .starts_with(&format!("\"kms:CreateKey\" is {rate}; give")),
            "{fault}"
        );
    }
    let quotas = quotas(&[("others", 0.0), ("kms:ListKeys", 1.0)]);
    let who = of("000000000001");
    for _ in 0..200 {
        spend(&quotas, &who, Action::CreateKey, at(0)).unwrap();
        refuse(&quotas, &who, Action::CreateKey, at(0)).unwrap();
    }
    spend(&quotas, &who, Action::ListKeys, at(0)).unwrap();
    assert!(spend(&quotas, &who, Action::ListKeys, at(0)).is_err());
}

/// AWS counts a request in the quota of every type of key that it uses (KMS Developer Guide, "Shared quotas for cryptographic
/// operations"): ReEncrypt may use two.
#[test]
fn a_request_with_keys_of_two_kinds_takes_a_token_of_each_or_none() {
    let quotas = quotas(&[("symmetric-cryptography", 2.0), ("rsa-cryptography", 1.0)]);
    let one = of("000000000001");
    let re_encrypt = |from, into| {
        let begun = quotas.begin(&one, Action::ReEncrypt, at(0)).unwrap();
        begun.spend((from, Some(into)), None)
    };
    let (symmetric, rsa) = (KeySpec::SymmetricDefault, KeySpec::Rsa2048);
    re_encrypt(symmetric, rsa).unwrap();
    assert_eq!(wait(re_encrypt(symmetric, rsa)), at(1_000), "RSA's token is gone");
    assert_eq!(wait(re_encrypt(rsa, symmetric)), at(1_000));
    re_encrypt(symmetric, symmetric).unwrap();
    assert_eq!(
        wait(re_encrypt(symmetric, symmetric)),
        at(500),
        "of one kind it takes one token"
    );
    assert_eq!(wait(re_encrypt(rsa, symmetric)), at(1_000));
    let throttled = quotas.throttled();
    assert_eq!(throttled[..2], [("symmetric-cryptography", 1), ("rsa-cryptography", 3)]);
}
