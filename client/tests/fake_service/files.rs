//! `encrypt`, `decrypt` and `re-encrypt` with files.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::program::{command, fail, run, succeed};
use crate::service::Fake;

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn a_file_comes_back_readable_by_its_owner_alone() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let [plain, sealed, opened] = ["plain", "sealed", "opened"].map(|name| folder.path().join(name));
    let plaintext: Vec<u8> = (0..200_000_u32).map(|index| (index % 251) as u8).collect();
    fs::write(&plain, &plaintext).unwrap();
    succeed(
        &fake,
        &[
            "encrypt",
            "--key",
            "alias/demo",
            "--context",
            "a=b",
            "--in",
            text(&plain),
            "--out",
            text(&sealed),
        ],
        b"",
    );
    succeed(
        &fake,
        &[
            "decrypt",
            "--context",
            "a=b",
            "--in",
            text(&sealed),
            "--out",
            text(&opened),
        ],
        b"",
    );
    assert!(fs::read(&opened).unwrap() == plaintext);
    assert_eq!(opened.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        names(folder.path()),
        ["opened", "plain", "sealed"],
        "no temporary file is left"
    );
}

#[test]
fn pipes_work_and_the_same_file_can_be_in_and_out() {
    let fake = Fake::start();
    let sealed = run(command(&fake, &["encrypt", "--key", "alias/demo"]), b"through a pipe");
    assert!(sealed.status.success());
    assert_eq!(succeed(&fake, &["decrypt"], &sealed.stdout), "through a pipe");

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "in place").unwrap();
    succeed(
        &fake,
        &[
            "encrypt",
            "--key",
            "alias/demo",
            "--in",
            text(&file),
            "--out",
            text(&file),
        ],
        b"",
    );
    assert_ne!(fs::read(&file).unwrap(), b"in place");
    succeed(&fake, &["decrypt", "--in", text(&file), "--out", text(&file)], b"");
    assert_eq!(fs::read(&file).unwrap(), b"in place");
}

#[test]
fn damaged_data_leave_the_output_file_as_it_was() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let [sealed, opened] = ["sealed", "opened"].map(|name| folder.path().join(name));
    let output = run(command(&fake, &["encrypt", "--key", "alias/demo"]), &vec![7; 100_000]);
    let mut bytes = output.stdout;
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(&sealed, &bytes).unwrap();
    fs::write(&opened, "precious").unwrap();
    let message = fail(
        &fake,
        &["decrypt", "--in", text(&sealed), "--out", text(&opened)],
        b"",
        1,
    );
    assert_eq!(
        message,
        "error: the sealed data were altered at chunk 1 (counted from 0); get them whole from where they came\n"
    );
    assert_eq!(fs::read(&opened).unwrap(), b"precious");
    assert_eq!(names(folder.path()), ["opened", "sealed"]);
}

#[test]
fn what_cannot_be_opened_is_named() {
    let fake = Fake::start();
    let folder = tempfile::tempdir().unwrap();
    let folder = text(folder.path());
    let input = |path: &str| fail(&fake, &["encrypt", "--key", "k", "--in", path], b"", 1);
    let pipe = "hint: name a file that exists, or - for stdin\n";
    assert_eq!(
        input("/does/not/exist"),
        format!("error: cannot read /does/not/exist: No such file or directory (os error 2)\n{pipe}")
    );
    assert_eq!(
        input(folder),
        format!("error: cannot read {folder}: Is a directory (os error 21)\n{pipe}")
    );
    let out = |path: &str| fail(&fake, &["decrypt", "--out", path], b"", 1);
    assert_eq!(
        out("/does/not/exist"),
        "error: cannot write /does/not/exist: No such file or directory (os error 2)\n\
         hint: make the directory /does/not first\n"
    );
    assert_eq!(
        out("."),
        "error: cannot write .: Is a directory (os error 21)\nhint: name a file in that directory\n"
    );
    assert_eq!(
        fail(&fake, &["decrypt"], b"not sealed at all", 1),
        "error: these are not sealed data: they do not begin with Strongroom's mark; was this file made by `encrypt`?\n\
         hint: an encrypted data key is decrypted by `strongroom data-key decrypt`\n"
    );
    assert_eq!(fake.methods(), [""; 0]);
}

#[test]
fn a_wrong_context_is_explained() {
    let fake = Fake::start();
    let sealed = run(
        command(&fake, &["encrypt", "--key", "alias/demo", "--context", "a=b"]),
        b"x",
    );
    let message = fail(&fake, &["decrypt", "--context", "a=c"], &sealed.stdout, 1);
    assert!(message.starts_with("error: InvalidCiphertextException: "), "{message}");
    assert!(
        message.contains("hint: give the same --context NAME=VALUE options as when encrypting"),
        "{message}"
    );
}

/// As root, renaming over /dev/null would break the machine.
#[test]
fn a_device_is_written_and_not_replaced() {
    let fake = Fake::start();
    let sealed = run(command(&fake, &["encrypt", "--key", "alias/demo"]), b"x");
    succeed(&fake, &["decrypt", "--out", "/dev/null"], &sealed.stdout);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_blob_that_does_not_open_asks_for_the_context_of_its_source() {
    let fake = Fake::start();
    let message = fail(&fake, &["re-encrypt", "--destination-key", "k"], b"{\"a\": \"b\"}|x", 1);
    assert_eq!(
        message,
        "error: InvalidCiphertextException: InvalidCiphertextException for a test; give the encryption context that it \
         was made with, and the ciphertext unaltered (request request-1)\n\
         hint: give the --source-context NAME=VALUE options that it was encrypted with\n"
    );
}

#[test]
fn a_blob_is_encrypted_anew() {
    let fake = Fake::start();
    let arguments = [
        "re-encrypt",
        "--destination-key",
        "k",
        "--source-context",
        "a=b",
        "--destination-context",
        "c=d",
    ];
    assert_eq!(succeed(&fake, &arguments, b"{\"a\": \"b\"}|x"), "{\"c\": \"d\"}|x");
    // The same in base64.
    let encoded = [&arguments[..], &["--encoding", "base64"]].concat();
    assert_eq!(succeed(&fake, &encoded, b"eyJhIjogImIifXx4\n"), "eyJjIjogImQifXx4\n");
    let message = fail(&fake, &encoded, b"%%%%", 2);
    assert!(message.starts_with("error: the input is not base64: "), "{message}");
}

#[test]
fn each_side_of_a_re_encryption_has_its_algorithm() {
    let fake = Fake::start();
    let arguments = ["re-encrypt", "--destination-key", "k", "--source-key", "s"];
    let from_rsa = [&arguments[..], &["--source-algorithm", "rsaes_oaep_sha_256"]].concat();
    let blob = b"ENCRYPTION_ALGORITHM_RSAES_OAEP_SHA_256 {}|x";
    assert_eq!(succeed(&fake, &from_rsa, blob), "{}|x");
    let to_rsa = [&from_rsa[..], &["--destination-algorithm", "RSAES_OAEP_SHA_1"]].concat();
    let other = "ENCRYPTION_ALGORITHM_RSAES_OAEP_SHA_1 {}|x";
    assert_eq!(succeed(&fake, &to_rsa, blob), other);
    let unknown = [&arguments[..], &["--source-algorithm", "RSA"]].concat();
    let message = fail(&fake, &unknown, blob, 2);
    assert!(
        message.contains("[possible values: SYMMETRIC_DEFAULT, RSAES_OAEP_SHA_1, "),
        "{message}"
    );
}
