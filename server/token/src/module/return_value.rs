//! [`ReturnValue`]: what a PKCS#11 function answers instead of CKR_OK.

use std::fmt;

macro_rules! return_values {
    ($($value:ident = $name:literal, $number:literal;)*) => {
        /// Every return value of PKCS#11 3.2 (`pkcs11t.h`) but CKR_OK, those of vendors, and one of our own.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are the standard's")]
        pub enum ReturnValue {
            $($value,)*
            /// A number that the standard does not name.
            Vendor(u64),
            /// The module's answer makes no sense: a length that does not fit, an attribute of the wrong type.
            Malformed,
        }

        impl ReturnValue {
            /// The standard's values, in the order of their numbers.
            #[cfg(test)]
            pub(crate) const STANDARD: &'static [Self] = &[$(Self::$value,)*];

            /// The value with this number, which is not that of CKR_OK.
            pub(crate) const fn from_number(number: u64) -> Self {
                match number {
                    $($number => Self::$value,)*
                    other => Self::Vendor(other),
                }
            }
        }

        impl fmt::Display for ReturnValue {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$value => formatter.write_str($name),)*
                    Self::Vendor(number) => write!(formatter, "CKR {number:#x}"),
                    Self::Malformed => formatter.write_str("an answer that makes no sense"),
                }
            }
        }
    };
}

return_values! {
    Cancel = "CKR_CANCEL", 0x001;
    HostMemory = "CKR_HOST_MEMORY", 0x002;
    SlotIdInvalid = "CKR_SLOT_ID_INVALID", 0x003;
    GeneralError = "CKR_GENERAL_ERROR", 0x005;
    FunctionFailed = "CKR_FUNCTION_FAILED", 0x006;
    ArgumentsBad = "CKR_ARGUMENTS_BAD", 0x007;
    NoEvent = "CKR_NO_EVENT", 0x008;
    NeedToCreateThreads = "CKR_NEED_TO_CREATE_THREADS", 0x009;
    CantLock = "CKR_CANT_LOCK", 0x00a;
    AttributeReadOnly = "CKR_ATTRIBUTE_READ_ONLY", 0x010;
    AttributeSensitive = "CKR_ATTRIBUTE_SENSITIVE", 0x011;
    AttributeTypeInvalid = "CKR_ATTRIBUTE_TYPE_INVALID", 0x012;
    AttributeValueInvalid = "CKR_ATTRIBUTE_VALUE_INVALID", 0x013;
    ActionProhibited = "CKR_ACTION_PROHIBITED", 0x01b;
    DataInvalid = "CKR_DATA_INVALID", 0x020;
    DataLenRange = "CKR_DATA_LEN_RANGE", 0x021;
    DeviceError = "CKR_DEVICE_ERROR", 0x030;
    DeviceMemory = "CKR_DEVICE_MEMORY", 0x031;
    DeviceRemoved = "CKR_DEVICE_REMOVED", 0x032;
    EncryptedDataInvalid = "CKR_ENCRYPTED_DATA_INVALID", 0x040;
    EncryptedDataLenRange = "CKR_ENCRYPTED_DATA_LEN_RANGE", 0x041;
    AeadDecryptFailed = "CKR_AEAD_DECRYPT_FAILED", 0x042;
    FunctionCanceled = "CKR_FUNCTION_CANCELED", 0x050;
    FunctionNotParallel = "CKR_FUNCTION_NOT_PARALLEL", 0x051;
    FunctionNotSupported = "CKR_FUNCTION_NOT_SUPPORTED", 0x054;
    KeyHandleInvalid = "CKR_KEY_HANDLE_INVALID", 0x060;
    KeySizeRange = "CKR_KEY_SIZE_RANGE", 0x062;
    KeyTypeInconsistent = "CKR_KEY_TYPE_INCONSISTENT", 0x063;
    KeyNotNeeded = "CKR_KEY_NOT_NEEDED", 0x064;
    KeyChanged = "CKR_KEY_CHANGED", 0x065;
    KeyNeeded = "CKR_KEY_NEEDED", 0x066;
    KeyIndigestible = "CKR_KEY_INDIGESTIBLE", 0x067;
    KeyFunctionNotPermitted = "CKR_KEY_FUNCTION_NOT_PERMITTED", 0x068;
    KeyNotWrappable = "CKR_KEY_NOT_WRAPPABLE", 0x069;
    KeyUnextractable = "CKR_KEY_UNEXTRACTABLE", 0x06a;
    MechanismInvalid = "CKR_MECHANISM_INVALID", 0x070;
    MechanismParamInvalid = "CKR_MECHANISM_PARAM_INVALID", 0x071;
    ObjectHandleInvalid = "CKR_OBJECT_HANDLE_INVALID", 0x082;
    OperationActive = "CKR_OPERATION_ACTIVE", 0x090;
    OperationNotInitialized = "CKR_OPERATION_NOT_INITIALIZED", 0x091;
    PinIncorrect = "CKR_PIN_INCORRECT", 0x0a0;
    PinInvalid = "CKR_PIN_INVALID", 0x0a1;
    PinLenRange = "CKR_PIN_LEN_RANGE", 0x0a2;
    PinExpired = "CKR_PIN_EXPIRED", 0x0a3;
    PinLocked = "CKR_PIN_LOCKED", 0x0a4;
    SessionClosed = "CKR_SESSION_CLOSED", 0x0b0;
    SessionCount = "CKR_SESSION_COUNT", 0x0b1;
    SessionHandleInvalid = "CKR_SESSION_HANDLE_INVALID", 0x0b3;
    SessionParallelNotSupported = "CKR_SESSION_PARALLEL_NOT_SUPPORTED", 0x0b4;
    SessionReadOnly = "CKR_SESSION_READ_ONLY", 0x0b5;
    SessionExists = "CKR_SESSION_EXISTS", 0x0b6;
    SessionReadOnlyExists = "CKR_SESSION_READ_ONLY_EXISTS", 0x0b7;
    SessionReadWriteSoExists = "CKR_SESSION_READ_WRITE_SO_EXISTS", 0x0b8;
    SignatureInvalid = "CKR_SIGNATURE_INVALID", 0x0c0;
    SignatureLenRange = "CKR_SIGNATURE_LEN_RANGE", 0x0c1;
    TemplateIncomplete = "CKR_TEMPLATE_INCOMPLETE", 0x0d0;
    TemplateInconsistent = "CKR_TEMPLATE_INCONSISTENT", 0x0d1;
    TokenNotPresent = "CKR_TOKEN_NOT_PRESENT", 0x0e0;
    TokenNotRecognized = "CKR_TOKEN_NOT_RECOGNIZED", 0x0e1;
    TokenWriteProtected = "CKR_TOKEN_WRITE_PROTECTED", 0x0e2;
    UnwrappingKeyHandleInvalid = "CKR_UNWRAPPING_KEY_HANDLE_INVALID", 0x0f0;
    UnwrappingKeySizeRange = "CKR_UNWRAPPING_KEY_SIZE_RANGE", 0x0f1;
    UnwrappingKeyTypeInconsistent = "CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT", 0x0f2;
    UserAlreadyLoggedIn = "CKR_USER_ALREADY_LOGGED_IN", 0x100;
    UserNotLoggedIn = "CKR_USER_NOT_LOGGED_IN", 0x101;
    UserPinNotInitialized = "CKR_USER_PIN_NOT_INITIALIZED", 0x102;
    UserTypeInvalid = "CKR_USER_TYPE_INVALID", 0x103;
    UserAnotherAlreadyLoggedIn = "CKR_USER_ANOTHER_ALREADY_LOGGED_IN", 0x104;
    UserTooManyTypes = "CKR_USER_TOO_MANY_TYPES", 0x105;
    WrappedKeyInvalid = "CKR_WRAPPED_KEY_INVALID", 0x110;
    WrappedKeyLenRange = "CKR_WRAPPED_KEY_LEN_RANGE", 0x112;
    WrappingKeyHandleInvalid = "CKR_WRAPPING_KEY_HANDLE_INVALID", 0x113;
    WrappingKeySizeRange = "CKR_WRAPPING_KEY_SIZE_RANGE", 0x114;
    WrappingKeyTypeInconsistent = "CKR_WRAPPING_KEY_TYPE_INCONSISTENT", 0x115;
    RandomSeedNotSupported = "CKR_RANDOM_SEED_NOT_SUPPORTED", 0x120;
    RandomNoRng = "CKR_RANDOM_NO_RNG", 0x121;
    DomainParamsInvalid = "CKR_DOMAIN_PARAMS_INVALID", 0x130;
    CurveNotSupported = "CKR_CURVE_NOT_SUPPORTED", 0x140;
    BufferTooSmall = "CKR_BUFFER_TOO_SMALL", 0x150;
    SavedStateInvalid = "CKR_SAVED_STATE_INVALID", 0x160;
    InformationSensitive = "CKR_INFORMATION_SENSITIVE", 0x170;
    StateUnsaveable = "CKR_STATE_UNSAVEABLE", 0x180;
    CryptokiNotInitialized = "CKR_CRYPTOKI_NOT_INITIALIZED", 0x190;
    CryptokiAlreadyInitialized = "CKR_CRYPTOKI_ALREADY_INITIALIZED", 0x191;
    MutexBad = "CKR_MUTEX_BAD", 0x1a0;
    MutexNotLocked = "CKR_MUTEX_NOT_LOCKED", 0x1a1;
    NewPinMode = "CKR_NEW_PIN_MODE", 0x1b0;
    NextOtp = "CKR_NEXT_OTP", 0x1b1;
    ExceededMaxIterations = "CKR_EXCEEDED_MAX_ITERATIONS", 0x1b5;
    FipsSelfTestFailed = "CKR_FIPS_SELF_TEST_FAILED", 0x1b6;
    LibraryLoadFailed = "CKR_LIBRARY_LOAD_FAILED", 0x1b7;
    PinTooWeak = "CKR_PIN_TOO_WEAK", 0x1b8;
    PublicKeyInvalid = "CKR_PUBLIC_KEY_INVALID", 0x1b9;
    FunctionRejected = "CKR_FUNCTION_REJECTED", 0x200;
    TokenResourceExceeded = "CKR_TOKEN_RESOURCE_EXCEEDED", 0x201;
    OperationCancelFailed = "CKR_OPERATION_CANCEL_FAILED", 0x202;
    KeyExhausted = "CKR_KEY_EXHAUSTED", 0x203;
    Pending = "CKR_PENDING", 0x204;
    SessionAsyncNotSupported = "CKR_SESSION_ASYNC_NOT_SUPPORTED", 0x205;
    SeedRandomRequired = "CKR_SEED_RANDOM_REQUIRED", 0x206;
    OperationNotValidated = "CKR_OPERATION_NOT_VALIDATED", 0x207;
    TokenNotInitialized = "CKR_TOKEN_NOT_INITIALIZED", 0x208;
    ParameterSetNotSupported = "CKR_PARAMETER_SET_NOT_SUPPORTED", 0x209;
}
