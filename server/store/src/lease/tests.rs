use std::sync::Arc;
use std::time::Duration;

use strongroom_base::limits::RECORD_KEY_BYTES_MAX;

use super::{LeaseLost, Leases};

const LONG: Duration = Duration::from_secs(3_600);
const SHORT: Duration = Duration::from_millis(20);

#[test]
fn a_lease_has_one_holder_until_it_is_dropped() {
    let leases = Arc::<Leases>::default();
    let first = leases.take("reaper", LONG).unwrap().unwrap();
    assert!(leases.take("reaper", LONG).unwrap().is_none());
    assert!(leases.take("another", LONG).unwrap().is_some());
    assert!(first.remaining() > LONG / 2);
    drop(first);
    assert!(leases.take("reaper", LONG).unwrap().is_some());
}

#[test]
fn a_lease_that_ran_out_is_free_and_lost() {
    let leases = Arc::<Leases>::default();
    let mut first = leases.take("reaper", SHORT).unwrap().unwrap();
    std::thread::sleep(SHORT * 2);
    assert_eq!(first.remaining(), Duration::ZERO);
    assert_eq!(first.renew(LONG), Err(LeaseLost), "though nobody took it");
    let second = leases.take("reaper", LONG).unwrap().unwrap();
    assert_eq!(first.renew(LONG), Err(LeaseLost));
    drop(first);
    assert!(
        leases.take("reaper", LONG).unwrap().is_none(),
        "dropping a lost lease frees the successor's"
    );
    assert!(second.remaining() > LONG / 2);
}

#[test]
fn a_renewed_lease_runs_on() {
    let leases = Arc::<Leases>::default();
    let mut lease = leases.take("reaper", Duration::from_secs(5)).unwrap().unwrap();
    lease.renew(LONG).unwrap();
    assert!(lease.remaining() > LONG / 2);
}

#[test]
fn a_term_that_no_clock_can_count_ends_at_once() {
    let leases = Arc::<Leases>::default();
    let lease = leases.take("reaper", Duration::MAX).unwrap().unwrap();
    assert_eq!(lease.remaining(), Duration::ZERO);
}

#[test]
fn a_name_that_is_too_long_is_refused() {
    let Err(fault) = Arc::<Leases>::default().take(&"x".repeat(RECORD_KEY_BYTES_MAX + 1), LONG) else {
        panic!("granted")
    };
    assert_eq!(
        fault.to_string(),
        "bytes of a lease's name: 1025, and at most 1024 are allowed"
    );
}
