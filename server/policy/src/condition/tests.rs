mod refusals;
mod table;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::condition_key::{ConditionKey, Count, KeyName};
use crate::decide::decide;
use crate::document::PolicyDocument;
use crate::testing::{Asked, pairs, text, texts};
use crate::value::Values;

fn document(condition: &str) -> String {
    format!(
        "{{\"Version\":\"2012-10-17\",\"Statement\":{{\"Effect\":\"Allow\",\"Action\":\"*\",\"Resource\":\"*\",\n\
         \"Condition\":{condition}}}}}"
    )
}

fn holds(condition: &str, asked: &Asked) -> bool {
    let documents = [PolicyDocument::parse(&document(condition)).unwrap()];
    decide(&documents, None, asked).is_allowed()
}

/// Whether a Deny with the condition, beside an Allow of everything, denies.
fn denies(condition: &str, asked: &Asked) -> bool {
    let deny = document(condition).replace("Allow", "Deny");
    let documents = [document(r#"{"Null":{"aws:TokenIssueTime":true}}"#), deny];
    let documents = documents.map(|text| PolicyDocument::parse(&text).unwrap());
    !decide(&documents, None, asked).is_allowed()
}

fn asked() -> Asked {
    Asked::new("kms:Decrypt", "*")
}

/// Every operator, with and without its qualifiers, on an absent key, one value, and several. Several of a key that has
/// one: all must pass in an Allow, one in a Deny.
#[test]
fn the_truth_table_of_every_operator() {
    for (operator, name, values, same, other, negated) in table::rows() {
        let both = Values::Many([same.as_slice(), other.as_slice()].concat());
        let none = Values::Many(Vec::new());
        // Columns: absent, no values, one that compares, one that does not, both.
        let table = [
            ("", "", [negated, negated, !negated, negated, !negated]),
            ("", "IfExists", [true, true, !negated, negated, !negated]),
            ("ForAllValues:", "", [true, true, !negated, negated, false]),
            ("ForAllValues:", "IfExists", [true, true, !negated, negated, false]),
            ("ForAnyValue:", "", [false, false, !negated, negated, true]),
            ("ForAnyValue:", "IfExists", [true, true, !negated, negated, true]),
        ];
        for (before, behind, expected) in table {
            let condition = format!(r#"{{"{before}{operator}{behind}":{{"{}":{values}}}}}"#, name.as_str());
            // Everything compares with "*".
            if values == r#""*""# {
                continue;
            }
            let columns = [Values::Absent, none.clone(), same.clone(), other.clone(), both.clone()];
            for (column, expected) in columns.into_iter().zip(expected) {
                let asked = asked().with(name, "", column.clone());
                let (allows, denied) = match (name.count(), &column) {
                    (Count::One, column) if *column == both => (false, true),
                    _ => (expected, expected),
                };
                assert_eq!(holds(&condition, &asked), allows, "Allow {condition} on {column:?}");
                assert_eq!(denies(&condition, &asked), denied, "Deny {condition} on {column:?}");
            }
        }
    }
}

#[test]
fn null_asks_whether_there_is_a_value() {
    let there = asked().with(KeyName::UserAgent, "", text(""));
    let empty = asked().with(KeyName::TagKeys, "", texts(&[]));
    for (condition, expected) in [
        (r#"{"Null":{"aws:UserAgent":"true"}}"#, [true, false, true]),
        (r#"{"Null":{"aws:UserAgent":false}}"#, [false, true, false]),
        (r#"{"Null":{"aws:UserAgent":[true,"false"]}}"#, [true, true, true]),
        (r#"{"Null":{"aws:TagKeys":true}}"#, [true, true, true]),
        (r#"{"Null":{"aws:TagKeys":false}}"#, [false, false, false]),
    ] {
        for (asked, expected) in [&asked(), &there, &empty].into_iter().zip(expected) {
            assert_eq!(holds(condition, asked), expected, "{condition}");
        }
    }
}

#[test]
fn all_operators_and_keys_must_hold_and_one_value_is_enough() {
    let condition = r#"{
        "StringEquals": {"aws:UserAgent": ["a", "b"], "aws:RequestedRegion": "r"},
        "Bool": {"aws:SecureTransport": "true"}
    }"#;
    let with = |agent, region, encrypted: bool| {
        asked()
            .with(KeyName::UserAgent, "", text(agent))
            .with(KeyName::RequestedRegion, "", text(region))
            .with(KeyName::SecureTransport, "", Values::one(encrypted))
    };
    assert!(holds(condition, &with("a", "r", true)));
    assert!(holds(condition, &with("b", "r", true)));
    assert!(!holds(condition, &with("c", "r", true)));
    assert!(!holds(condition, &with("a", "s", true)));
    assert!(!holds(condition, &with("a", "r", false)));
}

#[test]
fn keys_ignore_case_and_values_do_not() {
    let tagged = asked().with(KeyName::ResourceTag, "Team", text("Red"));
    assert!(holds(r#"{"StringEquals":{"AWS:resourcetag/TEAM":"Red"}}"#, &tagged));
    assert!(!holds(r#"{"StringEquals":{"aws:ResourceTag/Team":"red"}}"#, &tagged));
    assert!(!holds(r#"{"StringEquals":{"aws:ResourceTag/Teams":"Red"}}"#, &tagged));
}

#[test]
fn the_encryption_context_is_asked_by_key() {
    let asked = Asked {
        context: Some(pairs(&[("Dept", "hr"), ("dept", "it"), ("Unit", "x")])),
        ..asked()
    };
    assert!(holds(r#"{"StringEquals":{"kms:EncryptionContext:UNIT":"x"}}"#, &asked));
    // Two keys that a condition key cannot tell apart are two values, all of which must pass.
    assert!(!holds(
        r#"{"StringEquals":{"kms:EncryptionContext:Dept":"it"}}"#,
        &asked
    ));
    assert!(holds(
        r#"{"StringEquals":{"kms:EncryptionContext:Dept":["hr","it"]}}"#,
        &asked
    ));
    assert!(!holds(
        r#"{"StringNotEquals":{"kms:EncryptionContext:Dept":"it"}}"#,
        &asked
    ));
    assert!(!holds(
        r#"{"ForAllValues:StringEquals":{"kms:EncryptionContext:Dept":"it"}}"#,
        &asked
    ));
    let keys = |values: &str| format!(r#"{{"ForAllValues:StringEquals":{{"kms:EncryptionContextKeys":{values}}}}}"#);
    assert!(holds(&keys(r#"["Dept","dept","Unit"]"#), &asked));
    assert!(
        !holds(&keys(r#"["Dept","Unit"]"#), &asked),
        "the keys themselves have their case"
    );
    let empty = Asked {
        context: Some(pairs(&[])),
        ..Asked::new("kms:Decrypt", "*")
    };
    assert!(holds(r#"{"Null":{"kms:EncryptionContextKeys":"true"}}"#, &empty));
}

/// A second name that differs by case alone must neither get around a Deny nor bring an Allow.
#[test]
fn names_that_differ_by_case_alone_gain_nothing() {
    // Of [red], [blue], [red, blue] and [red, green], for a condition that names blue: Allow, Deny.
    let table = [
        ("StringEquals", [false, true, false, false], [false, true, true, false]),
        (
            "StringEqualsIfExists",
            [false, true, false, false],
            [false, true, true, false],
        ),
        ("StringLike", [false, true, false, false], [false, true, true, false]),
        (
            "ForAnyValue:StringEquals",
            [false, true, false, false],
            [false, true, true, false],
        ),
        (
            "ForAllValues:StringEquals",
            [false, true, false, false],
            [false, true, true, false],
        ),
        ("StringNotEquals", [true, false, false, true], [true, false, true, true]),
        (
            "StringNotEqualsIfExists",
            [true, false, false, true],
            [true, false, true, true],
        ),
        ("StringNotLike", [true, false, false, true], [true, false, true, true]),
        (
            "ForAnyValue:StringNotEquals",
            [true, false, false, true],
            [true, false, true, true],
        ),
        (
            "ForAllValues:StringNotEquals",
            [true, false, false, true],
            [true, false, true, true],
        ),
    ];
    let requests: [&[(&str, &str)]; 4] = [
        &[("team", "red")],
        &[("team", "blue")],
        &[("team", "red"), ("Team", "blue")],
        &[("TEAM", "green"), ("team", "red")],
    ];
    for (operator, allowed, denied) in table {
        for ((request, allowed), denied) in requests.into_iter().zip(allowed).zip(denied) {
            let of_context = Asked {
                context: Some(pairs(request)),
                ..asked()
            };
            let picked = ConditionKey::new(KeyName::RequestTag, "team").pick(request.iter().copied());
            let of_tags = asked().with(KeyName::RequestTag, "team", picked);
            for (key, asked) in [
                ("kms:EncryptionContext:team", of_context),
                ("aws:RequestTag/team", of_tags),
            ] {
                let condition = format!(r#"{{"{operator}":{{"{key}":"blue"}}}}"#);
                assert_eq!(holds(&condition, &asked), allowed, "Allow {condition} on {request:?}");
                assert_eq!(denies(&condition, &asked), denied, "Deny {condition} on {request:?}");
            }
        }
    }
}

/// What nobody asks for must cost nothing.
#[test]
fn only_what_policies_ask_for_is_answered() {
    let asked = asked();
    assert!(holds(r#"{"Null":{"aws:TagKeys":true}}"#, &asked));
    let names: Vec<_> = asked.asked.borrow().iter().map(ConditionKey::name).collect();
    assert_eq!(names, [Some(KeyName::TagKeys)]);
}

#[test]
fn variables_stand_for_what_the_request_answers() {
    let asked = asked()
        .with(KeyName::Username, "", text("a*a"))
        .with(KeyName::ResourceTag, "owner", text("a*a"));
    let owner = |operator: &str, value: &str| {
        holds(
            &format!(r#"{{"{operator}":{{"aws:ResourceTag/owner":"{value}"}}}}"#),
            &asked,
        )
    };
    assert!(owner("StringEquals", "${aws:username}"));
    assert!(owner("StringLike", "?${*}?"));
    assert!(
        !owner("StringEquals", "${aws:userid}"),
        "a variable without value is like nothing"
    );
    assert!(owner("StringNotEquals", "${aws:userid}"));
    assert!(owner("StringEquals", "${aws:userid, 'a*a'}"));
    assert!(owner("StringEquals", "${aws:Username}"));
}

#[test]
fn values_of_foreign_keys_and_tags_are_read_as_the_operator_wants() {
    let asked = asked().with(KeyName::RequestTag, "size", text("12"));
    assert!(holds(
        r#"{"NumericGreaterThan":{"aws:RequestTag/size":"11.5"}}"#,
        &asked
    ));
    assert!(!holds(r#"{"Bool":{"aws:RequestTag/size":"true"}}"#, &asked));
    assert!(!holds(r#"{"IpAddress":{"aws:RequestTag/size":"0.0.0.0/0"}}"#, &asked));
    assert!(holds(r#"{"NotIpAddress":{"aws:RequestTag/size":"0.0.0.0/0"}}"#, &asked));
    assert!(
        !holds(r#"{"StringEquals":{"s3:prefix":"a"}}"#, &asked),
        "no request of ours has it"
    );
    assert!(holds(r#"{"StringNotEquals":{"s3:prefix":"a"}}"#, &asked));
}

fn any_agents() -> impl Strategy<Value = Vec<&'static str>> {
    subsequence(vec!["a", "b", "c", "d"], 0..=4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// An operator and its opposite never agree on one value, and ForAll and ForAny are each other's shadow.
    #[test]
    fn opposites_disagree(values in any_agents(), named in subsequence(vec!["a", "b", "c"], 1..=3)) {
        let asked = || asked().with(KeyName::TagKeys, "", texts(&values));
        let list = format!("{named:?}");
        let is = |operator: &str| holds(&format!(r#"{{"{operator}":{{"aws:TagKeys":{list}}}}}"#), &asked());
        prop_assert_eq!(is("ForAllValues:StringEquals"), values.iter().all(|value| named.contains(value)));
        prop_assert_eq!(is("ForAnyValue:StringEquals"), values.iter().any(|value| named.contains(value)));
        prop_assert_eq!(is("ForAllValues:StringNotEquals"), !is("ForAnyValue:StringEquals"));
        prop_assert_eq!(is("ForAnyValue:StringNotEquals"), !is("ForAllValues:StringEquals"));
        prop_assert_eq!(is("StringNotEquals"), !is("StringEquals"));
    }

    #[test]
    fn the_order_of_operators_keys_and_values_does_not_matter(
        order in Just(vec![0_usize, 1, 2]).prop_shuffle(),
        named in Just(vec!["a", "b", "c"]).prop_shuffle(),
        agent in select(vec!["a", "d"]),
        region in select(vec!["r", "s"]),
    ) {
        let agents = format!("{named:?}");
        let members = [
            format!(r#""StringEquals":{{"aws:UserAgent":{agents},"aws:RequestedRegion":"r"}}"#),
            r#""Null":{"aws:TagKeys":true}"#.to_owned(),
            r#""StringNotLike":{"aws:RequestedRegion":"t*"}"#.to_owned(),
        ];
        let shuffled: Vec<_> = order.into_iter().map(|at| members[at].as_str()).collect();
        let asked = asked().with(KeyName::UserAgent, "", text(agent)).with(KeyName::RequestedRegion, "", text(region));
        let found = holds(&format!("{{{}}}", shuffled.join(",")), &asked);
        prop_assert_eq!(found, agent == "a" && region == "r");
    }

    #[test]
    fn reading_never_panics(condition in "\\PC{0,40}", operator in select(vec!["StringLike", "DateEquals", "IpAddress", "ArnLike", "NumericEquals"])) {
        let _ = PolicyDocument::parse(&document(&condition));
        let value = serde_json::to_string(&condition).unwrap();
        let _ = PolicyDocument::parse(&document(&format!(r#"{{"{operator}":{{"aws:RequestTag/a":{value}}}}}"#)));
    }
}
