//! The audit trail of a real service: whole at first, and a changed record is named.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use strongroom_tests::installation::EVERYTHING;
use strongroom_tests::process;

use crate::world::{World, create_key, create_secret, keys, secrets};
use strongroom_proto::v1;

fn verify(program: &Path, trail: &Path) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(["audit", "verify"]).arg(trail);
    process::output_of(&mut command).map_err(|fault| fault.to_string())
}

fn segments(trail: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(trail)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| fs::read_to_string(file).is_ok_and(|text| text.starts_with('{')));
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_leaves_records_and_a_changed_one_is_named() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let key = create_key(&channel).await;
    create_secret(&channel, "audited", "value").await;
    let request = v1::GenerateDataKeyRequest {
        key_id: key,
        number_of_bytes: Some(32),
        ..Default::default()
    };
    keys(&channel).generate_data_key(request).await.unwrap();
    let request = v1::GetSecretValueRequest {
        secret_id: "absent".to_owned(),
        ..Default::default()
    };
    assert!(secrets(&channel).get_secret_value(request).await.is_err());
    let program = world.installation.command().program.clone();
    let trail = world.installation.data_directory().join("audit");
    world.daemon.stop().unwrap();
    verify(&program, &trail).unwrap();

    let files = segments(&trail);
    let text = fs::read_to_string(&files[0]).unwrap();
    for name in ["CreateKey", "CreateSecret", "GenerateDataKey", "GetSecretValue"] {
        assert!(
            text.contains(&format!("\"eventName\":\"{name}\"")),
            "{name} has no record"
        );
    }
    assert!(
        text.contains("\"errorCode\":\"ResourceNotFoundException\""),
        "a refusal has no record"
    );

    let line = 1 + text
        .lines()
        .position(|line| line.contains("\"eventName\":\"GenerateDataKey\""))
        .unwrap();
    fs::write(
        &files[0],
        text.replacen("\"eventName\":\"GenerateDataKey\"", "\"eventName\":\"DescribeKey\"", 1),
    )
    .unwrap();
    let broken = verify(&program, &trail).unwrap_err();
    // The digest of a record stands in the next one, so that is where the chain is seen to break.
    assert!(
        broken.contains(&format!("line {line}")) || broken.contains(&format!("line {}", line + 1)),
        "{broken}"
    );
}
