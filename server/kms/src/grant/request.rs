//! What a request for a grant may say.

use strongroom_base::limits::{GRANT_CONSTRAINT_PAIRS_MAX, GRANT_CONSTRAINT_VALUE_LENGTH_MAX, GRANT_NAME_LENGTH_MAX};
use strongroom_base::{Arn, Code, Fault, KeySpec, KeyUsage};
use strongroom_policy::{ContextPairs, GrantConstraints, GrantOperation, GrantTerms};

use super::fields::principal;
use crate::context::EncryptionContext;

/// What a new grant is to be, as a request says it.
#[derive(Debug, Clone, Default)]
pub struct NewGrant {
    /// The ARN of the principal who gets the permissions.
    pub grantee_principal: String,
    /// The ARN of a principal who may retire the grant.
    pub retiring_principal: Option<String>,
    /// What it permits.
    pub operations: Vec<GrantOperation>,
    /// Pairs that encryption contexts must have.
    pub encryption_context_subset: ContextPairs,
    /// Pairs that encryption contexts must be.
    pub encryption_context_equals: ContextPairs,
    /// The name that makes the request repeatable.
    pub name: Option<String>,
}

/// The same, understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AskedGrant {
    pub(crate) grantee: Arn,
    pub(crate) retiring: Option<Arn>,
    pub(crate) name: Option<Box<str>>,
    pub(crate) terms: GrantTerms,
}

impl AskedGrant {
    /// Checks all that does not depend on the key.
    pub(crate) fn parse(new: NewGrant) -> Result<Self, Fault> {
        let constraints = GrantConstraints {
            encryption_context_equals: pairs("encryptionContextEquals", new.encryption_context_equals)?,
            encryption_context_subset: pairs("encryptionContextSubset", new.encryption_context_subset)?,
        };
        check_operations(&new.operations)?;
        let retiring = new.retiring_principal.as_deref();
        Ok(Self {
            grantee: principal("granteePrincipal", &new.grantee_principal)?,
            retiring: retiring.map(|text| principal("retiringPrincipal", text)).transpose()?,
            name: new.name.map(name).transpose()?,
            terms: GrantTerms {
                operations: new.operations.into_iter().collect(),
                constraints,
            },
        })
    }

    /// Checks what depends on the kind of key.
    pub(crate) fn check(&self, spec: KeySpec, usage: KeyUsage) -> Result<(), Fault> {
        let operations = &self.terms.operations;
        if let Some(other) = operations.iter().find(|operation| !fits(**operation, spec, usage)) {
            return Err(Fault::new(
                Code::Validation,
                format!("Grant operation {other} is not supported for key spec {spec} and key usage {usage}."),
            ));
        }
        let bound = |operation: &GrantOperation| {
            operation.has_encryption_context() || *operation == GrantOperation::CreateGrant
        };
        if !self.terms.constraints.is_empty() && (spec.is_asymmetric() || !operations.iter().any(bound)) {
            return Err(Fault::new(
                Code::Validation,
                "Encryption context grant constraints are supported only on grant operations that include an \
                 EncryptionContext parameter.",
            ));
        }
        Ok(())
    }
}

/// Whether a key of this kind and usage can do it. Source: AWS KMS Developer Guide, "Grant operations".
fn fits(operation: GrantOperation, spec: KeySpec, usage: KeyUsage) -> bool {
    let kind = match operation {
        GrantOperation::GetPublicKey => spec.is_asymmetric(),
        GrantOperation::GenerateDataKey
        | GrantOperation::GenerateDataKeyWithoutPlaintext
        | GrantOperation::GenerateDataKeyPair
        | GrantOperation::GenerateDataKeyPairWithoutPlaintext => spec == KeySpec::SymmetricDefault,
        _ => true,
    };
    kind && operation.usages().contains(&usage)
}

fn check_operations(operations: &[GrantOperation]) -> Result<(), Fault> {
    let other = |operation: &GrantOperation| *operation != GrantOperation::CreateGrant;
    if operations.iter().any(other) {
        return Ok(());
    }
    Err(Fault::new(
        Code::Validation,
        if operations.is_empty() {
            "Grants must contain at least one operation."
        } else {
            "Grants must not contain only the CreateGrant operation."
        },
    ))
}

/// A constraint's pairs; none is no constraint.
fn pairs(field: &str, pairs: ContextPairs) -> Result<Option<ContextPairs>, Fault> {
    let broken = |rule: String| {
        let found = format!("1 validation error detected: Value at 'constraints.{field}' failed to satisfy constraint");
        Err(Fault::new(Code::Validation, format!("{found}: {rule}")))
    };
    if pairs.len() > GRANT_CONSTRAINT_PAIRS_MAX {
        return broken(format!(
            "Map must have at most {GRANT_CONSTRAINT_PAIRS_MAX} encryption context pairs"
        ));
    }
    let longest = pairs.values().map(|value| value.chars().count()).max();
    if longest.is_some_and(|length| length > GRANT_CONSTRAINT_VALUE_LENGTH_MAX) {
        return broken(format!(
            "Map values must have length less than or equal to {GRANT_CONSTRAINT_VALUE_LENGTH_MAX}"
        ));
    }
    // No context that is longer could meet it.
    EncryptionContext::new(pairs.clone())?;
    Ok(Some(pairs).filter(|pairs| !pairs.is_empty()))
}

fn name(text: String) -> Result<Box<str>, Fault> {
    let allowed = |character: char| character.is_ascii_alphanumeric() || ":/_-".contains(character);
    if (1..=GRANT_NAME_LENGTH_MAX).contains(&text.len()) && text.chars().all(allowed) {
        return Ok(text.into());
    }
    Err(Fault::new(
        Code::Validation,
        format!(
            "1 validation error detected: Value at 'name' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: ^[a-zA-Z0-9:/_-]+$ and have length between 1 and {GRANT_NAME_LENGTH_MAX}"
        ),
    ))
}

#[cfg(test)]
mod tests;
