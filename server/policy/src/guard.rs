//! [`Guard`]: what a resource itself says of who may touch it.

use std::fmt;

use crate::grants::Grants;
use crate::resource_policy::ResourcePolicy;

/// What a key or a secret brings to the decision. Must answer from memory, and at once.
pub trait Guard: fmt::Debug + Send + Sync {
    /// The resource's policy.
    fn policy(&self) -> &ResourcePolicy;

    /// Whether its policy is the root of all permissions on it, as that of a key is: what principals' own policies say counts
    /// only as far as it gives their account a say. The policy of a secret stands beside those of the owning account's
    /// principals: either is enough for them.
    fn is_root(&self) -> bool {
        true
    }

    /// Its grants; `None` where it has none, or none is to count.
    fn grants(&self) -> Option<&Grants>;
}
