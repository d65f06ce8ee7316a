//! SP 800-108 in counter mode, as PKCS#11 3.0 has it.

use std::num::NonZeroUsize;

use cryptoki::mechanism::kbkdf::{
    Endianness, KbkdfCounterFormat, KbkdfDkmLengthFormat, KbkdfDkmLengthMethod, KbkdfParams, PrfDataParam,
    PrfDataParamType,
};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::ObjectHandle;
use cryptoki::session::Session;

use super::faults::fault;
use super::templates;
use crate::message_key::FixedInput;
use crate::module::{Function, MessageKeyUse, ModuleFault};

/// Bits of the counter before the fixed input, and of the length behind it.
const FIELD_BITS: NonZeroUsize = NonZeroUsize::MIN.saturating_add(31);

/// Derives a message key from `base`: counter, fixed input, length of the key in bits, all the most significant byte first.
pub(super) fn message_key(
    session: &Session,
    base: ObjectHandle,
    input: &FixedInput,
    usage: MessageKeyUse,
) -> Result<ObjectHandle, ModuleFault> {
    let counter = KbkdfCounterFormat::new(Endianness::Big, FIELD_BITS);
    let length = KbkdfDkmLengthFormat::new(KbkdfDkmLengthMethod::SumOfKeys, Endianness::Big, FIELD_BITS);
    let parts = [
        PrfDataParam::new(PrfDataParamType::IterationVariable(Some(&counter))),
        PrfDataParam::new(PrfDataParamType::ByteArray(input.as_bytes())),
        PrfDataParam::new(PrfDataParamType::DkmLength(&length)),
    ];
    let parameters = KbkdfParams::new(MechanismType::SHA256_HMAC, &parts, None);
    let key = session.derive_key(
        &Mechanism::KbkdfCounter(parameters),
        base,
        &templates::message_key(usage),
    );
    key.map_err(|error| fault(Function::DeriveKey, &error))
}
