//! One suite for every token: what callers of this crate rely on, run against SoftHSM and against the fake.

mod access;
mod asymmetric;
pub(crate) mod attest;
pub(crate) mod import;
mod import_kinds;
mod keys;
mod loss;
pub(crate) mod pairs;
mod suites;
mod use_of_keys;

use std::fs::OpenOptions;
use std::future::Future;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use strongroom_base::{Code, Deadline, Fault, InstallationId, KeyMaterialId};
use strongroom_material::{Material, Message, Plaintext};
use strongroom_token::{Encrypted, Health, KeyKind, ObjectLabel, Token, TokenFault, TokenKey, TokenSettings};

/// A token to test at, empty at first.
pub(crate) trait Stand {
    /// Settings that work.
    fn settings(&self) -> TokenSettings;
    /// Starts the lanes.
    fn start(&self, settings: TokenSettings) -> Result<Token, TokenFault>;
    /// Moves the token's files away.
    fn take_away(&self);
    /// Moves them back.
    fn bring_back(&self);
    /// Session objects that the module holds now: copies and message keys.
    fn session_objects(&self) -> usize;
    /// Destroys an object behind the service's back, while the module is initialised.
    fn delete_object(&self, id: &KeyMaterialId);
}

/// A case of the suite.
pub(crate) type Case = (&'static str, fn(&dyn Stand));

/// All cases.
pub(crate) const CASES: &[Case] = &[
    ("round_trips", use_of_keys::round_trips),
    (
        "what_was_changed_does_not_open",
        use_of_keys::what_was_changed_does_not_open,
    ),
    (
        "what_must_not_be_asked_is_refused",
        use_of_keys::what_must_not_be_asked_is_refused,
    ),
    (
        "a_deadline_that_passed_is_kept",
        use_of_keys::a_deadline_that_passed_is_kept,
    ),
    (
        "copies_are_dropped_and_made_again",
        use_of_keys::copies_are_dropped_and_made_again,
    ),
    ("both_suites_side_by_side", suites::both_suites_side_by_side),
    (
        "a_suite_that_the_token_cannot_do_is_refused",
        suites::a_suite_that_the_token_cannot_do_is_refused,
    ),
    (
        "message_keys_are_gone_afterwards",
        suites::message_keys_are_gone_afterwards,
    ),
    ("creation_is_idempotent", keys::creation_is_idempotent),
    ("destruction_is_idempotent", keys::destruction_is_idempotent),
    ("keys_survive_a_restart", keys::keys_survive_a_restart),
    ("provenance_is_as_expected", keys::provenance_is_as_expected),
    ("an_unknown_key_is_unavailable", keys::an_unknown_key_is_unavailable),
    (
        "material_is_imported_by_every_algorithm",
        import::material_is_imported_by_every_algorithm,
    ),
    (
        "material_of_another_length_is_refused",
        import::material_of_another_length_is_refused,
    ),
    (
        "what_does_not_unwrap_is_refused",
        import::what_does_not_unwrap_is_refused,
    ),
    (
        "other_material_does_not_take_a_materials_place",
        import::other_material_does_not_take_a_materials_place,
    ),
    (
        "wrapping_keys_and_imported_keys_survive_a_restart",
        import::wrapping_keys_and_imported_keys_survive_a_restart,
    ),
    (
        "keys_open_their_own_witnesses_and_no_others",
        attest::keys_open_their_own_witnesses_and_no_others,
    ),
    (
        "keys_of_every_kind_are_told_from_others",
        attest::keys_of_every_kind_are_told_from_others,
    ),
    (
        "codes_keys_are_imported_with_exactly_their_length",
        import_kinds::codes_keys_are_imported_with_exactly_their_length,
    ),
    (
        "private_keys_are_imported_with_their_public_halves",
        import_kinds::private_keys_are_imported_with_their_public_halves,
    ),
    (
        "a_private_key_of_another_kind_is_refused",
        import_kinds::a_private_key_of_another_kind_is_refused,
    ),
    (
        "what_no_token_can_show_the_public_half_of_is_not_imported",
        import_kinds::what_no_token_can_show_the_public_half_of_is_not_imported,
    ),
    (
        "another_installation_is_refused",
        access::another_installation_is_refused,
    ),
    ("an_unknown_label_is_named", access::an_unknown_label_is_named),
    ("a_wrong_pin_is_tried_once", access::a_wrong_pin_is_tried_once),
    (
        "a_pin_that_others_can_read_is_refused",
        access::a_pin_that_others_can_read_is_refused,
    ),
    (
        "an_object_that_somebody_destroyed",
        loss::an_object_that_somebody_destroyed,
    ),
    (
        "a_token_that_goes_and_comes_back",
        loss::a_token_that_goes_and_comes_back,
    ),
    (
        "a_token_that_goes_without_a_sentinel",
        loss::a_token_that_goes_without_a_sentinel,
    ),
    (
        "a_token_that_is_away_at_the_start",
        loss::a_token_that_is_away_at_the_start,
    ),
    ("signatures_verify_elsewhere", asymmetric::signatures_verify_elsewhere),
    (
        "what_a_key_does_not_sign_is_refused",
        asymmetric::what_a_key_does_not_sign_is_refused,
    ),
    (
        "what_was_encrypted_elsewhere_opens",
        asymmetric::what_was_encrypted_elsewhere_opens,
    ),
    (
        "an_rsa_ciphertext_that_was_changed_does_not_open",
        asymmetric::an_rsa_ciphertext_that_was_changed_does_not_open,
    ),
    (
        "agreements_come_to_the_same_secret",
        asymmetric::agreements_come_to_the_same_secret,
    ),
    (
        "what_was_encapsulated_elsewhere_is_opened",
        asymmetric::what_was_encapsulated_elsewhere_is_opened,
    ),
    (
        "what_the_token_lacks_is_named",
        asymmetric::what_the_token_lacks_is_named,
    ),
    (
        "keys_of_every_kind_are_as_expected",
        pairs::keys_of_every_kind_are_as_expected,
    ),
    ("a_key_pair_is_made_once", pairs::a_key_pair_is_made_once),
    (
        "a_key_pair_survives_a_restart_and_is_destroyed",
        pairs::a_key_pair_survives_a_restart_and_is_destroyed,
    ),
    (
        "message_authentication_codes_hold",
        pairs::message_authentication_codes_hold,
    ),
    (
        "a_private_key_that_somebody_destroyed",
        pairs::a_private_key_that_somebody_destroyed,
    ),
    (
        "private_keys_go_and_come_back_with_the_token",
        pairs::private_keys_go_and_come_back_with_the_token,
    ),
];

pub(crate) const AAD: &[u8] = b"what the ciphertext belongs to";
pub(crate) const INVALID: &str = "The ciphertext is not valid.";
pub(crate) const AWAY: &str = "The HSM is not available at the moment; try again.";
pub(crate) const CONFIGURED: &str = "The HSM cannot be used as configured; the operator of the service must act.";
pub(crate) const KEY_UNUSABLE: &str =
    "The key's material cannot be used in the HSM; the operator of the service must look into it.";

/// How long a test waits for what comes about by itself. It says nothing of how fast that is: RSA keys that a quiet machine
/// finds in a second take a busy one more than ten.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) fn run<F: Future>(work: F) -> F::Output {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
        .block_on(work)
}

pub(crate) fn soon() -> Deadline {
    Deadline::after(PATIENCE)
}

pub(crate) fn plaintext(bytes: &[u8]) -> Material<Plaintext> {
    Material::take(bytes.to_vec())
}

pub(crate) fn message(bytes: &[u8]) -> Material<Message> {
    Material::take(bytes.to_vec())
}

pub(crate) fn revealed(material: &Material<Plaintext>) -> Vec<u8> {
    material.reveal_to_wire(<[u8]>::to_vec)
}

pub(crate) async fn connected(stand: &dyn Stand, settings: TokenSettings) -> Token {
    let token = stand.start(settings).unwrap();
    token.first_contact().await.unwrap();
    token
}

pub(crate) fn label(installation: InstallationId, key: &str) -> ObjectLabel {
    ObjectLabel::new(installation, key, "1").unwrap()
}

/// A key that encrypts as the stand's profile wants.
pub(crate) async fn new_key(token: &Token, installation: InstallationId, name: &str) -> TokenKey {
    let suite = token.suite().unwrap();
    new_key_of(token, installation, name, KeyKind::symmetric(suite)).await
}

pub(crate) async fn new_key_of(token: &Token, installation: InstallationId, name: &str, kind: KeyKind) -> TokenKey {
    let id = KeyMaterialId::random().unwrap();
    let created = token
        .create_key(id, &label(installation, name), kind, soon())
        .await
        .unwrap();
    TokenKey {
        id,
        kind,
        witness: created.witness.map(Arc::new),
    }
}

pub(crate) async fn sealed(token: &Token, key: &TokenKey, bytes: &[u8]) -> Encrypted {
    token.encrypt(key, AAD, plaintext(bytes), soon()).await.unwrap()
}

pub(crate) async fn opened(token: &Token, key: &TokenKey, encrypted: &Encrypted) -> Result<Vec<u8>, TokenFault> {
    let answer = token
        .decrypt::<Plaintext>(key, encrypted.nonce, AAD, &encrypted.ciphertext, soon())
        .await;
    answer.map(|plaintext| revealed(&plaintext))
}

/// What the caller of the service gets to see.
#[track_caller]
pub(crate) fn assert_fault(fault: TokenFault, code: Code, message: &str) {
    let text = fault.to_string();
    let fault = Fault::from(fault);
    assert_eq!((fault.code(), fault.message()), (code, message), "{text}");
}

pub(crate) async fn becomes(token: &Token, wanted: fn(&Health) -> bool) -> Duration {
    let begin = Instant::now();
    let mut health = token.health();
    let reached = tokio::time::timeout(PATIENCE, health.wait_for(wanted)).await;
    assert!(
        reached.is_ok(),
        "after {PATIENCE:?} the token is {:?} ({:?})",
        token.health().borrow(),
        token.status().cause
    );
    begin.elapsed()
}

pub(crate) async fn becomes_usable(token: &Token) -> Duration {
    becomes(token, |health| *health == Health::Usable).await
}

pub(crate) fn write_pin(settings: &TokenSettings, pin: &str, mode: u32) {
    let _ = std::fs::remove_file(&settings.pin_file);
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .mode(mode)
        .open(&settings.pin_file)
        .unwrap();
    writeln!(file, "{pin}").unwrap();
}
