use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{advance, sleep};
use tonic::Code;

use super::*;
use crate::fault::Refusal;
use crate::value::Value;

/// A service whose answers are written down beforehand; the last one is repeated.
#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<AtomicUsize>,
    /// A permit for each answer that may go out.
    open: Arc<Semaphore>,
}

#[derive(Clone, Copy)]
enum Answer {
    Value(&'static str),
    Unreachable,
    Overloaded,
    Denied,
}

impl Script {
    fn new(answers: &[Answer]) -> Self {
        Self {
            answers: Arc::new(Mutex::new(answers.iter().copied().collect())),
            asked: Arc::default(),
            open: Arc::new(Semaphore::new(1_000)),
        }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn arn(name: &str) -> String {
    format!("arn:aws:secretsmanager:local-1:000000000000:secret:{name}-AbCdEf")
}

fn refused(exception: &str, code: Code, retry_delay: Option<Duration>) -> ClientFault {
    ClientFault::Refused(Box::new(Refusal {
        exception: exception.to_owned(),
        code,
        message: "as the test wants".to_owned(),
        retry_delay,
        request_id: None,
    }))
}

impl ReadSecret for Script {
    async fn read(&self, secret_id: &str, stage: &str) -> Result<SecretVersion, ClientFault> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            if answers.len() > 1 {
                answers.pop_front()
            } else {
                answers.front().copied()
            }
        };
        self.open.acquire().await.unwrap().forget();
        match answer.unwrap() {
            Answer::Value(text) => Ok(SecretVersion {
                arn: arn(secret_id),
                name: secret_id.to_owned(),
                version_id: "v".to_owned(),
                value: Value::text(text.to_owned()),
                version_stages: vec![stage.to_owned()],
                created_date: None,
            }),
            Answer::Unreachable => Err(ClientFault::Unreachable {
                endpoint: "https://nowhere".into(),
                cause: "refused".to_owned(),
            }),
            Answer::Overloaded => Err(refused(
                "ThrottlingException",
                Code::ResourceExhausted,
                Some(Duration::from_millis(100)),
            )),
            Answer::Denied => Err(refused("AccessDeniedException", Code::PermissionDenied, None)),
        }
    }
}

fn policy() -> CachePolicy {
    CachePolicy {
        refresh: Duration::from_secs(100),
        stale_max: Duration::from_secs(1_000),
        pause: Duration::from_secs(1),
        entries_max: 3,
    }
}

fn cache(answers: &[Answer]) -> (SecretCache<Script>, Script) {
    let script = Script::new(answers);
    (SecretCache::new(script.clone(), policy()), script)
}

async fn read(cache: &SecretCache<Script>, name: &str) -> String {
    text(&cache.current(name).await.unwrap())
}

fn text(version: &SecretVersion) -> String {
    version
        .value
        .material()
        .reveal_to_wire(|bytes| String::from_utf8(bytes.to_vec()).unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_value_is_read_once_until_it_is_old() {
    let (cache, script) = cache(&[Answer::Value("first"), Answer::Value("second")]);
    assert_eq!(read(&cache, "db").await, "first");
    advance(Duration::from_secs(89)).await;
    assert_eq!(read(&cache, "db").await, "first");
    assert_eq!(script.asked(), 1);
    advance(Duration::from_secs(12)).await;
    assert_eq!(read(&cache, "db").await, "second");
    assert_eq!(script.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn values_do_not_all_grow_old_at_the_same_moment() {
    let policy = CachePolicy {
        entries_max: 100,
        ..policy()
    };
    let script = Script::new(&[Answer::Value("value")]);
    let cache = SecretCache::new(script.clone(), policy);
    for number in 0..100 {
        read(&cache, &number.to_string()).await;
    }
    advance(Duration::from_secs(95)).await;
    for number in 0..100 {
        read(&cache, &number.to_string()).await;
    }
    let again = script.asked() - 100;
    assert!((10..90).contains(&again), "{again} of 100 were read again");
}

#[tokio::test(start_paused = true)]
async fn many_who_ask_at_once_ask_the_service_once() {
    let (cache, script) = cache(&[Answer::Value("first")]);
    script.open.forget_permits(1_000);
    let mut askers = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let cache = cache.clone();
        askers.spawn(async move { read(&cache, "db").await });
    }
    sleep(Duration::from_secs(1)).await;
    assert_eq!(script.asked(), 1);
    script.open.add_permits(1);
    assert!(askers.join_all().await.iter().all(|value| value == "first"));
    assert_eq!(script.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_slow_secret_holds_up_no_other() {
    let (cache, script) = cache(&[Answer::Value("value")]);
    script.open.forget_permits(1_000);
    let waiting = tokio::spawn({
        let cache = cache.clone();
        async move { read(&cache, "slow").await }
    });
    sleep(Duration::from_secs(1)).await;
    script.open.add_permits(2);
    assert_eq!(read(&cache, "fast").await, "value");
    assert_eq!(waiting.await.unwrap(), "value");
}

#[tokio::test(start_paused = true)]
async fn an_old_value_bridges_an_outage_for_a_bounded_time() {
    let (cache, script) = cache(&[Answer::Value("first"), Answer::Unreachable]);
    read(&cache, "db").await;
    advance(Duration::from_secs(500)).await;
    assert_eq!(read(&cache, "db").await, "first");
    assert_eq!(read(&cache, "db").await, "first");
    assert_eq!(script.asked(), 2, "within the pause nobody is asked again");
    advance(Duration::from_millis(1_001)).await;
    assert_eq!(read(&cache, "db").await, "first");
    assert_eq!(script.asked(), 3);
    advance(Duration::from_secs(500)).await;
    let fault = cache.current("db").await.err().unwrap();
    assert_eq!(
        fault.to_string(),
        "cannot reach the service at https://nowhere: refused; check that it runs there and trusts this certificate"
    );
}

#[tokio::test(start_paused = true)]
async fn an_overload_is_bridged_and_a_recovery_seen() {
    let (cache, _) = cache(&[Answer::Value("first"), Answer::Overloaded, Answer::Value("second")]);
    read(&cache, "db").await;
    advance(Duration::from_secs(100)).await;
    assert_eq!(read(&cache, "db").await, "first");
    advance(Duration::from_millis(1_001)).await;
    assert_eq!(read(&cache, "db").await, "second");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_never_bridged() {
    let (cache, _) = cache(&[Answer::Value("first"), Answer::Denied, Answer::Unreachable]);
    read(&cache, "db").await;
    cache.invalidate_all();
    let fault = cache.current("db").await.err().unwrap();
    assert_eq!(fault.refusal().unwrap().exception, "AccessDeniedException");
    let fault = cache.current("db").await.err().unwrap();
    assert!(
        matches!(fault, ClientFault::Unreachable { .. }),
        "the value is gone: {fault}"
    );
}

#[tokio::test(start_paused = true)]
async fn an_event_makes_the_next_question_read_anew_by_whatever_name() {
    let (cache, script) = cache(&[Answer::Value("first"), Answer::Value("other"), Answer::Value("second")]);
    read(&cache, "db").await;
    read(&cache, "other").await;
    cache.invalidate(&arn("db"));
    assert_eq!(read(&cache, "db").await, "second");
    assert_eq!(read(&cache, "other").await, "other");
    assert_eq!(script.asked(), 3);
    cache.invalidate(&arn("db").replace("AbCdEf", "XyZ123"));
    read(&cache, "db").await;
    assert_eq!(script.asked(), 4, "a name that is used again is another secret");
}

#[tokio::test(start_paused = true)]
async fn the_value_of_a_deleted_secret_bridges_no_outage() {
    for kind in [v1::EventType::SecretDeleted, v1::EventType::SecretRemoved] {
        let (cache, _) = cache(&[Answer::Value("first"), Answer::Unreachable]);
        read(&cache, "db").await;
        cache.shared.heard(&v1::Event {
            r#type: kind.into(),
            arn: arn("db"),
            ..Default::default()
        });
        let fault = cache.current("db").await.err().unwrap();
        assert!(matches!(fault, ClientFault::Unreachable { .. }), "{fault}");
    }
}

/// The reading may have been answered before the deletion.
#[tokio::test(start_paused = true)]
async fn a_deletion_that_comes_during_a_reading_leaves_nothing_to_bridge_with() {
    let (cache, script) = cache(&[Answer::Value("before"), Answer::Unreachable]);
    script.open.forget_permits(1_000);
    let reading = tokio::spawn({
        let cache = cache.clone();
        async move { read(&cache, "db").await }
    });
    sleep(Duration::from_secs(1)).await;
    cache.shared.heard(&v1::Event {
        r#type: v1::EventType::SecretDeleted.into(),
        arn: arn("db"),
        ..Default::default()
    });
    script.open.add_permits(10);
    assert_eq!(reading.await.unwrap(), "before");
    let fault = cache.current("db").await.err().unwrap();
    assert!(matches!(fault, ClientFault::Unreachable { .. }), "{fault}");
}

#[tokio::test(start_paused = true)]
async fn a_policy_may_say_forever() {
    let forever = CachePolicy {
        refresh: Duration::MAX,
        stale_max: Duration::MAX,
        pause: Duration::MAX,
        entries_max: 1,
    };
    let script = Script::new(&[Answer::Value("first"), Answer::Unreachable]);
    let cache = SecretCache::new(script.clone(), forever);
    assert_eq!(read(&cache, "db").await, "first");
    cache.invalidate_all();
    for _ in 0..2 {
        assert_eq!(read(&cache, "db").await, "first");
    }
    assert_eq!(script.asked(), 2);
}

/// The reading may have seen the secret from before the change.
#[tokio::test(start_paused = true)]
async fn an_event_that_comes_during_a_reading_is_not_lost() {
    let (cache, script) = cache(&[Answer::Value("before"), Answer::Value("after")]);
    script.open.forget_permits(1_000);
    let reading = tokio::spawn({
        let cache = cache.clone();
        async move { read(&cache, "db").await }
    });
    sleep(Duration::from_secs(1)).await;
    cache.invalidate(&arn("db"));
    script.open.add_permits(10);
    assert_eq!(reading.await.unwrap(), "before");
    assert_eq!(read(&cache, "db").await, "after");
}

#[tokio::test(start_paused = true)]
async fn the_value_that_nobody_asked_for_the_longest_makes_room() {
    let (cache, script) = cache(&[Answer::Value("value")]);
    for name in ["a", "b", "c", "a", "d"] {
        advance(Duration::from_millis(1)).await;
        read(&cache, name).await;
    }
    assert_eq!((cache.len(), script.asked()), (3, 4));
    read(&cache, "a").await;
    assert_eq!(script.asked(), 4, "it was asked for again");
    read(&cache, "b").await;
    assert_eq!(script.asked(), 5, "it had gone");
}

#[tokio::test(start_paused = true)]
async fn stages_are_kept_apart() {
    let (cache, script) = cache(&[Answer::Value("current"), Answer::Value("pending")]);
    assert_eq!(read(&cache, "db").await, "current");
    assert_eq!(text(&cache.stage("db", "AWSPENDING").await.unwrap()), "pending");
    assert_eq!(read(&cache, "db").await, "current");
    assert_eq!(script.asked(), 2);
    cache.clear();
    assert!(cache.is_empty());
}
