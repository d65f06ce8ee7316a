//! Parameter policies: they are checked, kept, shown with their status, and acted on when their time has come.

use strongroom_base::Code;
use strongroom_parameters::op::{DescribeParameters, NewParameter, PolicyAction};

use crate::bench::{Bench, advanced, again, new, refused};

const EXPIRATION: &str =
    r#"{"Type":"Expiration","Version":"1.0","Attributes":{"Timestamp":"2027-01-25T08:00:00.000Z"}}"#;
const BEFORE: &str = r#"{"Type":"ExpirationNotification","Version":"1.0","Attributes":{"Before":"5","Unit":"Days"}}"#;
const NO_CHANGE: &str = r#"{"Type":"NoChangeNotification","Version":"1.0","Attributes":{"After":"36","Unit":"Hours"}}"#;

fn with(name: &str, policies: &str) -> NewParameter {
    NewParameter {
        policies: Some(policies.to_owned()),
        ..advanced(name, "String", "value")
    }
}

fn list(policies: &[&str]) -> String {
    format!("[{}]", policies.join(","))
}

fn policy(kind: &str, attributes: &str) -> String {
    format!(r#"[{{"Type":"{kind}","Version":"1.0","Attributes":{attributes}}}]"#)
}

/// Kinds and statuses of a parameter's policies.
async fn shown(bench: &Bench) -> Vec<(&'static str, &'static str)> {
    let page = bench
        .admin(DescribeParameters::new(Vec::new(), None, None).unwrap())
        .await
        .unwrap();
    let policies = &page.parameters.first().unwrap().policies;
    policies
        .iter()
        .map(|policy| (policy.kind.name(), policy.status.as_str()))
        .collect()
}

fn kinds(done: &[(String, PolicyAction)]) -> Vec<&'static str> {
    let one = |(_, action): &(String, PolicyAction)| match action {
        PolicyAction::Expired => vec!["Expired"],
        PolicyAction::Notified(policies) => policies.iter().map(|policy| policy.kind.name()).collect(),
    };
    done.iter().flat_map(one).collect()
}

#[tokio::test]
async fn policies_are_acted_on_one_after_the_other() {
    let bench = Bench::new().await;
    bench
        .put(with("/n", &list(&[EXPIRATION, BEFORE, NO_CHANGE])))
        .await
        .unwrap();
    let page = bench
        .admin(DescribeParameters::new(Vec::new(), None, None).unwrap())
        .await
        .unwrap();
    assert_eq!(page.parameters[0].policies[0].text, EXPIRATION, "as it was written");
    bench.advance_hours(35);
    assert_eq!(bench.enforce().await, []);
    bench.advance_hours(1);
    assert_eq!(kinds(&bench.enforce().await), ["NoChangeNotification"]);
    assert_eq!(
        shown(&bench).await,
        [
            ("Expiration", "Pending"),
            ("ExpirationNotification", "Pending"),
            ("NoChangeNotification", "Finished")
        ]
    );
    assert_eq!(bench.enforce().await, [], "once");
    // A new value begins the wait for changes anew, and moves no expiration.
    bench.overwrite("/n", "other").await.unwrap();
    assert_eq!(shown(&bench).await[2], ("NoChangeNotification", "Pending"));
    bench.advance_hours(4 * 24);
    assert_eq!(
        kinds(&bench.enforce().await),
        ["ExpirationNotification", "NoChangeNotification"]
    );
    bench.advance_hours(5 * 24);
    assert_eq!(kinds(&bench.enforce().await), ["Expired"]);
    assert_eq!(bench.get("/n").await.err().unwrap().code(), Code::ParameterNotFound);
    assert_eq!(bench.stored("parameter-due"), Vec::<String>::new());
    let expired = bench
        .trail()
        .into_iter()
        .rfind(|record| record["eventName"] == "EnforceParameterPolicies")
        .unwrap();
    assert_eq!(expired["userIdentity"]["type"], "AWSService");
    assert_eq!(expired["responseElements"]["policyTypes"][0], "Expiration");
    assert_eq!(expired["resources"][0]["type"], "AWS::SSM::Parameter");
}

#[tokio::test]
async fn a_damaged_record_holds_up_no_other_parameter() {
    let bench = Bench::new().await;
    for name in ["/a", "/b", "/c"] {
        bench.put(with(name, &list(&[EXPIRATION]))).await.unwrap();
    }
    bench.disk.tamper(|values| {
        let mut due = values.iter_mut().filter(|(key, _)| key.kind() == "parameter-due");
        let (_, first) = due.next().unwrap();
        *first = b"damaged".to_vec();
    });
    bench.advance_hours(10 * 24);
    let expired = bench.enforce().await;
    assert_eq!(kinds(&expired), ["Expired", "Expired"]);
    assert_eq!(
        bench.stored("parameter-due").len(),
        1,
        "what cannot be read is left where it is"
    );
}

#[tokio::test]
async fn a_clock_that_is_set_forward_ends_nothing() {
    let bench = Bench::new().await;
    bench.put(with("/n", &list(&[EXPIRATION]))).await.unwrap();
    bench.set_clock_forward(24 * 365);
    assert_eq!(bench.enforce().await, []);
    assert_eq!(bench.text("/n").await, "value");
}

#[tokio::test]
async fn policies_stay_until_others_or_none_are_sent() {
    let bench = Bench::new().await;
    bench.put(with("/n", &list(&[EXPIRATION]))).await.unwrap();
    bench.overwrite("/n", "other").await.unwrap();
    assert_eq!(shown(&bench).await, [("Expiration", "Pending")]);
    for empty in ["[{}]", "[]", "{}"] {
        let emptied = NewParameter {
            policies: Some(empty.to_owned()),
            ..again("/n", "value")
        };
        bench.put(emptied).await.unwrap();
        assert_eq!(shown(&bench).await, [], "{empty}");
        assert_eq!(bench.stored("parameter-due"), Vec::<String>::new());
        let again = NewParameter {
            policies: Some(list(&[NO_CHANGE])),
            ..again("/n", "value")
        };
        bench.put(again).await.unwrap();
        assert_eq!(bench.stored("parameter-due").len(), 1);
    }
}

#[tokio::test]
async fn policies_are_refused_for_what_is_wrong_with_them() {
    let bench = Bench::new().await;
    for (policies, code, message) in [
        (
            list(&[EXPIRATION; 2]),
            Code::IncompatiblePolicy,
            "There is a conflict in the policies specified for this parameter. You can't specify two Expiration policies for \
             a parameter. Review your policies, and try again."
                .to_owned(),
        ),
        (
            list(&[BEFORE]),
            Code::IncompatiblePolicy,
            "There is a conflict in the policies specified for this parameter. An ExpirationNotification policy needs an \
             Expiration policy. Review your policies, and try again."
                .to_owned(),
        ),
        (
            list(&[NO_CHANGE; 11]),
            Code::PoliciesLimitExceeded,
            "You specified more than the maximum number of allowed policies for the parameter. The maximum is 10.".to_owned(),
        ),
        (
            policy("Rotation", "{}"),
            Code::InvalidPolicyType,
            "The policy type Rotation isn't supported. Parameter Store supports the following policy types: Expiration, \
             ExpirationNotification, and NoChangeNotification."
                .to_owned(),
        ),
        (
            " ".repeat(4_097),
            Code::Validation,
            "1 validation error detected: Value at 'policies' failed to satisfy constraint: Member must have length less \
             than or equal to 4096"
                .to_owned(),
        ),
    ] {
        refused(bench.put(with("/n", &policies)).await, code, &message);
    }
}

#[tokio::test]
async fn attributes_of_policies_are_checked() {
    let bench = Bench::new().await;
    for (policies, why) in [
        (
            policy("Expiration", r#"{"Timestamp":"2027-01-15T08:00:00Z"}"#),
            "The Timestamp of an Expiration policy must be in the future.",
        ),
        (
            policy("Expiration", r#"{"Timestamp":"tomorrow"}"#),
            "The Timestamp tomorrow isn't valid. Write it in ISO 8601, for example 2030-12-02T21:34:33.000Z.",
        ),
        (
            policy("Expiration", r#"{"Before":"5","Unit":"Days"}"#),
            "A policy of type Expiration has the attribute Timestamp, and no other.",
        ),
        (
            policy("NoChangeNotification", r#"{"After":"5","Unit":"Weeks"}"#),
            "The Unit Weeks isn't valid. Valid units are Days and Hours.",
        ),
        (
            policy("NoChangeNotification", r#"{"After":"0","Unit":"Days"}"#),
            "The period 0 Days isn't valid. It is a whole number, at least 1, and at most 3650 days.",
        ),
        (
            policy("NoChangeNotification", r#"{"After":"87601","Unit":"Hours"}"#),
            "The period 87601 Hours isn't valid. It is a whole number, at least 1, and at most 3650 days.",
        ),
    ] {
        let message = format!("A policy attribute or its value is invalid. {why}");
        refused(
            bench.put(with("/n", &policies)).await,
            Code::InvalidPolicyAttribute,
            &message,
        );
    }
    let malformed = bench.put(with("/n", "expire soon")).await.err().unwrap();
    assert_eq!(malformed.code(), Code::InvalidPolicyAttribute);
    assert!(
        malformed
            .message()
            .starts_with("The policies are not a JSON array of policies: ")
    );
    let standard = NewParameter {
        policies: Some(list(&[NO_CHANGE])),
        ..new("/n", "String", "value")
    };
    let message = "Standard tier parameters don't support parameter policies. To use policies, upgrade the parameter to use \
                   the advanced-parameter tier.";
    refused(bench.put(standard).await, Code::Validation, message);
    let ten_years = policy("NoChangeNotification", r#"{"After":"3650","Unit":"Days"}"#);
    bench.put(with("/n", &ten_years)).await.unwrap();
}
