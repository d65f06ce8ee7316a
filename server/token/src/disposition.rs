//! What to do about a PKCS#11 call that failed: one table from return value and function, total over the standard's
//! values, checked in as `golden/dispositions.txt`.

use std::fmt;

use crate::module::{Function, ModuleFault, ReturnValue};

/// What to do about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Disposition {
    /// Call again in the same session.
    RetryHere,
    /// The session is spoilt: open another one, then call again.
    NewSession,
    /// Nobody is logged in any more: log in and find all objects anew.
    LogIn,
    /// The handle means nothing any more: find the object again.
    FindAgain,
    /// C_Finalize, C_Initialize, log in, find all objects anew.
    Reinitialise,
    /// The module itself is beyond repair: a new process. While lanes live in the service's own process, the next best
    /// thing is done: as [`Self::Reinitialise`].
    ReplaceWorker,
    /// Calling again cannot help.
    Permanent(Trouble),
}

/// What is wrong for good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Trouble {
    /// Perhaps the ciphertext, perhaps the token: the key's witness decides.
    CiphertextOrToken,
    /// The token does not accept the PIN.
    PinRefused,
    /// The token has locked the PIN.
    PinLocked,
    /// The PIN must be set or renewed by somebody else first.
    PinUnusable,
    /// The key object is not what it should be.
    Key,
    /// There is no room.
    Storage,
    /// The token does not have the mechanism or function.
    Mechanism,
    /// The token's rules forbid it.
    Forbidden,
    /// The service asked wrongly.
    Request,
}

impl Disposition {
    /// Whether calling again cannot help.
    pub(crate) fn is_permanent(self) -> bool {
        match self {
            Self::Permanent(_) => true,
            Self::RetryHere
            | Self::NewSession
            | Self::LogIn
            | Self::FindAgain
            | Self::Reinitialise
            | Self::ReplaceWorker => false,
        }
    }
}

impl ModuleFault {
    /// What to do about it.
    pub(crate) fn disposition(&self) -> Disposition {
        disposition(self.function, self.value)
    }
}

/// The table.
pub(crate) fn disposition(function: Function, value: ReturnValue) -> Disposition {
    use ReturnValue as V;
    match value {
        V::GeneralError | V::DataInvalid | V::DataLenRange | V::FunctionFailed => by_function(function, value),
        // From C_DecryptInit no ciphertext has been looked at: it is never the ciphertext's fault.
        V::EncryptedDataInvalid | V::EncryptedDataLenRange | V::AeadDecryptFailed => match function {
            Function::Decrypt => Disposition::Permanent(Trouble::CiphertextOrToken),
            _ => Disposition::Reinitialise,
        },
        V::ObjectHandleInvalid | V::KeyHandleInvalid => Disposition::FindAgain,
        V::UserNotLoggedIn => Disposition::LogIn,
        V::FunctionCanceled | V::FunctionRejected | V::Cancel | V::Pending => Disposition::RetryHere,
        V::SessionHandleInvalid
        | V::SessionClosed
        | V::SessionReadOnly
        | V::OperationActive
        | V::OperationNotInitialized
        | V::OperationCancelFailed
        | V::OperationNotValidated
        | V::BufferTooSmall
        | V::SessionAsyncNotSupported => Disposition::NewSession,
        V::DeviceMemory | V::TokenResourceExceeded => match function {
            Function::GenerateKey | Function::CopyObject => Disposition::Permanent(Trouble::Storage),
            _ => Disposition::Reinitialise,
        },
        _ => general(value),
    }
}

/// Values that mean different things from different functions.
fn by_function(function: Function, value: ReturnValue) -> Disposition {
    match (function, value) {
        (Function::Decrypt, ReturnValue::GeneralError | ReturnValue::DataInvalid | ReturnValue::DataLenRange) => {
            Disposition::Permanent(Trouble::CiphertextOrToken)
        }
        (Function::Decrypt, ReturnValue::FunctionFailed) => Disposition::Permanent(Trouble::CiphertextOrToken),
        // A full disk, in SoftHSM.
        (Function::GenerateKey, ReturnValue::FunctionFailed) => Disposition::Permanent(Trouble::Storage),
        (_, ReturnValue::DataInvalid | ReturnValue::DataLenRange) => Disposition::Permanent(Trouble::Request),
        (_, _) => Disposition::Reinitialise,
    }
}

/// Values that mean the same from every function.
fn general(value: ReturnValue) -> Disposition {
    use ReturnValue as V;
    match value {
        V::SlotIdInvalid
        | V::DeviceError
        | V::DeviceRemoved
        | V::TokenNotPresent
        | V::TokenNotRecognized
        | V::TokenNotInitialized
        | V::CryptokiNotInitialized
        | V::CryptokiAlreadyInitialized
        | V::SessionCount
        | V::SessionExists
        | V::SessionReadOnlyExists
        | V::SessionReadWriteSoExists
        | V::SessionParallelNotSupported
        | V::UserAlreadyLoggedIn
        | V::UserAnotherAlreadyLoggedIn
        | V::UserTooManyTypes
        | V::UserTypeInvalid
        | V::SavedStateInvalid
        | V::StateUnsaveable
        | V::RandomNoRng
        | V::SeedRandomRequired
        | V::NoEvent
        | V::Vendor(_)
        | V::Malformed => Disposition::Reinitialise,
        V::HostMemory
        | V::NeedToCreateThreads
        | V::CantLock
        | V::MutexBad
        | V::MutexNotLocked
        | V::FipsSelfTestFailed
        | V::LibraryLoadFailed => Disposition::ReplaceWorker,
        _ => Disposition::Permanent(trouble(value)),
    }
}

/// What is wrong for good, whichever function says so.
fn trouble(value: ReturnValue) -> Trouble {
    use ReturnValue as V;
    match value {
        V::PinIncorrect | V::PinInvalid | V::PinLenRange => Trouble::PinRefused,
        V::PinLocked => Trouble::PinLocked,
        V::PinExpired | V::PinTooWeak | V::NewPinMode | V::NextOtp | V::UserPinNotInitialized => Trouble::PinUnusable,
        V::KeyFunctionNotPermitted
        | V::KeyTypeInconsistent
        | V::KeySizeRange
        | V::KeyChanged
        | V::KeyExhausted
        | V::KeyIndigestible
        | V::KeyNeeded
        | V::KeyNotNeeded
        | V::KeyNotWrappable
        | V::KeyUnextractable
        | V::PublicKeyInvalid
        | V::ExceededMaxIterations => Trouble::Key,
        V::FunctionNotSupported
        | V::FunctionNotParallel
        | V::MechanismInvalid
        | V::CurveNotSupported
        | V::ParameterSetNotSupported
        | V::RandomSeedNotSupported => Trouble::Mechanism,
        V::ActionProhibited
        | V::AttributeReadOnly
        | V::AttributeSensitive
        | V::InformationSensitive
        | V::TokenWriteProtected => Trouble::Forbidden,
        _ => Trouble::Request,
    }
}

impl fmt::Display for Disposition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Permanent(trouble) => write!(formatter, "Permanent({trouble:?})"),
            other => write!(formatter, "{other:?}"),
        }
    }
}

#[cfg(test)]
mod tests;
