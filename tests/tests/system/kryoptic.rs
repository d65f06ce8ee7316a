//! The whole service on another module than SoftHSM: what it does must not depend on whose token it is.

use strongroom_proto::v1;
use strongroom_proto::v1::admin_client::AdminClient;
use strongroom_tests::install::kryoptic;
use strongroom_tests::installation::EVERYTHING;
use strongroom_tests::software_token::TokenKind;
use strongroom_tests::token_tool::objects::TokenObject;
use strongroom_tests::{console, process};
use tonic::transport::Channel;

use crate::world::{World, create_key, keys};

/// Create, use, rotate, restart: ciphertexts of both materials open afterwards, and nothing in the token can be read.
#[tokio::test(flavor = "multi_thread")]
async fn the_service_works_on_kryoptic() {
    if let Err(missing) = kryoptic::built() {
        console::complain(format_args!("left out: {missing}"));
        return;
    }
    let world = World::start_on(TokenKind::Kryoptic, &[EVERYTHING]);
    let channel = world.connect().await;
    let key = create_key(&channel).await;
    let before = generate(&channel, &key).await;
    let rotation = v1::RotateKeyOnDemandRequest { key_id: key.clone() };
    keys(&channel).rotate_key_on_demand(rotation).await.unwrap();
    let after = generate(&channel, &key).await;
    assert_ne!(before.key_material_id, after.key_material_id);
    // Kryoptic derives a key for each message: the blobs say so, and the token is asked at each start.
    assert_eq!((before.ciphertext_blob[1], after.ciphertext_blob[1]), (2, 2));
    let mut admin = AdminClient::new(channel.clone());
    let described = admin.describe_token(v1::DescribeTokenRequest {}).await;
    let token = described.unwrap().into_inner();
    assert_eq!(token.ciphertext_suite, "SP800_108_AES_256_GCM", "{token:?}");

    let world = world.restarted();
    let channel = world.connect().await;
    for data_key in [before, after] {
        let request = v1::DecryptRequest {
            ciphertext_blob: data_key.ciphertext_blob,
            ..Default::default()
        };
        let opened = keys(&channel).decrypt(request).await.unwrap().into_inner();
        assert_eq!(opened.plaintext, data_key.plaintext);
        assert_eq!(opened.key_material_id, data_key.key_material_id);
    }
    let text = process::output_of(&mut world.installation.token().tool("objects")).unwrap();
    let objects: Vec<TokenObject> = serde_json::from_str(&text).unwrap();
    assert_eq!(objects.len(), 3, "the root and two materials: {objects:#?}");
    for object in objects {
        assert_eq!(object.value, "CKR_ATTRIBUTE_SENSITIVE", "{object:#?}");
    }
}

async fn generate(channel: &Channel, key: &str) -> v1::GenerateDataKeyResponse {
    let request = v1::GenerateDataKeyRequest {
        key_id: key.to_owned(),
        number_of_bytes: Some(32),
        ..Default::default()
    };
    keys(channel).generate_data_key(request).await.unwrap().into_inner()
}
