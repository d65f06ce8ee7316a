//! Resource policies and last accesses of secrets over the wire, on real parts and over a restart.

use std::time::{SystemTime, UNIX_EPOCH};

use strongroom_proto::v1;
use strongroom_tests::daemon::configuration::principal_arn;
use strongroom_tests::installation::{Client, EVERYTHING};
use tonic::transport::Channel;

use crate::world::{World, create_secret, secrets, told};

/// A client without a policy of its own.
const CLERK: Client<'static> = ("clerk", &[], &[]);
const DAY: i64 = 86_400;

async fn read(channel: &Channel) -> String {
    let request = v1::GetSecretValueRequest {
        secret_id: "shared".to_owned(),
        ..Default::default()
    };
    told(secrets(channel).get_secret_value(request).await)
}

async fn put_policy(channel: &Channel, effect: &str, condition: &str) {
    let clerk = principal_arn(CLERK.0);
    let request = v1::PutResourcePolicyRequest {
        secret_id: "shared".to_owned(),
        resource_policy: format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{{"AWS":"{clerk}"}},
               "Action":"secretsmanager:GetSecretValue","Resource":"*","Condition":{condition}}}]}}"#
        ),
        block_public_policy: true,
        policy_name: None,
    };
    secrets(channel).put_resource_policy(request).await.unwrap();
}

async fn last_access(channel: &Channel) -> Option<i64> {
    let request = v1::ListSecretsRequest {
        sort_by: v1::SortBy::LastAccessedDate.into(),
        ..Default::default()
    };
    let page = secrets(channel).list_secrets(request).await.unwrap().into_inner();
    let names: Vec<&str> = page.secret_list.iter().map(|secret| secret.name.as_str()).collect();
    assert_eq!(names.len(), 2);
    let row = page.secret_list.iter().find(|secret| secret.name == "shared").unwrap();
    let request = v1::DescribeSecretRequest {
        secret_id: "shared".to_owned(),
    };
    let described = secrets(channel).describe_secret(request).await.unwrap().into_inner();
    assert_eq!(described.last_accessed_date, row.last_accessed_date);
    if row.last_accessed_date.is_some() {
        assert_eq!(
            names,
            ["shared", "unread"],
            "newest first, the one that was never read last"
        );
    }
    row.last_accessed_date.map(|day| day.seconds)
}

fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_lets_in_who_has_none_until_the_very_moment_of_its_end() {
    let world = World::start(&[EVERYTHING, CLERK]);
    let (owner, clerk) = (world.connect().await, world.connect_as(CLERK.0).await);
    create_secret(&owner, "unread", "value").await;
    create_secret(&owner, "shared", "value").await;
    assert_eq!(last_access(&owner).await, None);
    let silent = format!(
        "PermissionDenied AccessDeniedException: User: {} is not authorized to perform: secretsmanager:GetSecretValue on \
         resource: arn:aws:secretsmanager:local-1:000000000000:secret:shared because no identity-based policy allows the \
         secretsmanager:GetSecretValue action",
        principal_arn(CLERK.0)
    );
    assert_eq!(read(&clerk).await, silent);
    let current = r#"{"StringEquals":{"secretsmanager:VersionStage":"AWSCURRENT"}}"#;
    put_policy(&owner, "Allow", current).await;
    let before = now();
    assert_eq!(read(&clerk).await, "an answer");
    let day = last_access(&owner).await.unwrap();
    assert!(day % DAY == 0 && (before - DAY..=now()).contains(&day), "{day}");
    // Policy and day are still there after an orderly end.
    let world = world.restarted();
    let (owner, clerk) = (world.connect().await, world.connect_as(CLERK.0).await);
    assert_eq!(last_access(&owner).await, Some(day));
    assert_eq!(read(&clerk).await, "an answer");
    put_policy(&owner, "Allow", &current.replace("AWSCURRENT", "AWSPREVIOUS")).await;
    assert_eq!(read(&clerk).await, silent);
    put_policy(&owner, "Allow", current).await;
    assert_eq!(read(&clerk).await, "an answer");
    let delete = v1::DeleteResourcePolicyRequest {
        secret_id: "shared".to_owned(),
        policy_name: None,
    };
    secrets(&owner).delete_resource_policy(delete).await.unwrap();
    assert_eq!(read(&clerk).await, silent);
}
