//! Makes Rust code from the .proto files, without protoc.

use std::error::Error;
use std::path::PathBuf;

use prost::Message as _;

const FILES: [&str; 6] = [
    "strongroom/v1/key_access.proto",
    "strongroom/v1/key_import.proto",
    "strongroom/v1/key_management.proto",
    "strongroom/v1/secrets.proto",
    "strongroom/v1/parameters.proto",
    "strongroom/v1/admin.proto",
];

/// Messages that carry plaintext, messages to sign, secret values, passwords or data keys, and those around them: they get no `Debug`, so
/// that no log line can print them. In one list because each call of `skip_debug` forgets the one before.
/// `src/tests.rs` holds the same list against the types.
const SECRET_MESSAGES: [&str; 31] = [
    ".strongroom.v1.EncryptRequest",
    ".strongroom.v1.DecryptResponse",
    ".strongroom.v1.GenerateDataKeyResponse",
    ".strongroom.v1.GenerateRandomResponse",
    ".strongroom.v1.SignRequest",
    ".strongroom.v1.VerifyRequest",
    ".strongroom.v1.GenerateDataKeyPairResponse",
    ".strongroom.v1.GenerateMacRequest",
    ".strongroom.v1.GenerateMacResponse",
    ".strongroom.v1.VerifyMacRequest",
    ".strongroom.v1.DeriveSharedSecretResponse",
    ".strongroom.v1.EncapsulateResponse",
    ".strongroom.v1.DecapsulateResponse",
    ".strongroom.v1.GetParametersForImportResponse",
    ".strongroom.v1.ImportKeyMaterialRequest",
    ".strongroom.v1.SecretValue",
    ".strongroom.v1.SecretValue.value",
    ".strongroom.v1.CreateSecretRequest",
    ".strongroom.v1.PutSecretValueRequest",
    ".strongroom.v1.UpdateSecretRequest",
    ".strongroom.v1.GetSecretValueResponse",
    ".strongroom.v1.SecretValueEntry",
    ".strongroom.v1.BatchGetSecretValueResponse",
    ".strongroom.v1.GetRandomPasswordResponse",
    ".strongroom.v1.GetParameterHistoryResponse",
    ".strongroom.v1.GetParameterResponse",
    ".strongroom.v1.GetParametersByPathResponse",
    ".strongroom.v1.GetParametersResponse",
    ".strongroom.v1.Parameter",
    ".strongroom.v1.ParameterHistory",
    ".strongroom.v1.PutParameterRequest",
];

fn main() -> Result<(), Box<dyn Error>> {
    for file in FILES {
        println!("cargo::rerun-if-changed={file}");
    }
    let descriptors = protox::compile(FILES, ["."])?;
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    std::fs::write(out.join("strongroom.v1.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .skip_debug(SECRET_MESSAGES)
        .compile_fds(descriptors)?;
    Ok(())
}
