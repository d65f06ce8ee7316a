use std::collections::BTreeSet;
use std::fmt::Debug;

use prost::Message as _;
use prost_types::field_descriptor_proto::Type;
use prost_types::{
    DescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto,
};

use crate::v1;

/// Does not compile if the type has `Debug`: two impls would then fit `_`.
macro_rules! have_no_debug {
    ($($message:ident)*) => {
        const SECRET_MESSAGES: &[&str] = &[$(stringify!($message),)*];

        $(const _: fn() = || {
            trait FitsOnce<Hint> { fn fits() {} }
            impl<T> FitsOnce<()> for T {}
            struct HasDebug;
            impl<T: Debug> FitsOnce<HasDebug> for T {}
            let _ = <v1::$message as FitsOnce<_>>::fits;
        };)*
    };
}

have_no_debug! {
    BatchGetSecretValueResponse
    CreateSecretRequest
    DecapsulateResponse
    DecryptResponse
    DeriveSharedSecretResponse
    EncapsulateResponse
    EncryptRequest
    GenerateDataKeyPairResponse
    GenerateDataKeyResponse
    GenerateMacRequest
    GenerateMacResponse
    GenerateRandomResponse
    GetParameterHistoryResponse
    GetParameterResponse
    GetParametersByPathResponse
    GetParametersForImportResponse
    GetParametersResponse
    GetRandomPasswordResponse
    GetSecretValueResponse
    ImportKeyMaterialRequest
    Parameter
    ParameterHistory
    PutParameterRequest
    PutSecretValueRequest
    SecretValue
    SecretValueEntry
    SignRequest
    UpdateSecretRequest
    VerifyMacRequest
    VerifyRequest
}

const _: fn() = || {
    trait FitsOnce<Hint> {
        fn fits() {}
    }
    impl<T> FitsOnce<()> for T {}
    struct HasDebug;
    impl<T: Debug> FitsOnce<HasDebug> for T {}
    let _ = <v1::secret_value::Value as FitsOnce<_>>::fits;
};

fn files() -> Vec<FileDescriptorProto> {
    let all = FileDescriptorSet::decode(v1::FILE_DESCRIPTOR_SET).unwrap().file;
    all.into_iter()
        .filter(|file| file.package() == "strongroom.v1")
        .collect()
}

fn messages() -> Vec<DescriptorProto> {
    files().into_iter().flat_map(|file| file.message_type).collect()
}

/// Texts that can be secret: a parameter's values, and the secret in its place.
const SECRET_TEXTS: [(&str, &str); 4] = [
    ("Parameter", "source_result"),
    ("Parameter", "value"),
    ("ParameterHistory", "value"),
    ("PutParameterRequest", "value"),
];

/// Bytes are secret unless they are ciphertext, a signature or a public key; a password is secret text; the rest follows from what holds what.
fn holds_secret(message: &DescriptorProto, field: &FieldDescriptorProto, known: &BTreeSet<String>) -> bool {
    match field.r#type() {
        Type::Bytes => {
            !field.name().ends_with("ciphertext_blob") && !["public_key", "signature"].contains(&field.name())
        }
        Type::String => field.name().contains("password") || SECRET_TEXTS.contains(&(message.name(), field.name())),
        Type::Message => field
            .type_name()
            .rsplit('.')
            .next()
            .is_some_and(|name| known.contains(name)),
        _ => false,
    }
}

#[test]
fn every_message_that_holds_a_secret_is_listed() {
    let mut found = BTreeSet::new();
    loop {
        let before = found.len();
        for message in messages() {
            if message.field.iter().any(|field| holds_secret(&message, field, &found)) {
                found.insert(message.name().to_owned());
            }
        }
        if found.len() == before {
            break;
        }
    }
    let listed: BTreeSet<String> = SECRET_MESSAGES.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(found, listed, "list it in build.rs (skip_debug) and here");
}

/// The paths of all described elements of a file that have a comment in front.
fn documented(file: &FileDescriptorProto) -> BTreeSet<&[i32]> {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let commented = locations.filter(|location| !location.leading_comments().trim().is_empty());
    commented.map(|location| location.path.as_slice()).collect()
}

/// Paths and names of what must have a comment. In a path 4 is a message, 5 an enum and 6 a service of a file, 2 then
/// a field, value or method of it (google/protobuf/descriptor.proto).
fn elements(file: &FileDescriptorProto) -> Vec<(Vec<i32>, String)> {
    let mut found = Vec::new();
    let mut add = |kind: i32, number: i32, name: &str, members: Vec<&str>| {
        found.push((vec![kind, number], name.to_owned()));
        found.extend(
            (0..)
                .zip(members)
                .map(|(at, member)| (vec![kind, number, 2, at], format!("{name}.{member}"))),
        );
    };
    for (number, message) in (0..).zip(&file.message_type) {
        add(
            4,
            number,
            message.name(),
            message.field.iter().map(FieldDescriptorProto::name).collect(),
        );
    }
    for (number, each) in (0..).zip(&file.enum_type) {
        add(
            5,
            number,
            each.name(),
            each.value.iter().map(EnumValueDescriptorProto::name).collect(),
        );
    }
    for (number, service) in (0..).zip(&file.service) {
        add(
            6,
            number,
            service.name(),
            service.method.iter().map(MethodDescriptorProto::name).collect(),
        );
    }
    found
}

#[test]
fn every_message_field_value_and_method_is_documented() {
    let mut bare = Vec::new();
    for file in files() {
        let documented = documented(&file);
        let without = elements(&file)
            .into_iter()
            .filter(|(path, _)| !documented.contains(path.as_slice()));
        bare.extend(without.map(|(_, name)| name));
    }
    assert_eq!(bare, Vec::<String>::new());
}
