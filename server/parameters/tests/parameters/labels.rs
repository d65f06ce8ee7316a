//! Labels: on one version each, ten on a version, and the oldest version stays while it has one.

use strongroom_base::Code;
use strongroom_parameters::op::UnlabelParameterVersion;

use crate::bench::{Bench, constraint, refused};

#[tokio::test]
async fn a_label_moves_and_what_is_none_is_reported() {
    let bench = Bench::new().await;
    bench.string("n", "one").await;
    bench.overwrite("n", "two").await.unwrap();
    let odd = ["stable", "1st", "AWS-x", "ssm.x", "with space", "a/b", "x.y_z-1"];
    let invalid = bench.label("n", Some(1), &odd).await.unwrap();
    assert_eq!(invalid, ["1st", "AWS-x", "ssm.x", "with space", "a/b"]);
    assert_eq!(bench.text("n:stable").await, "one");
    bench.label("n", None, &["stable"]).await.unwrap();
    assert_eq!(bench.text("n:stable").await, "two");
    assert_eq!(bench.text("n:x.y_z-1").await, "one");
    let missing = "Systems Manager could not find version 3 of n. Verify the version and try again.";
    refused(
        bench.label("n", Some(3), &["x"]).await,
        Code::ParameterVersionNotFound,
        missing,
    );
    let negative = "Systems Manager could not find version 0 of n. Verify the version and try again.";
    refused(
        bench.label("n", Some(-1), &["x"]).await,
        Code::ParameterVersionNotFound,
        negative,
    );
    refused(
        bench.label("m", None, &["x"]).await,
        Code::ParameterNotFound,
        "Parameter m not found.",
    );
}

#[tokio::test]
async fn labels_are_taken_off_the_version_that_has_them() {
    let bench = Bench::new().await;
    bench.string("n", "one").await;
    bench.overwrite("n", "two").await.unwrap();
    bench.label("n", Some(1), &["old", "kept"]).await.unwrap();
    bench.label("n", Some(2), &["new"]).await.unwrap();
    let labels = ["old", "new", "1st"].map(str::to_owned).to_vec();
    let off = bench
        .admin(UnlabelParameterVersion::new("n", 1, labels).unwrap())
        .await
        .unwrap();
    assert_eq!(
        (off.removed, off.invalid),
        (vec!["old".to_owned()], vec!["new".to_owned(), "1st".to_owned()])
    );
    assert_eq!(bench.text("n:new").await, "two");
    assert_eq!(bench.text("n:kept").await, "one");
    assert_eq!(
        bench.get("n:old").await.err().unwrap().code(),
        Code::ParameterVersionNotFound
    );
}

#[tokio::test]
async fn a_version_has_ten_labels_at_most() {
    let bench = Bench::new().await;
    bench.string("n", "one").await;
    let ten = Vec::from_iter((0..10).map(|number| format!("label-{number}")));
    let ten = Vec::from_iter(ten.iter().map(String::as_str));
    bench.label("n", None, &ten).await.unwrap();
    bench.label("n", None, &ten).await.unwrap();
    let full =
        "A parameter version can have maximum 10 labels. Move one or more labels to another version and try again.";
    refused(
        bench.label("n", None, &["more"]).await,
        Code::ParameterVersionLabelLimitExceeded,
        full,
    );
    let many = Vec::from_iter(std::iter::repeat_n("x", 11));
    let message = constraint("labels", "Member must have length less than or equal to 10");
    refused(bench.label("n", None, &many).await, Code::Validation, &message);
    let message = constraint("labels", "Member must have length greater than or equal to 1");
    refused(bench.label("n", None, &[]).await, Code::Validation, &message);
    let message = constraint("labels.member", "Member must have length less than or equal to 100");
    refused(
        bench.label("n", None, &[&"x".repeat(101)]).await,
        Code::Validation,
        &message,
    );
    assert_eq!(
        bench.label("n", None, &["label-0"]).await.unwrap(),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_hundred_versions_are_kept_and_a_labelled_one_does_not_go() {
    let bench = Bench::new().await;
    bench.string("n", "1").await;
    for number in 2..=101 {
        bench.overwrite("n", &number.to_string()).await.unwrap();
    }
    assert_eq!(bench.stored("parameter-version").len(), 100);
    assert_eq!(
        bench.get("n:1").await.err().unwrap().code(),
        Code::ParameterVersionNotFound
    );
    assert_eq!(bench.text("n:2").await, "2");
    bench.label("n", Some(2), &["kept"]).await.unwrap();
    let message = "You attempted to create a new version of n by calling the PutParameter API with the overwrite flag. \
                   Version 2, the oldest version, can't be deleted because it has a label associated with it. Move the \
                   label to another version of the parameter, and try again.";
    refused(
        bench.overwrite("n", "102").await,
        Code::ParameterMaxVersionLimitExceeded,
        message,
    );
    bench.label("n", Some(3), &["kept"]).await.unwrap();
    assert_eq!(bench.overwrite("n", "102").await.unwrap().version, 102);
    assert_eq!(bench.text("n:kept").await, "3");
    assert_eq!(bench.stored("parameter-version").len(), 100);
}
