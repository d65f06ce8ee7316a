//! `cryptoki`'s errors in this crate's words.

use cryptoki::context::Function as Called;
use cryptoki::error::{Error, RvError};

use crate::module::{Function, ModuleFault, ReturnValue};

/// What a call answered. `function` is what was called, where the error does not name one of its parts.
pub(super) fn fault(function: Function, error: &Error) -> ModuleFault {
    match error {
        Error::Pkcs11(value, called) => ModuleFault { function: part(*called, function), value: value_of(*value) },
        Error::NullFunctionPointer | Error::NotSupported | Error::MissingSymbol(_) => {
            ModuleFault { function, value: ReturnValue::FunctionNotSupported }
        }
        Error::LibraryLoading(_)
        | Error::TryFromInt(_)
        | Error::TryFromSlice(_)
        | Error::ParseInt(_)
        | Error::Utf8(_)
        | Error::NulError(_)
        | Error::InvalidValue
        | Error::PinNotSet => ModuleFault { function, value: ReturnValue::Malformed },
    }
}

/// One call of ours may be several of PKCS#11; which of them failed matters.
fn part(called: Called, otherwise: Function) -> Function {
    match called {
        Called::EncryptInit => Function::EncryptInit,
        Called::Encrypt => Function::Encrypt,
        Called::DecryptInit => Function::DecryptInit,
        Called::Decrypt => Function::Decrypt,
        Called::FindObjectsInit => Function::FindObjectsInit,
        Called::FindObjects => Function::FindObjects,
        Called::FindObjectsFinal => Function::FindObjectsFinal,
        _ => otherwise,
    }
}

/// The same value in this crate's enum.
#[expect(clippy::too_many_lines, reason = "one line per value of the standard")]
fn value_of(value: RvError) -> ReturnValue {
    use ReturnValue as V;
    match value {
        RvError::Cancel => V::Cancel,
        RvError::HostMemory => V::HostMemory,
        RvError::SlotIdInvalid => V::SlotIdInvalid,
        RvError::GeneralError => V::GeneralError,
        RvError::FunctionFailed => V::FunctionFailed,
        RvError::ArgumentsBad => V::ArgumentsBad,
        RvError::NoEvent => V::NoEvent,
        RvError::NeedToCreateThreads => V::NeedToCreateThreads,
        RvError::CantLock => V::CantLock,
        RvError::AttributeReadOnly => V::AttributeReadOnly,
        RvError::AttributeSensitive => V::AttributeSensitive,
        RvError::AttributeTypeInvalid => V::AttributeTypeInvalid,
        RvError::AttributeValueInvalid => V::AttributeValueInvalid,
        RvError::ActionProhibited => V::ActionProhibited,
        RvError::DataInvalid => V::DataInvalid,
        RvError::DataLenRange => V::DataLenRange,
        RvError::DeviceError => V::DeviceError,
        RvError::DeviceMemory => V::DeviceMemory,
        RvError::DeviceRemoved => V::DeviceRemoved,
        RvError::EncryptedDataInvalid => V::EncryptedDataInvalid,
        RvError::EncryptedDataLenRange => V::EncryptedDataLenRange,
        RvError::FunctionCanceled => V::FunctionCanceled,
        RvError::FunctionNotParallel => V::FunctionNotParallel,
        RvError::FunctionNotSupported => V::FunctionNotSupported,
        RvError::CurveNotSupported => V::CurveNotSupported,
        RvError::KeyHandleInvalid => V::KeyHandleInvalid,
        RvError::KeySizeRange => V::KeySizeRange,
        RvError::KeyTypeInconsistent => V::KeyTypeInconsistent,
        RvError::KeyNotNeeded => V::KeyNotNeeded,
        RvError::KeyChanged => V::KeyChanged,
        RvError::KeyNeeded => V::KeyNeeded,
        RvError::KeyIndigestible => V::KeyIndigestible,
        RvError::KeyFunctionNotPermitted => V::KeyFunctionNotPermitted,
        RvError::KeyNotWrappable => V::KeyNotWrappable,
        RvError::KeyUnextractable => V::KeyUnextractable,
        RvError::MechanismInvalid => V::MechanismInvalid,
        RvError::MechanismParamInvalid => V::MechanismParamInvalid,
        RvError::ObjectHandleInvalid => V::ObjectHandleInvalid,
        RvError::OperationActive => V::OperationActive,
        RvError::OperationNotInitialized => V::OperationNotInitialized,
        RvError::PinIncorrect => V::PinIncorrect,
        RvError::PinInvalid => V::PinInvalid,
        RvError::PinLenRange => V::PinLenRange,
        RvError::PinExpired => V::PinExpired,
        RvError::PinLocked => V::PinLocked,
        RvError::SessionClosed => V::SessionClosed,
        RvError::SessionCount => V::SessionCount,
        RvError::SessionHandleInvalid => V::SessionHandleInvalid,
        RvError::SessionParallelNotSupported => V::SessionParallelNotSupported,
        RvError::SessionReadOnly => V::SessionReadOnly,
        RvError::SessionExists => V::SessionExists,
        RvError::SessionReadOnlyExists => V::SessionReadOnlyExists,
        RvError::SessionReadWriteSoExists => V::SessionReadWriteSoExists,
        RvError::SignatureInvalid => V::SignatureInvalid,
        RvError::SignatureLenRange => V::SignatureLenRange,
        RvError::TemplateIncomplete => V::TemplateIncomplete,
        RvError::TemplateInconsistent => V::TemplateInconsistent,
        RvError::TokenNotPresent => V::TokenNotPresent,
        RvError::TokenNotRecognized => V::TokenNotRecognized,
        RvError::TokenWriteProtected => V::TokenWriteProtected,
        RvError::UnwrappingKeyHandleInvalid => V::UnwrappingKeyHandleInvalid,
        RvError::UnwrappingKeySizeRange => V::UnwrappingKeySizeRange,
        RvError::UnwrappingKeyTypeInconsistent => V::UnwrappingKeyTypeInconsistent,
        RvError::UserAlreadyLoggedIn => V::UserAlreadyLoggedIn,
        RvError::UserNotLoggedIn => V::UserNotLoggedIn,
        RvError::UserPinNotInitialized => V::UserPinNotInitialized,
        RvError::UserTypeInvalid => V::UserTypeInvalid,
        RvError::UserAnotherAlreadyLoggedIn => V::UserAnotherAlreadyLoggedIn,
        RvError::UserTooManyTypes => V::UserTooManyTypes,
        RvError::WrappedKeyInvalid => V::WrappedKeyInvalid,
        RvError::WrappedKeyLenRange => V::WrappedKeyLenRange,
        RvError::WrappingKeyHandleInvalid => V::WrappingKeyHandleInvalid,
        RvError::WrappingKeySizeRange => V::WrappingKeySizeRange,
        RvError::WrappingKeyTypeInconsistent => V::WrappingKeyTypeInconsistent,
        RvError::RandomSeedNotSupported => V::RandomSeedNotSupported,
        RvError::RandomNoRng => V::RandomNoRng,
        RvError::DomainParamsInvalid => V::DomainParamsInvalid,
        RvError::BufferTooSmall => V::BufferTooSmall,
        RvError::SavedStateInvalid => V::SavedStateInvalid,
        RvError::InformationSensitive => V::InformationSensitive,
        RvError::StateUnsaveable => V::StateUnsaveable,
        RvError::CryptokiNotInitialized => V::CryptokiNotInitialized,
        RvError::CryptokiAlreadyInitialized => V::CryptokiAlreadyInitialized,
        RvError::MutexBad => V::MutexBad,
        RvError::MutexNotLocked => V::MutexNotLocked,
        RvError::NewPinMode => V::NewPinMode,
        RvError::NextOtp => V::NextOtp,
        RvError::ExceededMaxIterations => V::ExceededMaxIterations,
        RvError::FipsSelfTestFailed => V::FipsSelfTestFailed,
        RvError::LibraryLoadFailed => V::LibraryLoadFailed,
        RvError::PinTooWeak => V::PinTooWeak,
        RvError::PublicKeyInvalid => V::PublicKeyInvalid,
        RvError::FunctionRejected => V::FunctionRejected,
        RvError::VendorDefined(number) | RvError::UnknownErrorCode(number) => V::from_number(number),
    }
}
