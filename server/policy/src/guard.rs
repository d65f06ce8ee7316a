//! [`Guard`]: what a resource itself says of who may touch it.

use std::fmt;

use crate::grants::Grants;
use crate::resource_policy::ResourcePolicy;

/// What a key brings to the decision. Its policy is the root of all permissions on it: what principals' own policies say
/// counts only as far as it gives their account a say. Must answer from memory, and at once.
pub trait Guard: fmt::Debug + Send + Sync {
    /// The resource's policy.
    fn policy(&self) -> &ResourcePolicy;

    /// Its grants; `None` where it has none, or none is to count.
    fn grants(&self) -> Option<&Grants>;
}
