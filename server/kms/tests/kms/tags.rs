//! TagResource, UntagResource, ListResourceTags and tags from the beginning.

use strongroom_base::{Code, Fault, KeyId};
use strongroom_kms::KeyReference;
use strongroom_kms::op::{CreateKey, Encrypt, ListResourceTags, NewKey, TagResource, UntagResource};

use crate::bench::{Bench, allow, context, fault, material, policy, principal, refused, scope, user_arn};

fn pairs(tags: &[(&str, &str)]) -> Vec<(String, String)> {
    tags.iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn numbered(numbers: std::ops::Range<usize>) -> Vec<(String, String)> {
    numbers.map(|number| (format!("k{number:02}"), String::new())).collect()
}

async fn tags(bench: &Bench, key: KeyId) -> Vec<(String, String)> {
    let list = ListResourceTags::new(key, None, None).unwrap();
    let page = bench.admin(list).await.unwrap();
    assert_eq!(page.next_marker, None);
    page.tags
}

fn code_and_text<T>(outcome: Result<T, Fault>) -> (Code, String) {
    let fault = fault(outcome);
    (fault.code(), fault.message().to_owned())
}

#[tokio::test]
async fn tags_come_get_values_and_go() {
    let mut bench = Bench::new().await;
    let new = NewKey {
        tags: pairs(&[("a", "1"), ("b", "2")]),
        ..NewKey::default()
    };
    let key = bench.admin(CreateKey::new(new).unwrap()).await.unwrap().record.id;
    assert_eq!(tags(&bench, key).await, pairs(&[("a", "1"), ("b", "2")]));
    let more = TagResource::new(key, pairs(&[("b", "3"), ("A", "")])).unwrap();
    bench.admin(more).await.unwrap();
    assert_eq!(tags(&bench, key).await, pairs(&[("A", ""), ("a", "1"), ("b", "3")]));
    let fewer = UntagResource::new(key, vec!["b".to_owned(), "missing".to_owned()]).unwrap();
    bench.admin(fewer).await.unwrap();
    bench.restart();
    assert_eq!(tags(&bench, key).await, pairs(&[("A", ""), ("a", "1")]));
}

#[tokio::test]
async fn a_key_has_fifty_tags_at_most() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench
        .admin(TagResource::new(key, numbered(0..50)).unwrap())
        .await
        .unwrap();
    refused(
        bench.admin(TagResource::new(key, numbered(50..51)).unwrap()).await,
        Code::LimitExceeded,
        "A key can have at most 50 tags.",
    );
    bench
        .admin(TagResource::new(key, numbered(0..50)).unwrap())
        .await
        .unwrap();
    let many = (Code::Tag, "Too many tags".to_owned());
    assert_eq!(code_and_text(TagResource::new(key, numbered(0..51))), many);
    let keys = numbered(0..51).into_iter().map(|(key, _)| key).collect();
    assert_eq!(code_and_text(UntagResource::new(key, keys)), many);
}

#[tokio::test]
async fn tags_come_in_pages() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench
        .admin(TagResource::new(key, numbered(0..50)).unwrap())
        .await
        .unwrap();
    let (mut listed, mut marker) = (Vec::new(), None);
    for length in [20, 20, 10] {
        let page = bench
            .admin(ListResourceTags::new(key, Some(20), marker).unwrap())
            .await
            .unwrap();
        assert_eq!(page.tags.len(), length);
        listed.extend(page.tags);
        marker = page.next_marker;
    }
    assert_eq!((listed, marker), (numbered(0..50), None));
    assert_eq!(tags(&bench, key).await.len(), 50, "all of them unless said otherwise");
    for limit in [0, 51] {
        let text = format!(
            "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have \
             value between 1 and 50"
        );
        let list = ListResourceTags::new(key, Some(limit), None);
        assert_eq!(code_and_text(list), (Code::Validation, text));
    }
    let foreign = ListResourceTags::new(key, None, Some("*".to_owned()));
    assert_eq!(code_and_text(foreign).0, Code::InvalidMarker);
}

#[tokio::test]
async fn tags_keep_to_the_rules() {
    let key = KeyId::random();
    let tag = |name: &str, value: &str| TagResource::new(key, pairs(&[("good", ""), (name, value)]));
    for good in ["k".repeat(128), "\u{e9}\u{6f22} 7_.:/=+-@".to_owned(), "aws".to_owned()] {
        assert!(tag(&good, &good).is_ok(), "{good}");
    }
    assert!(tag("k", &"v".repeat(256)).is_ok());
    let length = |field: &str, constraint: &str| {
        let text = "1 validation error detected: Value at";
        let text = format!(
            "{text} 'tags.2.member.{field}' failed to satisfy constraint: Member must have length {constraint}"
        );
        (Code::Validation, text)
    };
    assert_eq!(
        code_and_text(tag("", "v")),
        length("tagKey", "greater than or equal to 1")
    );
    assert_eq!(
        code_and_text(tag(&"k".repeat(129), "v")),
        length("tagKey", "less than or equal to 128")
    );
    assert_eq!(
        code_and_text(tag("k", &"v".repeat(257))),
        length("tagValue", "less than or equal to 256")
    );
    let characters = "Tag keys and values can have letters, digits, spaces and the characters _ . : / = + - @";
    for (name, value) in [("k*", "v"), ("k", "v\n"), ("k\u{0}", "v"), ("k", "\"")] {
        assert_eq!(code_and_text(tag(name, value)), (Code::Tag, characters.to_owned()));
    }
    for reserved in ["aws:k", "AWS:k"] {
        assert_eq!(
            code_and_text(tag(reserved, "v")),
            (Code::Tag, "Tags beginning with aws: are reserved".to_owned())
        );
    }
    assert_eq!(
        code_and_text(tag("good", "again")),
        (Code::Tag, "Duplicate tag keys".to_owned())
    );
}

/// Tags decide who may do what with a key, so whoever makes a key with tags must be allowed to tag.
#[tokio::test]
async fn a_key_with_tags_is_made_by_those_who_may_tag() {
    let mut bench = Bench::new().await;
    bench.attach("maker", &allow("kms:CreateKey", "*"));
    let create = |tags| {
        let tags = pairs(tags);
        CreateKey::new(NewKey {
            tags,
            ..NewKey::default()
        })
        .unwrap()
    };
    let who = principal("maker");
    assert!(bench.run(&who, create(&[])).await.is_ok());
    let fault = fault(bench.run(&who, create(&[("team", "blue")])).await);
    assert_eq!(fault.code(), Code::AccessDenied);
    let expected = format!(
        "User: {} is not authorized to perform: kms:TagResource",
        user_arn("maker")
    );
    assert!(fault.message().starts_with(&expected), "{fault}");
}

/// Policies that speak of all keys speak of the one that is made, to allow and to deny; no other key's right will do.
#[tokio::test]
async fn a_right_to_tag_all_keys_is_one_to_tag_a_new_key() {
    let mut bench = Bench::new().await;
    let (all, other) = (scope().arn("kms", "key/*"), scope().key_arn(&KeyId::random()));
    bench.attach("of-all", &allow("kms:TagResource", all.as_str()));
    bench.attach("of-another", &allow("kms:TagResource", other.as_str()));
    bench.attach("denied", &allow("kms:*", "*"));
    bench.attach("denied", &policy("Deny", "kms:TagResource", all.as_str()));
    for (name, allowed) in [("of-all", true), ("of-another", false), ("denied", false)] {
        bench.attach(name, &allow("kms:CreateKey", "*"));
        let new = NewKey {
            tags: pairs(&[("team", "blue")]),
            ..NewKey::default()
        };
        let made = bench.run(&principal(name), CreateKey::new(new).unwrap()).await;
        assert_eq!(made.is_ok(), allowed, "{name}");
        if !allowed {
            assert_eq!(fault(made).code(), Code::AccessDenied, "{name}");
        }
    }
    assert_eq!(bench.stored("key").len(), 1);
}

#[tokio::test]
async fn tags_are_on_the_trail() {
    let bench = Bench::new().await;
    let key = bench.key().await;
    bench
        .admin(TagResource::new(key, pairs(&[("team", "blue")])).unwrap())
        .await
        .unwrap();
    let record = bench.trail().pop().unwrap();
    assert_eq!(record["eventName"], "TagResource");
    assert_eq!(record["requestParameters"]["tags"][0]["tagKey"], "team");
    assert_eq!(record["requestParameters"]["tags"][0]["tagValue"], "blue");
}

fn allow_if(action: &str, condition: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"{action}","Resource":"*","Condition":{condition}}}}}"#
    )
}

/// A tag opens and closes a key for those whose policies ask for it.
#[tokio::test]
async fn policies_ask_for_the_tags_of_keys() {
    let mut bench = Bench::new().await;
    let condition = r#"{"StringEquals":{"aws:ResourceTag/team":"blue"}}"#;
    bench.attach("blue", &allow_if("kms:Encrypt", condition));
    let key = bench.key().await;
    let encrypt = || Encrypt::new(KeyReference::Key(key), context(&[]), material(b"x")).unwrap();
    let who = principal("blue");
    assert_eq!(fault(bench.run(&who, encrypt()).await).code(), Code::AccessDenied);
    for (team, allowed) in [("blue", true), ("red", false)] {
        let tag = TagResource::new(key, pairs(&[("team", team)])).unwrap();
        bench.admin(tag).await.unwrap();
        assert_eq!(bench.run(&who, encrypt()).await.is_ok(), allowed, "{team}");
    }
}

/// Who may tag, and with what, is for policies to say too.
#[tokio::test]
async fn policies_ask_for_the_tags_of_requests() {
    let mut bench = Bench::new().await;
    let condition = r#"{"StringEquals":{"aws:RequestTag/team":"blue"},"ForAllValues:StringEquals":{"aws:TagKeys":["team","stage"]}}"#;
    bench.attach("tagger", &allow_if("kms:TagResource", condition));
    bench.attach("tagger", &allow("kms:CreateKey", "*"));
    let only_stage = r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["stage"]}}"#;
    bench.attach("tagger", &allow_if("kms:UntagResource", only_stage));
    let key = bench.key().await;
    let who = principal("tagger");
    for (tags, allowed) in [
        (&[("team", "blue")][..], true),
        (&[("team", "blue"), ("stage", "test")], true),
        (&[("team", "red")], false),
        (&[("team", "blue"), ("owner", "x")], false),
    ] {
        let tag = TagResource::new(key, pairs(tags)).unwrap();
        assert_eq!(bench.run(&who, tag).await.is_ok(), allowed, "{tags:?}");
        let tags = pairs(tags);
        let create = CreateKey::new(NewKey {
            tags,
            ..NewKey::default()
        })
        .unwrap();
        assert_eq!(bench.run(&who, create).await.is_ok(), allowed);
    }
    for (tag_key, allowed) in [("stage", true), ("team", false)] {
        let untag = UntagResource::new(key, vec![tag_key.to_owned()]).unwrap();
        assert_eq!(bench.run(&who, untag).await.is_ok(), allowed, "{tag_key}");
    }
}
