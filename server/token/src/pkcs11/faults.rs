//! `cryptoki`'s errors in this crate's words.

use cryptoki::context::Function as Called;
use cryptoki::error::{Error, RvError};

use crate::module::{Function, ModuleFault, ReturnValue};

/// What a call answered. `function` is what was called, where the error does not name one of its parts.
pub(super) fn fault(function: Function, error: &Error) -> ModuleFault {
    match error {
        Error::Pkcs11(value, called) => ModuleFault {
            function: part(*called, function),
            value: value_of(*value),
        },
        Error::NullFunctionPointer | Error::NotSupported | Error::MissingSymbol(_) => ModuleFault {
            function,
            value: ReturnValue::FunctionNotSupported,
        },
        Error::LibraryLoading(_)
        | Error::TryFromInt(_)
        | Error::TryFromSlice(_)
        | Error::ParseInt(_)
        | Error::Utf8(_)
        | Error::NulError(_)
        | Error::InvalidValue
        | Error::PinNotSet => ModuleFault {
            function,
            value: ReturnValue::Malformed,
        },
    }
}

/// One call of ours may be several of PKCS#11; which of them failed matters.
fn part(called: Called, otherwise: Function) -> Function {
    match called {
        Called::EncryptInit => Function::EncryptInit,
        Called::Encrypt => Function::Encrypt,
        Called::DecryptInit => Function::DecryptInit,
        Called::Decrypt => Function::Decrypt,
        Called::SignInit => Function::SignInit,
        Called::Sign => Function::Sign,
        Called::FindObjectsInit => Function::FindObjectsInit,
        Called::FindObjects => Function::FindObjects,
        Called::FindObjectsFinal => Function::FindObjectsFinal,
        _ => otherwise,
    }
}

/// The standard's values have the same names there and here.
macro_rules! same_names {
    ($value:expr; $($name:ident)*) => {
        match $value {
            $(RvError::$name => ReturnValue::$name,)*
            RvError::VendorDefined(number) | RvError::UnknownErrorCode(number) => ReturnValue::from_number(number),
        }
    };
}

/// The same value in this crate's enum. Total: a value that `cryptoki` adds does not compile until it is here.
fn value_of(value: RvError) -> ReturnValue {
    same_names!(value;
        Cancel HostMemory SlotIdInvalid GeneralError FunctionFailed ArgumentsBad NoEvent NeedToCreateThreads
        CantLock AttributeReadOnly AttributeSensitive AttributeTypeInvalid AttributeValueInvalid
        ActionProhibited DataInvalid DataLenRange DeviceError DeviceMemory DeviceRemoved EncryptedDataInvalid
        EncryptedDataLenRange FunctionCanceled FunctionNotParallel FunctionNotSupported CurveNotSupported
        KeyHandleInvalid KeySizeRange KeyTypeInconsistent KeyNotNeeded KeyChanged KeyNeeded KeyIndigestible
        KeyFunctionNotPermitted KeyNotWrappable KeyUnextractable MechanismInvalid MechanismParamInvalid
        ObjectHandleInvalid OperationActive OperationNotInitialized PinIncorrect PinInvalid PinLenRange
        PinExpired PinLocked SessionClosed SessionCount SessionHandleInvalid SessionParallelNotSupported
        SessionReadOnly SessionExists SessionReadOnlyExists SessionReadWriteSoExists SignatureInvalid
        SignatureLenRange TemplateIncomplete TemplateInconsistent TokenNotPresent TokenNotRecognized
        TokenWriteProtected UnwrappingKeyHandleInvalid UnwrappingKeySizeRange UnwrappingKeyTypeInconsistent
        UserAlreadyLoggedIn UserNotLoggedIn UserPinNotInitialized UserTypeInvalid UserAnotherAlreadyLoggedIn
        UserTooManyTypes WrappedKeyInvalid WrappedKeyLenRange WrappingKeyHandleInvalid WrappingKeySizeRange
        WrappingKeyTypeInconsistent RandomSeedNotSupported RandomNoRng DomainParamsInvalid BufferTooSmall
        SavedStateInvalid InformationSensitive StateUnsaveable CryptokiNotInitialized
        CryptokiAlreadyInitialized MutexBad MutexNotLocked NewPinMode NextOtp ExceededMaxIterations
        FipsSelfTestFailed LibraryLoadFailed PinTooWeak PublicKeyInvalid FunctionRejected
    )
}
