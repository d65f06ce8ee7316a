//! [`ConditionKey`]: what a policy may ask of a request, and the table of all that is known.

use crate::value::Values;

/// What kind of value a condition key has, which decides by which operators it can be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ValueType {
    /// Any text.
    Text,
    /// An ARN.
    Arn,
    /// `true` or `false`.
    Bool,
    /// A whole number.
    Number,
    /// A moment.
    Date,
    /// A moment as seconds since 1970: a date and a number.
    Epoch,
    /// An IP address.
    Address,
}

/// How many values a key has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Count {
    /// One, where the request has it.
    One,
    /// Any number, none included.
    Many,
}

macro_rules! condition_keys {
    ($($(#[$doc:meta])* $key:ident = $name:literal, $type:ident, $count:ident;)*) => {
        /// The condition keys that AWS KMS, AWS Secrets Manager, AWS Systems Manager and IAM know. A name that ends in `:` or `/` is followed by
        /// a part of the policy author's: see [`ConditionKey::suffix`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[expect(missing_docs, reason = "the names are AWS's")]
        pub enum KeyName {
            $($(#[$doc])* $key,)*
        }

        impl KeyName {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$key,)*];

            /// AWS's name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$key => $name,)* }
            }

            pub(crate) const fn value_type(self) -> ValueType {
                match self { $(Self::$key => ValueType::$type,)* }
            }

            pub(crate) const fn count(self) -> Count {
                match self { $(Self::$key => Count::$count,)* }
            }
        }
    };
}

// Source: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference, "Condition keys for AWS Key
// Management Service" and "... for AWS Secrets Manager" and
// "... for AWS Systems Manager".
condition_keys! {
    AssumedRoot = "aws:AssumedRoot", Bool, One;
    CalledVia = "aws:CalledVia", Text, Many;
    CalledViaFirst = "aws:CalledViaFirst", Text, One;
    CalledViaLast = "aws:CalledViaLast", Text, One;
    ChatbotSourceArn = "aws:ChatbotSourceArn", Arn, One;
    CurrentTime = "aws:CurrentTime", Date, One;
    Ec2InstanceSourcePrivateIpv4 = "aws:Ec2InstanceSourcePrivateIPv4", Address, One;
    Ec2InstanceSourceVpc = "aws:Ec2InstanceSourceVpc", Text, One;
    EpochTime = "aws:EpochTime", Epoch, One;
    FederatedProvider = "aws:FederatedProvider", Text, One;
    MultiFactorAuthAge = "aws:MultiFactorAuthAge", Number, One;
    MultiFactorAuthPresent = "aws:MultiFactorAuthPresent", Bool, One;
    PrincipalAccount = "aws:PrincipalAccount", Text, One;
    PrincipalArn = "aws:PrincipalArn", Arn, One;
    PrincipalIsAwsService = "aws:PrincipalIsAWSService", Bool, One;
    PrincipalOrgId = "aws:PrincipalOrgID", Text, One;
    PrincipalOrgPaths = "aws:PrincipalOrgPaths", Text, Many;
    PrincipalServiceName = "aws:PrincipalServiceName", Text, One;
    PrincipalServiceNamesList = "aws:PrincipalServiceNamesList", Text, Many;
    PrincipalTag = "aws:PrincipalTag/", Text, One;
    PrincipalType = "aws:PrincipalType", Text, One;
    Referer = "aws:Referer", Text, One;
    RequestTag = "aws:RequestTag/", Text, One;
    RequestedRegion = "aws:RequestedRegion", Text, One;
    ResourceAccount = "aws:ResourceAccount", Text, One;
    ResourceOrgId = "aws:ResourceOrgID", Text, One;
    ResourceOrgPaths = "aws:ResourceOrgPaths", Text, Many;
    ResourceTag = "aws:ResourceTag/", Text, One;
    SecureTransport = "aws:SecureTransport", Bool, One;
    SourceAccount = "aws:SourceAccount", Text, One;
    SourceArn = "aws:SourceArn", Arn, One;
    SourceIdentity = "aws:SourceIdentity", Text, One;
    SourceIp = "aws:SourceIp", Address, One;
    SourceOrgId = "aws:SourceOrgID", Text, One;
    SourceOrgPaths = "aws:SourceOrgPaths", Text, Many;
    SourceVpc = "aws:SourceVpc", Text, One;
    SourceVpcArn = "aws:SourceVpcArn", Arn, One;
    SourceVpce = "aws:SourceVpce", Text, One;
    TagKeys = "aws:TagKeys", Text, Many;
    TokenIssueTime = "aws:TokenIssueTime", Date, One;
    UserAgent = "aws:UserAgent", Text, One;
    UserId = "aws:userid", Text, One;
    Username = "aws:username", Text, One;
    ViaAwsService = "aws:ViaAWSService", Bool, One;
    VpceAccount = "aws:VpceAccount", Text, One;
    VpceOrgId = "aws:VpceOrgID", Text, One;
    VpceOrgPaths = "aws:VpceOrgPaths", Text, Many;
    VpcSourceIp = "aws:VpcSourceIp", Address, One;
    BypassPolicyLockoutSafetyCheck = "kms:BypassPolicyLockoutSafetyCheck", Bool, One;
    CallerAccount = "kms:CallerAccount", Text, One;
    CustomerMasterKeySpec = "kms:CustomerMasterKeySpec", Text, One;
    CustomerMasterKeyUsage = "kms:CustomerMasterKeyUsage", Text, One;
    DataKeyPairSpec = "kms:DataKeyPairSpec", Text, One;
    EncryptionAlgorithm = "kms:EncryptionAlgorithm", Text, One;
    EncryptionContext = "kms:EncryptionContext:", Text, One;
    EncryptionContextKeys = "kms:EncryptionContextKeys", Text, Many;
    ExpirationModel = "kms:ExpirationModel", Text, One;
    GrantConstraintType = "kms:GrantConstraintType", Text, One;
    GrantIsForAwsResource = "kms:GrantIsForAWSResource", Bool, One;
    GrantOperations = "kms:GrantOperations", Text, Many;
    GranteePrincipal = "kms:GranteePrincipal", Text, One;
    GranteeServicePrincipal = "kms:GranteeServicePrincipal", Text, One;
    KeyAgreementAlgorithm = "kms:KeyAgreementAlgorithm", Text, One;
    KeyMaterialId = "kms:KeyMaterialId", Text, One;
    KeyOrigin = "kms:KeyOrigin", Text, One;
    KeySpec = "kms:KeySpec", Text, One;
    KeyUsage = "kms:KeyUsage", Text, One;
    MacAlgorithm = "kms:MacAlgorithm", Text, One;
    MessageType = "kms:MessageType", Text, One;
    MultiRegion = "kms:MultiRegion", Bool, One;
    MultiRegionKeyType = "kms:MultiRegionKeyType", Text, One;
    PolicyName = "kms:PolicyName", Text, One;
    PrimaryRegion = "kms:PrimaryRegion", Text, One;
    ReEncryptOnSameKey = "kms:ReEncryptOnSameKey", Bool, One;
    RecipientAttestation = "kms:RecipientAttestation:", Text, One;
    ReplicaRegion = "kms:ReplicaRegion", Text, One;
    RequestAlias = "kms:RequestAlias", Text, One;
    ResourceAliases = "kms:ResourceAliases", Text, Many;
    RetiringPrincipal = "kms:RetiringPrincipal", Text, One;
    RetiringServicePrincipal = "kms:RetiringServicePrincipal", Text, One;
    RotationPeriodInDays = "kms:RotationPeriodInDays", Number, One;
    ScheduleKeyDeletionPendingWindowInDays = "kms:ScheduleKeyDeletionPendingWindowInDays", Number, One;
    SigningAlgorithm = "kms:SigningAlgorithm", Text, One;
    ValidTo = "kms:ValidTo", Date, One;
    ViaService = "kms:ViaService", Text, One;
    WrappingAlgorithm = "kms:WrappingAlgorithm", Text, One;
    WrappingKeySpec = "kms:WrappingKeySpec", Text, One;
    SecretAddReplicaRegions = "secretsmanager:AddReplicaRegions", Text, Many;
    SecretBlockPublicPolicy = "secretsmanager:BlockPublicPolicy", Bool, One;
    SecretDescription = "secretsmanager:Description", Text, One;
    SecretForceDelete = "secretsmanager:ForceDeleteWithoutRecovery", Bool, One;
    SecretForceOverwriteReplica = "secretsmanager:ForceOverwriteReplicaSecret", Bool, One;
    SecretKmsKeyArn = "secretsmanager:KmsKeyArn", Arn, One;
    SecretKmsKeyId = "secretsmanager:KmsKeyId", Text, One;
    SecretModifyRotationRules = "secretsmanager:ModifyRotationRules", Bool, One;
    SecretName = "secretsmanager:Name", Text, One;
    SecretRecoveryWindowInDays = "secretsmanager:RecoveryWindowInDays", Number, One;
    SecretResourceTag = "secretsmanager:ResourceTag/", Text, One;
    SecretRotateImmediately = "secretsmanager:RotateImmediately", Bool, One;
    SecretRotationLambdaArn = "secretsmanager:RotationLambdaARN", Arn, One;
    SecretId = "secretsmanager:SecretId", Arn, One;
    SecretPrimaryRegion = "secretsmanager:SecretPrimaryRegion", Text, One;
    SecretType = "secretsmanager:Type", Text, One;
    SecretVersionId = "secretsmanager:VersionId", Text, One;
    SecretVersionStage = "secretsmanager:VersionStage", Text, One;
    SecretAllowRotationLambdaArn = "secretsmanager:resource/AllowRotationLambdaArn", Arn, One;
    SsmAutoApprove = "ssm:AutoApprove", Bool, One;
    SsmDocumentCategories = "ssm:DocumentCategories", Text, Many;
    SsmDocumentType = "ssm:DocumentType", Text, One;
    SsmInventoryTypeName = "ssm:InventoryTypeName", Text, One;
    ParameterOverwrite = "ssm:Overwrite", Text, One;
    ParameterPolicies = "ssm:Policies", Text, One;
    ParameterRecursive = "ssm:Recursive", Text, One;
    ParameterResourceTag = "ssm:resourceTag/", Text, One;
    SsmSessionDocumentAccessCheck = "ssm:SessionDocumentAccessCheck", Bool, One;
    SsmSourceInstanceArn = "ssm:SourceInstanceARN", Arn, One;
    SsmSyncType = "ssm:SyncType", Text, One;
}

/// The prefixes of which all condition keys are known.
const PREFIXES: [&str; 5] = ["aws", "kms", "secretsmanager", "ssm", "strongroom"];

/// Why a text is no condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeySlip {
    /// It does not read `service:Name`.
    Malformed,
    /// All keys with this prefix are known, and it is none of them.
    Unknown(&'static str),
}

/// One thing that a policy asks of a request, such as `kms:KeySpec` or `aws:ResourceTag/team`.
#[derive(Debug, Clone)]
pub struct ConditionKey {
    name: Option<KeyName>,
    suffix: Box<str>,
}

/// Keys are the same whatever the case of their letters.
impl PartialEq for ConditionKey {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.suffix.eq_ignore_ascii_case(&other.suffix)
    }
}

impl Eq for ConditionKey {}

impl ConditionKey {
    /// A key by its table name and, where the name wants one, the part after it.
    #[must_use]
    pub fn new(name: KeyName, suffix: &str) -> Self {
        Self {
            name: Some(name),
            suffix: suffix.into(),
        }
    }

    /// Reads a key as a policy writes it; letters of either case are the same.
    pub(crate) fn parse(text: &str) -> Result<Self, KeySlip> {
        let (prefix, rest) = text.split_once(':').ok_or(KeySlip::Malformed)?;
        if prefix.is_empty() || rest.is_empty() || text.chars().any(char::is_control) {
            return Err(KeySlip::Malformed);
        }
        let found = KeyName::ALL
            .iter()
            .find_map(|name| Some((*name, suffix_after(*name, text)?)));
        if let Some((name, suffix)) = found {
            return Ok(Self::new(name, suffix));
        }
        match PREFIXES.into_iter().find(|known| known.eq_ignore_ascii_case(prefix)) {
            Some(prefix) => Err(KeySlip::Unknown(prefix)),
            None => Ok(Self {
                name: None,
                suffix: text.into(),
            }),
        }
    }

    /// Its name in the table; `None` for keys of other services, which no request of ours has.
    #[must_use]
    pub fn name(&self) -> Option<KeyName> {
        self.name
    }

    /// What follows the name: the tag's key, or the encryption context's. To be compared without regard to case, as all of
    /// a condition key.
    #[must_use]
    pub fn suffix(&self) -> &str {
        &self.suffix
    }

    /// The value among `pairs` that belongs to the suffix, such as a tag's. Keys that differ by case alone are one key with
    /// several values: an Allow needs all of them to pass and a Deny one, so that nobody gets around either by a second tag.
    pub fn pick<'v>(&self, pairs: impl IntoIterator<Item = (&'v str, &'v str)>) -> Values<'v> {
        let is_meant = |(key, _): &(&str, &str)| key.eq_ignore_ascii_case(&self.suffix);
        let mut values = pairs.into_iter().filter(is_meant).map(|(_, value)| value);
        match (values.next(), values.next()) {
            (None, _) => Values::Absent,
            (Some(one), None) => Values::one(one),
            (Some(one), Some(other)) => Values::many([one, other].into_iter().chain(values)),
        }
    }

    /// What its values are; `None` where that is the author's or another service's business: tags and the like.
    pub(crate) fn value_type(&self) -> Option<ValueType> {
        let name = self.name?;
        (!name.as_str().ends_with([':', '/'])).then_some(name.value_type())
    }

    pub(crate) fn count(&self) -> Count {
        self.name.map_or(Count::One, KeyName::count)
    }
}

/// What follows `name` in `text`: nothing where the name stands for itself, something where it wants a suffix.
fn suffix_after(name: KeyName, text: &str) -> Option<&str> {
    let name = name.as_str();
    let (start, suffix) = text.split_at_checked(name.len())?;
    let fits = suffix.is_empty() != name.ends_with([':', '/']);
    (fits && start.eq_ignore_ascii_case(name)).then_some(suffix)
}

#[cfg(test)]
mod tests;
