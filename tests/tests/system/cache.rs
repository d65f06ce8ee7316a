//! The client's cache against the whole service: a change is seen by an event, an outage is bridged.

use std::time::{Duration, Instant};

use strongroom::{CachePolicy, Client, ClientConfig, SecretCache, SecretVersion, TlsFiles};
use strongroom_tests::installation::EVERYTHING;

use crate::command_line::CommandLine;
use crate::world::{World, create_secret};

const SOON: Duration = Duration::from_secs(20);

fn client(world: &World) -> Client {
    let authority = world.installation.authority();
    let mut config = ClientConfig::new(&format!("https://{}", world.daemon.address())).unwrap();
    config.tls = Some(TlsFiles {
        certificate_authority: authority.certificate("ca"),
        certificate: authority.certificate(EVERYTHING.0),
        private_key: authority.private_key(EVERYTHING.0),
    });
    config.call_deadline = Duration::from_secs(2);
    Client::connect(&config).unwrap()
}

fn text(version: &SecretVersion) -> String {
    let bytes = version.value.material().reveal_to_wire(<[u8]>::to_vec);
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_seen_at_once_and_an_outage_is_bridged() {
    let world = World::start(&[EVERYTHING]);
    create_secret(&world.connect().await, "prod/db", "first").await;
    let shell = CommandLine::of(&world);
    // Without events the value would be as old as an hour.
    let policy = CachePolicy {
        refresh: Duration::from_secs(3_600),
        ..CachePolicy::default()
    };
    let cache = SecretCache::following(client(&world), policy);
    assert_eq!(text(&cache.current("prod/db").await.unwrap()), "first");
    shell.write("new", b"second");
    shell.succeed("secret put prod/db --in new");
    let begun = Instant::now();
    while text(&cache.current("prod/db").await.unwrap()) != "second" {
        assert!(begun.elapsed() < SOON, "the event makes the cache read anew");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let fault = cache.current("prod/missing").await.err().unwrap();
    assert_eq!(fault.refusal().unwrap().exception, "ResourceNotFoundException");
    drop(world);
    cache.invalidate_all();
    assert_eq!(
        text(&cache.current("prod/db").await.unwrap()),
        "second",
        "the service is gone"
    );
    let fault = cache.current("prod/other").await.err().unwrap();
    assert!(fault.to_string().starts_with("cannot reach the service at "), "{fault}");
}
