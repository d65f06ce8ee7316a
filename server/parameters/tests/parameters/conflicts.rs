//! Two requests about one parameter at once: what is decided on is done to what was decided on, or not at all.

use std::sync::Arc;

use strongroom_base::Code;
use strongroom_parameters::op::{
    AddTagsToResource, DeleteParameter, DeleteParameters, PutParameter, UnlabelParameterVersion,
};

use crate::bench::{Bench, again, parameter_arn, principal, refused, scope, statement, statements};

const TOO_MANY: &str = "There are concurrent updates for a resource that supports one update at a time.";

fn tag(team: &str) -> AddTagsToResource {
    AddTagsToResource::new("Parameter", "n", vec![("team".to_owned(), team.to_owned())]).unwrap()
}

/// Tags say who may. What is decided on is not done once they say something else, and asked again it is refused.
#[tokio::test]
async fn what_the_old_tags_allowed_is_not_done_under_the_new_ones() {
    let condition = r#"{"StringEquals":{"ssm:resourceTag/team":"red"}}"#;
    let policy = statements(&[statement("Allow", "ssm:*", &parameter_arn("*"), condition)]);
    let bench = Arc::new(Bench::with(&[("red", policy)]).await);
    bench.string("n", "one").await;
    bench.admin(tag("red")).await.unwrap();
    let put = || PutParameter::new(again("n", "two"), &scope()).unwrap();
    let pause = bench.store.pause("parameter/");
    let slow = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.run(&principal("red"), put()).await }
    });
    pause.reached().await;
    bench.admin(tag("blue")).await.unwrap();
    pause.resume();
    refused(slow.await.unwrap(), Code::TooManyUpdates, TOO_MANY);
    let again = bench.run(&principal("red"), put()).await;
    assert_eq!(again.unwrap_err().code(), Code::AccessDenied);
    assert_eq!(bench.text("n").await, "one");
}

/// Labels have a record of their own, which goes by the tags of the parameter too.
#[tokio::test]
async fn labels_are_not_moved_by_what_the_old_tags_allowed() {
    let condition = r#"{"StringEquals":{"ssm:resourceTag/team":"red"}}"#;
    let policy = statements(&[statement("Allow", "ssm:*", &parameter_arn("*"), condition)]);
    let bench = Arc::new(Bench::with(&[("red", policy)]).await);
    bench.string("n", "one").await;
    bench.label("n", Some(1), &["stable"]).await.unwrap();
    bench.admin(tag("red")).await.unwrap();
    let pause = bench.store.pause("parameter-labels/");
    let slow = tokio::spawn({
        let bench = Arc::clone(&bench);
        let unlabel = UnlabelParameterVersion::new("n", 1, vec!["stable".to_owned()]).unwrap();
        async move { bench.run(&principal("red"), unlabel).await }
    });
    pause.reached().await;
    bench.admin(tag("blue")).await.unwrap();
    pause.resume();
    refused(slow.await.unwrap(), Code::TooManyUpdates, TOO_MANY);
    assert_eq!(bench.text("n:stable").await, "one");
}

/// A new version takes the permission from nobody.
#[tokio::test]
async fn a_put_that_was_overtaken_makes_the_version_after() {
    let bench = Arc::new(Bench::new().await);
    bench.string("n", "one").await;
    let pause = bench.store.pause("parameter/");
    let slow = tokio::spawn({
        let bench = Arc::clone(&bench);
        async move { bench.overwrite("n", "slow").await }
    });
    pause.reached().await;
    bench.overwrite("n", "fast").await.unwrap();
    pause.resume();
    assert_eq!(slow.await.unwrap().unwrap().version, 3);
    assert_eq!(bench.text("n:2").await, "fast");
    assert_eq!(bench.text("n").await, "slow");
}

#[tokio::test]
async fn of_two_deletions_at_once_one_finds_nothing() {
    let bench = Arc::new(Bench::new().await);
    for is_new_there in [false, true] {
        bench.string("/n", "one").await;
        let pause = bench.store.pause("parameter/");
        let slow = tokio::spawn({
            let bench = Arc::clone(&bench);
            async move { bench.admin(DeleteParameter::new("/n").unwrap()).await }
        });
        pause.reached().await;
        bench.admin(DeleteParameter::new("/n").unwrap()).await.unwrap();
        if is_new_there {
            bench.string("/n", "new").await;
        }
        pause.resume();
        refused(slow.await.unwrap(), Code::ParameterNotFound, "Parameter /n not found.");
    }
    assert_eq!(bench.text("/n").await, "new");
}

#[tokio::test]
async fn a_parameter_that_is_named_in_two_ways_is_deleted_once() {
    let bench = Bench::new().await;
    bench.string("/n", "one").await;
    let names = ["n", "/n", "none", "no name"].map(str::to_owned).to_vec();
    let answer = bench.admin(DeleteParameters::new(names).unwrap()).await.unwrap();
    assert_eq!(
        (answer.deleted, answer.invalid),
        (vec!["n".to_owned()], vec!["no name".to_owned(), "none".to_owned()])
    );
}
