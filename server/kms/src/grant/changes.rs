//! How grants come and go: the grant, its entry under its retiring principal, and the key's head, in one commit.

use std::fmt::Display;

use strongroom_base::limits::{
    CONFLICT_TRIES_MAX, GRANTS_PER_KEY_BYTES_MAX, GRANTS_PER_KEY_MAX, GRANTS_REMOVED_AT_ONCE_MAX,
};
use strongroom_base::{Arn, Code, Fault, GrantId, KeyId};
use strongroom_policy::GrantOperation;
use strongroom_store::{Change, Document, StoreFault, Stored};

use super::cache::{HeldGrants, KeyGrants};
use super::records::{GrantHead, GrantRecord, RetirableGrant};
use super::token::{GrantToken, invalid as invalid_token};
use crate::key::KeyRecord;
use crate::kms::{Kms, contended};
use crate::target::KeyTarget;

impl Kms {
    /// The grants of a key, `None` if it never had any. Most keys never do, and their records say so: nothing is looked
    /// for then. Nobody may ask who holds [`Kms::changing`].
    pub(crate) async fn grants_of(&self, key: &KeyRecord) -> Result<Option<HeldGrants>, Fault> {
        if key.has_grants {
            self.grants.of(&self.records, &key.id, &self.changes).await
        } else {
            Ok(None)
        }
    }

    /// The same for who holds [`Kms::changing`].
    async fn grants_of_unchanging(&self, key: &KeyRecord) -> Result<Option<HeldGrants>, Fault> {
        if key.has_grants {
            self.grants.of_unchanging(&self.records, &key.id).await
        } else {
            Ok(None)
        }
    }

    /// Refuses a token that is none of ours, or whose grant is gone. Grants permit from the moment they are made, so a token
    /// adds nothing.
    pub(crate) async fn check_grant_token(&self, text: &str) -> Result<(), Fault> {
        let token = GrantToken::parse(text, &self.sealer)?;
        let grant = self.find_grant(&token.key, &token.grant).await?;
        grant.map(drop).ok_or_else(invalid_token)
    }

    pub(crate) async fn find_grant(&self, key: &KeyId, id: &GrantId) -> Result<Option<Stored<GrantRecord>>, Fault> {
        Ok(self.records.find(&GrantRecord::record_id(key, id)).await?)
    }

    /// Refuses a key that has as many grants as it may have.
    pub(crate) async fn check_room_for_grant(&self, key: &KeyRecord) -> Result<(), Fault> {
        check_room(self.grants_of(key).await?.as_ref())
    }

    /// Makes a grant on a usable key for `caller`, or finds the one that the same request with the same name has made.
    pub(crate) async fn add_grant(
        &self,
        target: &KeyTarget,
        caller: &Arn,
        new: &GrantRecord,
    ) -> Result<GrantId, Fault> {
        let _one_at_a_time = self.changing(&new.key).await;
        for _ in 0..CONFLICT_TRIES_MAX {
            let key = target.as_decided(self).await?;
            key.usable(&target.arn, self.clock.now())?;
            let held = self.grants_of_unchanging(&key).await?;
            let present = held.as_ref().map(|held| &held.grants);
            target.check_grants_left(caller, GrantOperation::CreateGrant, present)?;
            if let Some(id) = self.same_grant(held.as_ref(), new).await? {
                return Ok(id);
            }
            check_room(held.as_ref())?;
            match self.commit_grant(&key, held.map(|held| held.head), new).await {
                Ok(()) => return Ok(new.id),
                Err(StoreFault::Conflict { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(contended(&target.arn))
    }

    async fn same_grant(&self, held: Option<&HeldGrants>, new: &GrantRecord) -> Result<Option<GrantId>, Fault> {
        let (Some(name), Some(held)) = (&new.name, held) else {
            return Ok(None);
        };
        for id in held.grants.named(name) {
            let known = self.find_grant(&new.key, &id).await?;
            if known.is_some_and(|known| known.is_same_request(new)) {
                return Ok(Some(id));
            }
        }
        Ok(None)
    }

    /// Depends on the key's record: a key that has begun to go gets no grants any more.
    async fn commit_grant(
        &self,
        key: &Stored<KeyRecord>,
        head: Option<Stored<GrantHead>>,
        new: &GrantRecord,
    ) -> Result<(), StoreFault> {
        let id = key.id.to_string();
        let mut change = self
            .records
            .change()
            .insert(&GrantRecord::record_id(&new.key, &new.id), new.clone());
        if let Some((entry, retirable)) = RetirableGrant::of(new) {
            change = change.insert(&entry, retirable);
        }
        change = match &head {
            Some(head) => change.require(&id, key).replace(&id, head, head.plus(1)),
            None => {
                let has_grants = true;
                let key_with_grants = KeyRecord {
                    has_grants,
                    ..KeyRecord::clone(key)
                };
                change
                    .replace(&id, key, key_with_grants)
                    .insert(&id, GrantHead { count: 1 })
            }
        };
        let revision = change.commit().await?;
        let before = head.map(|head| head.revision);
        self.grants
            .changed(&new.key, before, revision, |grants| grants.add(new));
        Ok(())
    }

    /// Takes a grant away. Once this has answered, no decision finds it.
    pub(crate) async fn remove_grant(&self, target: &KeyTarget, id: &GrantId) -> Result<(), Fault> {
        let key = &target.record.id;
        let _one_at_a_time = self.changing(key).await;
        for _ in 0..CONFLICT_TRIES_MAX {
            let record = target.as_decided(self).await?;
            let grant = self.find_grant(key, id).await?.ok_or_else(|| not_found(id))?;
            let head = self.records.find(&key.to_string()).await?;
            let change = self.records.change().require(&key.to_string(), &record);
            match self
                .commit_removal(change, key, head, std::slice::from_ref(&grant))
                .await
            {
                Ok(()) => return Ok(()),
                Err(StoreFault::Conflict { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(contended(&target.arn))
    }

    /// Takes all grants of a key away that nobody can use any more, some at a time, and answers the head that is left.
    /// What cannot be read cannot be taken away either; it is left behind, because the key must go whatever became of its
    /// grants.
    pub(crate) async fn remove_all_grants(&self, key: &KeyRecord) -> Result<Option<Stored<GrantHead>>, Fault> {
        if !key.has_grants {
            return Ok(None);
        }
        // So that none of the commits below makes a new list of those that are left.
        self.grants.forget(&key.id);
        let (id, prefix) = (key.id.to_string(), format!("{}/", key.id));
        let mut after: Option<String> = None;
        loop {
            let page = self
                .records
                .page_of_each::<GrantRecord>(&prefix, after.as_deref(), GRANTS_REMOVED_AT_ONCE_MAX)
                .await?;
            let head = if_readable(&id, self.records.find(&id).await)?;
            let Some((last, _)) = page.last() else {
                self.grants.forget(&key.id);
                return Ok(head);
            };
            after = Some(last.clone());
            let mut grants = Vec::with_capacity(page.len());
            for (id, row) in page {
                grants.extend(if_readable(&id, row.map(Some))?);
            }
            if !grants.is_empty() {
                self.commit_removal(self.records.change(), &key.id, head, &grants)
                    .await?;
            }
        }
    }

    /// Adds to `change` that these grants go, and commits it.
    async fn commit_removal(
        &self,
        mut change: Change,
        key: &KeyId,
        head: Option<Stored<GrantHead>>,
        grants: &[Stored<GrantRecord>],
    ) -> Result<(), StoreFault> {
        for grant in grants {
            change = change.delete(&GrantRecord::record_id(key, &grant.id), grant);
            change = self.without_entry(change, grant).await?;
        }
        if let Some(head) = &head {
            change = change.replace(&key.to_string(), head, head.minus(grants.len()));
        }
        let revision = change.commit().await?;
        let edit = |held: &mut KeyGrants| grants.iter().for_each(|grant| held.remove(grant));
        self.grants.changed(key, head.map(|head| head.revision), revision, edit);
        Ok(())
    }

    async fn without_entry(&self, change: Change, grant: &GrantRecord) -> Result<Change, StoreFault> {
        let Some((id, _)) = RetirableGrant::of(grant) else {
            return Ok(change);
        };
        let entry: Option<Stored<RetirableGrant>> = if_readable(&id, self.records.find(&id).await)?;
        Ok(entry.iter().fold(change, |change, entry| change.delete(&id, entry)))
    }
}

/// What was found, or nothing where the record is damaged: then it stays where it is, and reconciliation reports it.
fn if_readable<D: Document>(
    id: &str,
    found: Result<Option<Stored<D>>, StoreFault>,
) -> Result<Option<Stored<D>>, StoreFault> {
    match found {
        Err(fault @ StoreFault::RecordDamaged { .. }) => {
            tracing::error!(kind = D::KIND, id, %fault, "a record of grants cannot be read and is left behind");
            Ok(None)
        }
        found => found,
    }
}

fn check_room(held: Option<&HeldGrants>) -> Result<(), Fault> {
    let Some(HeldGrants { head, grants }) = held else {
        return Ok(());
    };
    let exceeded = if head.count >= GRANTS_PER_KEY_MAX {
        format!("The key has {GRANTS_PER_KEY_MAX} grants, which is the limit.")
    } else if grants.bytes() >= GRANTS_PER_KEY_BYTES_MAX {
        format!("The key's grants have {GRANTS_PER_KEY_BYTES_MAX} bytes together, which is the limit.")
    } else {
        return Ok(());
    };
    Err(Fault::new(Code::LimitExceeded, exceeded))
}

/// The answer for an id that names no grant of the key.
pub(crate) fn not_found(id: impl Display) -> Fault {
    Fault::new(Code::NotFound, format!("Grant ID {id} not found"))
}

#[cfg(test)]
mod tests;
