//! Which policies are public.

use crate::resource_policy::ResourcePolicy;

fn is_public(statements: &str) -> bool {
    let document = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    ResourcePolicy::parse(&document).unwrap().is_public()
}

fn allow(principal: &str, condition: &str) -> String {
    let condition = if condition.is_empty() {
        String::new()
    } else {
        format!(r#","Condition":{condition}"#)
    };
    format!(
        r#"{{"Effect":"Allow","Principal":{principal},"Action":"secretsmanager:GetSecretValue","Resource":"*"{condition}}}"#
    )
}

fn everybody(condition: &str) -> bool {
    is_public(&allow(r#""*""#, condition))
}

#[test]
fn everybody_is_public_and_named_principals_are_not() {
    let table = [
        (r#""*""#, true),
        (r#"{"AWS":"*"}"#, true),
        (r#"{"AWS":["arn:aws:iam::000000000000:user/ada","*"]}"#, true),
        (r#"{"AWS":"000000000000"}"#, false),
        (r#"{"AWS":"arn:aws:iam::999999999999:root"}"#, false),
        (r#"{"AWS":"arn:aws:iam::000000000000:role/app"}"#, false),
        (r#"{"Service":"lambda.amazonaws.com"}"#, false),
    ];
    for (principal, expected) in table {
        assert_eq!(is_public(&allow(principal, "")), expected, "{principal}");
    }
}

#[test]
fn a_deny_is_never_public_and_takes_nothing_back() {
    let deny = r#"{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}"#;
    assert!(!is_public(deny));
    assert!(is_public(&format!("{deny},{}", allow(r#""*""#, ""))));
    let all_but = r#"{"Effect":"Deny","NotPrincipal":{"AWS":"000000000000"},"Action":"*","Resource":"*"}"#;
    assert!(!is_public(all_but));
}

#[test]
fn one_wide_statement_among_narrow_ones_is_enough() {
    let narrow = allow(r#"{"AWS":"000000000000"}"#, "");
    assert!(is_public(&format!("{narrow},{}", allow(r#""*""#, ""))));
}

#[test]
fn fixed_values_of_who_asks_and_from_where_narrow() {
    for condition in [
        r#"{"StringEquals":{"aws:PrincipalAccount":"000000000000"}}"#,
        r#"{"StringEquals":{"aws:PrincipalOrgID":["o-1","o-2"]}}"#,
        r#"{"StringEqualsIgnoreCase":{"aws:SourceAccount":"000000000000"}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::000000000000:user/ada"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::000000000000:role/*"}}"#,
        r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:sns:r:000000000000:topic"}}"#,
        r#"{"StringEquals":{"aws:SourceVpce":"internal"}}"#,
        r#"{"ForAnyValue:StringEquals":{"aws:PrincipalOrgPaths":"o-1/r-1/ou-1/"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","192.0.2.7","2001:db8::/32"]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"::ffff:10.0.0.0/104"}}"#,
        r#"{"Bool":{"aws:SecureTransport":"true"},"StringEquals":{"aws:SourceVpc":"vpc-1"}}"#,
    ] {
        assert!(!everybody(condition), "{condition}");
    }
}

#[test]
fn networks_are_bounded_together() {
    let sources = |networks: &[String]| format!(r#"{{"IpAddress":{{"aws:SourceIp":{networks:?}}}}}"#);
    let everything: Vec<_> = (0..=255).map(|first| format!("{first}.0.0.0/8")).collect();
    assert!(everybody(&sources(&everything)));
    assert!(everybody(&sources(&everything[..5])));
    assert!(!everybody(&sources(&everything[..4])));
    let private = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(ToOwned::to_owned);
    assert!(!everybody(&sources(&private)));
    assert!(everybody(&sources(&["8.0.0.0/7".to_owned()])));
    assert!(everybody(&sources(&["::/0".to_owned()])));
    assert!(everybody(&sources(&["2001::/31".to_owned()])));
}

#[test]
fn whatever_leaves_somebody_unknown_in_narrows_nothing() {
    for condition in [
        // Anybody can say or do these.
        r#"{"Bool":{"aws:SecureTransport":"true"}}"#,
        r#"{"StringEquals":{"aws:UserAgent":"mine"}}"#,
        r#"{"StringEquals":{"aws:username":"ada"}}"#,
        r#"{"StringEquals":{"aws:PrincipalTag/team":"red"}}"#,
        r#"{"StringEquals":{"secretsmanager:VersionStage":"AWSCURRENT"}}"#,
        r#"{"DateLessThan":{"aws:CurrentTime":"2030-01-01"}}"#,
        // These speak of the resource.
        r#"{"StringEquals":{"aws:ResourceAccount":"000000000000"}}"#,
        r#"{"StringEquals":{"aws:ResourceTag/team":"red"}}"#,
        // All but some.
        r#"{"StringNotEquals":{"aws:PrincipalAccount":"000000000000"}}"#,
        r#"{"NotIpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
        // These hold of requests without the key.
        r#"{"StringEqualsIfExists":{"aws:SourceVpce":"internal"}}"#,
        r#"{"ForAllValues:StringEquals":{"aws:PrincipalOrgPaths":"o-1/"}}"#,
        r#"{"Null":{"aws:SourceVpce":"false"}}"#,
        // Not fixed: wildcards, variables, nothing.
        r#"{"StringLike":{"aws:PrincipalAccount":"*"}}"#,
        r#"{"StringLike":{"aws:PrincipalArn":"arn:aws:iam::000000000000:user/*"}}"#,
        r#"{"StringLike":{"aws:SourceVpce":"in?ernal"}}"#,
        r#"{"StringEquals":{"aws:PrincipalAccount":"${aws:ResourceAccount}"}}"#,
        r#"{"StringEquals":{"aws:PrincipalAccount":""}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:role/app"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::00000000000?:role/app"}}"#,
        r#"{"ArnLike":{"aws:PrincipalArn":"*"}}"#,
        r#"{"ArnEquals":{"aws:SourceArn":"arn:aws:s3:::bucket"}}"#,
        // One fixed value among others that are not.
        r#"{"StringLike":{"aws:PrincipalAccount":["000000000000","*"]}}"#,
        r#"{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","0.0.0.0/0"]}}"#,
        // Much of the Internet.
        r#"{"IpAddress":{"aws:SourceIp":"0.0.0.0/1"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"10.0.0.0/7"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"2000::/3"}}"#,
        r#"{"IpAddress":{"aws:SourceIp":"2001:db8::/31"}}"#,
    ] {
        assert!(everybody(condition), "{condition}");
    }
}
