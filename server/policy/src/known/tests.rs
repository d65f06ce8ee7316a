use strongroom_base::Action;

use super::{NOT_OFFERED, SERVICES, service_without, systems_manager};
use crate::glob::{Case, Glob};

fn names_nothing_of(text: &str) -> Option<&'static str> {
    service_without(text, &Glob::new(text, Case::Ignored))
}

#[test]
fn the_table_is_sorted_and_holds_nothing_that_is_offered() {
    for table in [NOT_OFFERED, systems_manager::NOT_OFFERED] {
        assert!(table.is_sorted_by(|one, next| one < next));
        for action in Action::ALL {
            assert!(!table.contains(&action.permission()), "{action} is offered");
        }
    }
}

/// An operation that moves from one table to the other must not get lost: AWS has 56, 23 and 154.
#[test]
fn every_operation_of_aws_is_known() {
    let ours_alone = [
        "kms:DeleteExpiredKeyMaterial",
        "kms:DeleteKey",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:RotateKey",
        "kms:SynchronizeMultiRegionKey",
        "secretsmanager:EndSecretVersionDelete",
        "ssm:EnforceParameterPolicies",
    ];
    let offered = Action::ALL.iter().map(|action| action.permission());
    let operations = Vec::from_iter(
        offered
            .chain(NOT_OFFERED.iter().chain(systems_manager::NOT_OFFERED).copied())
            .filter(|action| !ours_alone.contains(action)),
    );
    let count = |prefix: &str| operations.iter().filter(|action| action.starts_with(prefix)).count();
    assert_eq!((count("kms:"), count("secretsmanager:"), count("ssm:")), (56, 23, 154));
}

#[test]
fn every_offered_action_is_of_a_service_whose_actions_are_known() {
    for action in Action::ALL {
        let (prefix, _) = action.permission().split_once(':').unwrap();
        assert!(SERVICES.contains(&prefix), "{action}");
        assert_eq!(names_nothing_of(action.permission()), None);
    }
}

#[test]
fn a_pattern_must_fit_one_of_its_services_actions() {
    for known in [
        "kms:*",
        "KMS:dec*",
        "kms:decrypt",
        "kms:?ecrypt",
        "kms:ReEncrypt*",
        "kms:CreateGrant",
        "secretsmanager:Describe*",
        "secretsmanager:RotateSecret",
        "ssm:Get*",
        "ssm:SendCommand",
        "strongroom:*",
        "strongroom:Reconcile*",
    ] {
        assert_eq!(names_nothing_of(known), None, "{known}");
    }
    for (slip, service) in [
        ("kms:Decript", "kms"),
        ("KMS:Decript*", "kms"),
        ("kms:Decrypt?", "kms"),
        ("kms:GetSecretValue", "kms"),
        ("secretsmanager:Decrypt", "secretsmanager"),
        ("secretsmanager:GetSecret", "secretsmanager"),
        ("ssm:GetParamters", "ssm"),
        ("strongroom:Decrypt", "strongroom"),
    ] {
        assert_eq!(names_nothing_of(slip), Some(service), "{slip}");
    }
    assert_eq!(names_nothing_of("*"), None);
    assert_eq!(
        names_nothing_of("s3:GetObject"),
        None,
        "other services are not known here"
    );
}
