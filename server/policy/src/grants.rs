//! [`Grants`]: all grants of one resource, found by who asks, for what, and with which encryption context.
//!
//! A key may have 50,000 of them, all for one principal, and one of them is asked for many thousand times a second and
//! another one made at the same time. So a look-up reads a few, and a copy shares everything with its original but the way
//! to what changed.

use std::sync::Arc;

use rpds::{HashTrieMapSync, RedBlackTreeMapSync};
use strongroom_base::{Arn, GrantId};

use crate::constraint::{Clue, Constraint};
use crate::grant::{Grant, GrantTerms};
use crate::grant_operation::GrantOperation;
use crate::request::{ContextPairs, Request};

/// The grants of one resource. Copies are cheap, and changing one leaves the others as they are.
#[derive(Debug, Clone, Default)]
pub struct Grants {
    of_grantees: HashTrieMapSync<Arn, OfGrantee>,
    count: usize,
    bytes: usize,
}

/// The grants of one principal.
#[derive(Debug, Clone, Default)]
struct OfGrantee {
    by_id: RedBlackTreeMapSync<GrantId, Arc<Grant>>,
    by_use: RedBlackTreeMapSync<Use, Arc<Grant>>,
    /// How many of them have constraints.
    constrained: usize,
}

/// One operation that a grant allows, with a clue to the contexts that meet its constraints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    operation: GrantOperation,
    /// `None` where any context might do.
    clue: Option<Clue>,
    grant: GrantId,
}

const FIRST: GrantId = GrantId::from_bytes([0; 32]);
const LAST: GrantId = GrantId::from_bytes([u8::MAX; 32]);

/// What one entry of a tree takes beside its key and value: two counted blocks, two children and a colour.
const NODE_BYTES: usize = 64;

impl Grants {
    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// About how many bytes of memory they take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Adds the grant `id` to `grantee`. An account's root is nobody but itself.
    pub fn add(&mut self, grantee: &Arn, id: GrantId, terms: &GrantTerms) {
        let grant = Arc::new(Grant::new(id, terms));
        self.remove(grantee, &id);
        self.count += 1;
        self.bytes += weight(grantee, &grant);
        // In place, where no copy shares it: so are a key's grants read.
        if let Some(own) = self.of_grantees.get_mut(grantee) {
            own.add(grant);
        } else {
            let mut own = OfGrantee::default();
            own.add(grant);
            self.of_grantees.insert_mut(grantee.clone(), own);
        }
    }

    /// Takes the grant `id` of `grantee` out, if it is there.
    pub fn remove(&mut self, grantee: &Arn, id: &GrantId) {
        let is_there = self.of(grantee).is_some_and(|own| own.by_id.contains_key(id));
        let own = self.of_grantees.get_mut(grantee).filter(|_| is_there);
        let Some((own, grant)) = own.and_then(|own| own.remove(id).map(|grant| (own, grant))) else {
            return;
        };
        let is_last = own.by_id.is_empty();
        self.count -= 1;
        self.bytes -= weight(grantee, &grant);
        if is_last {
            self.of_grantees.remove_mut(grantee);
        }
    }

    /// Whether one of them allows this request, whose permission is that of `operation`.
    pub(crate) fn allow(&self, operation: GrantOperation, request: &dyn Request) -> bool {
        let own = self.of(request.caller().arn());
        own.is_some_and(|own| own.allow(operation, request))
    }

    /// The ids of the grants of `grantee` that come after `after`, in their order.
    pub fn ids_of(&self, grantee: &Arn, after: Option<GrantId>) -> impl Iterator<Item = GrantId> {
        let later = move |id: &GrantId| after.is_none_or(|after| *id > after);
        let own = self.of(grantee).into_iter();
        own.flat_map(move |own| own.by_id.range(after.unwrap_or(FIRST)..=LAST))
            .map(|(id, _)| *id)
            .filter(later)
    }

    /// Whether all grants to `principal` that allow `operation` are among the `later` ones too.
    #[must_use]
    pub fn are_left_in(&self, later: &Self, principal: &Arn, operation: GrantOperation) -> bool {
        let left = later.of(principal);
        let is_left = |grant: &Arc<Grant>| left.is_some_and(|left| left.by_id.contains_key(&grant.id));
        self.of(principal)
            .is_none_or(|own| own.that_allow(operation).all(is_left))
    }

    fn of(&self, grantee: &Arn) -> Option<&OfGrantee> {
        self.of_grantees.get(grantee)
    }
}

impl OfGrantee {
    fn add(&mut self, grant: Arc<Grant>) {
        for way in ways(&grant) {
            self.by_use.insert_mut(way, Arc::clone(&grant));
        }
        self.constrained += usize::from(clue(&grant).is_some());
        self.by_id.insert_mut(grant.id, grant);
    }

    fn remove(&mut self, id: &GrantId) -> Option<Arc<Grant>> {
        let grant = Arc::clone(self.by_id.get(id)?);
        for way in ways(&grant) {
            self.by_use.remove_mut(&way);
        }
        self.constrained -= usize::from(clue(&grant).is_some());
        self.by_id.remove_mut(id);
        Some(grant)
    }

    /// Looks at what has no clue and at what has that of a pair of the request's context; or at all that allow the
    /// operation, where those with clues are fewer than the pairs.
    fn allow(&self, operation: GrantOperation, request: &dyn Request) -> bool {
        let allows = |grant: &Arc<Grant>| grant.allows(operation, request);
        let context = request.encryption_context();
        if self.constrained <= context.map_or(0, ContextPairs::len) {
            return self.that_allow(operation).any(allows);
        }
        let pairs = context.into_iter().flatten();
        let clues = pairs.map(|(key, value)| Some(Clue::of(key, value)));
        let mut clues = std::iter::once(None).chain(clues);
        clues.any(|clue| self.between(operation, clue, clue).any(allows))
    }

    fn that_allow(&self, operation: GrantOperation) -> impl Iterator<Item = &Arc<Grant>> {
        self.between(operation, None, Some(Clue(u64::MAX)))
    }

    fn between(
        &self,
        operation: GrantOperation,
        from: Option<Clue>,
        to: Option<Clue>,
    ) -> impl Iterator<Item = &Arc<Grant>> {
        let at = |clue, grant| Use { operation, clue, grant };
        let found = self.by_use.range(at(from, FIRST)..=at(to, LAST));
        found.map(|(_, grant)| grant)
    }
}

/// One for each operation. Those without an encryption context are not constrained.
fn ways(grant: &Grant) -> impl Iterator<Item = Use> {
    let clue = clue(grant);
    grant.operations.iter().map(move |operation| Use {
        operation,
        clue: clue.filter(|_| operation.has_encryption_context()),
        grant: grant.id,
    })
}

fn clue(grant: &Grant) -> Option<Clue> {
    grant.constraints().find_map(Constraint::clue)
}

/// About what a grant takes, as if nobody else had its grantee.
fn weight(grantee: &Arn, grant: &Grant) -> usize {
    let by_id = size_of::<(GrantId, Arc<Grant>)>() + NODE_BYTES;
    let by_use = size_of::<(Use, Arc<Grant>)>() + NODE_BYTES;
    let constraints = grant.constraints().map(Constraint::bytes);
    size_of::<Grant>() + grantee.as_str().len() + by_id + grant.operations.count() * by_use + constraints.sum::<usize>()
}

#[cfg(test)]
mod tests;
