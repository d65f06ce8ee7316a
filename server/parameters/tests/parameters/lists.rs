//! Lists: of a level, of all below it, by filters, in pages.

use strongroom_base::limits::PARAMETERS_EXAMINED_PER_PAGE_MAX;
use strongroom_base::{Code, paging};
use strongroom_parameters::WrittenFilter;
use strongroom_parameters::op::{DescribeParameters, GetParametersByPath, NewParameter, PathRequest};

use crate::bench::{Bench, advanced, constraint, new, refused, text_of};

fn filter(key: &str, option: &str, values: &[&str]) -> WrittenFilter {
    let option = (!option.is_empty()).then(|| option.to_owned());
    (
        key.to_owned(),
        option,
        values.iter().map(|value| (*value).to_owned()).collect(),
    )
}

fn below(path: &str, recursive: bool) -> PathRequest {
    PathRequest {
        path: path.to_owned(),
        recursive,
        with_decryption: true,
        ..PathRequest::default()
    }
}

async fn named(bench: &Bench, request: PathRequest) -> Vec<String> {
    let page = bench.admin(GetParametersByPath::new(request).unwrap()).await.unwrap();
    page.values.into_iter().map(|value| value.name).collect()
}

async fn described(bench: &Bench, filters: Vec<WrittenFilter>) -> Vec<String> {
    let page = bench
        .admin(DescribeParameters::new(filters, None, None).unwrap())
        .await
        .unwrap();
    let mut names = Vec::from_iter(page.parameters.into_iter().map(|parameter| parameter.name));
    names.sort();
    names
}

async fn tree() -> Bench {
    let bench = Bench::new().await;
    for name in [
        "/a/b/c",
        "/a/b/d",
        "/a/b",
        "/a/b-x/c",
        "/a/b.y",
        "/a/z",
        "/ab/c",
        "root",
        "/a/b/c/deep",
    ] {
        bench.string(name, name).await;
    }
    bench
}

#[tokio::test]
async fn a_level_is_listed_without_what_is_beside_or_below() {
    let bench = tree().await;
    assert_eq!(named(&bench, below("/a/b", false)).await, ["/a/b/c", "/a/b/d"]);
    assert_eq!(named(&bench, below("/a/b/", false)).await, ["/a/b/c", "/a/b/d"]);
    assert_eq!(named(&bench, below("/a", false)).await, ["/a/b", "/a/b.y", "/a/z"]);
    assert_eq!(named(&bench, below("/", false)).await, ["root"]);
    assert_eq!(
        named(&bench, below("/a/b", true)).await,
        ["/a/b/c/deep", "/a/b/c", "/a/b/d"]
    );
    assert_eq!(named(&bench, below("/none", true)).await, Vec::<String>::new());
    let mut all = named(&bench, below("/", true)).await;
    all.sort();
    assert_eq!(all.len(), 9);
}

#[tokio::test]
async fn pages_of_a_hierarchy_meet_without_gap_or_repetition() {
    let bench = tree().await;
    for limit in 1..=10 {
        let (mut token, mut seen) = (None, Vec::new());
        loop {
            let request = PathRequest {
                max_results: Some(limit),
                next_token: token,
                ..below("/", true)
            };
            let page = bench.admin(GetParametersByPath::new(request).unwrap()).await.unwrap();
            assert!(page.values.len() <= usize::try_from(limit).unwrap());
            seen.extend(page.values.iter().map(|value| text_of(&value.value)));
            token = page.next_token;
            if token.is_none() {
                break;
            }
        }
        seen.sort();
        seen.dedup();
        assert_eq!(seen.len(), 9, "{limit}");
    }
}

#[tokio::test]
async fn a_token_of_another_list_is_refused() {
    let bench = tree().await;
    let request = PathRequest {
        max_results: Some(1),
        ..below("/a", true)
    };
    let page = bench.admin(GetParametersByPath::new(request).unwrap()).await.unwrap();
    let elsewhere = PathRequest {
        next_token: page.next_token,
        ..below("/ab", true)
    };
    refused(
        GetParametersByPath::new(elsewhere),
        Code::InvalidPageToken,
        "The specified token isn't valid.",
    );
    let nonsense = DescribeParameters::new(Vec::new(), None, Some("nonsense"));
    refused(nonsense, Code::InvalidPageToken, "The specified token isn't valid.");
}

/// A token that somebody made up is refused like any other that is none, not a failure of the service.
#[tokio::test]
async fn a_forged_token_is_refused() {
    for id in [String::new(), "x".repeat(1_012), "a b".to_owned(), "\u{e4}".to_owned()] {
        let token = paging::encode("parameters", &("", &id)).unwrap();
        refused(
            DescribeParameters::new(Vec::new(), None, Some(&token)),
            Code::InvalidPageToken,
            "The specified token isn't valid.",
        );
    }
}

#[tokio::test]
async fn filters_choose() {
    let bench = tree().await;
    let tagged = NewParameter {
        tags: vec![("team".to_owned(), "red".to_owned())],
        ..new("/s/secret", "SecureString", "x")
    };
    bench.put(tagged).await.unwrap();
    bench.put(advanced("/s/list", "StringList", "a,b")).await.unwrap();
    for (filters, names) in [
        (vec![filter("Name", "", &["/a/b"])], vec!["/a/b"]),
        (vec![filter("Name", "Equals", &["root", "/a/z"])], vec!["/a/z", "root"]),
        (vec![filter("Name", "Equals", &["/root"])], vec!["root"]),
        (vec![filter("Name", "BeginsWith", &["/a/b."])], vec!["/a/b.y"]),
        (
            vec![filter("Name", "BeginsWith", &["/a/b/"])],
            vec!["/a/b/c", "/a/b/c/deep", "/a/b/d"],
        ),
        (vec![filter("Name", "Contains", &["deep"])], vec!["/a/b/c/deep"]),
        (
            vec![filter("Name", "BeginsWith", &["/a/b"]), filter("Path", "", &["/a"])],
            vec!["/a/b", "/a/b.y"],
        ),
        (
            vec![filter("Path", "", &["/s", "/ab"])],
            vec!["/ab/c", "/s/list", "/s/secret"],
        ),
        (
            vec![filter("Path", "Recursive", &["/a/b"])],
            vec!["/a/b/c", "/a/b/c/deep", "/a/b/d"],
        ),
        (vec![filter("Type", "", &["SecureString"])], vec!["/s/secret"]),
        (
            vec![filter("Type", "BeginsWith", &["Sec", "StringL"])],
            vec!["/s/list", "/s/secret"],
        ),
        (vec![filter("Tier", "", &["Advanced"])], vec!["/s/list"]),
        (vec![filter("KeyId", "", &["alias/aws/ssm"])], vec!["/s/secret"]),
        (vec![filter("tag:team", "", &["red", "blue"])], vec!["/s/secret"]),
        (vec![filter("tag:team", "BeginsWith", &["r"])], vec!["/s/secret"]),
        (vec![filter("tag:team", "", &[])], vec!["/s/secret"]),
        (vec![filter("tag:Team", "", &["red"])], vec![]),
        (
            vec![
                filter("DataType", "", &["text"]),
                filter("Path", "", &["/s"]),
                filter("Type", "", &["String"]),
            ],
            vec![],
        ),
    ] {
        assert_eq!(described(&bench, filters.clone()).await, names, "{filters:?}");
    }
}

#[tokio::test]
async fn filters_of_a_path_choose_by_type_key_and_label() {
    let bench = tree().await;
    bench.overwrite("/a/z", "new").await.unwrap();
    bench.label("/a/z", Some(1), &["stable"]).await.unwrap();
    bench.put(new("/a/key", "SecureString", "x")).await.unwrap();
    let with = |filters| PathRequest {
        filters,
        ..below("/a", false)
    };
    assert_eq!(
        named(&bench, with(vec![filter("Type", "", &["SecureString"])])).await,
        ["/a/key"]
    );
    assert_eq!(
        named(&bench, with(vec![filter("KeyId", "BeginsWith", &["alias/"])])).await,
        ["/a/key"]
    );
    let labelled = GetParametersByPath::new(with(vec![filter("Label", "", &["none", "stable"])])).unwrap();
    let page = bench.admin(labelled).await.unwrap();
    let rows = Vec::from_iter(
        page.values
            .iter()
            .map(|value| (value.name.as_str(), value.version, text_of(&value.value))),
    );
    assert_eq!(rows, [("/a/z", 1, "/a/z".to_owned())]);
}

#[tokio::test]
async fn filters_are_refused_in_awss_words() {
    let describe = |key: &str, option: &str, values: &[&str]| {
        DescribeParameters::new(vec![filter(key, option, values)], None, None).map(drop)
    };
    let by_path = |key: &str, option: &str, values: &[&str]| {
        let filters = vec![filter(key, option, values)];
        GetParametersByPath::new(PathRequest {
            filters,
            ..below("/a", false)
        })
        .map(drop)
    };
    let rule = "Member must satisfy regular expression pattern: ^(tag:.+|Name|Type|KeyId|Path|Label|Tier|DataType)$";
    for key in ["name", "tag:", ""] {
        let message = constraint("parameterFilters.member.key", rule);
        refused(describe(key, "", &["x"]), Code::Validation, &message);
    }
    let message = "The following filter key is not valid: Label. Valid filter keys include: [DataType, KeyId, Name, Path, \
                   Tier, Type, tag:]";
    refused(describe("Label", "", &["x"]), Code::InvalidFilterKey, message);
    for key in ["Name", "Path", "Tier", "DataType", "tag:x"] {
        let message =
            format!("The following filter key is not valid: {key}. Valid filter keys include: [KeyId, Label, Type]");
        refused(by_path(key, "", &["x"]), Code::InvalidFilterKey, &message);
    }
    for (key, option, valid) in [
        ("Type", "Contains", "Equals, BeginsWith"),
        ("Path", "Equals", "OneLevel, Recursive"),
        ("Name", "Recursive", "Equals, BeginsWith, Contains"),
        ("Tier", "equals", "Equals, BeginsWith"),
    ] {
        let message = format!("The following filter option is not valid: {option}. Valid options include: [{valid}]");
        refused(describe(key, option, &["String"]), Code::InvalidFilterOption, &message);
    }
    let message = "The following filter option is not valid: BeginsWith. Valid options include: [Equals]";
    refused(
        by_path("Label", "BeginsWith", &["x"]),
        Code::InvalidFilterOption,
        message,
    );
    let message =
        "The following filter value is not valid: Text. Valid values include: [String, StringList, SecureString]";
    refused(describe("Type", "", &["Text"]), Code::InvalidFilterValue, message);
    let message = "The following filter values are missing : null for filter key Name";
    refused(describe("Name", "", &[]), Code::InvalidFilterValue, message);
}

#[tokio::test]
async fn filters_and_pages_are_bounded() {
    let describe = |key: &str, option: &str, values: &[&str]| {
        DescribeParameters::new(vec![filter(key, option, values)], None, None).map(drop)
    };
    let twice = vec![filter("Type", "", &["String"]), filter("Type", "", &["StringList"])];
    let message = "The following filter key is duplicated in the request: Type. A request can contain only one instance of a \
                   specific filter.";
    refused(
        DescribeParameters::new(twice, None, None),
        Code::InvalidFilterKey,
        message,
    );
    let many = Vec::from_iter(std::iter::repeat_n("x", 51));
    let message = constraint(
        "parameterFilters.member.values",
        "Member must have length less than or equal to 50",
    );
    refused(describe("Name", "", &many), Code::Validation, &message);
    let long = "x".repeat(1_025);
    let message = constraint(
        "parameterFilters.member.values",
        "Member must have length less than or equal to 1024",
    );
    refused(describe("Name", "", &[&long]), Code::Validation, &message);
    let keys = Vec::from_iter((0..21).map(|number| filter(&format!("tag:{number}"), "", &[])));
    let message = constraint("parameterFilters", "Member must have length less than or equal to 20");
    refused(DescribeParameters::new(keys, None, None), Code::Validation, &message);
    let size = "1 validation error detected: Value '11' at 'maxResults' failed to satisfy constraint: Member must have value \
                less than or equal to 10";
    let request = PathRequest {
        max_results: Some(11),
        ..below("/", true)
    };
    refused(GetParametersByPath::new(request), Code::Validation, size);
    assert!(DescribeParameters::new(Vec::new(), Some(50), None).is_ok());
    assert_eq!(
        DescribeParameters::new(Vec::new(), Some(51), None)
            .err()
            .unwrap()
            .code(),
        Code::Validation
    );
}

/// A list of which filters choose nothing ends its page early, and the token goes on.
#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_parameters() {
    let bench = Bench::new().await;
    let count = PARAMETERS_EXAMINED_PER_PAGE_MAX + 300;
    for number in 0..count {
        bench.string(&format!("/many/{number:05}"), "x").await;
    }
    let filters = || vec![filter("Name", "Contains", &[&format!("{:05}", count - 1)])];
    let first = bench
        .admin(DescribeParameters::new(filters(), None, None).unwrap())
        .await
        .unwrap();
    assert!(first.parameters.is_empty());
    let token = first.next_token.unwrap();
    let second = bench
        .admin(DescribeParameters::new(filters(), None, Some(&token)).unwrap())
        .await
        .unwrap();
    assert_eq!((second.parameters.len(), second.next_token), (1, None));
}

/// Levels that are short each are together as long as one.
#[tokio::test]
async fn a_page_looks_at_a_bounded_number_of_parameters_of_all_levels() {
    let bench = Bench::new().await;
    let levels = 6;
    let each = PARAMETERS_EXAMINED_PER_PAGE_MAX / 5;
    for number in 0..levels * each {
        bench.string(&format!("/many{}/{number:05}", number / each), "x").await;
    }
    let last = format!("{:05}", levels * each - 1);
    let paths = Vec::from_iter((0..levels).map(|level| format!("/many{level}")));
    let paths = Vec::from_iter(paths.iter().map(String::as_str));
    let filters = || vec![filter("Path", "", &paths), filter("Name", "Contains", &[&last])];
    let describe = |token: Option<&str>| bench.admin(DescribeParameters::new(filters(), None, token).unwrap());
    let first = describe(None).await.unwrap();
    assert!(first.parameters.is_empty());
    let second = describe(first.next_token.as_deref()).await.unwrap();
    assert_eq!((second.parameters.len(), second.next_token), (1, None));
}
