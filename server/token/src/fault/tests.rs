use std::fmt::Write;
use std::path::PathBuf;

use strongroom_base::{Code, Fault, KeyMaterialId};

use super::TokenFault;

fn every_fault() -> Vec<TokenFault> {
    [of_work(), of_reaching_it()].concat()
}

fn of_work() -> Vec<TokenFault> {
    let id = KeyMaterialId::from_bytes([0xab; 32]);
    let text = |text: &str| text.to_owned();
    vec![
        TokenFault::Unavailable {
            cause: text("C_Encrypt answered CKR_DEVICE_ERROR"),
        },
        TokenFault::Overloaded,
        TokenFault::DeadlineExceeded,
        TokenFault::InvalidCiphertext,
        TokenFault::Unsupported {
            missing: "CKM_ML_DSA",
            what: "ML_DSA_44",
        },
        TokenFault::InvalidPublicKey,
        TokenFault::InvalidWrappedMaterial,
        TokenFault::MaterialLength { expected: 32 },
        TokenFault::MaterialKind { spec: "RSA_2048" },
        TokenFault::OtherMaterial,
        TokenFault::KeyMissing { id },
        TokenFault::KeyDamaged {
            id,
            what: text("the token does not tell its CKA_DECRYPT"),
        },
        TokenFault::LabelDiffers {
            id,
            expected: text("strongroom/I/a/1"),
            found: text("strongroom/I/b/1"),
        },
        TokenFault::ProvenanceDiffers {
            what: text("CKA_EXTRACTABLE"),
        },
        TokenFault::StorageFull {
            cause: text("C_GenerateKey answered CKR_FUNCTION_FAILED"),
        },
    ]
}

fn of_reaching_it() -> Vec<TokenFault> {
    let text = |text: &str| text.to_owned();
    let pin_file = PathBuf::from("/etc/strongroom/pin");
    let path = PathBuf::from("/var/lib/strongroom/state");
    vec![
        TokenFault::ModuleMissing {
            library: PathBuf::from("/no/such.so"),
            cause: text("No such file or directory"),
        },
        TokenFault::TokenUnknown {
            label: text("a"),
            present: vec![text("b"), text("c")],
        },
        TokenFault::TokenUnknown {
            label: text("a"),
            present: Vec::new(),
        },
        TokenFault::TokenAmbiguous {
            label: text("a"),
            count: 2,
        },
        TokenFault::TokenReplaced {
            expected: text("1"),
            found: text("2"),
        },
        TokenFault::MechanismMissing {
            profile: text("softhsm2"),
            names: vec!["CKM_AES_GCM"],
        },
        TokenFault::SessionsTooFew { needed: 2, offered: 1 },
        TokenFault::PinFile {
            path: pin_file.clone(),
            what: text("it is empty"),
        },
        TokenFault::PinIncorrect {
            pin_file: pin_file.clone(),
        },
        TokenFault::PinLatched {
            pin_file,
            latch: path.join("pin-latch"),
        },
        TokenFault::PinLocked,
        TokenFault::PinFinalTry,
        TokenFault::PinUnusable {
            cause: text("C_Login answered CKR_PIN_EXPIRED"),
        },
        TokenFault::ForeignInstallation {
            expected: text("A"),
            found: text("B"),
        },
        TokenFault::SettingMissing {
            what: text("`sync-directory` in [token]"),
        },
        TokenFault::File {
            path,
            cause: text("Permission denied"),
        },
        TokenFault::Defect {
            what: "AES-GCM with empty AAD",
        },
    ]
}

/// Which fault becomes what, as a reviewed file: code, who must act, the caller's text and the operator's.
#[test]
fn faults_are_the_reviewed_ones() {
    let mut table = String::new();
    for fault in every_fault() {
        let (code, message) = fault.public();
        let who = if fault.needs_operator() { "operator" } else { "-" };
        writeln!(table, "{code:?} | {who} | {message} | {fault}").unwrap();
    }
    let golden = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/faults.txt");
    if std::env::var_os("STRONGROOM_BLESS").is_some() {
        std::fs::write(golden, &table).unwrap();
    }
    assert_eq!(
        table,
        std::fs::read_to_string(golden).unwrap(),
        "review the change, then run with STRONGROOM_BLESS=1"
    );
}

/// What the caller reads never holds names of PKCS#11 values, paths, labels or identifiers. The name of a mechanism that
/// the token lacks is the one exception: without it nobody could choose another token.
#[test]
fn the_callers_text_holds_nothing_of_the_insides() {
    for fault in every_fault() {
        let operator = fault.to_string();
        let fault = Fault::from(fault);
        let message = fault.message().replace("CKM_ML_DSA", "a mechanism");
        assert!(
            !message.contains("CK") && !message.contains('/') && !message.contains("abab"),
            "{message}"
        );
        assert_eq!(fault.cause().unwrap().to_string(), operator);
    }
}

/// Whoever gets Unavailable is told when to try again.
#[test]
fn unavailable_comes_with_a_time_to_try_again() {
    for fault in every_fault()
        .into_iter()
        .map(Fault::from)
        .filter(|fault| fault.code() == Code::Unavailable)
    {
        assert!(fault.retry_delay().is_some(), "{fault}");
    }
}
