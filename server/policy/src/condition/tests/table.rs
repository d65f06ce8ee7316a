//! Every operator, with a value that compares and one that does not.

use std::net::IpAddr;

use strongroom_base::Timestamp;

use crate::condition_key::KeyName;
use crate::testing::text;
use crate::value::{Value, Values};

fn moment(seconds: i64) -> Values<'static> {
    Values::one(Timestamp(seconds * 1_000))
}

fn address(text: &str) -> Values<'static> {
    Values::one(text.parse::<IpAddr>().unwrap())
}

/// Operator, key, the policy's values, a value that compares, one that does not, and whether the operator is negated.
pub(super) type Row = (
    &'static str,
    KeyName,
    &'static str,
    Values<'static>,
    Values<'static>,
    bool,
);

pub(super) fn rows() -> Vec<Row> {
    let arn = "arn:aws:iam::000000000000:user/ada";
    let (ada, eve) = (text(arn), text("arn:aws:iam::000000000000:user/team/ada"));
    let (inside, outside) = (address("192.0.2.77"), address("198.51.100.1"));
    let number = |number: i64| Values::One(Value::Number(number));
    use KeyName::{CurrentTime, EpochTime, PrincipalArn, RotationPeriodInDays, SecureTransport, SourceIp, UserAgent};
    vec![
        ("StringEquals", UserAgent, r#"["A","*"]"#, text("A"), text("a"), false),
        ("StringNotEquals", UserAgent, r#"["A","*"]"#, text("A"), text("a"), true),
        (
            "StringEqualsIgnoreCase",
            UserAgent,
            r#""aB""#,
            text("Ab"),
            text("abc"),
            false,
        ),
        (
            "StringNotEqualsIgnoreCase",
            UserAgent,
            r#""aB""#,
            text("Ab"),
            text("abc"),
            true,
        ),
        (
            "StringLike",
            UserAgent,
            r#"["a*c","x?"]"#,
            text("abc"),
            text("Abc"),
            false,
        ),
        (
            "StringNotLike",
            UserAgent,
            r#"["a*c","x?"]"#,
            text("xy"),
            text("x"),
            true,
        ),
        (
            "StringEquals",
            SecureTransport,
            r#""true""#,
            Values::one(true),
            Values::one(false),
            false,
        ),
        (
            "StringEquals",
            RotationPeriodInDays,
            "90",
            number(90),
            number(91),
            false,
        ),
        (
            "ArnEquals",
            PrincipalArn,
            r#""arn:aws:iam::*:user/ad?""#,
            ada.clone(),
            eve.clone(),
            false,
        ),
        (
            "ArnLike",
            PrincipalArn,
            r#""arn:aws:iam::*:user/ad?""#,
            ada.clone(),
            eve.clone(),
            false,
        ),
        (
            "ArnNotEquals",
            PrincipalArn,
            r#"["arn:aws:iam::*:user/ad?"]"#,
            ada.clone(),
            eve.clone(),
            true,
        ),
        (
            "ArnNotLike",
            PrincipalArn,
            r#""arn:aws:iam::*:user/ad?""#,
            ada.clone(),
            eve,
            true,
        ),
        (
            "ArnLike",
            PrincipalArn,
            r#""arn:aws:*:user/ada:x:y:z""#,
            text("arn:aws:a:user/ada:x:y:z"),
            ada.clone(),
            false,
        ),
        (
            "ArnLike",
            PrincipalArn,
            r#""*""#,
            ada,
            text("no arn, and yet everything"),
            false,
        ),
        (
            "NumericEquals",
            RotationPeriodInDays,
            "[90,\"365\"]",
            number(365),
            number(91),
            false,
        ),
        (
            "NumericNotEquals",
            RotationPeriodInDays,
            "[90,\"365\"]",
            number(365),
            number(91),
            true,
        ),
        (
            "NumericLessThan",
            RotationPeriodInDays,
            "90.5",
            number(90),
            number(91),
            false,
        ),
        (
            "NumericLessThanEquals",
            RotationPeriodInDays,
            "90",
            number(90),
            number(91),
            false,
        ),
        (
            "NumericGreaterThan",
            RotationPeriodInDays,
            "-1",
            number(0),
            number(-1),
            false,
        ),
        (
            "NumericGreaterThanEquals",
            RotationPeriodInDays,
            "90",
            number(90),
            number(89),
            false,
        ),
        ("NumericLessThan", EpochTime, "1000", moment(999), moment(1_000), false),
        (
            "DateEquals",
            CurrentTime,
            r#""1970-01-01T00:00:10Z""#,
            moment(10),
            moment(11),
            false,
        ),
        (
            "DateNotEquals",
            CurrentTime,
            r#""1970-01-01T00:00:10Z""#,
            moment(10),
            moment(11),
            true,
        ),
        (
            "DateLessThan",
            CurrentTime,
            r#""2000-01-01""#,
            moment(0),
            moment(946_684_800),
            false,
        ),
        (
            "DateLessThanEquals",
            CurrentTime,
            r#""2000-01-01""#,
            moment(946_684_800),
            moment(946_684_801),
            false,
        ),
        (
            "DateGreaterThan",
            CurrentTime,
            "946684800",
            moment(946_684_801),
            moment(946_684_800),
            false,
        ),
        (
            "DateGreaterThanEquals",
            EpochTime,
            r#""2000""#,
            moment(946_684_800),
            moment(946_684_799),
            false,
        ),
        (
            "Bool",
            SecureTransport,
            "true",
            Values::one(true),
            Values::one(false),
            false,
        ),
        (
            "Bool",
            SecureTransport,
            r#"["false"]"#,
            Values::one(false),
            Values::one(true),
            false,
        ),
        ("BinaryEquals", UserAgent, r#""QUI=""#, text("AB"), text("ab"), false),
        (
            "IpAddress",
            SourceIp,
            r#"["192.0.2.0/24","2001:db8::/32"]"#,
            inside.clone(),
            outside.clone(),
            false,
        ),
        (
            "NotIpAddress",
            SourceIp,
            r#"["192.0.2.0/24","2001:db8::/32"]"#,
            inside,
            outside,
            true,
        ),
        (
            "IpAddress",
            SourceIp,
            r#"["2001:db8::/32"]"#,
            address("2001:db8:1::1"),
            address("2001:db9::1"),
            false,
        ),
    ]
}
