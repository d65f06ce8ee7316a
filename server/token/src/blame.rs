//! Whose fault is it that a ciphertext does not open: its own, or the token's?

use strongroom_material::{Material, Plaintext};

use crate::disposition::{Disposition, Trouble};
use crate::module::ModuleFault;

/// Why a ciphertext did not open.
#[derive(Debug)]
pub(crate) enum OpenFault {
    /// The witness opened under the same handle in the same session: it is the ciphertext.
    Invalid,
    /// The witness did not open either: it is the token.
    Sick(ModuleFault),
    /// The call failed in a way that says nothing about the ciphertext.
    Failed(ModuleFault),
}

/// Opens, and finds out what is wrong if it does not.
///
/// SoftHSM 2.6.1 answers CKR_GENERAL_ERROR to a wrong tag, to wrong padding and to a broken token alike. So the witness is
/// opened under the same handle in the same session; if it opens, the ciphertext is tried once more, because a fault that
/// came and went must not be blamed on the caller's data.
pub(crate) fn open(
    open: impl Fn() -> Result<Material<Plaintext>, ModuleFault>,
    check_witness: impl FnOnce() -> Result<(), ModuleFault>,
) -> Result<Material<Plaintext>, OpenFault> {
    let fault = match open() {
        Ok(plaintext) => return Ok(plaintext),
        Err(fault) if is_in_doubt(&fault) => fault,
        Err(fault) => return Err(OpenFault::Failed(fault)),
    };
    check_witness().map_err(|_| OpenFault::Sick(fault))?;
    match open() {
        Ok(plaintext) => Ok(plaintext),
        Err(fault) if is_in_doubt(&fault) => Err(OpenFault::Invalid),
        Err(fault) => Err(OpenFault::Failed(fault)),
    }
}

/// Whether a call leaves open whether the ciphertext or the token is at fault.
pub(crate) fn is_in_doubt(fault: &ModuleFault) -> bool {
    fault.disposition() == Disposition::Permanent(Trouble::CiphertextOrToken)
}
