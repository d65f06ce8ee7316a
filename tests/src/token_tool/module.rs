//! Loading a module, finding the token, logging in.

use std::fs;
use std::path::Path;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;

use super::TokenArguments;
use crate::HarnessFault;

/// Loads and initialises a module. With OS locking: without it SoftHSM crashes as soon as two threads use it.
pub(super) fn load(library: &Path) -> Result<Pkcs11, HarnessFault> {
    let module = Pkcs11::new(library)?;
    module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
    Ok(module)
}

/// The slot whose token has this label.
pub(super) fn find(module: &Pkcs11, label: &str) -> Result<Option<Slot>, HarnessFault> {
    for slot in module.get_slots_with_initialized_token()? {
        if module.get_token_info(slot)?.label() == label {
            return Ok(Some(slot));
        }
    }
    Ok(None)
}

/// A session in which the user is logged in.
pub(super) fn log_in(module: &Pkcs11, token: &TokenArguments) -> Result<Session, HarnessFault> {
    let slot = find(module, &token.label)?.ok_or_else(|| {
        let what = format!(
            "the module {} has no token with the label {}",
            token.library.display(),
            token.label
        );
        HarnessFault::refused(
            what,
            "is the token's folder there, and does the module's variable name its configuration?",
        )
    })?;
    let session = module.open_rw_session(slot)?;
    session.login(UserType::User, Some(&read_pin(&token.pin_file)?))?;
    Ok(session)
}

/// The PIN in a file.
pub(super) fn read_pin(file: &Path) -> Result<AuthPin, HarnessFault> {
    let text = fs::read_to_string(file).map_err(HarnessFault::file("read", file))?;
    Ok(AuthPin::from(text.trim_end()))
}
