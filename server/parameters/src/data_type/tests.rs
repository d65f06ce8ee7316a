use super::*;

#[test]
fn values_are_of_their_types_or_not() {
    use ParameterDataType as Type;
    for (data_type, good, bad) in [
        (
            Type::AccountId,
            vec!["000000000000"],
            vec!["00000000000", "00000000000x", "0000000000000"],
        ),
        (
            Type::Region,
            vec!["eu-central-1", "local-1"],
            vec!["", "EU", "eu central"],
        ),
        (Type::Boolean, vec!["true", "false"], vec!["True", "1", ""]),
        (
            Type::Integer,
            vec!["0", "-12", "9223372036854775807"],
            vec!["1.0", "9223372036854775808", " 1"],
        ),
        (Type::Float, vec!["1", "-1.5", "1e3"], vec!["NaN", "inf", "1,5"]),
        (
            Type::Binary,
            vec!["", "AA==", "AAA=", "ab+/"],
            vec!["A", "AA=", "====", "a b="],
        ),
        (
            Type::Hostname,
            vec!["a", "db-1.example.com"],
            vec!["", "-a", "a..b", "a_b"],
        ),
        (
            Type::Email,
            vec!["a.b+c@example.com"],
            vec!["a", "@example.com", "a@b", "a b@example.com"],
        ),
        (
            Type::Ipv4Address,
            vec!["192.0.2.1"],
            vec!["192.0.2", "192.0.2.256", "::1"],
        ),
        (Type::Ipv6Address, vec!["::1", "2001:db8::1"], vec!["192.0.2.1", ":::"]),
        (
            Type::Url,
            vec!["https://example.com/a?b", "amqp://h"],
            vec!["example.com", "https://", "https://a b", "://x"],
        ),
        (
            Type::Json,
            vec!["{}", "[1, \"a\"]", "null"],
            vec!["", "{", "{a:1}", "// x\n{}"],
        ),
    ] {
        for text in good {
            assert!(is_of(data_type, text), "{data_type} {text:?}");
        }
        for text in bad {
            assert!(!is_of(data_type, text), "{data_type} {text:?}");
        }
    }
}
