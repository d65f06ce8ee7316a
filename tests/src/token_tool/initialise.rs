//! Makes a token, in steps that a second run finishes when the first was interrupted.

use std::path::Path;

use cryptoki::context::Pkcs11;
use cryptoki::session::UserType;
use cryptoki::slot::Slot;

use super::{TokenArguments, module};
use crate::HarnessFault;

pub(super) fn run(token: &TokenArguments, security_officer_pin_file: &Path) -> Result<(), HarnessFault> {
    let pkcs11 = module::load(&token.library)?;
    let security_officer_pin = module::read_pin(security_officer_pin_file)?;
    let slot = match module::find(&pkcs11, &token.label)? {
        Some(slot) => slot,
        None => {
            let slot = free_slot(&pkcs11)?;
            pkcs11.init_token(slot, &security_officer_pin, &token.label)?;
            slot
        }
    };
    if pkcs11.get_token_info(slot)?.user_pin_initialized() {
        return Ok(());
    }
    let session = pkcs11.open_rw_session(slot)?;
    session.login(UserType::So, Some(&security_officer_pin))?;
    session.init_pin(&module::read_pin(&token.pin_file)?)?;
    Ok(session.logout()?)
}

fn free_slot(pkcs11: &Pkcs11) -> Result<Slot, HarnessFault> {
    for slot in pkcs11.get_slots_with_token()? {
        if !pkcs11.get_token_info(slot)?.token_initialized() {
            return Ok(slot);
        }
    }
    Err(HarnessFault::refused(
        "the module has no free slot",
        "remove a token that is not needed",
    ))
}
