//! What is really in the token, read through PKCS#11 beside the service: a test that trusts nothing the service says.

use strongroom_tests::process;
use strongroom_tests::token_tool::objects::TokenObject;

use crate::world::{World, create_key, create_secret};
use strongroom_tests::installation::EVERYTHING;

#[tokio::test(flavor = "multi_thread")]
async fn no_key_object_gives_out_its_value() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    create_key(&channel).await;
    create_secret(&channel, "first", "value").await;
    let text = process::output_of(&mut world.installation.token().tool("objects")).unwrap();
    let objects: Vec<TokenObject> = serde_json::from_str(&text).unwrap();
    // The service's root, the key, and the managed key that the secret is under.
    assert!(objects.len() >= 3, "{objects:#?}");
    for object in objects {
        assert_eq!(object.class, "CKO_SECRET_KEY", "{object:#?}");
        assert_eq!(object.value, "CKR_ATTRIBUTE_SENSITIVE", "{object:#?}");
        assert_eq!(
            (object.sensitive, object.extractable),
            (Some(true), Some(false)),
            "{object:#?}"
        );
    }
}
