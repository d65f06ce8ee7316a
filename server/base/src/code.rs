//! The one error table: what each fault is called and numbered on every wire, and whether trying again can help.

/// The status codes of gRPC (grpc.github.io/grpc/core/md_doc_statuscodes.html) that Strongroom answers with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the standard's")]
pub enum GrpcCode {
    InvalidArgument = 3,
    DeadlineExceeded = 4,
    NotFound = 5,
    AlreadyExists = 6,
    PermissionDenied = 7,
    ResourceExhausted = 8,
    FailedPrecondition = 9,
    Aborted = 10,
    OutOfRange = 11,
    Unimplemented = 12,
    Internal = 13,
    Unavailable = 14,
    DataLoss = 15,
    Unauthenticated = 16,
}

/// Whether the same request may succeed later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// The request itself must change, or an operator must act.
    Never,
    /// Try again after so many milliseconds, growing with jitter.
    AfterMillis(u64),
}

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// AWS's exception name: `__type` on the AWS wire, `ErrorInfo.reason` on gRPC.
    pub exception: &'static str,
    /// The gRPC status code.
    pub grpc: GrpcCode,
    /// The HTTP status on the AWS wire.
    pub http_status: u16,
    /// Retry advice.
    pub retry: Retry,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $exception:literal, $grpc:ident, $status:literal, $retry:expr;)*) => {
        /// Every fault that a caller can get. Closed: matches on it list every variant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $code,)*
        }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// What this code is on each wire.
            #[must_use]
            pub const fn row(self) -> Row {
                match self {
                    $(Self::$code => Row {
                        exception: $exception, grpc: GrpcCode::$grpc, http_status: $status, retry: $retry,
                    },)*
                }
            }
        }
    };
}

codes! {
    /// Policy does not allow this caller this action on this resource.
    AccessDenied = "AccessDeniedException", PermissionDenied, 400, Retry::Never;
    /// The caller could not be identified.
    UnrecognizedClient = "UnrecognizedClientException", Unauthenticated, 400, Retry::Never;
    /// A field breaks a constraint of the API's model.
    Validation = "ValidationException", InvalidArgument, 400, Retry::Never;
    /// The key or alias does not exist (KMS).
    NotFound = "NotFoundException", NotFound, 400, Retry::Never;
    /// An ARN that is malformed, or of something else.
    InvalidArn = "InvalidArnException", InvalidArgument, 400, Retry::Never;
    /// The key is disabled.
    Disabled = "DisabledException", FailedPrecondition, 400, Retry::Never;
    /// The key's material cannot be used now, though the token answers.
    KeyUnavailable = "KeyUnavailableException", Unavailable, 500, Retry::AfterMillis(1_000);
    /// The ciphertext does not open: wrong context, damaged, or not ours. Never says which.
    InvalidCiphertext = "InvalidCiphertextException", InvalidArgument, 400, Retry::Never;
    /// The ciphertext was made under another key than the request names.
    IncorrectKey = "IncorrectKeyException", InvalidArgument, 400, Retry::Never;
    /// The key's usage does not include the operation.
    InvalidKeyUsage = "InvalidKeyUsageException", FailedPrecondition, 400, Retry::Never;
    /// The key's state does not allow the operation.
    KmsInvalidState = "KMSInvalidStateException", FailedPrecondition, 400, Retry::Never;
    /// The alias exists (KMS).
    AlreadyExists = "AlreadyExistsException", AlreadyExists, 400, Retry::Never;
    /// The alias name is reserved.
    InvalidAliasName = "InvalidAliasNameException", InvalidArgument, 400, Retry::Never;
    /// A quota of resources or of a key's uses is spent.
    LimitExceeded = "LimitExceededException", ResourceExhausted, 400, Retry::Never;
    /// The paging marker is not one that this service gave (KMS).
    InvalidMarker = "InvalidMarkerException", InvalidArgument, 400, Retry::Never;
    /// A feature that this key or token does not have.
    UnsupportedOperation = "UnsupportedOperationException", Unimplemented, 400, Retry::Never;
    /// A tag breaks the rules (KMS).
    Tag = "TagException", InvalidArgument, 400, Retry::Never;
    /// The request would have been carried out, had it not been for its DryRun.
    DryRunOperation = "DryRunOperationException", FailedPrecondition, 400, Retry::Never;
    /// A signature that does not verify.
    KmsInvalidSignature = "KMSInvalidSignatureException", InvalidArgument, 400, Retry::Never;
    /// A message authentication code that does not verify.
    KmsInvalidMac = "KMSInvalidMacException", InvalidArgument, 400, Retry::Never;
    /// A policy document that IAM's language does not allow, or that would lock its author out.
    MalformedPolicyDocument = "MalformedPolicyDocumentException", InvalidArgument, 400, Retry::Never;
    /// A policy document lets in everybody, and the request wants such a one blocked (Secrets Manager).
    PublicPolicy = "PublicPolicyException", InvalidArgument, 400, Retry::Never;
    /// A grant token that is not one, or not of this key.
    InvalidGrantToken = "InvalidGrantTokenException", InvalidArgument, 400, Retry::Never;
    /// A grant id that is not one.
    InvalidGrantId = "InvalidGrantIdException", InvalidArgument, 400, Retry::Never;
    /// Imported material is not what this key had before.
    IncorrectKeyMaterial = "IncorrectKeyMaterialException", InvalidArgument, 400, Retry::Never;
    /// The import token is too old.
    ExpiredImportToken = "ExpiredImportTokenException", FailedPrecondition, 400, Retry::Never;
    /// The import token is of another key, or not one.
    InvalidImportToken = "InvalidImportTokenException", InvalidArgument, 400, Retry::Never;
    /// The secret or version does not exist (Secrets Manager).
    ResourceNotFound = "ResourceNotFoundException", NotFound, 400, Retry::Never;
    /// The secret, or a version with other content, exists (Secrets Manager).
    ResourceExists = "ResourceExistsException", AlreadyExists, 400, Retry::Never;
    /// A parameter's value is not acceptable (Secrets Manager).
    InvalidParameter = "InvalidParameterException", InvalidArgument, 400, Retry::Never;
    /// The secret's state does not allow the request (Secrets Manager).
    InvalidRequest = "InvalidRequestException", FailedPrecondition, 400, Retry::Never;
    /// The secret's value does not open.
    DecryptionFailure = "DecryptionFailure", DataLoss, 400, Retry::Never;
    /// The secret's value could not be encrypted under its key.
    EncryptionFailure = "EncryptionFailure", FailedPrecondition, 400, Retry::Never;
    /// The paging token is not one that this service gave (Secrets Manager).
    InvalidNextToken = "InvalidNextTokenException", InvalidArgument, 400, Retry::Never;
    /// The resume token stands on an event that is not kept any more, or of another life of the store. The name is that of
    /// DynamoDB Streams and Kinesis for the same thing.
    TrimmedData = "TrimmedDataAccessException", OutOfRange, 400, Retry::Never;
    /// The KMS key of a parameter cannot be used: it does not exist, or not for this (Parameter Store).
    InvalidKeyId = "InvalidKeyId", FailedPrecondition, 400, Retry::Never;
    /// The parameter does not exist.
    ParameterNotFound = "ParameterNotFound", NotFound, 400, Retry::Never;
    /// The parameter has no such version, or no version with such a label.
    ParameterVersionNotFound = "ParameterVersionNotFound", NotFound, 400, Retry::Never;
    /// The parameter exists, and the request does not say that it may be overwritten.
    ParameterAlreadyExists = "ParameterAlreadyExists", AlreadyExists, 400, Retry::Never;
    /// The account has as many parameters as it may.
    ParameterLimitExceeded = "ParameterLimitExceeded", ResourceExhausted, 400, Retry::Never;
    /// The oldest version of a parameter would have to go, and has a label.
    ParameterMaxVersionLimitExceeded = "ParameterMaxVersionLimitExceeded", FailedPrecondition, 400, Retry::Never;
    /// A version of a parameter would have more labels than it may.
    ParameterVersionLabelLimitExceeded = "ParameterVersionLabelLimitExceeded", ResourceExhausted, 400, Retry::Never;
    /// A parameter's value does not fit its pattern.
    ParameterPatternMismatch = "ParameterPatternMismatchException", InvalidArgument, 400, Retry::Never;
    /// A parameter's name has too many levels.
    HierarchyLevelLimitExceeded = "HierarchyLevelLimitExceededException", InvalidArgument, 400, Retry::Never;
    /// A parameter has another type.
    HierarchyTypeMismatch = "HierarchyTypeMismatchException", FailedPrecondition, 400, Retry::Never;
    /// A pattern for a parameter's values is none, or too large.
    InvalidAllowedPattern = "InvalidAllowedPatternException", InvalidArgument, 400, Retry::Never;
    /// A parameter of this type cannot have this.
    UnsupportedParameterType = "UnsupportedParameterType", InvalidArgument, 400, Retry::Never;
    /// A parameter would have more policies than it may.
    PoliciesLimitExceeded = "PoliciesLimitExceededException", InvalidArgument, 400, Retry::Never;
    /// A parameter policy of a type that there is not.
    InvalidPolicyType = "InvalidPolicyTypeException", InvalidArgument, 400, Retry::Never;
    /// A parameter policy says something else than its type wants.
    InvalidPolicyAttribute = "InvalidPolicyAttributeException", InvalidArgument, 400, Retry::Never;
    /// Parameter policies that do not go together.
    IncompatiblePolicy = "IncompatiblePolicyException", InvalidArgument, 400, Retry::Never;
    /// Other requests changed the same parameter meanwhile, several times in a row.
    TooManyUpdates = "TooManyUpdates", Aborted, 400, Retry::AfterMillis(50);
    /// A filter of a list looks at something that it cannot look at (Parameter Store).
    InvalidFilterKey = "InvalidFilterKey", InvalidArgument, 400, Retry::Never;
    /// A filter of a list compares in a way that it cannot (Parameter Store).
    InvalidFilterOption = "InvalidFilterOption", InvalidArgument, 400, Retry::Never;
    /// A filter of a list has a value that nothing can have (Parameter Store).
    InvalidFilterValue = "InvalidFilterValue", InvalidArgument, 400, Retry::Never;
    /// The paging token is not one that this service gave (Parameter Store).
    InvalidPageToken = "InvalidNextToken", InvalidArgument, 400, Retry::Never;
    /// Tags are asked for of something that this service does not have (Parameter Store).
    InvalidResourceType = "InvalidResourceType", InvalidArgument, 400, Retry::Never;
    /// Tags are asked for of a parameter that does not exist.
    InvalidResourceId = "InvalidResourceId", NotFound, 400, Retry::Never;
    /// A parameter would have more tags than it may.
    TooManyTags = "TooManyTagsError", ResourceExhausted, 400, Retry::Never;
    /// Another request changed the same record meanwhile, several times in a row.
    Conflict = "ConflictException", Aborted, 400, Retry::AfterMillis(50);
    /// Too many requests wait already; nothing was done.
    Throttling = "ThrottlingException", ResourceExhausted, 400, Retry::AfterMillis(100);
    /// The answer did not come within the request's deadline. A change may have been made.
    DependencyTimeout = "DependencyTimeoutException", DeadlineExceeded, 503, Retry::AfterMillis(500);
    /// Token, store or audit trail are away; nothing is known to be wrong with the request.
    Unavailable = "ServiceUnavailableException", Unavailable, 503, Retry::AfterMillis(1_000);
    /// Token or disk are full; an operator must make room.
    StorageFull = "KMSInternalException", ResourceExhausted, 500, Retry::AfterMillis(10_000);
    /// A stored record is not what was written: it was edited, swapped, copied or damaged.
    RecordDamaged = "InternalServiceError", DataLoss, 500, Retry::Never;
    /// A defect of the service.
    Internal = "InternalFailure", Internal, 500, Retry::Never;
}

#[cfg(test)]
mod tests;
