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

macro_rules! table {
    ($function:ident; $($disposition:expr => $($value:ident)*;)*) => {
        /// The table. A value that is in no line does not compile.
        pub(crate) fn disposition($function: Function, value: ReturnValue) -> Disposition {
            match value {
                $($(ReturnValue::$value)|* => $disposition,)*
                ReturnValue::Vendor(_) | ReturnValue::Malformed => Disposition::Reinitialise,
            }
        }
    };
}

table! {
    function;
    Disposition::RetryHere => Cancel FunctionCanceled FunctionRejected Pending;
    Disposition::NewSession => SessionHandleInvalid SessionClosed SessionReadOnly SessionAsyncNotSupported
        OperationActive OperationNotInitialized OperationCancelFailed OperationNotValidated BufferTooSmall;
    Disposition::LogIn => UserNotLoggedIn;
    Disposition::FindAgain => ObjectHandleInvalid KeyHandleInvalid;
    Disposition::Reinitialise => SlotIdInvalid DeviceRemoved TokenNotPresent TokenNotRecognized
        TokenNotInitialized CryptokiNotInitialized CryptokiAlreadyInitialized SessionCount SessionExists
        SessionReadOnlyExists SessionReadWriteSoExists SessionParallelNotSupported UserAlreadyLoggedIn
        UserAnotherAlreadyLoggedIn UserTooManyTypes UserTypeInvalid SavedStateInvalid StateUnsaveable RandomNoRng
        SeedRandomRequired NoEvent;
    Disposition::ReplaceWorker => HostMemory NeedToCreateThreads CantLock MutexBad MutexNotLocked FipsSelfTestFailed
        LibraryLoadFailed;
    // A wrong tag in SoftHSM 2.6.1, and also a token that is broken.
    of_decrypt(function, Disposition::Reinitialise) => GeneralError;
    // Wrong padding of RSAES-OAEP in Kryoptic.
    of_decrypt(function, Disposition::Reinitialise) => DeviceError;
    // A full disk in SoftHSM, from C_GenerateKey and C_GenerateKeyPair.
    of_decrypt(function, of_creation(function)) => FunctionFailed;
    of_decrypt(function, Disposition::Permanent(Trouble::Request)) => DataInvalid DataLenRange;
    // From C_DecryptInit no ciphertext has been looked at: it is never the ciphertext's fault.
    of_decrypt(function, Disposition::Reinitialise) => EncryptedDataInvalid EncryptedDataLenRange AeadDecryptFailed;
    of_creation(function) => DeviceMemory TokenResourceExceeded;
    Disposition::Permanent(Trouble::PinRefused) => PinIncorrect PinInvalid PinLenRange;
    Disposition::Permanent(Trouble::PinLocked) => PinLocked;
    Disposition::Permanent(Trouble::PinUnusable) => PinExpired PinTooWeak NewPinMode NextOtp UserPinNotInitialized;
    Disposition::Permanent(Trouble::Key) => KeyFunctionNotPermitted KeyTypeInconsistent KeySizeRange KeyChanged
        KeyExhausted KeyIndigestible KeyNeeded KeyNotNeeded KeyNotWrappable KeyUnextractable PublicKeyInvalid
        ExceededMaxIterations;
    Disposition::Permanent(Trouble::Mechanism) => FunctionNotSupported FunctionNotParallel MechanismInvalid
        CurveNotSupported ParameterSetNotSupported RandomSeedNotSupported;
    Disposition::Permanent(Trouble::Forbidden) => ActionProhibited AttributeReadOnly AttributeSensitive
        InformationSensitive TokenWriteProtected;
    Disposition::Permanent(Trouble::Request) => ArgumentsBad AttributeTypeInvalid AttributeValueInvalid
        MechanismParamInvalid DomainParamsInvalid SignatureInvalid SignatureLenRange TemplateIncomplete
        TemplateInconsistent UnwrappingKeyHandleInvalid UnwrappingKeySizeRange UnwrappingKeyTypeInconsistent
        WrappedKeyInvalid WrappedKeyLenRange WrappingKeyHandleInvalid WrappingKeySizeRange
        WrappingKeyTypeInconsistent;
}

/// From C_Decrypt itself the ciphertext is in doubt.
fn of_decrypt(function: Function, otherwise: Disposition) -> Disposition {
    if function == Function::Decrypt {
        Disposition::Permanent(Trouble::CiphertextOrToken)
    } else {
        otherwise
    }
}

/// From what makes objects it means that there is no room.
fn of_creation(function: Function) -> Disposition {
    if matches!(
        function,
        Function::GenerateKey | Function::GenerateKeyPair | Function::UnwrapKey | Function::CopyObject
    ) {
        Disposition::Permanent(Trouble::Storage)
    } else {
        Disposition::Reinitialise
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
