//! The envelope: its golden vector, and that nothing of it can be exchanged.

use data_encoding::HEXLOWER;
use strongroom_base::Scope;

use super::*;

const TEXT: &str = "correct horse battery staple";

fn arn(name: &str) -> Arn {
    Scope::new("aws", "local-1", "000000000000")
        .unwrap()
        .arn("secretsmanager", format_args!("secret:{name}"))
}

fn version(last: char) -> VersionId {
    format!("6d5e4f3c-2b1a-4098-8765-43210fedcba{last}").parse().unwrap()
}

fn data_key() -> Material<DataKey> {
    Material::take((0..32).collect())
}

fn sealed(value: &Value) -> Sealed {
    let (arn, version) = (arn("database/password-AbCdEf"), version('9'));
    seal(
        data_key(),
        &Place {
            arn: &arn,
            version: &version,
        },
        value,
    )
    .unwrap()
}

fn opened(name: &str, last: char, kind: ValueKind, sealed: &Sealed) -> Result<Value, Fault> {
    let (arn, version) = (arn(name), version(last));
    open(
        data_key(),
        &Place {
            arn: &arn,
            version: &version,
        },
        kind,
        sealed,
    )
}

#[test]
fn the_format_is_what_the_documentation_says() {
    let place = Place {
        arn: &arn("n-AbCdEf"),
        version: &version('9'),
    };
    let expected =
        b"strongroom/secret-value\0\x01\x01\0\0\0\x3barn:aws:secretsmanager:local-1:000000000000:secret:n-AbCdEf\
        \0\0\0\x246d5e4f3c-2b1a-4098-8765-43210fedcba9";
    assert_eq!(place.authenticated_data(ValueKind::String), expected);
    assert_eq!(place.authenticated_data(ValueKind::Binary)[25], 2);
}

/// Made by Python's `cryptography` (OpenSSL) from the description above, not by this code.
#[test]
fn the_golden_vector_holds() {
    let hexadecimal =
        b"0707070707070707070707076c05d42e0a6ca3d4aef261f3e57196fad528e801f1d7f26d9fcb329f292754e0e5a4244a30c8ee63d636c6ff";
    let golden = Sealed::from_cipher(HEXLOWER.decode(hexadecimal).unwrap());
    let text = opened("database/password-AbCdEf", '9', ValueKind::String, &golden).unwrap();
    assert!(text.is_same(&Value::string(TEXT.to_owned()).unwrap()));
}

#[test]
fn a_value_opens_where_it_was_sealed_and_nowhere_else() {
    let text = sealed(&Value::string(TEXT.to_owned()).unwrap());
    let back = opened("database/password-AbCdEf", '9', ValueKind::String, &text).unwrap();
    assert!(back.is_same(&Value::string(TEXT.to_owned()).unwrap()));
    let elsewhere = [
        ("database/password-AbCdEg", '9', ValueKind::String),
        ("database/password-AbCdEf", '8', ValueKind::String),
        ("database/password-AbCdEf", '9', ValueKind::Binary),
    ];
    for (name, last, kind) in elsewhere {
        assert_damaged(opened(name, last, kind, &text));
    }
}

#[test]
fn every_flipped_byte_and_every_cut_is_found() {
    let text = sealed(&Value::string(TEXT.to_owned()).unwrap());
    for place in 0..text.as_bytes().len() {
        let mut bytes = text.as_bytes().to_vec();
        bytes[place] ^= 1;
        assert_damaged(opened(
            "database/password-AbCdEf",
            '9',
            ValueKind::String,
            &Sealed::from_cipher(bytes),
        ));
        let cut = Sealed::from_cipher(&text.as_bytes()[..place]);
        assert_damaged(opened("database/password-AbCdEf", '9', ValueKind::String, &cut));
    }
}

#[test]
fn two_seals_of_one_value_differ() {
    let (arn, version) = (arn("n-AbCdEf"), version('9'));
    let place = Place {
        arn: &arn,
        version: &version,
    };
    let value = Value::binary(vec![0; 65_536]).unwrap();
    let (first, second) = (
        seal(data_key(), &place, &value).unwrap(),
        seal(data_key(), &place, &value).unwrap(),
    );
    assert_ne!(first, second);
    assert_eq!(first.as_bytes().len(), 12 + 65_536 + 16);
}

fn assert_damaged(opened: Result<Value, Fault>) {
    let fault = opened.err().expect("it opened");
    let message = "Secrets Manager can't decrypt the secret value: it is not as it was stored.";
    assert_eq!(
        (fault.code(), fault.message(), fault.cause().is_none()),
        (Code::DecryptionFailure, message, true)
    );
}
