use strongroom_base::{Code, Fault, KeySpec, KeyUsage};
use strongroom_policy::{ContextPairs, GrantOperation};

use super::{AskedGrant, NewGrant};

const CLERK: &str = "arn:aws:iam::000000000000:user/clerk";

fn new() -> NewGrant {
    NewGrant {
        grantee_principal: CLERK.to_owned(),
        operations: vec![GrantOperation::Decrypt],
        ..NewGrant::default()
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(answer: Result<T, Fault>, code: Code, message: &str) {
    let fault = answer.unwrap_err();
    assert_eq!((fault.code(), fault.message()), (code, message));
}

fn principal(text: &str) -> Result<AskedGrant, Fault> {
    AskedGrant::parse(NewGrant {
        grantee_principal: text.to_owned(),
        ..new()
    })
}

#[test]
fn principals_are_arns_of_roots_users_roles_and_sessions() {
    for resource in [
        "iam::000000000000:root",
        "iam::000000000000:user/clerk",
        "iam::000000000000:role/path/of/role",
        "sts::000000000000:assumed-role/role/session",
        "sts::000000000000:federated-user/clerk",
    ] {
        principal(&format!("arn:aws:{resource}")).unwrap();
    }
    for text in [
        "000000000000",
        "clerk",
        "arn:aws:iam::000000000000:group/clerks",
        "arn:aws:iam::000000000000:user/",
        "arn:aws:iam::00:user/clerk",
        "arn:aws:iam:region:000000000000:user/clerk",
        "arn:aws:kms:region:000000000000:key/1",
    ] {
        let message = format!("ARN does not refer to a valid principal: {text}");
        refused(principal(text), Code::InvalidArn, &message);
    }
    let message = "1 validation error detected: Value at 'granteePrincipal' failed to satisfy constraint: Member must \
                   satisfy regular expression pattern: ^[\\w+=,.@:/-]+$ and have length between 1 and 256";
    let fitting = |length: usize| format!("{CLERK}{}", "x".repeat(length - CLERK.len()));
    assert!(principal(&fitting(256)).is_ok());
    for text in ["", "arn:aws:iam::000000000000:user/a|b", &fitting(257)] {
        refused(principal(text), Code::Validation, message);
    }
}

#[test]
fn names_have_1_to_256_characters() {
    let named = |name: &str| {
        AskedGrant::parse(NewGrant {
            name: Some(name.to_owned()),
            ..new()
        })
    };
    assert!(named("a").is_ok() && named(&"a".repeat(256)).is_ok() && named("aZ09:/_-").is_ok());
    let message = "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must satisfy regular \
                   expression pattern: ^[a-zA-Z0-9:/_-]+$ and have length between 1 and 256";
    for name in ["", "a b", "ä", &"a".repeat(257)] {
        refused(named(name), Code::Validation, message);
    }
}

fn constrained(pairs: ContextPairs) -> Result<AskedGrant, Fault> {
    AskedGrant::parse(NewGrant {
        encryption_context_equals: pairs,
        ..new()
    })
}

#[test]
fn constraints_have_up_to_8_pairs_and_values_up_to_384_characters() {
    let pairs = |count: usize| (0..count).map(|number| (number.to_string(), "x".to_owned())).collect();
    assert!(constrained(pairs(8)).is_ok());
    let constraint = "1 validation error detected: Value at 'constraints.encryptionContextEquals' failed to satisfy \
                      constraint";
    refused(
        constrained(pairs(9)),
        Code::Validation,
        &format!("{constraint}: Map must have at most 8 encryption context pairs"),
    );
    let value = |length: usize| ContextPairs::from([("a".to_owned(), "ü".repeat(length))]);
    assert!(constrained(value(384)).is_ok());
    refused(
        constrained(value(385)),
        Code::Validation,
        &format!("{constraint}: Map values must have length less than or equal to 384"),
    );
    assert!(constrained(ContextPairs::new()).unwrap().terms.constraints.is_empty());
}

#[test]
fn a_grant_permits_something_that_uses_the_key() {
    let of = |operations: &[GrantOperation]| {
        AskedGrant::parse(NewGrant {
            operations: operations.to_vec(),
            ..new()
        })
    };
    refused(of(&[]), Code::Validation, "Grants must contain at least one operation.");
    let message = "Grants must not contain only the CreateGrant operation.";
    refused(of(&[GrantOperation::CreateGrant]), Code::Validation, message);
    assert!(of(&[GrantOperation::CreateGrant, GrantOperation::DescribeKey]).is_ok());
}

/// The table "Grant operations" of AWS's Developer Guide.
#[test]
fn each_kind_of_key_has_its_operations() {
    let any = ["CreateGrant", "RetireGrant", "DescribeKey"];
    let expect = |spec, usage, own: &[&str]| {
        let fits = GrantOperation::ALL
            .iter()
            .filter(|each| super::fits(**each, spec, usage));
        let mut found: Vec<_> = fits.map(|each| each.as_str()).collect();
        let mut expected = [own, &any].concat();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{spec} {usage}");
    };
    expect(
        KeySpec::SymmetricDefault,
        KeyUsage::EncryptDecrypt,
        &[
            "Decrypt",
            "Encrypt",
            "GenerateDataKey",
            "GenerateDataKeyWithoutPlaintext",
            "GenerateDataKeyPair",
            "GenerateDataKeyPairWithoutPlaintext",
            "ReEncryptFrom",
            "ReEncryptTo",
        ],
    );
    let asymmetric = ["Decrypt", "Encrypt", "ReEncryptFrom", "ReEncryptTo", "GetPublicKey"];
    expect(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt, &asymmetric);
    let signing = ["Sign", "Verify", "GetPublicKey"];
    expect(KeySpec::Rsa4096, KeyUsage::SignVerify, &signing);
    expect(KeySpec::MlDsa65, KeyUsage::SignVerify, &signing);
    let mac = ["GenerateMac", "VerifyMac"];
    expect(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac, &mac);
    let agreement = ["DeriveSharedSecret", "GetPublicKey"];
    expect(KeySpec::EccNistP256, KeyUsage::KeyAgreement, &agreement);
    let encapsulation = ["Encapsulate", "Decapsulate", "GetPublicKey"];
    expect(KeySpec::MlKem768, KeyUsage::EncapsulateDecapsulate, &encapsulation);
}

#[test]
fn what_the_key_cannot_do_is_refused() {
    let sign = AskedGrant::parse(NewGrant {
        operations: vec![GrantOperation::Sign],
        ..new()
    });
    refused(
        sign.unwrap().check(KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt),
        Code::Validation,
        "Grant operation Sign is not supported for key spec SYMMETRIC_DEFAULT and key usage ENCRYPT_DECRYPT.",
    );
}

#[test]
fn constraints_need_an_operation_with_a_context() {
    let asked = |operations: &[GrantOperation]| {
        let constrained = NewGrant {
            operations: operations.to_vec(),
            encryption_context_subset: ContextPairs::from([("a".to_owned(), "b".to_owned())]),
            ..new()
        };
        AskedGrant::parse(constrained).unwrap()
    };
    let message = "Encryption context grant constraints are supported only on grant operations that include an \
                   EncryptionContext parameter.";
    let symmetric = (KeySpec::SymmetricDefault, KeyUsage::EncryptDecrypt);
    let both = [GrantOperation::Decrypt, GrantOperation::DescribeKey];
    asked(&both).check(symmetric.0, symmetric.1).unwrap();
    let none = [GrantOperation::DescribeKey, GrantOperation::RetireGrant];
    refused(asked(&none).check(symmetric.0, symmetric.1), Code::Validation, message);
    let rsa = asked(&[GrantOperation::Decrypt]).check(KeySpec::Rsa2048, KeyUsage::EncryptDecrypt);
    refused(rsa, Code::Validation, message);
    let mac = asked(&[GrantOperation::GenerateMac]).check(KeySpec::Hmac256, KeyUsage::GenerateVerifyMac);
    refused(mac, Code::Validation, message);
}
