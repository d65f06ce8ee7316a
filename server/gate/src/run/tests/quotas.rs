//! Who spends what: allowed requests their account's tokens, all others those of their principal.

use std::sync::Arc;
use std::time::Duration;

use strongroom_base::{Action, Caller, Code, Service};

use super::{ABSENT, Bench, EXISTING, Touch, allow, context, dry_run};
use crate::{GrantTokens, OpContext, QuotaRates};

impl Bench {
    fn limited(mut self, configured: &[(&str, f64)]) -> Self {
        let rates = configured.iter().map(|(name, rate)| ((*name).to_owned(), *rate));
        self.gate = self.gate.limited_to(QuotaRates::configured(&rates.collect()).unwrap());
        self
    }

    /// What `name` is told, in short, when it wants to read or change.
    async fn told<const CHANGES: bool>(&self, name: &str, arn: &'static str) -> String {
        let caller = format!("arn:aws:iam::000000000000:user/{name}").parse().unwrap();
        let context = OpContext {
            caller: Arc::new(Caller::principal(caller, "000000000000".parse().unwrap())),
            ..context()
        };
        let touch = Touch::<CHANGES> { arn, reserved_to: None };
        match self.gate.run(&context, &self.counter, touch).await {
            Ok(_) => "done".to_owned(),
            Err(fault) => fault.code().row().exception.to_owned(),
        }
    }
}

/// Whoever may ask, but asks too often, is told so before anything is done, and fills no disk.
#[tokio::test]
async fn too_many_requests_are_turned_away_and_counted() {
    let bench = Bench::new(&allow("kms:Decrypt")).limited(&[("symmetric-cryptography", 0.001)]);
    bench.read(EXISTING).await.unwrap();
    for _ in 0..5 {
        let fault = bench.read(EXISTING).await.unwrap_err();
        assert_eq!(fault.code(), Code::Throttling);
        assert!(
            fault.retry_delay().unwrap() > Duration::from_secs(900),
            "when there is a token"
        );
    }
    assert_eq!(bench.performed(), 1);
    let records = bench.records();
    assert_eq!(
        records.len(),
        2,
        "one for the request that was served, and one for all others of this second"
    );
    assert_eq!(records[1]["errorCode"], "ThrottlingException");
    assert_eq!(records[1]["additionalEventData"]["throttledBefore"], 0);
    let row = bench
        .gate
        .meter()
        .into_iter()
        .find(|row| row.action == Action::Decrypt)
        .unwrap();
    assert_eq!((row.succeeded, row.failed, row.throttled), (1, 0, 5));
    assert_eq!(bench.gate.throttled()[0], ("symmetric-cryptography", 5));
}

/// A principal that may nothing cannot hold off those of its account who may.
#[tokio::test]
async fn whoever_is_refused_starves_nobody_else() {
    let bench = Bench::new(&allow("kms:*")).limited(&[("kms:EnableKey", 1.0), ("refused-requests", 0.003)]);
    assert_eq!(bench.told::<true>("mallory", EXISTING).await, "AccessDeniedException");
    for _ in 0..4 {
        assert_eq!(bench.told::<true>("mallory", EXISTING).await, "ThrottlingException");
    }
    assert_eq!(bench.told::<true>("ada", EXISTING).await, "done");
    assert_eq!(bench.performed(), 1);
    let records = bench.records();
    let told: Vec<_> = records.iter().map(|record| record["errorCode"].as_str()).collect();
    let expected = [Some("AccessDeniedException"), Some("ThrottlingException"), None, None];
    assert_eq!(
        told, expected,
        "one record of the flood; intent and outcome of the change"
    );
}

/// The account's tokens are gone, but whoever is refused hears what it always heard.
#[tokio::test]
async fn whoever_is_refused_learns_nothing_of_quotas() {
    let bench = Bench::new(&allow("kms:Decrypt")).limited(&[("symmetric-cryptography", 0.001)]);
    assert_eq!(bench.told::<false>("ada", EXISTING).await, "done");
    assert_eq!(bench.told::<false>("ada", EXISTING).await, "ThrottlingException");
    for arn in [EXISTING, ABSENT] {
        assert_eq!(bench.told::<false>("mallory", arn).await, "AccessDeniedException");
    }
    assert_eq!(bench.told::<false>("ada", ABSENT).await, "NotFoundException");
}

/// Absent things, refusals and bad grant tokens alike; then also what would be allowed waits.
#[tokio::test]
async fn every_refusal_takes_a_token_of_its_principal() {
    let wrong_token = OpContext {
        grant_tokens: GrantTokens::new(vec!["other".to_owned()]).unwrap(),
        ..context()
    };
    let bench = Bench::new(&allow("kms:Decrypt")).limited(&[("refused-requests", 0.001)]);
    let touch = Touch::<false> {
        arn: EXISTING,
        reserved_to: None,
    };
    let fault = bench.gate.run(&wrong_token, &bench.counter, touch).await.err().unwrap();
    assert_eq!(fault.code(), Code::InvalidGrantToken);
    let fault = bench.read(EXISTING).await.unwrap_err();
    assert_eq!(
        fault.to_string(),
        "ThrottlingException: You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls."
    );
    assert!(fault.retry_delay().unwrap() > Duration::from_secs(900));
    for (changes, arn, expected) in [
        (true, EXISTING, "AccessDeniedException"),
        (false, ABSENT, "NotFoundException"),
    ] {
        let bench = Bench::new(&allow("kms:Decrypt")).limited(&[("refused-requests", 0.001)]);
        let told = match changes {
            true => bench.told::<true>("ada", arn).await,
            false => bench.told::<false>("ada", arn).await,
        };
        assert_eq!(told, expected);
        assert_eq!(bench.told::<false>("ada", EXISTING).await, "ThrottlingException");
        assert_eq!(bench.performed(), 0);
    }
}

#[tokio::test]
async fn a_dry_run_spends_like_the_request() {
    let bench = Bench::new(&allow("kms:*")).limited(&[("symmetric-cryptography", 0.001)]);
    let expected = "DryRunOperationException: The request would have succeeded, but the DryRun option is set.";
    assert_eq!(dry_run::<false>(&bench, EXISTING).await, expected);
    assert_eq!(bench.told::<false>("ada", EXISTING).await, "ThrottlingException");
    assert_eq!(bench.gate.throttled()[0], ("symmetric-cryptography", 1));
}

/// What comes through a service is refused at the caller's cost, and the service's own jobs at nobody's.
#[tokio::test]
async fn refusals_are_the_callers_not_the_services() {
    let bench = Bench::new(&allow("kms:Encrypt")).limited(&[("refused-requests", 0.001)]);
    let touch = |arn| Touch::<false> { arn, reserved_to: None };
    let job = Caller::system(
        "arn:aws:iam::000000000000:role/strongroom/job".parse().unwrap(),
        "000000000000".parse().unwrap(),
    );
    let job = OpContext {
        caller: Arc::new(job),
        ..context()
    };
    for _ in 0..3 {
        let fault = bench.gate.run(&job, &bench.counter, touch(ABSENT)).await.err().unwrap();
        assert_eq!(fault.code(), Code::NotFound);
    }
    let through = context().on_behalf(Service::SecretsManager);
    let fault = bench
        .gate
        .run(&through, &bench.counter, touch(EXISTING))
        .await
        .err()
        .unwrap();
    assert_eq!(fault.code(), Code::AccessDenied);
    assert_eq!(bench.read(EXISTING).await.unwrap_err().code(), Code::Throttling);
}
