//! Values and versions: what is put is got, by name, ARN, number and label, in every type and tier.

use strongroom_base::{Code, ParameterTier, ParameterType};
use strongroom_parameters::Shown;
use strongroom_parameters::op::{
    DeleteParameter, DeleteParameters, GetParameter, GetParameterHistory, GetParameters, NewParameter, PutVersion,
};

use crate::bench::{Bench, advanced, again, new, parameter_arn, refused, scope, text_of};

fn version(version: u64) -> PutVersion {
    PutVersion {
        version,
        tier: ParameterTier::Standard,
    }
}

#[tokio::test]
async fn every_type_and_tier_gives_back_what_was_put() {
    let bench = Bench::new().await;
    for (number, (kind, tier)) in ["String", "StringList", "SecureString"]
        .into_iter()
        .flat_map(|kind| ["Standard", "Advanced"].map(|tier| (kind, tier)))
        .enumerate()
    {
        let name = format!("/app/{number}");
        let length = if tier == "Advanced" { 8_192 } else { 4_096 };
        let text = "ä".repeat(length / 2);
        let request = NewParameter {
            tier: Some(tier.to_owned()),
            ..new(&name, kind, &text)
        };
        let put = bench.put(request).await.unwrap();
        assert_eq!((put.version, put.tier.as_str()), (1, tier), "{kind}");
        let got = bench.get(&name).await.unwrap();
        assert_eq!(text_of(&got.value), text, "{kind} {tier}");
        assert_eq!((got.kind.as_str(), got.version, got.selector), (kind, 1, None));
        assert_eq!(got.arn.as_str(), parameter_arn(&format!("app/{number}")));
        assert_eq!(matches!(got.value, Shown::Secret(_)), kind == "SecureString");
    }
}

#[tokio::test]
async fn without_decryption_a_secure_value_comes_encrypted() {
    let bench = Bench::new().await;
    bench.put(new("standard", "SecureString", "the secret")).await.unwrap();
    bench
        .put(advanced("advanced", "SecureString", "the secret"))
        .await
        .unwrap();
    for name in ["standard", "advanced"] {
        let got = bench
            .admin(GetParameter::new(name, false, &scope()).unwrap())
            .await
            .unwrap();
        let Shown::Plain(text) = &got.value else {
            panic!("decrypted")
        };
        let bytes = data_encoding::BASE64.decode(text.as_bytes()).unwrap();
        assert!(
            bytes.len() > 60 && !bytes.windows(10).any(|part| part == b"the secret"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn each_put_makes_the_next_version_and_all_can_be_read() {
    let bench = Bench::new().await;
    assert_eq!(bench.string("/app/mode", "one").await, version(1));
    assert_eq!(bench.overwrite("/app/mode", "two").await.unwrap(), version(2));
    assert_eq!(bench.overwrite("/app/mode", "three").await.unwrap(), version(3));
    assert_eq!(
        bench.label("/app/mode", Some(2), &["stable"]).await.unwrap(),
        Vec::<String>::new()
    );
    let arn = parameter_arn("app/mode");
    for (name, text, selector) in [
        ("/app/mode", "three", None),
        (" /app/mode ", "three", None),
        ("/app/mode:1", "one", Some(":1")),
        ("/app/mode:stable", "two", Some(":stable")),
        (&arn, "three", None),
        (&format!("{arn}:1"), "one", Some(":1")),
        (&format!("{arn}:stable"), "two", Some(":stable")),
    ] {
        let got = bench.get(name).await.unwrap();
        assert_eq!(
            (text_of(&got.value).as_str(), got.selector.as_deref()),
            (text, selector),
            "{name}"
        );
        assert_eq!(got.name, "/app/mode");
    }
    let missing = "Systems Manager could not find version 4 of /app/mode. Verify the version and try again.";
    refused(bench.get("/app/mode:4").await, Code::ParameterVersionNotFound, missing);
    let missing =
        "Systems Manager could not find label nightly for parameter /app/mode. Verify the label and try again.";
    refused(
        bench.get("/app/mode:nightly").await,
        Code::ParameterVersionNotFound,
        missing,
    );
    let colon = "The parameter /app/mode: isn't valid. A version or a label must follow the colon.";
    refused(bench.get("/app/mode:").await, Code::Validation, colon);
}

#[tokio::test]
async fn a_name_alone_is_the_same_with_and_without_a_slash() {
    let bench = Bench::new().await;
    bench.string("mode", "one").await;
    assert_eq!(bench.get("/mode").await.unwrap().name, "mode");
    assert_eq!(bench.text("mode").await, "one");
    let taken =
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
    refused(
        bench.put(new("/mode", "String", "two")).await,
        Code::ParameterAlreadyExists,
        taken,
    );
    assert_eq!(bench.overwrite("/mode", "two").await.unwrap(), version(2));
    assert_eq!(bench.get("mode").await.unwrap().name, "mode", "as it was made");
}

#[tokio::test]
async fn what_a_put_does_not_say_stays_but_for_the_key() {
    let bench = Bench::new().await;
    let request = NewParameter {
        description: Some("words".to_owned()),
        allowed_pattern: Some("^[0-9]+$".to_owned()),
        data_type: Some("integer".to_owned()),
        ..new("n", "String", "1")
    };
    bench.put(request).await.unwrap();
    bench.overwrite("n", "2").await.unwrap();
    let emptied = NewParameter {
        description: Some(String::new()),
        allowed_pattern: Some(String::new()),
        ..again("n", "3")
    };
    bench.put(emptied).await.unwrap();
    let history = bench
        .admin(GetParameterHistory::new("n", true, None, None, &scope()).unwrap())
        .await
        .unwrap();
    let rows = Vec::from_iter(history.versions.iter().map(|row| {
        let (description, pattern) = (row.description.as_deref(), row.allowed_pattern.as_deref());
        (
            row.version,
            text_of(&row.value),
            description,
            pattern,
            row.data_type.as_str(),
        )
    }));
    assert_eq!(
        rows,
        [
            (1, "1".to_owned(), Some("words"), Some("^[0-9]+$"), "integer"),
            (2, "2".to_owned(), Some("words"), Some("^[0-9]+$"), "integer"),
            (3, "3".to_owned(), None, None, "integer"),
        ]
    );
    assert_eq!(history.versions[0].kind, ParameterType::String);
    assert_eq!(
        history.versions[0].modified_by.as_str(),
        "arn:aws:iam::000000000000:user/administrator"
    );
}

#[tokio::test]
async fn history_comes_in_pages() {
    let bench = Bench::new().await;
    bench.string("n", "1").await;
    for number in 2..=5 {
        bench.overwrite("n", &number.to_string()).await.unwrap();
    }
    let (mut token, mut seen) = (None, Vec::new());
    loop {
        let request = GetParameterHistory::new("n", false, Some(2), token, &scope()).unwrap();
        let page = bench.admin(request).await.unwrap();
        seen.push(Vec::from_iter(page.versions.iter().map(|row| row.version)));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    assert_eq!(seen, [vec![1, 2], vec![3, 4], vec![5]]);
    let foreign = GetParameterHistory::new("n", false, None, Some("AAAA".to_owned()), &scope()).unwrap();
    refused(
        bench.admin(foreign).await,
        Code::InvalidPageToken,
        "The specified token isn't valid.",
    );
}

#[tokio::test]
async fn several_are_read_in_order_and_what_is_not_there_is_named() {
    let bench = Bench::new().await;
    bench.string("/b", "2").await;
    bench.put(new("/a", "SecureString", "1")).await.unwrap();
    let names = ["/b", "/z", "/a", "/b", "/a:7", "not a name", "/b:1"]
        .map(str::to_owned)
        .to_vec();
    let many = bench
        .admin(GetParameters::new(names, true, &scope()).unwrap())
        .await
        .unwrap();
    let values = Vec::from_iter(
        many.values
            .iter()
            .map(|got| (got.name.as_str(), got.selector.as_deref(), text_of(&got.value))),
    );
    assert_eq!(
        values,
        [
            ("/a", None, "1".to_owned()),
            ("/b", None, "2".to_owned()),
            ("/b", Some(":1"), "2".to_owned()),
        ]
    );
    assert_eq!(many.invalid, ["/a:7", "/z", "not a name"]);
}

#[tokio::test]
async fn a_deleted_parameter_leaves_nothing_and_its_name_is_free() {
    let bench = Bench::new().await;
    bench.string("/app/mode", "one").await;
    bench.overwrite("/app/mode", "two").await.unwrap();
    bench.label("/app/mode", None, &["stable"]).await.unwrap();
    bench.admin(DeleteParameter::new("/app/mode").unwrap()).await.unwrap();
    for kind in ["parameter", "parameter-version", "parameter-labels", "parameter-due"] {
        assert_eq!(bench.stored(kind), Vec::<String>::new(), "{kind}");
    }
    let gone = "Parameter /app/mode not found.";
    refused(bench.get("/app/mode").await, Code::ParameterNotFound, gone);
    let again = DeleteParameter::new("/app/mode").unwrap();
    refused(bench.admin(again).await, Code::ParameterNotFound, gone);
    assert_eq!(bench.string("/app/mode", "new").await, version(1));
    let names = ["/app/mode", "/app/none", "no name!"].map(str::to_owned).to_vec();
    let deleted = bench.admin(DeleteParameters::new(names).unwrap()).await.unwrap();
    assert_eq!(
        (deleted.deleted, deleted.invalid),
        (
            vec!["/app/mode".to_owned()],
            vec!["/app/none".to_owned(), "no name!".to_owned()]
        )
    );
}

#[tokio::test]
async fn a_new_version_writes_two_records_whatever_there_is() {
    let bench = Bench::new().await;
    bench.string("n", "1").await;
    for number in 2..=30 {
        bench.overwrite("n", &number.to_string()).await.unwrap();
    }
    bench.label("n", Some(1), &["first"]).await.unwrap();
    let before = bench.disk.tamper(|values| values.clone());
    bench.overwrite("n", "31").await.unwrap();
    let after = bench.disk.tamper(|values| values.clone());
    let changed = Vec::from_iter(after.iter().filter(|(key, value)| before.get(*key) != Some(*value)));
    assert_eq!(
        changed.len(),
        2,
        "{:?}",
        changed.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>()
    );
}

#[tokio::test]
async fn versions_that_are_put_at_once_all_come_after_each_other() {
    let bench = Bench::new().await;
    bench.string("n", "1").await;
    let put = |text: &'static str| bench.overwrite("n", text);
    let (one, two, three) = tokio::join!(put("a"), put("b"), put("c"));
    let mut versions = [one, two, three].map(|put| put.unwrap().version);
    versions.sort_unstable();
    assert_eq!(versions, [2, 3, 4]);
    let (one, two) = tokio::join!(bench.put(new("m", "String", "a")), bench.put(new("m", "String", "b")));
    let taken =
        "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
    assert!(one.is_ok() != two.is_ok());
    refused(one.and(two), Code::ParameterAlreadyExists, taken);
}

#[tokio::test]
async fn what_is_not_there_is_reported_as_it_was_asked_for() {
    let bench = Bench::new().await;
    let arn = parameter_arn("app/none");
    let names = [" /none ", "/none", "/none", &arn, "bad name", "bad name"].map(str::to_owned);
    let request = GetParameters::new(names.to_vec(), true, &scope()).unwrap();
    let invalid = bench.admin(request).await.unwrap().invalid;
    assert_eq!(invalid, [" /none ", "/none", arn.as_str(), "bad name"]);
}
