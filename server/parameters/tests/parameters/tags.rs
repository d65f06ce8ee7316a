//! Tags of parameters.

use strongroom_base::Code;
use strongroom_parameters::op::{AddTagsToResource, ListTagsForResource, NewParameter, RemoveTagsFromResource};

use crate::bench::{Bench, constraint, new, refused};

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

async fn listed(bench: &Bench) -> String {
    let tags = bench
        .admin(ListTagsForResource::new("Parameter", "/n").unwrap())
        .await
        .unwrap();
    Vec::from_iter(tags.pairs().map(|(key, value)| format!("{key}={value}"))).join(" ")
}

#[tokio::test]
async fn tags_are_added_replaced_listed_and_removed() {
    let bench = Bench::new().await;
    let request = NewParameter {
        tags: pairs(&[("b", "1"), ("a", "2")]),
        ..new("/n", "String", "x")
    };
    bench.put(request).await.unwrap();
    assert_eq!(listed(&bench).await, "a=2 b=1");
    let more = AddTagsToResource::new("Parameter", "/n", pairs(&[("b", "3"), ("A", "")])).unwrap();
    bench.admin(more).await.unwrap();
    assert_eq!(listed(&bench).await, "A= a=2 b=3");
    let fewer = RemoveTagsFromResource::new("Parameter", "/n", vec!["b".to_owned(), "none".to_owned()]).unwrap();
    bench.admin(fewer).await.unwrap();
    bench.overwrite("/n", "y").await.unwrap();
    assert_eq!(listed(&bench).await, "A= a=2", "a new version keeps them");
}

#[tokio::test]
async fn tags_keep_to_the_rules() {
    let bench = Bench::new().await;
    bench.string("/n", "x").await;
    bench
        .admin(AddTagsToResource::new("Parameter", "/n", numbered(0..50)).unwrap())
        .await
        .unwrap();
    let full = "A parameter can have at most 50 tags. Remove one or more tags and try the command again.";
    let more = AddTagsToResource::new("Parameter", "/n", numbered(50..51)).unwrap();
    refused(bench.admin(more).await, Code::TooManyTags, full);
    refused(
        AddTagsToResource::new("Parameter", "/n", numbered(0..51)),
        Code::TooManyTags,
        full,
    );
    let add = |key: &str, value: &str| AddTagsToResource::new("Parameter", "/n", pairs(&[(key, value)]));
    let pattern = r"Member must satisfy regular expression pattern: ^([\p{L}\p{Z}\p{N}_.:/=+\-@]*)$";
    refused(
        add("a#", "x"),
        Code::Validation,
        &constraint("tags.member.key", pattern),
    );
    refused(
        add("a", "x\n"),
        Code::Validation,
        &constraint("tags.member.value", pattern),
    );
    let reserved = "Tag keys that start with aws: are reserved for AWS's own use.";
    refused(add("AWS:x", "x"), Code::Validation, reserved);
    let twice = AddTagsToResource::new("Parameter", "/n", pairs(&[("k", "1"), ("k", "2")]));
    refused(twice, Code::Validation, "The tag key k is given more than once.");
    let none = AddTagsToResource::new("Parameter", "/n", Vec::new());
    let message = constraint("tags", "Member must have length greater than or equal to 1");
    refused(none, Code::Validation, &message);
}

#[tokio::test]
async fn only_parameters_that_exist_have_tags() {
    let bench = Bench::new().await;
    let message = "The resource type Document isn't valid. This service has resources of the type Parameter.";
    refused(
        ListTagsForResource::new("Document", "x"),
        Code::InvalidResourceType,
        message,
    );
    let message = "The resource ID /none isn't valid. Verify that you entered the correct ID and try again.";
    let list = ListTagsForResource::new("Parameter", "/none").unwrap();
    refused(bench.admin(list).await, Code::InvalidResourceId, message);
    let message = "The resource ID no name isn't valid. Verify that you entered the correct ID and try again.";
    refused(
        ListTagsForResource::new("Parameter", "no name"),
        Code::InvalidResourceId,
        message,
    );
}
