use strongroom_base::Code;

use super::{parse_id, rows};

#[test]
fn grant_ids_have_64_hexadecimal_digits() {
    assert!(parse_id(&"0a".repeat(32)).is_ok());
    for (text, code, message) in [
        ("", Code::Validation, LENGTH),
        (&*"0".repeat(129), Code::Validation, LENGTH),
        (&"0".repeat(128), Code::InvalidGrantId, INVALID),
        (&"0A".repeat(32), Code::InvalidGrantId, INVALID),
        ("x", Code::InvalidGrantId, INVALID),
    ] {
        let fault = parse_id(text).unwrap_err();
        assert_eq!((fault.code(), fault.message()), (code, message), "{text}");
    }
}

const LENGTH: &str = "1 validation error detected: Value at 'grantId' failed to satisfy constraint: Member must have length \
                      between 1 and 128";
const INVALID: &str = "The grant ID is not valid; it has 64 hexadecimal digits.";

#[test]
fn pages_of_grants_have_1_to_100_rows_and_50_unless_said_otherwise() {
    assert_eq!(rows(None).unwrap(), 50);
    assert_eq!((rows(Some(1)).unwrap(), rows(Some(100)).unwrap()), (1, 100));
    for limit in [0, 101] {
        assert_eq!(
            rows(Some(limit)).unwrap_err().message(),
            format!(
                "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must have \
                 value between 1 and 100"
            )
        );
    }
}
