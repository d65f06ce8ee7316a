use std::ffi::OsStr;
use std::panic;
use std::thread;

use super::queue::LogQueue;
use super::queue::tests::Reader;
use super::{filter, log_panic};

#[test]
fn a_filter_that_cannot_be_read_is_said() {
    let fault = filter(Some(OsStr::new("info,strongroom_token=loud"))).unwrap_err();
    assert_eq!(
        fault,
        "STRONGROOM_LOG is \"info,strongroom_token=loud\", which is not a filter; write a level \
         (error, warn, info, debug, trace), and target=level for exceptions, as in info,strongroom_token=debug"
    );
}

#[test]
fn the_filter_is_info_unless_set() {
    for unset in [None, Some(OsStr::new(""))] {
        assert_eq!(filter(unset).unwrap().to_string(), "info");
    }
    let set = filter(Some(OsStr::new("warn,strongroom_token=debug")))
        .unwrap()
        .to_string();
    assert!(set.contains("strongroom_token=debug") && set.contains("warn"), "{set}");
}

#[test]
fn a_panic_is_a_line_of_the_log_with_its_place_and_text() {
    let reader = Reader::default();
    let queue = LogQueue::start(reader.clone()).unwrap();
    let log = tracing_subscriber::fmt().json().with_writer(queue.clone()).finish();
    let former = panic::take_hook();
    panic::set_hook(Box::new(log_panic));
    let worker = thread::Builder::new().name("worker".to_owned()).spawn(|| {
        tracing::subscriber::with_default(log, || panic!("record {}", 7));
    });
    let outcome = worker.unwrap().join();
    panic::set_hook(former);
    assert!(outcome.is_err());
    queue.end(None);
    let text = reader.text();
    for part in [
        r#""level":"ERROR""#,
        r#""message":"a defect of the service: a panic""#,
        r#""thread":"worker""#,
        r#""text":"record 7""#,
        r#""location":"server/src/logging/tests.rs:"#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
}
