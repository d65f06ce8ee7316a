use std::time::Duration;

use tonic::Code;

use super::{Repeat, TRIES_MAX, WAIT_MAX, wait};
use crate::fault::{ClientFault, Refusal};

fn refused(exception: &str, retry_millis: Option<u64>) -> ClientFault {
    ClientFault::Refused(Box::new(Refusal {
        exception: exception.to_owned(),
        code: Code::Unavailable,
        message: String::new(),
        retry_delay: retry_millis.map(Duration::from_millis),
        request_id: None,
    }))
}

#[test]
fn without_advice_there_is_no_second_try() {
    assert_eq!(wait(&refused("ThrottlingException", None), Repeat::Safe, 1), None);
    assert_eq!(
        wait(&ClientFault::DeadlinePassed(Duration::ZERO), Repeat::Safe, 1),
        None
    );
}

#[test]
fn the_wait_is_at_least_what_the_service_advises_and_its_jitter_doubles() {
    let busy = refused("ServiceUnavailableException", Some(100));
    for tries_made in 1..TRIES_MAX {
        let (least, spread) = (
            Duration::from_millis(100),
            Duration::from_millis(100 << (tries_made - 1)),
        );
        let waits = || (0..100).map(|_| wait(&busy, Repeat::Safe, tries_made).unwrap());
        let (shortest, longest) = (waits().min().unwrap(), waits().max().unwrap());
        assert!(
            shortest >= least && longest <= least + spread,
            "{shortest:?} to {longest:?}"
        );
        // A hundred of a uniform draw in one half happen once in 2^100 runs.
        assert!(shortest < least + spread / 2, "{shortest:?} after {tries_made}");
        assert!(longest > least + spread / 2, "{longest:?} after {tries_made}");
    }
    let long = wait(&refused("KMSInternalException", Some(10_000)), Repeat::Safe, 4).unwrap();
    assert!(long <= Duration::from_secs(10) + WAIT_MAX, "{long:?}");
}

#[test]
fn waits_differ() {
    let waits: Vec<_> = (0..20)
        .map(|_| wait(&refused("ThrottlingException", Some(100)), Repeat::Safe, 1).unwrap())
        .collect();
    assert!(waits.iter().any(|each| each != &waits[0]), "{waits:?}");
}

#[test]
fn tries_are_bounded() {
    assert_eq!(
        wait(&refused("ThrottlingException", Some(1)), Repeat::Safe, TRIES_MAX),
        None
    );
}

#[test]
fn what_must_not_be_done_twice_is_repeated_only_when_nothing_was_done() {
    for exception in [
        "DependencyTimeoutException",
        "ServiceUnavailableException",
        "ConflictException",
    ] {
        assert_eq!(
            wait(&refused(exception, Some(1)), Repeat::OnlyIfNothingWasDone, 1),
            None,
            "{exception}"
        );
        assert!(
            wait(&refused(exception, Some(1)), Repeat::Safe, 1).is_some(),
            "{exception}"
        );
    }
    for repeat in [Repeat::OnlyIfNothingWasDone, Repeat::OnlyIfNotCommitted] {
        let shed = wait(&refused("ThrottlingException", Some(1)), repeat, 1);
        assert!(shed.is_some(), "{repeat:?}");
    }
}

#[test]
fn a_change_of_one_commit_is_repeated_after_a_conflict_too() {
    let repeated = |exception| wait(&refused(exception, Some(1)), Repeat::OnlyIfNotCommitted, 1).is_some();
    assert!(repeated("ConflictException"));
    assert!(!repeated("DependencyTimeoutException"));
    assert!(!repeated("ServiceUnavailableException"));
}
