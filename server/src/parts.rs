//! The service's parts, put together once: store, audit trail, token, gate and domains.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::sync::Arc;

use strongroom_audit::Trail;
use strongroom_base::limits::REQUEST_DEADLINE_MAX;
use strongroom_base::{Caller, Clock, Deadline, RequestId, Scope};
use strongroom_events::Events;
use strongroom_gate::{Gate, GrantTokens, OpContext, Policies, QuotaRates};
use strongroom_kms::{Kms, Root};
use strongroom_parameters::Parameters;
use strongroom_secrets::Secrets;
use strongroom_store::{Records, Sealer, SledStore};
use strongroom_token::Token;
use strongroom_wire_grpc::Door;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::TokenSection;

/// What runs.
pub(crate) struct Parts {
    pub(crate) store: Arc<SledStore>,
    pub(crate) sealer: Sealer,
    pub(crate) token: Token,
    pub(crate) gate: Arc<Gate>,
    pub(crate) kms: Arc<Kms>,
    pub(crate) secrets: Arc<Secrets>,
    pub(crate) events: Arc<Events>,
    pub(crate) parameters: Arc<Parameters>,
    pub(crate) door: Door,
    /// Cancelled when the service is to stop.
    pub(crate) stop: CancellationToken,
    /// Background jobs.
    pub(crate) jobs: TaskTracker,
    scope: Scope,
}

impl Parts {
    /// Opens store and trail and starts the token's lanes; the token itself may be away. Also the root, which is
    /// still to be unlocked.
    pub(crate) async fn assemble(
        data: &Path,
        scope: &Scope,
        token: TokenSection,
        policies: Policies,
        (rotate_after, quotas): (u64, QuotaRates),
    ) -> Result<(Self, Root), Box<dyn std::error::Error>> {
        for directory in [data, &data.join("store"), &data.join("audit"), &data.join("state")] {
            make_private(directory)?;
        }
        let clock = Clock::System;
        let sealer = Sealer::locked();
        let store = Arc::new(SledStore::open(&data.join("store"), sealer.clone())?);
        let records = Records::dated_by(Arc::clone(&store) as _, clock.clone());
        let trail = Trail::open(&data.join("audit"), clock.clone())?;
        let root = Root::of_store(&records, scope).await?;
        let token = Token::start(token.settings(data.join("state"), root.installation()))?;
        let gate = Gate::new(scope.clone(), clock.clone(), policies, trail);
        let gate = Arc::new(gate.limited_to(quotas));
        let kms = Kms::new(
            token.clone(),
            records.clone(),
            sealer.clone(),
            scope.clone(),
            clock.clone(),
            &root,
        );
        let kms = Arc::new(kms.rotating_after(rotate_after));
        let stop = CancellationToken::new();
        let door = Door::new(Arc::clone(&gate)).until(stop.clone());
        let secrets = Secrets::new(records.clone(), Arc::clone(&gate), Arc::clone(&kms), clock.clone());
        let secrets = Arc::new(secrets);
        let (keys, values) = (Arc::clone(&kms), Arc::clone(&secrets));
        let parameters = Parameters::new(records.clone(), Arc::clone(&gate), keys, values, clock);
        let events = Events::new(records, Arc::clone(&gate), Arc::clone(&kms), Arc::clone(&secrets));
        Ok((
            Self {
                store,
                sealer,
                token,
                gate,
                kms,
                secrets,
                events: Arc::new(events),
                parameters: Arc::new(parameters),
                door,
                stop,
                jobs: TaskTracker::new(),
                scope: scope.clone(),
            },
            root,
        ))
    }

    /// The circumstances of a background job.
    pub(crate) fn job(&self, name: &str) -> OpContext {
        let scope = &self.scope;
        let arn = scope.system_arn(name);
        OpContext {
            caller: Arc::new(Caller::system(arn, scope.account().clone())),
            request_id: RequestId::random(),
            source: name.into(),
            channel: Arc::default(),
            user_agent: "strongroomd".into(),
            deadline: Deadline::after(REQUEST_DEADLINE_MAX),
            via: None,
            grant_tokens: GrantTokens::default(),
            dry_run: false,
        }
    }
}

/// A directory that nobody else can look into.
fn make_private(directory: &Path) -> Result<(), Box<dyn std::error::Error>> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(directory)
        .map_err(|cause| {
            format!(
                "cannot make the directory {}: {cause}; make it, or change data-directory",
                directory.display()
            )
            .into()
        })
}
