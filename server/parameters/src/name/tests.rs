use super::*;

fn scope() -> Scope {
    Scope::new("aws", "local-1", "000000000000").unwrap()
}

#[test]
fn a_name_makes_an_arn_and_an_id() {
    for (name, arn, id) in [
        ("n", "parameter/n", ":n"),
        ("/n", "parameter/n", ":n"),
        ("/a/b", "parameter/a/b", "/a:b"),
        ("/a/b/c", "parameter/a/b/c", "/a/b:c"),
    ] {
        let parsed = ParameterName::parse(name, &scope()).unwrap();
        assert_eq!(parsed.arn(&scope()).resource(), arn);
        assert_eq!((parsed.as_str(), parsed.id().as_str()), (name, id));
    }
}

#[test]
fn a_path_chooses_its_level_and_what_is_below() {
    for (path, arn, level, below) in [
        ("/", "parameter/", ":", "/"),
        ("/a", "parameter/a", "/a:", "/a/"),
        ("/a/b/", "parameter/a/b", "/a/b:", "/a/b/"),
    ] {
        let parsed = ParameterPath::parse(path).unwrap();
        assert_eq!(parsed.arn(&scope()).resource(), arn);
        assert_eq!((parsed.level().as_str(), parsed.below().as_str()), (level, below));
    }
    for none in ["a", "a/b", "/a//b", "/aws", "/SSM/x", "/a b", "//"] {
        assert!(ParameterPath::parse(none).is_err(), "{none}");
    }
    assert!(ParameterPath::parse(&"/x".repeat(14)).is_ok());
    assert!(
        ParameterPath::parse(&"/x".repeat(15)).is_err(),
        "nothing can be below it"
    );
}
