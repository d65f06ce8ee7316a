use proptest::prelude::*;

use super::{Arn, ArnFault};
use crate::limits::ARN_LENGTH_MAX;

#[test]
fn parts_are_found() -> Result<(), ArnFault> {
    let arn: Arn = "arn:aws:secretsmanager:eu-west-1:000000000000:secret:db-AbCdEf".parse()?;
    assert_eq!(arn.partition(), "aws");
    assert_eq!(arn.service(), "secretsmanager");
    assert_eq!(arn.region(), "eu-west-1");
    assert_eq!(arn.account(), "000000000000");
    assert_eq!(arn.resource(), "secret:db-AbCdEf");
    Ok(())
}

#[test]
fn a_global_service_has_no_region() -> Result<(), ArnFault> {
    let arn: Arn = "arn:aws:iam::000000000000:user/ada".parse()?;
    assert_eq!(arn.region(), "");
    assert_eq!(arn.resource(), "user/ada");
    Ok(())
}

#[test]
fn what_is_not_an_arn_is_refused() {
    for text in [
        "",
        "arn",
        "arn:aws:kms",
        "arn:aws:kms:r:a:",
        "arn::kms:r:a:key/x",
        "urn:aws:kms:r:a:key/x",
        "arn:aws:kms:r:a:k\n",
    ] {
        assert_eq!(text.parse::<Arn>(), Err(ArnFault), "{text:?}");
    }
}

#[test]
fn an_arn_has_at_most_as_many_bytes_as_aws_allows() {
    let of_length = |length: usize| {
        let start = "arn:aws:kms:r:a:key/";
        format!("{start}{}", "x".repeat(length - start.len())).parse::<Arn>()
    };
    assert!(of_length(ARN_LENGTH_MAX).is_ok());
    assert_eq!(of_length(ARN_LENGTH_MAX + 1), Err(ArnFault));
}

proptest! {
    #[test]
    fn parsing_never_panics_and_keeps_the_text(text in "\\PC*") {
        if let Ok(arn) = text.parse::<Arn>() {
            prop_assert_eq!(arn.as_str(), text);
        }
    }
}
