//! Who is let in, and what each may do.

use strongroom_proto::v1;
use strongroom_tests::authority::Authority;
use strongroom_tests::connection;
use strongroom_tests::installation::{Client, EVERYTHING};

use crate::world::{World, create_key, create_secret, keys, secrets, told};

const READER: Client<'static> = (
    "reader",
    &["secretsmanager:GetSecretValue"],
    &["arn:aws:secretsmanager:*:*:secret:ours/*"],
);

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_in_the_table_is_told_so() {
    let world = World::start(&[EVERYTHING]);
    let directory = world.installation.root().join("certificates");
    Authority::prepare(&directory, &[EVERYTHING.0, "stranger"]).unwrap();
    let stranger = world.connect_as("stranger").await;
    let answer = keys(&stranger).list_keys(v1::ListKeysRequest::default()).await;
    assert_eq!(
        told(answer),
        "Unauthenticated UnrecognizedClientException: The client certificate's names are not in this service's table \
         of principals: uri:spiffe://strongroom.local/stranger."
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_another_authority_gets_no_connection() {
    let world = World::start(&[EVERYTHING]);
    let elsewhere = tempfile::tempdir().unwrap();
    let other = Authority::prepare(elsewhere.path(), &[EVERYTHING.0]).unwrap();
    std::fs::copy(
        world.installation.authority().certificate("ca"),
        other.certificate("ca"),
    )
    .unwrap();
    let client = Some((&other, EVERYTHING.0));
    // TLS 1.3 tells a client only after its first bytes that its certificate was refused.
    if let Ok(channel) = connection::connect(world.daemon.address(), client).await {
        let answer = told(keys(&channel).list_keys(v1::ListKeysRequest::default()).await);
        assert_ne!(answer, "an answer", "a stranger was served");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_narrow_policy_allows_what_it_says_and_hides_what_exists() {
    let world = World::start(&[EVERYTHING, READER]);
    let (developer, reader) = (world.connect().await, world.connect_as(READER.0).await);
    create_secret(&developer, "ours/password", "value").await;
    create_secret(&developer, "theirs/password", "value").await;
    let key = create_key(&developer).await;
    let get = |name: &str| v1::GetSecretValueRequest {
        secret_id: name.to_owned(),
        ..Default::default()
    };
    secrets(&reader).get_secret_value(get("ours/password")).await.unwrap();
    let theirs = told(secrets(&reader).get_secret_value(get("theirs/password")).await);
    assert!(
        theirs.starts_with("PermissionDenied AccessDeniedException: "),
        "{theirs}"
    );
    // Existing or not: the same answer, so that names cannot be guessed.
    let absent = told(secrets(&reader).get_secret_value(get("theirs/absent")).await);
    assert!(
        absent.starts_with("PermissionDenied AccessDeniedException: "),
        "{absent}"
    );
    let described = told(
        keys(&reader)
            .describe_key(v1::DescribeKeyRequest {
                key_id: key,
                ..v1::DescribeKeyRequest::default()
            })
            .await,
    );
    assert!(
        described.starts_with("PermissionDenied AccessDeniedException: "),
        "{described}"
    );
}
