//! `strongroom key tag`, `untag`, `tags`, and `create --tag`.

use serde_json::{Value, json};

use crate::answers::{KEY_ARN, KEY_ID};
use crate::program::succeed;
use crate::service::Fake;

#[test]
fn tags_come_and_go() {
    let fake = Fake::start();
    let key = |arguments: &[&str]| succeed(&fake, &[&["key"], arguments].concat(), b"");
    key(&["create", "--tag", "team=blue", "--tag", "cost centre=7=8"]);
    assert_eq!(key(&["tag", KEY_ARN, "stage="]), format!("tagged {KEY_ARN}\n"));
    assert_eq!(
        key(&["tags", KEY_ID]),
        "TAG KEY      TAG VALUE\ncost centre  7=8\nstage        -\nteam         blue\n"
    );
    assert_eq!(key(&["untag", KEY_ID, "team", "stage"]), format!("untagged {KEY_ID}\n"));
    let tags: Value = serde_json::from_str(&key(&["tags", KEY_ID, "--output", "json"])).unwrap();
    assert_eq!(
        tags,
        json!({ "tags": [{ "tag_key": "cost centre", "tag_value": "7=8" }] })
    );
    let methods = fake.methods();
    assert_eq!(methods[..2], ["create_key", "tag_resource"]);
    assert_eq!(methods[2..5], ["list_resource_tags"; 3], "page after page");
}
