//! Every limit of the service, with its unit in the name and its reason beside it.
//!
//! "model" is AWS's published API model (botocore `service-2.json`), "quota" its documented default quota.

use std::time::Duration;

// Names and texts.

/// Bytes of an ARN: AWS models allow 2,048 for any identifier that may be an ARN.
pub const ARN_LENGTH_MAX: usize = 2_048;
/// Characters of a key's description (model `DescriptionType`).
pub const KEY_DESCRIPTION_LENGTH_MAX: usize = 8_192;
/// Characters of an alias with its `alias/` prefix (model `AliasNameType`).
pub const ALIAS_NAME_LENGTH_MAX: usize = 256;
/// Aliases that may point at one key (quota).
pub const ALIASES_PER_KEY_MAX: usize = 50;
/// Characters of a key id, key ARN, alias or alias ARN in a request (model `KeyIdType`).
pub const KEY_REFERENCE_LENGTH_MAX: usize = 2_048;

// Keys and their use.

/// KMS keys of one account (quota); memory for the caches is planned for it.
pub const KEYS_MAX: usize = 100_000;
/// Bytes that Encrypt takes (model `PlaintextType`).
pub const PLAINTEXT_BYTES_MAX: usize = 4_096;
/// Bytes of a ciphertext blob (model `CiphertextType`).
pub const CIPHERTEXT_BLOB_BYTES_MAX: usize = 6_144;
/// Bytes of a message that is signed or gets an authentication code (model `PlaintextType`).
pub const MESSAGE_BYTES_MAX: usize = 4_096;
/// Bytes of another side's public key (model `PublicKeyType`).
pub const PUBLIC_KEY_BYTES_MAX: usize = 8_192;
/// Data key pairs that are made at once: one of RSA_4096 takes a processor for up to seconds, and requests need some too.
pub const DATA_KEY_PAIRS_AT_ONCE_MAX: usize = 2;
/// Bytes of a data key or of GenerateRandom (model `NumberOfBytesType`).
pub const RANDOM_BYTES_MAX: usize = 1_024;
/// Characters of all keys and values of an encryption context together (AWS's documented limit).
pub const ENCRYPTION_CONTEXT_LENGTH_MAX: usize = 8_192;
/// Days between ScheduleKeyDeletion and deletion, at least.
pub const PENDING_WINDOW_DAYS_MIN: u32 = 7;
/// Days between ScheduleKeyDeletion and deletion, at most, and unless said otherwise.
pub const PENDING_WINDOW_DAYS_MAX: u32 = 30;
/// Uses of one key version for AES-GCM encryption with random 96-bit nonces (NIST SP 800-38D section 8.3).
pub const KEY_INVOCATIONS_MAX: u64 = 1 << 32;
/// Uses of one key version that derives a key for each message from a random 128-bit salt: within them two salts are the
/// same with a probability below 2^-32, which is what SP 800-38D asks of nonces (2^96 pairs of 2^48, over 2 · 2^128). Even
/// then the two messages have random nonces of their own.
pub const KEY_INVOCATIONS_DERIVED_MAX: u64 = 1 << 48;
/// Uses that a process reserves at a time, and so loses at most per key when it is killed: 65,536 crashes with a fresh
/// block each would be needed to use a key up, and at 30,000 uses a second a reservation is one commit in two seconds.
pub const KEY_INVOCATIONS_BLOCK: u64 = 1 << 16;
/// Uses of a key's current material after which the key rotates by itself, unless configured otherwise: half of what the
/// material may make, so that weeks at full speed are left for a rotation that fails.
pub const KEY_ROTATION_INVOCATIONS_DEFAULT: u64 = 1 << 31;
/// The least that may be configured there: a key with the most materials has then encrypted three thousand million times.
pub const KEY_ROTATION_INVOCATIONS_MIN: u64 = 1 << 24;
/// Materials that a key may have in its life, so that its record stays small enough to be changed.
pub const KEY_VERSIONS_MAX: usize = 200;
/// Days between two rotations of a key by time, at least (model `RotationPeriodInDaysType`).
pub const KEY_ROTATION_PERIOD_DAYS_MIN: u32 = 90;
/// Days between two rotations of a key by time, at most.
pub const KEY_ROTATION_PERIOD_DAYS_MAX: u32 = 2_560;
/// Days between two rotations of a key by time, unless said otherwise; always for keys that a service manages.
pub const KEY_ROTATION_PERIOD_DAYS_DEFAULT: u32 = 365;
/// Rotations on demand in the life of a key (model text of RotateKeyOnDemand).
pub const KEY_ROTATIONS_ON_DEMAND_MAX: usize = 25;
/// Time before a rotation by time within which a rotation on demand is refused.
pub const KEY_ROTATION_QUIET: Duration = Duration::from_secs(20 * 60);

/// Time between two writes of when keys were last used: what a process that is killed loses of it.
pub const KEY_LAST_USAGE_INTERVAL: Duration = Duration::from_secs(60);

/// Materials of a key that one InspectKey looks at: each is a search of the token, a quarter of a second at 10,000 objects
/// in SoftHSM.
pub const INSPECT_LIMIT_MAX: usize = 10;

// Key policies and grants.

/// Bytes of a key policy document (quota; the model's `PolicyType` allows more, and the service answers
/// LimitExceededException).
pub const KEY_POLICY_BYTES_MAX: usize = 32 << 10;
/// Characters of a key policy document that the model allows (`PolicyType`); beyond them the request is not one.
pub const KEY_POLICY_LENGTH_MAX: usize = 131_072;
/// Characters of a principal's ARN in a grant (model `PrincipalIdType`).
pub const GRANT_PRINCIPAL_LENGTH_MAX: usize = 256;
/// Characters of a grant's name (model `GrantNameType`).
pub const GRANT_NAME_LENGTH_MAX: usize = 256;
/// Characters of a grant id in a request (model `GrantIdType`); ours have 64.
pub const GRANT_ID_LENGTH_MAX: usize = 128;
/// Pairs of one constraint of a grant (model text of CreateGrant).
pub const GRANT_CONSTRAINT_PAIRS_MAX: usize = 8;
/// Characters of a value in a constraint of a grant (model text of CreateGrant).
pub const GRANT_CONSTRAINT_VALUE_LENGTH_MAX: usize = 384;
/// Grants on one key (quota).
pub const GRANTS_PER_KEY_MAX: usize = 50_000;
/// Bytes of memory that the grants of one key may take: with the longest constraints one has 64 KB, and 50,000 of those would
/// be more than a server has. 50,000 of all operations of a symmetric key and with two short pairs are below it.
pub const GRANTS_PER_KEY_BYTES_MAX: usize = 128 << 20;
/// Bytes of memory for the grants of all keys together; beyond it those that were used longest ago are read anew when they
/// are used again. Of the usual ones a quarter of a million.
pub const GRANTS_CACHED_BYTES_MAX: usize = 256 << 20;
/// Grants of a deleted key that one commit removes: with what points at them they stay below
/// [`TRANSACTION_RECORDS_MAX`].
pub const GRANTS_REMOVED_AT_ONCE_MAX: usize = 200;
// Imported material.

/// Time for which a wrapping key and its import token are valid (model text of GetParametersForImport).
pub const IMPORT_PARAMETERS_VALIDITY: Duration = Duration::from_secs(24 * 60 * 60);
/// Wrapping keys of one key that are valid at a time: each is an object in the token until it is used or expires.
pub const IMPORT_PARAMETERS_PER_KEY_MAX: usize = 8;
/// Wrapping keys of one account that are valid at a time.
pub const IMPORT_PARAMETERS_MAX: usize = 200;
/// Bytes of an import token (model `CiphertextType`).
pub const IMPORT_TOKEN_BYTES_MAX: usize = 6_144;
/// Bytes of key material as it is imported: encrypted (model `CiphertextType`).
pub const ENCRYPTED_KEY_MATERIAL_BYTES_MAX: usize = 6_144;
/// Days for which imported material is valid, at most (model text of ImportKeyMaterial).
pub const KEY_MATERIAL_VALIDITY_DAYS_MAX: u32 = 365;
/// Time within which imported material that has expired is destroyed, while the token is there. Nobody uses it meanwhile.
pub const KEY_MATERIAL_REMOVAL_DELAY_MAX: Duration = Duration::from_secs(60);
/// Characters of the description of imported material (model `KeyMaterialDescriptionType`).
pub const KEY_MATERIAL_DESCRIPTION_LENGTH_MAX: usize = 256;

// Lists.

/// Rows of a KMS list (model `LimitType`).
pub const LIST_LIMIT_MAX: usize = 1_000;
/// Rows of ListKeys when the request does not say.
pub const LIST_KEYS_LIMIT_DEFAULT: usize = 100;
/// Rows of ListResourceTags, at most and unless the request says (model text): all that a key can have.
pub const LIST_TAGS_LIMIT_MAX: usize = 50;
/// Rows of ListAliases when the request does not say.
pub const LIST_ALIASES_LIMIT_DEFAULT: usize = 50;
/// Rows of ListKeyPolicies when the request does not say.
pub const LIST_KEY_POLICIES_LIMIT_DEFAULT: usize = 100;
/// Rows of ListGrants and ListRetirableGrants (model text: less than `LimitType` allows).
pub const LIST_GRANTS_LIMIT_MAX: usize = 100;
/// Rows of ListGrants and ListRetirableGrants when the request does not say.
pub const LIST_GRANTS_LIMIT_DEFAULT: usize = 50;

// Secrets.

/// Characters of a secret's name (model says 512; the service refuses more than 512, of which 6 are the ARN's suffix).
pub const SECRET_NAME_LENGTH_MAX: usize = 512;
/// Characters of a secret's name, partial ARN or ARN in a request (model `SecretIdType`).
pub const SECRET_ID_LENGTH_MAX: usize = 2_048;
/// Bytes of a secret's value, as text or binary (model `SecretStringType`, `SecretBinaryType`).
pub const SECRET_VALUE_BYTES_MAX: usize = 65_536;
/// Characters of a secret's description (model `DescriptionType`).
pub const SECRET_DESCRIPTION_LENGTH_MAX: usize = 2_048;
/// Characters of a ClientRequestToken or version id, at least (model).
pub const VERSION_ID_LENGTH_MIN: usize = 32;
/// Characters of a ClientRequestToken or version id, at most (model).
pub const VERSION_ID_LENGTH_MAX: usize = 64;
/// Bytes of a secret's resource policy (model `NonEmptyResourcePolicyType`: as many characters). With all labels, tags and
/// the description at their longest it still fits the secret's one record.
pub const SECRET_POLICY_BYTES_MAX: usize = 20_480;
/// Characters of the name of a secret's resource policy, of which there is one, `default` (model `ResourcePolicyNameType`).
pub const SECRET_POLICY_NAME_LENGTH_MAX: usize = 64;
/// Characters of a staging label (model `SecretVersionStageType`).
pub const STAGING_LABEL_LENGTH_MAX: usize = 256;
/// Staging labels on one version (quota).
pub const STAGING_LABELS_PER_VERSION_MAX: usize = 20;
/// Versions of one secret that are kept; older ones without a label are removed (documented).
pub const SECRET_VERSIONS_MAX: usize = 100;
/// Hours a version without a label is kept at least (documented).
pub const SECRET_VERSION_HOURS_MIN: u64 = 24;
/// Staging labels on all versions of one secret together: they are in one record, of which they fill half when each is
/// as long as it may be.
pub const STAGING_LABELS_PER_SECRET_MAX: usize = 200;
/// Versions of one secret, those included that are too young to be removed: a new one every nine seconds for a day.
pub const SECRET_VERSIONS_HARD_MAX: u32 = 10_000;
/// Versions that one commit removes: bounds the values that are read for it to 16 times 90 KiB.
pub const SECRET_VERSIONS_REMOVED_AT_ONCE_MAX: usize = 16;
/// Days between DeleteSecret and deletion, at least.
pub const RECOVERY_WINDOW_DAYS_MIN: u32 = 7;
/// Days between DeleteSecret and deletion, at most, and unless said otherwise.
pub const RECOVERY_WINDOW_DAYS_MAX: u32 = 30;
/// Secrets in one BatchGetSecretValue (model).
pub const BATCH_SECRETS_MAX: usize = 20;
/// Rows of ListSecrets and ListSecretVersionIds (model `MaxResultsType`).
pub const SECRET_LIST_LIMIT_MAX: usize = 100;
/// Characters of a paging token of the secrets service (model `NextTokenType`).
pub const NEXT_TOKEN_LENGTH_MAX: usize = 4_096;
/// Secrets that one page of a filtered list looks at: when few match, the page ends here and its token goes on. As AWS
/// documents it, a page may have fewer rows than asked for, even none.
pub const SECRET_LIST_LOOKS_MAX: usize = 1_000;
/// How often it is written when secrets were last accessed: the most of it that a process loses when it is killed.
pub const SECRET_LAST_ACCESS_INTERVAL: Duration = Duration::from_secs(60);
/// Records that a walk over all secrets, or over all versions of one, reads at a time.
pub const SECRET_WALK_PAGE: usize = 256;
/// Filters in one request (model `FiltersListType`).
pub const SECRET_FILTERS_MAX: usize = 10;
/// Values of one filter (model `FilterValuesStringList`).
pub const SECRET_FILTER_VALUES_MAX: usize = 10;
/// Characters of one filter value (model `FilterValueStringType`).
pub const SECRET_FILTER_VALUE_LENGTH_MAX: usize = 512;
/// Characters of a generated password (model `PasswordLengthType`).
pub const PASSWORD_LENGTH_MAX: usize = 4_096;
/// Characters of a generated password when the request does not say (model).
pub const PASSWORD_LENGTH_DEFAULT: usize = 32;
/// Characters of ExcludeCharacters (model).
pub const EXCLUDE_CHARACTERS_LENGTH_MAX: usize = 4_096;

// Parameters.

/// Characters of a parameter's name in a request, or of an ARN with a selector (model `PSParameterName`).
pub const PARAMETER_REFERENCE_LENGTH_MAX: usize = 2_048;
/// Characters of a parameter's ARN, which bound its name (model text of PutParameter).
pub const PARAMETER_ARN_LENGTH_MAX: usize = 1_011;
/// Levels of a parameter's name, its last part included (documented).
pub const PARAMETER_LEVELS_MAX: usize = 15;
/// Bytes of a standard parameter's value (documented: 4 KB), which is also what one Encrypt takes.
pub const PARAMETER_VALUE_BYTES_MAX: usize = 4_096;
/// Bytes of an advanced parameter's value (documented: 8 KB).
pub const PARAMETER_ADVANCED_VALUE_BYTES_MAX: usize = 8_192;
/// Characters of a parameter's description (model `ParameterDescription`).
pub const PARAMETER_DESCRIPTION_LENGTH_MAX: usize = 1_024;
/// Characters of a parameter's key id (model `ParameterKeyId`).
pub const PARAMETER_KEY_LENGTH_MAX: usize = 256;
/// Characters of a pattern for a parameter's values (model `AllowedPattern`).
pub const PARAMETER_PATTERN_LENGTH_MAX: usize = 1_024;
/// Bytes of memory of a compiled pattern: one of a thousand characters can ask for gigabytes. It bounds the time of a match
/// too, which holds a thread: the worst that was found takes a second and a quarter of 8 KiB, and twice that of twice as much.
pub const PARAMETER_PATTERN_BYTES_MAX: usize = 64 << 10;
/// Brackets of a pattern within brackets: its reader uses the stack for each.
pub const PARAMETER_PATTERN_NESTING_MAX: u32 = 32;
/// Characters of a parameter's policies (model `ParameterPolicies`).
pub const PARAMETER_POLICIES_LENGTH_MAX: usize = 4_096;
/// Policies of one parameter (model text of PoliciesLimitExceededException).
pub const PARAMETER_POLICIES_MAX: usize = 10;
/// Days of a parameter policy's period: AWS says no limit, and a policy for longer than ten years is a slip.
pub const PARAMETER_POLICY_DAYS_MAX: u32 = 3_650;
/// Versions of one parameter that are kept (documented).
pub const PARAMETER_VERSIONS_MAX: u64 = 100;
/// Labels of one version of a parameter, and in one request (documented).
pub const PARAMETER_LABELS_PER_VERSION_MAX: usize = 10;
/// Characters of a version's label (model `ParameterLabel`).
pub const PARAMETER_LABEL_LENGTH_MAX: usize = 100;
/// Standard parameters of the account (quota).
pub const PARAMETERS_STANDARD_MAX: usize = 10_000;
/// Advanced parameters of the account (quota).
pub const PARAMETERS_ADVANCED_MAX: usize = 100_000;
/// Names in one GetParameters or DeleteParameters (model `ParameterNameList`).
pub const PARAMETER_NAMES_MAX: usize = 10;
/// Rows of GetParametersByPath (model `GetParametersByPathMaxResults`).
pub const PARAMETERS_BY_PATH_LIMIT_MAX: usize = 10;
/// Rows of DescribeParameters and GetParameterHistory (model `MaxResults`).
pub const PARAMETER_LIST_LIMIT_MAX: usize = 50;
/// Values of one filter (model `ParameterStringFilterValueList`).
pub const PARAMETER_FILTER_VALUES_MAX: usize = 50;
/// Characters of one filter value (model `ParameterStringFilterValue`).
pub const PARAMETER_FILTER_VALUE_LENGTH_MAX: usize = 1_024;
/// Filters in one request: each key may come once, and the keys of tags are the caller's; AWS's model sets none.
pub const PARAMETER_FILTERS_MAX: usize = 20;
/// Parameters that one page of a list looks at: a list whose filters choose few answers with fewer rows, or none, and a
/// token, as AWS's does, rather than walk over all parameters in one request.
pub const PARAMETERS_EXAMINED_PER_PAGE_MAX: usize = 1_000;
/// Parameters that a walk reads at a time.
pub const PARAMETER_WALK_PAGE: usize = 256;
/// Parameters whose policies are due that one look of the background job takes.
pub const PARAMETERS_DUE_AT_ONCE_MAX: usize = 1_000;

// Tags.

/// Tags on one resource (quota).
pub const TAGS_MAX: usize = 50;
/// Characters of a tag's key (model `TagKeyType`).
pub const TAG_KEY_LENGTH_MAX: usize = 128;
/// Characters of a tag's value (model `TagValueType`).
pub const TAG_VALUE_LENGTH_MAX: usize = 256;

// Requests.

/// Grant tokens that one request brings (model `GrantTokenList`).
pub const GRANT_TOKENS_MAX: usize = 10;
/// Characters of a grant token (model `GrantTokenType`).
pub const GRANT_TOKEN_LENGTH_MAX: usize = 8_192;
/// Bytes of one request: a 64 KiB secret with fifty of the longest tags stays below half of it.
pub const REQUEST_BYTES_MAX: usize = 256 << 10;
/// Bytes of an error's message that a caller gets. It is in the headers twice, where a byte takes up to 3 in one place and 4/3
/// in the other, and clients on hyper take 16 KiB of headers.
pub const STATUS_MESSAGE_BYTES_MAX: usize = 3_072;
/// Time a request may take when the caller sets no deadline.
pub const REQUEST_DEADLINE_DEFAULT: Duration = Duration::from_secs(10);
/// Time a request may take at most, whatever the caller says.
pub const REQUEST_DEADLINE_MAX: Duration = Duration::from_secs(60);
/// Requests under way at once in the whole process, from their first byte until their answer is with the connection; more
/// are refused with ThrottlingException. With [`REQUEST_BYTES_MAX`] it bounds what callers can make the service hold.
pub const REQUESTS_IN_FLIGHT_MAX: usize = 2_048;
/// Requests under way at once on one connection (HTTP/2 streams): with [`REQUEST_BYTES_MAX`] it bounds what one client
/// can make the service hold.
pub const STREAMS_PER_CONNECTION_MAX: u32 = 256;
/// Connections at once; more wait in the listener's backlog.
pub const CONNECTIONS_MAX: usize = 4_096;
/// Time after which a connection is closed once its requests are done, and at most [`REQUEST_DEADLINE_MAX`] later whatever
/// the client does; it connects anew. Bounds how long a certificate that has expired, or that the table no longer names,
/// goes on being used.
pub const CONNECTION_AGE_MAX: Duration = Duration::from_secs(3_600);
/// Time for which a client may leave answers unread, give or take a quarter; then its connection is cut.
pub const UNREAD_TIME_MAX: Duration = Duration::from_secs(40);
/// Time without traffic after which a client is asked whether it is still there (HTTP/2 PING).
pub const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(30);
/// Time that the client has to answer; then its connection is closed and its place is free.
pub const KEEPALIVE_DEADLINE: Duration = Duration::from_secs(10);
/// Time that requests, streams and background jobs have to end after SIGTERM; a second signal ends them at once.
pub const SHUTDOWN_DEADLINE: Duration = Duration::from_secs(20);
/// What is kept back of a caller's deadline, at most, so that our answer, which says more, comes before the timers of
/// the gRPC library.
pub const DEADLINE_MARGIN_MAX: Duration = Duration::from_millis(10);
/// Time that a TLS handshake may take.
pub const HANDSHAKE_DEADLINE: Duration = Duration::from_secs(10);
/// Tries of a change whose record another request changed meanwhile.
pub const CONFLICT_TRIES_MAX: usize = 8;

// Token.

/// Jobs that wait for the token's data lanes: at 30,000 a second the last one waits a seventh of a second.
pub const TOKEN_DATA_QUEUE_MAX: usize = 4_096;
/// Jobs that wait for the token's asymmetric lanes: at 0.8 ms a job (RSA-2048) the last one waits two tenths of a second,
/// at 8 ms (RSA-4096) two seconds.
pub const TOKEN_ASYMMETRIC_QUEUE_MAX: usize = 256;
/// Jobs that wait for the token's control lane: at 5 ms a job the last one waits a second and a quarter.
pub const TOKEN_CONTROL_QUEUE_MAX: usize = 256;
/// Jobs that a lane takes from its queue per wake-up.
pub const TOKEN_BATCH_MAX: usize = 32;
/// Answers that a lane holds back to give them together: each wake-up of the async runtime costs as much as a job.
pub const TOKEN_ANSWERS_HELD_MAX: usize = 8;
/// Time that an answer is held back at most, beyond the job under way: ten jobs of the fastest token.
pub const TOKEN_ANSWER_DELAY_MAX: Duration = Duration::from_micros(200);
/// Session copies of keys on one lane (8 KB each in SoftHSM); further keys are used by their token handle.
pub const TOKEN_SESSION_COPIES_MAX: usize = 10_000;
/// Keys whose attributes are read again at each probe, in turns: 25 us each, and 10,000 keys in ten minutes.
pub const TOKEN_KEYS_CHECKED_PER_PROBE_MAX: usize = 16;
/// Keys whose witnesses one job of the control lane opens: 30 us each in SoftHSM, 1 ms in a slow HSM, and a probe should not
/// wait for longer than that.
pub const TOKEN_KEYS_ATTESTED_AT_ONCE_MAX: usize = 64;
/// Key pairs that one reconciliation tries, in turns: 0.8 ms each in SoftHSM with RSA-2048, 8 ms with RSA-4096, and the service
/// does not open before the first one is done.
pub const TOKEN_PAIRS_ATTESTED_MAX: usize = 1_024;
/// Back-off between attempts to reach a token that is away, at first.
pub const TOKEN_RECONNECT_DELAY_MIN: Duration = Duration::from_millis(250);
/// Back-off between attempts to reach a token that is away, at most.
pub const TOKEN_RECONNECT_DELAY_MAX: Duration = Duration::from_secs(5);
/// Bytes of a PIN file: PINs of real tokens (`CUuser:password` on CloudHSM) stay well below.
pub const PIN_FILE_BYTES_MAX: usize = 4_096;

// Quotas.

/// Time whose requests an account may make at once: a bucket holds what comes into it in a second, and one in any case.
pub const QUOTA_BURST: Duration = Duration::from_secs(1);
/// Time within which one refusal for too many requests is recorded, per account, or principal,
/// and class; the next record says how many were not. A caller who does not slow down fills no disk.
pub const THROTTLED_RECORD_INTERVAL: Duration = Duration::from_secs(1);

// Store.

/// Bytes of a record's key.
pub const RECORD_KEY_BYTES_MAX: usize = 1_024;
/// Bytes of a record: a 64 KiB value in base64, its encrypted data key and its metadata.
pub const RECORD_BYTES_MAX: usize = 256 << 10;
/// Records that one transaction may touch.
pub const TRANSACTION_RECORDS_MAX: usize = 512;
/// Bytes that one transaction may write: every version of a secret at its largest, re-encrypted under another key.
pub const TRANSACTION_BYTES_MAX: usize = 16 << 20;
/// Transactions that wait for the committer; more are refused with ThrottlingException.
pub const COMMIT_QUEUE_MAX: usize = 4_096;
/// Transactions that the committer makes durable together.
pub const COMMIT_BATCH_MAX: usize = 512;
/// Bytes after which the committer takes no further transaction into a batch: keeps the time of one sync even.
pub const COMMIT_BATCH_BYTES_MAX: usize = 2 << 20;
/// Bytes of disk that the store holds ready beyond what a batch writes: two of sled's segments, one for each end of the
/// log, so that a full disk is met before the database is.
pub const STORE_ROOM_BYTES_MIN: u64 = 16 << 20;
/// Bytes of disk that the store leaves free when it takes more: the audit trail needs room for reads as well, and when
/// it cannot write, nothing is answered any more.
pub const DISK_SPARE_BYTES_MIN: u64 = 32 << 20;
/// Bytes of memory for the embedded database's pages; what is hot lives decoded in the record cache anyway.
pub const STORE_PAGE_CACHE_BYTES: u64 = 64 << 20;
/// Time in one batch after which the store says that its disk does not answer.
pub const COMMIT_STALL_MIN: Duration = Duration::from_secs(5);
/// Changes that a slow watcher may be behind before it must start over.
pub const WATCH_BACKLOG_MAX: usize = 1_024;
/// Decoded records in a cache before it is emptied.
pub const RECORD_CACHE_MAX: usize = 100_000;

// Events.

/// Events that are kept for watchers that come back; older ones go. At a change a second they reach half a day back.
pub const EVENTS_KEPT_MAX: usize = 50_000;
/// Events that are removed in one commit when there are more: below [`TRANSACTION_RECORDS_MAX`].
pub const EVENTS_REMOVED_AT_ONCE: usize = 256;
/// The newest events, which are held in memory for all watchers together; who is further behind reads the store.
pub const EVENTS_IN_MEMORY_MAX: usize = 1_024;
/// Events that a watcher takes at a time.
pub const EVENTS_READ_AT_ONCE: usize = 64;
/// Messages that wait for one watcher to read them. One is 20 KiB at the very most, and a few hundred bytes usually.
pub const WATCH_MESSAGES_WAITING_MAX: usize = 16;
/// Streams of events at once in the whole process.
pub const WATCHERS_MAX: usize = 1_024;
/// Streams of events at once of one principal: one cannot take them all.
pub const WATCHERS_PER_PRINCIPAL_MAX: usize = 256;
/// Time for which a watcher may leave messages unread when no more may wait for it; then its stream is ended. Shorter than
/// [`UNREAD_TIME_MAX`], after which the whole connection is cut.
pub const WATCH_UNREAD_TIME_MAX: Duration = Duration::from_secs(20);
/// Time after which a watcher that hears of nothing gets a resume token all the same.
pub const WATCH_BOOKMARK_INTERVAL: Duration = Duration::from_secs(30);
/// Time within which a stream ends after its caller has lost the permission to watch. What a caller may be told of is
/// decided for each event.
pub const WATCH_DECISION_INTERVAL: Duration = Duration::from_secs(5);

// Audit.

/// Bytes of one audit record, as of one of CloudTrail's: what the longest request says, with each character escaped. Nobody
/// hides a key policy by filling it up.
pub const AUDIT_RECORD_BYTES_MAX: usize = 256 << 10;
/// Records that wait for the audit writer; more make the caller wait.
pub const AUDIT_QUEUE_MAX: usize = 8_192;
/// Records that the writer makes durable together.
pub const AUDIT_BATCH_MAX: usize = 1_024;
/// Bytes of an audit file before the trail goes on in the next.
pub const AUDIT_SEGMENT_BYTES_MAX: u64 = 256 << 20;
/// Bytes after which the writer takes no further record into one write: bounds its buffer, and what can be torn.
pub const AUDIT_WRITE_BYTES_MAX: usize = 4 << 20;
/// Time between the beginnings of two busy writes. A sync costs 0.1 ms of CPU whatever its size, so that syncs back to
/// back would take a quarter of a core; this bounds them to a twentieth. 64 callers still keep a token busy meanwhile.
pub const AUDIT_WRITE_INTERVAL: Duration = Duration::from_millis(2);
/// Records of one write from which on it is a busy one: few callers, who wait for each answer, are never delayed.
pub const AUDIT_WRITE_BUSY_RECORDS: usize = 16;
/// Time in one write after which the audit trail says that its disk does not answer.
pub const AUDIT_STALL_MIN: Duration = Duration::from_secs(5);
/// Characters of a caller's user agent that are recorded; the rest is cut off.
pub const AUDIT_USER_AGENT_LENGTH_MAX: usize = 1_024;
/// Characters of an error message that are recorded; the rest is cut off. Room for an ARN and its sentence.
pub const AUDIT_MESSAGE_LENGTH_MAX: usize = 4_096;

// Policies.

/// Bytes of an identity policy document (AWS's managed policies: 6,144 characters; room for several in one file).
pub const POLICY_DOCUMENT_BYTES_MAX: usize = 32 << 10;
