use strongroom_kms::GrantOperation;
use strongroom_proto::v1;

use super::{number, operation};

/// The interface writes in capitals and underscores what AWS writes together.
#[test]
fn every_operation_has_its_number_and_its_name() {
    for known in GrantOperation::ALL {
        let wire = v1::GrantOperation::try_from(number(*known)).unwrap();
        let name = wire.as_str_name().strip_prefix("GRANT_OPERATION_").unwrap();
        assert_eq!(name.replace('_', ""), known.as_str().to_uppercase());
        assert_eq!(operation(wire.into()).unwrap(), *known);
    }
}

#[test]
fn a_number_that_names_no_operation_is_refused() {
    for number in [0, 20, -1] {
        assert_eq!(
            operation(number).unwrap_err().message(),
            format!(
                "1 validation error detected: Value '{number}' at 'operations' failed to satisfy constraint: Member must \
                 satisfy enum value set of this interface"
            )
        );
    }
}
