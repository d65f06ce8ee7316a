//! A secret by its name, its ARN, and its ARN without the end.

use strongroom_base::Code;

use crate::bench::{Bench, NOT_FOUND, new_secret, refused, secret_arn, token};

#[tokio::test]
async fn a_secret_is_found_by_all_its_names() {
    let bench = Bench::new().await;
    let arn = bench.secret("app/database", "one").await.arn.to_string();
    for name in ["app/database", arn.as_str(), &secret_arn("app/database")] {
        assert_eq!(bench.read(name).await.unwrap(), "one", "{name}");
    }
    let misses = [
        "app",
        "app/database-",
        &secret_arn("app"),
        &secret_arn("app/database-AAAAAA"),
        &arn[..arn.len() - 1],
    ];
    for name in misses {
        refused(bench.read(name).await, Code::ResourceNotFound, NOT_FOUND);
    }
}

#[tokio::test]
async fn a_name_that_ends_like_a_suffix_is_found_too() {
    let bench = Bench::new().await;
    bench.secret("app-AbCdEf", "hyphenated").await;
    bench.secret("app", "plain").await;
    assert_eq!(bench.read("app-AbCdEf").await.unwrap(), "hyphenated");
    assert_eq!(bench.read(&secret_arn("app-AbCdEf")).await.unwrap(), "hyphenated");
    assert_eq!(bench.read(&secret_arn("app")).await.unwrap(), "plain");
}

#[tokio::test]
async fn names_keep_to_their_characters_and_length() {
    let bench = Bench::new().await;
    let longest = "x".repeat(512);
    for name in ["a", "AZaz09/_+=.@-!", &longest] {
        bench.create(new_secret(name, Some((token(1), "value")))).await.unwrap();
        assert_eq!(bench.read(name).await.unwrap(), "value");
    }
    let characters =
        "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!";
    for name in ["a b", "a*", "a?", "a:b", "ä", "a\n"] {
        refused(bench.create(new_secret(name, None)).await, Code::Validation, characters);
    }
    let length = |rule| crate::bench::constraint("name", rule);
    let short = length("Member must have length greater than or equal to 1");
    refused(bench.create(new_secret("", None)).await, Code::Validation, &short);
    let long = length("Member must have length less than or equal to 512");
    refused(
        bench.create(new_secret(&"x".repeat(513), None)).await,
        Code::Validation,
        &long,
    );
}
