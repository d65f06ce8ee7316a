//! How grants come and go: the grant, its entry under its retiring principal, and the key's head, in one commit.

use std::fmt::Display;

use strongroom_base::limits::{CONFLICT_TRIES_MAX, GRANTS_PER_KEY_MAX, GRANTS_REMOVED_AT_ONCE_MAX};
use strongroom_base::{Code, Fault, GrantId, KeyId};
use strongroom_store::{Change, StoreFault, Stored};

use super::cache::{HeldGrants, KeyGrants};
use super::records::{GrantHead, GrantRecord, RetirableGrant};
use super::token::{GrantToken, invalid as invalid_token};
use crate::key::KeyRecord;
use crate::kms::{Kms, contended};
use crate::target::KeyTarget;

impl Kms {
    /// The grants of a key, `None` if it never had any. Most keys never do, and their records say so: nothing is looked
    /// for then.
    pub(crate) async fn grants_of(&self, key: &KeyRecord) -> Result<Option<HeldGrants>, Fault> {
        if key.has_grants {
            self.grants.of(&self.records, &key.id).await
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

    /// Makes a grant on a usable key, or finds the one that the same request with the same name has made.
    pub(crate) async fn add_grant(&self, target: &KeyTarget, new: &GrantRecord) -> Result<GrantId, Fault> {
        let _one_at_a_time = self.changing(&new.key).await;
        let mut key = target.record.clone();
        for _ in 0..CONFLICT_TRIES_MAX {
            key.usable(&target.arn)?;
            let held = self.grants_of(&key).await?;
            if let Some(id) = self.same_grant(held.as_ref(), new).await? {
                return Ok(id);
            }
            check_room(held.as_ref())?;
            match self.commit_grant(&key, held.map(|held| held.head), new).await {
                Ok(()) => return Ok(new.id),
                Err(StoreFault::Conflict { .. }) => key = self.reread(target).await?,
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
            let known = self.find_grant(&new.key, id).await?;
            if known.is_some_and(|known| known.is_same_request(new)) {
                return Ok(Some(*id));
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
    pub(crate) async fn remove_grant(&self, key: &KeyId, id: &GrantId) -> Result<(), Fault> {
        let _one_at_a_time = self.changing(key).await;
        for _ in 0..CONFLICT_TRIES_MAX {
            let grant = self.find_grant(key, id).await?.ok_or_else(|| not_found(id))?;
            match self.commit_removal(key, std::slice::from_ref(&grant)).await {
                Ok(()) => return Ok(()),
                Err(StoreFault::Conflict { .. }) => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        Err(contended(&self.scope().key_arn(key)))
    }

    /// Takes all grants of a key away that nobody can use any more, some at a time, and answers the head that is left.
    pub(crate) async fn remove_all_grants(&self, key: &KeyRecord) -> Result<Option<Stored<GrantHead>>, Fault> {
        if !key.has_grants {
            return Ok(None);
        }
        let prefix = format!("{}/", key.id);
        loop {
            let page = self.records.page(&prefix, None, GRANTS_REMOVED_AT_ONCE_MAX).await?;
            if page.is_empty() {
                self.grants.forget(&key.id);
                return Ok(self.records.find(&key.id.to_string()).await?);
            }
            let grants: Vec<Stored<GrantRecord>> = page.into_iter().map(|(_, grant)| grant).collect();
            self.commit_removal(&key.id, &grants).await?;
        }
    }

    async fn commit_removal(&self, key: &KeyId, grants: &[Stored<GrantRecord>]) -> Result<(), StoreFault> {
        let mut change = self.records.change();
        for grant in grants {
            change = change.delete(&GrantRecord::record_id(key, &grant.id), grant);
            change = self.without_entry(change, grant).await?;
        }
        let id = key.to_string();
        let head: Option<Stored<GrantHead>> = self.records.find(&id).await?;
        if let Some(head) = &head {
            change = change.replace(&id, head, head.minus(grants.len()));
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
        let entry: Option<Stored<RetirableGrant>> = self.records.find(&id).await?;
        Ok(entry.iter().fold(change, |change, entry| change.delete(&id, entry)))
    }
}

fn check_room(held: Option<&HeldGrants>) -> Result<(), Fault> {
    if held.is_some_and(|held| held.head.count >= GRANTS_PER_KEY_MAX) {
        return Err(Fault::new(
            Code::LimitExceeded,
            format!("The key has {GRANTS_PER_KEY_MAX} grants, which is the limit."),
        ));
    }
    Ok(())
}

/// The answer for an id that names no grant of the key.
pub(crate) fn not_found(id: impl Display) -> Fault {
    Fault::new(Code::NotFound, format!("Grant ID {id} not found"))
}

#[cfg(test)]
mod tests;
