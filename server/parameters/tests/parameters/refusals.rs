//! What PutParameter refuses, in code and text.

use strongroom_base::{Code, ParameterTier};
use strongroom_parameters::Value;
use strongroom_parameters::op::{DeleteParameters, GetParameter, GetParameters, NewParameter};

use crate::bench::{Bench, advanced, again, constraint, new, refused, scope};

const MALFORMED: &str = "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). If formed as a path, it \
                         can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, \
                         numbers and the following 3 symbols .-_";

#[tokio::test]
async fn names_keep_to_the_rules() {
    let bench = Bench::new().await;
    let put = |name: &str| bench.put(new(name, "String", "x"));
    for name in ["a b", "/a//b", "/a/", "/", "a:b", "ä", "/a/b!"] {
        refused(put(name).await, Code::Validation, MALFORMED);
    }
    refused(
        put("a/b").await,
        Code::Validation,
        "Parameter name must be a fully qualified name.",
    );
    let prefixed = "Parameter name: can't be prefixed with \"aws\" or \"ssm\" (case-insensitive).";
    for name in ["aws", "AWSthing", "/Aws-x", "ssm", "SSM.x"] {
        refused(put(name).await, Code::Validation, prefixed);
    }
    let path = "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can consist of \
                sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the \
                following 3 symbols .-_";
    refused(put("/ssm-x/y").await, Code::Validation, path);
    let reserved = "No access to reserved parameter name: /aws/service/x.";
    refused(put("/aws/service/x").await, Code::AccessDenied, reserved);
    put("/app/aws").await.unwrap();
    let deep = |levels: usize| format!("/{}", vec!["x"; levels].join("/"));
    put(&deep(15)).await.unwrap();
    let message = format!("A hierarchy can have a maximum of 15 levels, and {} has 16.", deep(16));
    refused(put(&deep(16)).await, Code::HierarchyLevelLimitExceeded, &message);
    let most = 1_011 - "arn:aws:ssm:local-1:000000000000:parameter/".len();
    put(&"x".repeat(most)).await.unwrap();
    let message = "The parameter's ARN would have 1012 characters. It can have 1011, which bounds the name.";
    refused(put(&"x".repeat(most + 1)).await, Code::Validation, message);
    let message = constraint("name", "Member must have length less than or equal to 2048");
    refused(put(&"x".repeat(2_049)).await, Code::Validation, &message);
    let message = constraint("name", "Member must have length greater than or equal to 1");
    refused(put("").await, Code::Validation, &message);
}

#[tokio::test]
async fn what_exists_is_overwritten_only_on_request_and_keeps_its_type() {
    let bench = Bench::new().await;
    refused(
        bench.put(again("n", "x")).await,
        Code::Validation,
        "A parameter type is required when you create a parameter.",
    );
    for kind in ["String", "StringList", "SecureString"] {
        bench.put(new(kind, kind, "x")).await.unwrap();
        let taken =
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.";
        refused(
            bench.put(new(kind, kind, "y")).await,
            Code::ParameterAlreadyExists,
            taken,
        );
        for other in ["String", "StringList", "SecureString"] {
            let request = NewParameter {
                kind: Some(other.to_owned()),
                ..again(kind, "y")
            };
            if other == kind {
                bench.put(request).await.unwrap();
                continue;
            }
            let message = format!(
                "Parameter Store doesn't support changing a parameter type in a hierarchy. You can't change a parameter \
                 from a {kind} type to a {other} type. You must create a new, unique parameter."
            );
            refused(bench.put(request).await, Code::HierarchyTypeMismatch, &message);
        }
    }
    let message = constraint(
        "type",
        "Member must satisfy enum value set: [SecureString, StringList, String]",
    );
    refused(bench.put(new("m", "Secret", "x")).await, Code::Validation, &message);
}

#[tokio::test]
async fn tiers_go_up_and_bound_the_value() {
    let bench = Bench::new().await;
    let standard = "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger \
                    parameter value, upgrade the parameter to use the advanced-parameter tier.";
    let long = "x".repeat(4_097);
    refused(bench.put(new("n", "String", &long)).await, Code::Validation, standard);
    refused(
        bench.put(new("n", "SecureString", &long)).await,
        Code::Validation,
        standard,
    );
    let longer = "x".repeat(8_193);
    let message = "Advanced tier parameters support a maximum parameter value of 8192 characters.";
    refused(
        bench.put(advanced("n", "String", &longer)).await,
        Code::Validation,
        message,
    );
    let tier = |tier: &str, request: NewParameter| NewParameter {
        tier: Some(tier.to_owned()),
        ..request
    };
    let put = bench
        .put(tier("Intelligent-Tiering", new("n", "String", "x")))
        .await
        .unwrap();
    assert_eq!(put.tier, ParameterTier::Standard);
    refused(bench.put(again("n", &long)).await, Code::Validation, standard);
    let put = bench.put(tier("Intelligent-Tiering", again("n", &long))).await.unwrap();
    assert_eq!((put.tier, put.version), (ParameterTier::Advanced, 2));
    assert_eq!(
        bench.overwrite("n", "short").await.unwrap().tier,
        ParameterTier::Advanced
    );
    let down = "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
                advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced \
                parameter and recreate it as a standard parameter. Be aware that standard parameters have a value limit \
                of 4096 characters.";
    refused(
        bench.put(tier("Standard", again("n", "x"))).await,
        Code::Validation,
        down,
    );
    let message = constraint(
        "tier",
        "Member must satisfy enum value set: [Standard, Advanced, Intelligent-Tiering]",
    );
    refused(
        bench.put(tier("Premium", again("n", "x"))).await,
        Code::Validation,
        &message,
    );
    // A secure one is encrypted anew in the way of its tier.
    bench.put(new("s", "SecureString", "one")).await.unwrap();
    bench.put(tier("Advanced", again("s", "two"))).await.unwrap();
    assert_eq!(
        (bench.text("s:1").await, bench.text("s").await),
        ("one".to_owned(), "two".to_owned())
    );
}

#[tokio::test]
async fn patterns_are_linear_in_time_and_hold() {
    let bench = Bench::new().await;
    let with = |pattern: &str, request: NewParameter| NewParameter {
        allowed_pattern: Some(pattern.to_owned()),
        ..request
    };
    let support = "It is not a regular expression that this service supports.";
    for (pattern, why) in [
        ("(", support),
        ("[a", support),
        (r"(a)\1", support),
        ("(?=a)b", support),
        ("(?<!a)b", support),
        (&"(".repeat(100), support),
        (r"\w{900}\w{900}", "It is too large."),
        ("[ab]{0,650}[c-z0-9]", "It is too large."),
    ] {
        let message = format!("The request doesn't meet the regular expression requirement: {pattern}. {why}");
        refused(
            bench.put(with(pattern, new("n", "String", "x"))).await,
            Code::InvalidAllowedPattern,
            &message,
        );
    }
    let message = constraint("allowedPattern", "Member must have length less than or equal to 1024");
    let long = "x".repeat(1_025);
    refused(
        bench.put(with(&long, new("n", "String", "x"))).await,
        Code::Validation,
        &message,
    );
    // What takes other engines longer than anybody waits.
    let evil = "^(a+)+$";
    let begun = std::time::Instant::now();
    let message = format!("Parameter value, cannot be validated against allowedPattern: {evil}");
    let text = format!("{}!", "a".repeat(4_000));
    refused(
        bench.put(with(evil, new("n", "String", &text))).await,
        Code::ParameterPatternMismatch,
        &message,
    );
    // The slowest that is not too large: at each place of the value, each of its hundreds of states is alive.
    let slow = "[ab]{0,550}[c-z0-9]";
    let message = format!("Parameter value, cannot be validated against allowedPattern: {slow}");
    refused(
        bench
            .put(with(slow, advanced("n", "String", &"ab".repeat(4_096))))
            .await,
        Code::ParameterPatternMismatch,
        &message,
    );
    assert!(begun.elapsed() < std::time::Duration::from_secs(20));
    for usual in [
        r"^[a-zA-Z0-9_.-]{1,128}$",
        r"\d{1,10}",
        r"^\w+$",
        r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$",
    ] {
        let fault = bench.put(with(usual, new("n", "String", "!"))).await.err().unwrap();
        assert_eq!(fault.code(), Code::ParameterPatternMismatch, "{usual}");
    }
}

#[tokio::test]
async fn a_pattern_holds_for_later_values_until_another_is_sent() {
    let bench = Bench::new().await;
    let with = |pattern: &str, request: NewParameter| NewParameter {
        allowed_pattern: Some(pattern.to_owned()),
        ..request
    };
    bench
        .put(with("^[0-9]+$", new("n", "SecureString", "12")))
        .await
        .unwrap();
    let message = "Parameter value, cannot be validated against allowedPattern: ^[0-9]+$";
    refused(
        bench.overwrite("n", "ab").await,
        Code::ParameterPatternMismatch,
        message,
    );
    bench.put(with("^[a-z]+$", again("n", "ab"))).await.unwrap();
    refused(
        bench.overwrite("n", "12").await.map(drop),
        Code::ParameterPatternMismatch,
        &message.replace("0-9", "a-z"),
    );
}

#[tokio::test]
async fn data_types_are_checked() {
    let bench = Bench::new().await;
    let with = |data_type: &str, request: NewParameter| NewParameter {
        data_type: Some(data_type.to_owned()),
        ..request
    };
    let message = "The parameter value isn't valid for the data type integer.";
    refused(
        bench.put(with("integer", new("n", "String", "1.5"))).await,
        Code::Validation,
        message,
    );
    bench
        .put(with("integer", new("n", "SecureString", "-15")))
        .await
        .unwrap();
    let message = "The parameter type StringList isn't supported with the data type integer.";
    refused(
        bench.put(with("integer", new("m", "StringList", "1"))).await,
        Code::UnsupportedParameterType,
        message,
    );
    let message = "Standard tier parameters don't support the data type json. Use the advanced-parameter tier.";
    refused(
        bench.put(with("json", new("m", "String", "{}"))).await,
        Code::Validation,
        message,
    );
    bench
        .put(with("json", advanced("m", "String", r#"{"a":[1]}"#)))
        .await
        .unwrap();
    let known = "text, aws:account:id, aws:region, boolean, integer, float, binary, hostname, email, ipv4-address, \
                 ipv6-address, url, json";
    for none in ["aws:ec2:image", "Integer", ""] {
        let message =
            format!("The following data type is not supported: {none}. Supported data types include: [{known}]");
        refused(
            bench.put(with(none, new("o", "String", "x"))).await,
            Code::Validation,
            &message,
        );
    }
}

#[tokio::test]
async fn fields_that_do_not_go_together_are_refused() {
    let bench = Bench::new().await;
    let keyed = NewParameter {
        key_id: Some("alias/x".to_owned()),
        ..new("n", "String", "x")
    };
    let message = "KeyId is required for SecureString type parameter only.";
    refused(bench.put(keyed).await, Code::Validation, message);
    let tagged = NewParameter {
        tags: vec![("k".to_owned(), "v".to_owned())],
        ..again("n", "x")
    };
    let message = "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please \
                   remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or \
                   RemoveTagsFromResource.";
    refused(bench.put(tagged).await, Code::Validation, message);
    let nested = "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.";
    for text in ["{{x}}", "a {{ssm:n}} b", "{{}}"] {
        refused(Value::new(text.to_owned()), Code::Validation, nested);
    }
    assert!(Value::new("}}{{".to_owned()).is_ok());
    let message = constraint("value", "Member must have length greater than or equal to 1");
    refused(Value::new(String::new()), Code::Validation, &message);
    let described = |length: usize| NewParameter {
        description: Some("ä".repeat(length)),
        ..new("n", "String", "x")
    };
    let message = constraint("description", "Member must have length less than or equal to 1024");
    refused(bench.put(described(1_025)).await, Code::Validation, &message);
    bench.put(described(1_024)).await.unwrap();
}

#[tokio::test]
async fn references_that_name_nothing() {
    let bench = Bench::new().await;
    let malformed = "The parameter ARN isn't valid. It must read arn:aws:ssm:REGION:ACCOUNT:parameter/NAME.";
    for arn in [
        "arn:aws:ssm:local-1",
        "arn:aws:ssm:local-1:000000000000:document/x",
        "arn:aws:s3:::x",
    ] {
        refused(GetParameter::new(arn, true, &scope()), Code::Validation, malformed);
    }
    let foreign = "arn:aws:ssm:local-1:111111111111:parameter/n:3";
    refused(
        bench.get(foreign).await,
        Code::ParameterNotFound,
        &format!("Parameter {foreign} not found."),
    );
    let message = "Parameter /aws/service/x not found.";
    refused(bench.get("/aws/service/x").await, Code::ParameterNotFound, message);
}

#[test]
fn ten_names_come_in_one_request() {
    let names = |count: usize| (0..count).map(|number| format!("/n/{number}")).collect::<Vec<_>>();
    assert!(GetParameters::new(names(10), true, &scope()).is_ok());
    assert!(DeleteParameters::new(names(10)).is_ok());
    let many = constraint("names", "Member must have length less than or equal to 10");
    refused(GetParameters::new(names(11), true, &scope()), Code::Validation, &many);
    refused(DeleteParameters::new(names(11)), Code::Validation, &many);
    let none = constraint("names", "Member must have length greater than or equal to 1");
    refused(GetParameters::new(Vec::new(), true, &scope()), Code::Validation, &none);
    refused(DeleteParameters::new(Vec::new()), Code::Validation, &none);
}
