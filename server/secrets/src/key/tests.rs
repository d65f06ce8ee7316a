//! What faults of the key service are called here, for every code.

use super::*;

#[test]
fn faults_of_the_key_are_renamed_and_all_others_pass() {
    let renamed = [
        Code::NotFound,
        Code::InvalidArn,
        Code::Disabled,
        Code::InvalidCiphertext,
        Code::IncorrectKey,
        Code::InvalidKeyUsage,
        Code::KmsInvalidState,
        Code::LimitExceeded,
        Code::UnsupportedOperation,
        Code::Validation,
    ];
    for code in Code::ALL.iter().copied() {
        let encrypting = encryption_fault(Fault::new(code, "The words."));
        let decrypting = decryption_fault(Fault::new(code, "The words."));
        if renamed.contains(&code) {
            let exception = code.row().exception;
            let words = |verb| {
                format!(
                    "Secrets Manager can't {verb} the secret value: The words. (Service: AWSKMS; Error Code: {exception})"
                )
            };
            assert_eq!(
                (encrypting.code(), encrypting.message()),
                (Code::EncryptionFailure, words("encrypt").as_str())
            );
            assert_eq!(
                (decrypting.code(), decrypting.message()),
                (Code::DecryptionFailure, words("decrypt").as_str())
            );
        } else {
            let words = match code {
                Code::AccessDenied => "Access to KMS is not allowed",
                _ => "The words.",
            };
            assert_eq!((encrypting.code(), encrypting.message()), (code, words));
            assert_eq!((decrypting.code(), decrypting.message()), (code, words));
        }
    }
}

#[test]
fn a_key_is_named_by_id_arn_or_alias() {
    let scope = Scope::new("aws", "local-1", "000000000000").unwrap();
    let id = "6d5e4f3c-2b1a-4098-8765-43210fedcba9";
    let arn = format!("arn:aws:kms:local-1:000000000000:key/{id}");
    let alias = "arn:aws:kms:local-1:000000000000:alias/mine";
    let table = [
        ("", None),
        ("alias/aws/secretsmanager", None),
        ("arn:aws:kms:local-1:000000000000:alias/aws/secretsmanager", None),
        (id, Some(arn.as_str())),
        (&arn, Some(&arn)),
        ("alias/mine", Some(alias)),
        (alias, Some(alias)),
    ];
    for (text, expected) in table {
        let key = parse_key(text, &scope).unwrap().map(|key| key_arn(&key, &scope));
        assert_eq!(key.as_ref().map(Arn::as_str), expected, "{text}");
    }
}

#[test]
fn what_names_no_key_is_an_invalid_parameter() {
    let scope = Scope::new("aws", "local-1", "000000000000").unwrap();
    let foreign = "arn:aws:kms:local-1:111111111111:key/6d5e4f3c-2b1a-4098-8765-43210fedcba9";
    let table = [
        ("mine", "Invalid keyId 'mine'".to_owned()),
        ("arn:aws:s3:::bucket", "Invalid arn arn:aws:s3:::bucket".to_owned()),
        (foreign, format!("Key '{foreign}' does not exist")),
    ];
    for (text, why) in table {
        let fault = parse_key(text, &scope).unwrap_err();
        let message = format!("The KmsKeyId names no KMS key of this account and region: {why}");
        assert_eq!(
            (fault.code(), fault.message()),
            (Code::InvalidParameter, message.as_str())
        );
    }
}
