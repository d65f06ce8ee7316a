//! `strongroom secret policy`.

use serde_json::{Value, json};

use crate::program::{fail, succeed};
use crate::service::Fake;

fn json_of(fake: &Fake, arguments: &[&str], input: &[u8]) -> Value {
    let text = succeed(fake, &[arguments, &["--output", "json"]].concat(), input);
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_policy_comes_back_to_the_letter_and_goes() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.json");
    let get = ["secret", "policy", "get", "demo"];
    assert_eq!(succeed(&fake, &get, b""), "demo has no resource policy\n");
    let none = json!({ "arn": "arn:demo", "name": "demo", "policy_name": null, "resource_policy": null });
    assert_eq!(json_of(&fake, &get, b""), none);
    std::fs::write(&file, "{\r\n\t\"a\": \"\u{fc}\"}\n\n").unwrap();
    let put = ["secret", "policy", "put", "demo", "--in", file.to_str().unwrap()];
    assert_eq!(succeed(&fake, &put, b""), "put the resource policy of demo\n");
    let out = folder.path().join("out.json");
    succeed(&fake, &[&get[..], &["--out", out.to_str().unwrap()]].concat(), b"");
    assert_eq!(std::fs::read(&out).unwrap(), std::fs::read(&file).unwrap());
    assert_eq!(
        json_of(&fake, &get, b"")["resource_policy"],
        "{\r\n\t\"a\": \"\u{fc}\"}\n\n"
    );
    let delete = ["secret", "policy", "delete", "demo"];
    let named = json!({ "arn": "arn:demo", "name": "demo", "policy_name": "default" });
    assert_eq!(json_of(&fake, &delete, b""), named);
    assert_eq!(json_of(&fake, &["secret", "policy", "put", "demo"], b"{}"), named);
    assert_eq!(fake.state.secret_policy.lock().unwrap().as_deref(), Some("{}"));
    assert_eq!(succeed(&fake, &delete, b""), "demo has no resource policy\n");
}

#[test]
fn a_policy_that_lets_in_everybody_can_be_blocked() {
    let fake = Fake::start();
    let put = ["secret", "policy", "put", "demo"];
    succeed(&fake, &put, b"*");
    let block = [&put[..], &["--block-public-policy"]].concat();
    assert_eq!(
        fail(&fake, &block, b"*", 1),
        "error: PublicPolicyException: PublicPolicyException for a test (request request-1)\n"
    );
}

#[test]
fn what_speaks_against_a_policy_is_shown() {
    let fake = Fake::start();
    let validate = ["secret", "policy", "validate"];
    assert_eq!(succeed(&fake, &validate, b"{}"), "nothing speaks against the policy\n");
    let of_demo = [&validate[..], &["demo"]].concat();
    let table = "CHECK NAME              ERROR MESSAGE\nBlockPublicPolicyCheck  demo is public\n";
    assert_eq!(succeed(&fake, &of_demo, b"*"), table);
    assert_eq!(
        json_of(&fake, &of_demo, b"*"),
        json!({
            "policy_validation_passed": false,
            "validation_errors": [
                { "check_name": "BlockPublicPolicyCheck", "error_message": "demo is public" },
            ],
        })
    );
}

#[test]
fn what_can_be_no_policy_is_not_sent() {
    let fake = Fake::start();
    let put = ["secret", "policy", "put", "demo"];
    assert_eq!(fail(&fake, &put, &[0xff], 2), "error: stdin is not text in UTF-8\n");
    assert_eq!(
        fail(&fake, &put, &[b' '; 20_481], 1),
        "error: stdin has more than 20480 bytes, the most that a secret's resource policy may have\n"
    );
    assert_eq!(fake.methods(), [""; 0]);
}
