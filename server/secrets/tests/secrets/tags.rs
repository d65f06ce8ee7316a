//! TagResource and UntagResource.

use strongroom_base::Code;
use strongroom_secrets::op::{NewSecret, TagResource, UntagResource};

use crate::bench::{Bench, constraint, new_secret, refused};

fn pairs(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn numbered(numbers: std::ops::Range<usize>) -> Vec<(String, String)> {
    numbers
        .map(|number| (format!("key-{number:0>2}"), String::new()))
        .collect()
}

async fn tags(bench: &Bench) -> String {
    let tags = bench.describe("n").await.tags;
    tags.pairs()
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join(" ")
}

#[tokio::test]
async fn tags_are_added_replaced_and_removed() {
    let bench = Bench::new().await;
    bench
        .create(NewSecret {
            tags: pairs(&[("b", "1"), ("a", "2")]),
            ..new_secret("n", None)
        })
        .await
        .unwrap();
    assert_eq!(tags(&bench).await, "a=2 b=1");
    bench
        .admin(TagResource::new("n", pairs(&[("b", "3"), ("A", "")])).unwrap())
        .await
        .unwrap();
    assert_eq!(tags(&bench).await, "A= a=2 b=3");
    bench
        .admin(UntagResource::new("n", vec!["b".to_owned(), "missing".to_owned()]).unwrap())
        .await
        .unwrap();
    assert_eq!(tags(&bench).await, "A= a=2");
}

#[tokio::test]
async fn a_secret_has_fifty_tags_at_most() {
    let bench = Bench::new().await;
    bench
        .create(NewSecret {
            tags: numbered(0..50),
            ..new_secret("n", None)
        })
        .await
        .unwrap();
    let full = "A secret can have at most 50 tags.";
    refused(
        bench.admin(TagResource::new("n", numbered(50..51)).unwrap()).await,
        Code::InvalidParameter,
        full,
    );
    bench
        .admin(TagResource::new("n", numbered(0..50)).unwrap())
        .await
        .unwrap();
    let request = NewSecret {
        tags: numbered(0..51),
        ..new_secret("other", None)
    };
    refused(bench.create(request).await, Code::InvalidParameter, full);
}

#[test]
fn tags_keep_to_the_rules() {
    let tag = |key: &str, value: &str| TagResource::new("n", pairs(&[(key, value)]));
    assert!(tag(&"ä".repeat(128), &"ä".repeat(256)).is_ok());
    let at_least = "Member must have length greater than or equal to 1";
    let at_most = |length| format!("Member must have length less than or equal to {length}");
    let plain = "Member must not have control characters";
    refused(tag("", "v"), Code::Validation, &constraint("tags.member.key", at_least));
    refused(
        tag(&"k".repeat(129), "v"),
        Code::Validation,
        &constraint("tags.member.key", &at_most(128)),
    );
    refused(
        tag("k", &"v".repeat(257)),
        Code::Validation,
        &constraint("tags.member.value", &at_most(256)),
    );
    refused(tag("k\n", "v"), Code::Validation, &constraint("tags.member.key", plain));
    refused(
        tag("k", "\u{7}"),
        Code::Validation,
        &constraint("tags.member.value", plain),
    );
    let reserved = "Tag keys that start with aws: are reserved for AWS's own use.";
    for key in ["aws:created", "AWS:created", "Aws:created"] {
        refused(tag(key, "v"), Code::InvalidParameter, reserved);
    }
    let twice = TagResource::new("n", pairs(&[("k", "1"), ("k", "2")]));
    refused(twice, Code::InvalidParameter, "The tag key k is given more than once.");
    refused(
        TagResource::new("n", Vec::new()),
        Code::Validation,
        &constraint("tags", at_least),
    );
    refused(
        TagResource::new("n", numbered(0..51)),
        Code::Validation,
        &constraint("tags", &at_most(50)),
    );
    refused(
        UntagResource::new("n", Vec::new()),
        Code::Validation,
        &constraint("tagKeys", at_least),
    );
    let many = vec!["k".to_owned(); 51];
    refused(
        UntagResource::new("n", many),
        Code::Validation,
        &constraint("tagKeys", &at_most(50)),
    );
}
