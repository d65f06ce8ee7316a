use std::io;
use std::sync::Arc;
use std::task::{Context, Waker};
use std::thread::sleep;
use std::time::Duration;

use super::{Progress, Watchdog};
use crate::bounds::Bounds;

const UNREAD: Duration = Duration::from_millis(40);
const HOUR: Duration = Duration::from_secs(3_600);

fn watchdog(bounds: Bounds) -> Watchdog {
    Watchdog::new(bounds, Arc::default())
}

fn impatient() -> Bounds {
    Bounds {
        unread: UNREAD,
        age: HOUR,
        ..Bounds::default()
    }
}

/// Looks for ten times as long as a client has to read, as a connection that is polled does.
fn watched(watchdog: &mut Watchdog, mut progress: impl FnMut() -> Progress) -> io::Result<()> {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..40 {
        sleep(UNREAD / 4);
        watchdog.check(progress(), &mut context)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_takes_nothing_ends_the_connection_for_good() {
    let mut watchdog = watchdog(impatient());
    let stuck = || Progress {
        blocked: true,
        written: 10,
    };
    let fault = watched(&mut watchdog, stuck).unwrap_err();
    assert_eq!(fault.kind(), io::ErrorKind::TimedOut);
    let free = || Progress {
        blocked: false,
        written: 20,
    };
    assert!(watched(&mut watchdog, free).is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_takes_little_does_not_and_an_idle_one_does_not() {
    let mut bytes = 0;
    let slow = || {
        bytes += 1;
        Progress {
            blocked: true,
            written: bytes,
        }
    };
    watched(&mut watchdog(impatient()), slow).unwrap();
    let idle = || Progress {
        blocked: false,
        written: 0,
    };
    watched(&mut watchdog(impatient()), idle).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_connection_ends_though_it_is_read() {
    let mut watchdog = watchdog(Bounds {
        age: UNREAD,
        grace: UNREAD,
        ..impatient()
    });
    let mut bytes = 0;
    let busy = || {
        bytes += 1;
        Progress {
            blocked: true,
            written: bytes,
        }
    };
    assert_eq!(
        watched(&mut watchdog, busy).unwrap_err().kind(),
        io::ErrorKind::TimedOut
    );
}
