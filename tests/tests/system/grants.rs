//! Key policies and grants over the wire: who uses a key without a policy of its own, and who no longer does.

use std::collections::HashMap;

use strongroom_proto::v1;
use strongroom_tests::daemon::Daemon;
use strongroom_tests::daemon::configuration::principal_arn;
use strongroom_tests::installation::{Client, EVERYTHING, Installation};
use tonic::Status;
use tonic::transport::Channel;

use crate::world::{World, create_key, helper, keys, told};

/// A client without a policy of its own.
const CLERK: Client<'static> = ("clerk", &[], &[]);
const PARTNER: Client<'static> = ("partner", &["kms:*"], &["*"]);
const PARTNERS_ACCOUNT: &str = "222222222222";

fn context(value: &str) -> HashMap<String, String> {
    HashMap::from([("tenant".to_owned(), value.to_owned())])
}

async fn encrypt(channel: &Channel, key: &str, tenant: &str) -> Result<Vec<u8>, Status> {
    let request = v1::EncryptRequest {
        key_id: key.to_owned(),
        plaintext: b"text".to_vec(),
        encryption_context: context(tenant),
        ..Default::default()
    };
    let answer = keys(channel).encrypt(request).await?;
    Ok(answer.into_inner().ciphertext_blob)
}

fn grant(key: &str, grantee: &str) -> v1::CreateGrantRequest {
    v1::CreateGrantRequest {
        key_id: key.to_owned(),
        grantee_principal: grantee.to_owned(),
        operations: vec![v1::GrantOperation::Encrypt.into(), v1::GrantOperation::Decrypt.into()],
        constraints: Some(v1::GrantConstraints {
            encryption_context_subset: context("7"),
            ..Default::default()
        }),
        ..Default::default()
    }
}

async fn revoke(channel: &Channel, key: &str, grant_id: &str) {
    let request = v1::RevokeGrantRequest {
        key_id: key.to_owned(),
        grant_id: grant_id.to_owned(),
        dry_run: false,
    };
    keys(channel).revoke_grant(request).await.unwrap();
}

async fn put_policy(channel: &Channel, key: &str, statements: &[String]) {
    let policy = format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","));
    let request = v1::PutKeyPolicyRequest {
        key_id: key.to_owned(),
        policy,
        ..Default::default()
    };
    keys(channel).put_key_policy(request).await.unwrap();
}

fn allow(principal: &str, action: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":"{action}","Resource":"*"}}"#)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grantee_without_a_policy_uses_the_key_until_the_very_moment_of_its_revocation() {
    let world = World::start(&[EVERYTHING, CLERK]);
    let (developer, clerk) = (world.connect().await, world.connect_as(CLERK.0).await);
    let key = create_key(&developer).await;
    let denied = format!(
        "PermissionDenied AccessDeniedException: User: {} is not authorized to perform: kms:Encrypt on resource: {key} \
         because no identity-based policy allows the kms:Encrypt action",
        principal_arn(CLERK.0)
    );
    assert_eq!(told(encrypt(&clerk, &key, "7").await), denied);
    for _ in 0..5 {
        let made = keys(&developer)
            .create_grant(grant(&key, &principal_arn(CLERK.0)))
            .await;
        let made = made.unwrap().into_inner();
        let blob = encrypt(&clerk, &key, "7").await.unwrap();
        let decrypt = v1::DecryptRequest {
            ciphertext_blob: blob,
            encryption_context: context("7"),
            grant_tokens: vec![made.grant_token.clone()],
            ..Default::default()
        };
        let opened = keys(&clerk).decrypt(decrypt.clone()).await.unwrap().into_inner();
        assert_eq!(opened.plaintext, b"text");
        assert_eq!(told(encrypt(&clerk, &key, "8").await), denied, "another context");
        revoke(&developer, &key, &made.grant_id).await;
        assert_eq!(told(encrypt(&clerk, &key, "7").await), denied);
        assert_eq!(
            told(keys(&clerk).decrypt(decrypt).await),
            "InvalidArgument InvalidGrantTokenException: The grant token is not valid."
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_outlives_the_process_and_a_revocation_too() {
    let world = World::start(&[EVERYTHING, CLERK]);
    let developer = world.connect().await;
    let key = create_key(&developer).await;
    let request = || grant(&key, &principal_arn(CLERK.0));
    let kept = keys(&developer).create_grant(request()).await.unwrap().into_inner();
    let gone = keys(&developer).create_grant(request()).await.unwrap().into_inner();
    revoke(&developer, &key, &gone.grant_id).await;
    let World {
        daemon, installation, ..
    } = world;
    drop(daemon);
    let daemon = installation.start().unwrap();
    let developer = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let clerk = installation.connect(&daemon, CLERK.0).await.unwrap();
    encrypt(&clerk, &key, "7").await.unwrap();
    let list = v1::ListGrantsRequest {
        key_id: key.clone(),
        ..Default::default()
    };
    let grants = keys(&developer).list_grants(list).await.unwrap().into_inner().grants;
    assert_eq!(grants.len(), 1);
    assert_eq!(grants[0].grant_id, kept.grant_id);
    assert_eq!(grants[0].issuing_account, "arn:aws:iam::000000000000:root");
    revoke(&developer, &key, &kept.grant_id).await;
    assert!(encrypt(&clerk, &key, "7").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_policy_that_does_not_name_the_account_shuts_out_its_administrators() {
    let keeper: Client<'static> = ("keeper", &[], &[]);
    let world = World::start(&[EVERYTHING, keeper]);
    let (developer, keeper) = (world.connect().await, world.connect_as(keeper.0).await);
    let key = create_key(&developer).await;
    put_policy(
        &developer,
        &key,
        &[
            allow(&principal_arn("keeper"), "kms:*"),
            allow(&principal_arn("developer"), "kms:PutKeyPolicy"),
        ],
    )
    .await;
    assert_eq!(
        told(encrypt(&developer, &key, "7").await),
        format!(
            "PermissionDenied AccessDeniedException: User: {} is not authorized to perform: kms:Encrypt on resource: \
             {key} because no resource-based policy allows the kms:Encrypt action",
            principal_arn("developer")
        )
    );
    encrypt(&keeper, &key, "7").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_principal_of_another_account_needs_the_key_policy_or_a_grant() {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare(directory.path(), &[EVERYTHING, PARTNER], helper()).unwrap();
    let file = directory.path().join("strongroomd.toml");
    let partner = principal_arn(PARTNER.0).replace("000000000000", PARTNERS_ACCOUNT);
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replace(&principal_arn(PARTNER.0), &partner)).unwrap();
    let daemon: Daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let developer = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let theirs = installation.connect(&daemon, PARTNER.0).await.unwrap();
    let key = create_key(&developer).await;
    let refused = told(encrypt(&theirs, &key, "7").await);
    assert!(
        refused.starts_with("PermissionDenied AccessDeniedException: "),
        "{refused}"
    );
    let made = keys(&developer)
        .create_grant(grant(&key, &partner))
        .await
        .unwrap()
        .into_inner();
    encrypt(&theirs, &key, "7").await.unwrap();
    revoke(&developer, &key, &made.grant_id).await;
    assert!(encrypt(&theirs, &key, "7").await.is_err());
    let own = allow("000000000000", "kms:*");
    put_policy(&developer, &key, &[own, allow(PARTNERS_ACCOUNT, "kms:Encrypt")]).await;
    encrypt(&theirs, &key, "7").await.unwrap();
    let refused = told(keys(&theirs).create_key(v1::CreateKeyRequest::default()).await);
    assert!(
        refused.starts_with("PermissionDenied AccessDeniedException: "),
        "{refused}"
    );
}
