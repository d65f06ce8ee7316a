//! A key object that somebody changes, or puts another in the place of, behind the service's back.

use std::process::Command;
use std::time::{Duration, Instant};

use strongroom_proto::v1;
use strongroom_proto::v1::admin_client::AdminClient;
use strongroom_tests::installation::{EVERYTHING, Installation};
use strongroom_tests::process;
use tonic::transport::Channel;

use crate::world::{create_key, helper, keys, told};

#[tokio::test(flavor = "multi_thread")]
async fn an_object_that_gained_a_usage_takes_its_key_out_of_use() {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare(directory.path(), &[EVERYTHING], helper()).unwrap();
    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let key = create_key(&channel).await;
    let material = inspect(&channel, &key).await;
    assert_eq!(material.differences, [""; 0]);
    let derive = |arguments: &[&str]| {
        let mut tool: Command = installation.token().tool("derive");
        tool.args(["--id", &material.key_material_id]).args(arguments);
        process::output_of(&mut tool).unwrap();
    };
    derive(&[]);
    assert_eq!(inspect(&channel, &key).await.differences, ["CKA_DERIVE"], "read live");
    // The probe looks at sixteen keys a second.
    until(&channel, &key, "Unavailable KeyUnavailableException: ").await;
    drop(daemon);

    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let refused = encrypt(&channel, &key).await;
    let expected = "is unavailable: its object in the HSM is not as it was recorded. An operator must compare the two with \
                    `strongroom key inspect`; the key can be used again once they agree.";
    assert!(refused.ends_with(expected), "{refused}");
    derive(&["--never"]);
    drop(daemon);
    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    assert_eq!(encrypt(&channel, &key).await, "an answer");
}

/// All that an object says of itself is as it was, but it is another key: only the witness tells.
#[tokio::test(flavor = "multi_thread")]
async fn another_key_in_the_place_of_one_takes_it_out_of_use() {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare(directory.path(), &[EVERYTHING], helper()).unwrap();
    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let (key, other) = (create_key(&channel).await, create_key(&channel).await);
    let material = inspect(&channel, &key).await;
    drop(daemon);
    let mut tool: Command = installation.token().tool("substitute");
    tool.args(["--id", &material.key_material_id]);
    process::output_of(&mut tool).unwrap();

    let daemon = installation.start().unwrap_or_else(|fault| panic!("{fault}"));
    let channel = installation.connect(&daemon, EVERYTHING.0).await.unwrap();
    let refused = encrypt(&channel, &key).await;
    let expected = "is unavailable: its object in the HSM is not as it was recorded. An operator must compare the two with \
                    `strongroom key inspect`; the key can be used again once they agree.";
    assert!(refused.ends_with(expected), "{refused}");
    let inspected = inspect(&channel, &key).await;
    assert_eq!(inspected.differences, ["object"]);
    let why = inspected.fault.unwrap();
    assert!(
        why.contains("it does not open the witness of the key that was made under this id"),
        "{why}"
    );
    assert_eq!(encrypt(&channel, &other).await, "an answer");
}

async fn inspect(channel: &Channel, key: &str) -> v1::InspectedMaterial {
    let request = v1::InspectKeyRequest {
        key_id: key.to_owned(),
        ..Default::default()
    };
    let answer = AdminClient::new(channel.clone()).inspect_key(request).await;
    let mut answer = answer
        .unwrap_or_else(|status| panic!("{}", told::<()>(Err(status))))
        .into_inner();
    answer.materials.remove(0)
}

async fn encrypt(channel: &Channel, key: &str) -> String {
    let request = v1::EncryptRequest {
        key_id: key.to_owned(),
        plaintext: vec![1],
        ..Default::default()
    };
    told(keys(channel).encrypt(request).await)
}

/// Waits until encryption is refused with what begins so.
async fn until(channel: &Channel, key: &str, refusal: &str) {
    let limit = Instant::now() + Duration::from_secs(30);
    while !encrypt(channel, key).await.starts_with(refusal) {
        assert!(Instant::now() < limit, "it is still in use");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
