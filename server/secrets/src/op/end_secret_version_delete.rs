//! EndSecretVersionDelete, by the service itself: a secret whose recovery window is over goes, with all its versions.

use strongroom_base::limits::SECRET_WALK_PAGE;
use strongroom_base::{Action, Arn, Code, Fault, Timestamp};
use strongroom_gate::{Need, Operation, Parameters, Permit, Protected, Resolved};
use strongroom_store::Stored;

use crate::name::SecretName;
use crate::op::parameters;
use crate::purge::PurgeMark;
use crate::record::{SecretRecord, SecretUid};
use crate::secrets::{Secrets, not_found};

/// Something that is to be removed now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DueSecret {
    /// A secret whose recovery window is over.
    Secret(SecretName),
    /// Versions of a secret that is gone already: its deletion was interrupted.
    Remains(SecretUid),
}

/// The request; only the service itself makes it.
pub struct EndSecretVersionDelete {
    /// What goes.
    pub due: DueSecret,
}

/// What is left of a secret.
pub struct DueTarget {
    arn: Arn,
    uid: SecretUid,
    secret: Option<Stored<SecretRecord>>,
}

impl Protected for DueTarget {
    fn needs(&self) -> Vec<Need> {
        vec![Need::on(Action::EndSecretVersionDelete, self.arn.clone())]
    }
}

impl Secrets {
    /// What is to be removed now. Nothing is because somebody set the clock forward: see
    /// [`Clock::due`](strongroom_base::Clock::due).
    ///
    /// # Errors
    /// What the store answers.
    pub async fn due_for_deletion(&self) -> Result<Vec<DueSecret>, Fault> {
        let (now, shown) = (self.clock.due(), self.clock.now());
        let (mut due, mut kept) = (Vec::new(), 0_usize);
        let mut after: Option<String> = None;
        loop {
            let page = self
                .records
                .page::<SecretRecord>("", after.as_deref(), SECRET_WALK_PAGE)
                .await?;
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            for (_, secret) in &page {
                if is_due(secret, now) {
                    due.push(DueSecret::Secret(secret.name.clone()));
                } else if is_due(secret, shown) {
                    kept += 1;
                }
            }
        }
        if kept > 0 {
            let seconds = (shown.as_millis() - now.as_millis()) / 1_000;
            tracing::warn!(
                secrets = kept,
                seconds,
                "secrets are due by a wall clock that was set forward, and are kept; if its time is right, restart the \
                 service"
            );
        }
        // Interrupted deletions are few; those beyond a page are found the next time.
        let marks = self.records.page::<PurgeMark>("", None, SECRET_WALK_PAGE).await?;
        due.extend(marks.iter().map(|(_, mark)| DueSecret::Remains(mark.uid)));
        Ok(due)
    }
}

fn is_due(secret: &SecretRecord, now: Timestamp) -> bool {
    secret.deletion.is_some_and(|deletion| deletion.delete_at <= now)
}

impl Operation for EndSecretVersionDelete {
    const ACTION: Action = Action::EndSecretVersionDelete;
    type Domain = Secrets;
    type Target = DueTarget;
    type Reply = ();

    fn parameters(&self) -> Parameters {
        match &self.due {
            DueSecret::Secret(name) => parameters([("secretId", name.as_str().into())]),
            DueSecret::Remains(uid) => parameters([("remainsOf", uid.to_string().into())]),
        }
    }

    async fn resolve(&self, secrets: &Secrets) -> Result<Resolved<DueTarget>, Fault> {
        let target = match &self.due {
            DueSecret::Secret(name) => {
                let secret = secrets.records.find::<SecretRecord>(name.as_str()).await?;
                secret.map(|secret| DueTarget {
                    arn: secret.arn(secrets.scope()),
                    uid: secret.uid,
                    secret: Some(secret),
                })
            }
            DueSecret::Remains(uid) => {
                let mark = secrets.records.find::<PurgeMark>(&uid.to_string()).await?;
                mark.map(|mark| DueTarget {
                    arn: mark.arn.clone(),
                    uid: mark.uid,
                    secret: None,
                })
            }
        };
        let absent = || Resolved::Absent {
            needs: vec![Need::anywhere(Self::ACTION)],
            fault: not_found(),
        };
        Ok(target.map_or_else(absent, Resolved::Found))
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<(), Fault> {
        let target = permit.into_target();
        if let Some(secret) = &target.secret {
            // A secret that was restored meanwhile stays; one that is restored now is a conflict.
            if !is_due(secret, secrets.clock.due()) {
                let message = format!("The secret {} is not due for deletion.", secret.name);
                return Err(Fault::new(Code::InvalidRequest, message));
            }
            secrets.mark_for_purge(secret).await?;
        }
        secrets.finish_purge(target.uid).await
    }
}
