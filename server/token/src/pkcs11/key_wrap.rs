//! CKM_AES_KEY_WRAP_KWP (PKCS#11 3.0): AES-KWP by its own name, which `cryptoki` 0.12 does not know.
//!
//! The one file with unsafe code, and this is why: `cryptoki` makes no [`MechanismType`] of a number that it has no name for
//! unless it is a vendor's, and calls no mechanism that has none. The number is the whole of the type, so it is put there.
//! To call C_UnwrapKey past `cryptoki` would take more of the same kind, and copy what it does with sessions. When it knows
//! the mechanism, this file goes.

use std::ffi::c_ulong;

use cryptoki::mechanism::vendor_defined::VendorDefinedMechanism;
use cryptoki::mechanism::{Mechanism, MechanismType};

/// OASIS PKCS#11 3.0, appendix A.
const CKM_AES_KEY_WRAP_KWP: c_ulong = 0x210b;

/// The mechanism's type.
#[expect(unsafe_code, reason = "cryptoki 0.12 has no other way to name the mechanism")]
pub(super) fn mechanism_type() -> MechanismType {
    // SAFETY: MechanismType is `repr(transparent)` over CK_MECHANISM_TYPE, which is an unsigned long, and takes every value:
    // it has constructors for any number from CKM_VENDOR_DEFINED on. Another size would not compile.
    unsafe { std::mem::transmute::<c_ulong, MechanismType>(CKM_AES_KEY_WRAP_KWP) }
}

/// The mechanism, with the initial value of RFC 5649, which is what no parameter means.
pub(super) fn mechanism() -> Mechanism<'static> {
    Mechanism::VendorDefined(VendorDefinedMechanism::new::<()>(mechanism_type(), None))
}

#[cfg(test)]
mod tests;
