//! [`Gate::run`]: resolve, decide, quota, (dry run: check and stop), intent, perform, outcome, release. Every request's way, on one screen.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use strongroom_audit::{Phase, Trail, event_id};
use strongroom_base::{CallerKind, Clock, Code, Effect, EventId, Fault, Scope};

use crate::asking::{Circumstances, Matter};
use crate::context::OpContext;
use crate::decide::Policies;
use crate::domain::Domain as _;
use crate::meter::{Meter, MeterRow};
use crate::operation::{Need, Operation, Protected, Resolved};
use crate::permit::{Permit, Released};
use crate::quota::{QuotaRates, Quotas};
use crate::record::Record;

/// The door. One per process.
pub struct Gate {
    scope: Scope,
    clock: Clock,
    policies: Policies,
    trail: Trail,
    meter: Meter,
    quotas: Quotas,
    /// What quotas count from.
    began: Instant,
    open: AtomicBool,
}

impl Gate {
    /// A gate that decides by `policies` and records on `trail`. Until [`Self::open`] it lets the service's own jobs
    /// through and answers everybody else that the service is not available.
    #[must_use]
    pub fn new(scope: Scope, clock: Clock, policies: Policies, trail: Trail) -> Self {
        Self {
            scope,
            clock,
            policies,
            trail,
            meter: Meter::new(),
            quotas: Quotas::new(QuotaRates::unlimited()),
            began: Instant::now(),
            open: AtomicBool::new(false),
        }
    }

    /// The same, for callers who make at most so many requests a second.
    #[must_use]
    pub fn limited_to(mut self, rates: QuotaRates) -> Self {
        self.quotas = Quotas::new(rates);
        self
    }

    /// Lets callers in: the store is unsealed, token and store agree.
    pub fn open(&self) {
        self.open.store(true, Ordering::Release);
    }

    /// Whether callers are let in.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open.load(Ordering::Acquire)
    }

    /// Takes one operation all the way. Nothing is performed without a permit, and nothing leaves, neither reply nor
    /// fault, before its record is on disk. A change that was begun must be driven to its end: callers spawn it.
    ///
    /// # Errors
    /// What the operation answers, AccessDeniedException, ThrottlingException over a quota, or ServiceUnavailableException
    /// when the trail cannot be written.
    pub async fn run<O: Operation>(
        &self,
        context: &OpContext,
        domain: &O::Domain,
        operation: O,
    ) -> Result<Released<O::Reply>, Fault> {
        let started = Instant::now();
        let mut record = Record::new(context, O::ACTION, &self.scope, operation.parameters());
        let outcome = self.attempt(context, domain, operation, started, &mut record).await;
        let phase = match (&outcome, record.throttled()) {
            (Ok(reply), _) => Phase::Done(O::response(reply)),
            (Err(fault), None) => Phase::Failed(fault),
            (Err(fault), Some(Some(left_out))) => Phase::Throttled { fault, left_out },
            // Like what is shed before it comes here; the next record of its class counts it.
            (Err(_), Some(None)) => {
                self.meter.count_throttled(O::ACTION);
                return outcome.map(Released::new);
            }
        };
        let recorded = self.write(&record, phase).await;
        if let (Ok(event_id), Ok(_), Effect::Use) = (&recorded, &outcome, O::ACTION.effect()) {
            domain.used(&record.used(*event_id));
        }
        let answer = recorded.and(outcome);
        if record.throttled().is_some() {
            self.meter.count_throttled(O::ACTION);
        } else {
            self.meter.count(O::ACTION, answer.as_ref().err(), started.elapsed());
        }
        answer.map(Released::new)
    }

    async fn attempt<O: Operation>(
        &self,
        context: &OpContext,
        domain: &O::Domain,
        operation: O,
        started: Instant,
        record: &mut Record<'_>,
    ) -> Result<O::Reply, Fault> {
        self.admit(context)?;
        let now = started.saturating_duration_since(self.began);
        let begun = self.quotas.begin(context, O::ACTION, now);
        let allowance = begun.map_err(|early| record.came_too_early(early))?;
        if !context.grant_tokens.is_empty() {
            domain.check_grant_tokens(&context.grant_tokens).await?;
        }
        let (needs, target) = match operation.resolve(domain).await? {
            Resolved::Found(target) => (target.needs(), Ok(target)),
            Resolved::Absent { needs, fault } => (needs, Err(fault)),
        };
        let decision = self.decide(context, &operation, target.as_ref().ok(), &needs);
        record.concerns(needs);
        decision?;
        let target = target?;
        let keys = (target.key_spec(), target.second_key_spec());
        let spent = allowance.spend(keys, operation.data_key_pair());
        spent.map_err(|early| record.came_too_early(early))?;
        if context.dry_run {
            operation.check(&target, domain).await?;
            return Err(would_have_succeeded());
        }
        let permit = Permit::new(target, context.clone());
        match O::ACTION.effect() {
            Effect::Change => {
                self.write(record, Phase::Intent).await?;
            }
            Effect::Read | Effect::Use => {}
        }
        operation.perform(permit, domain).await
    }

    /// Whether policy would allow the caller one more thing, of an operation that it was allowed: what is told of a policy
    /// that is to come. It permits nothing, and leaves no record.
    pub fn would_allow<O: Operation>(&self, operation: &O, permit: &Permit<O>, need: Need) -> bool {
        self.decide(permit.context(), operation, Some(permit.target()), &[need])
            .is_ok()
    }

    /// Whether the operation would be allowed now, without doing or recording it: for an answer that leaves out what its
    /// caller may not see, and that is on the trail itself.
    ///
    /// # Errors
    /// What [`Self::run`] would answer before it spends a quota.
    pub async fn consult<O: Operation>(
        &self,
        context: &OpContext,
        domain: &O::Domain,
        operation: &O,
    ) -> Result<(), Fault> {
        self.admit(context)?;
        match operation.resolve(domain).await? {
            Resolved::Found(target) => self.decide(context, operation, Some(&target), &target.needs()),
            Resolved::Absent { needs, fault } => self.decide(context, operation, None, &needs).and(Err(fault)),
        }
    }

    fn decide<O: Operation>(
        &self,
        context: &OpContext,
        operation: &O,
        target: Option<&O::Target>,
        needs: &[Need],
    ) -> Result<(), Fault> {
        let circumstances = Circumstances {
            context,
            scope: &self.scope,
            clock: &self.clock,
            subject: &Matter { operation, target },
        };
        self.policies.decide(circumstances, needs)
    }

    /// Puts a record on the trail, and answers with its id when it is on disk.
    async fn write(&self, record: &Record<'_>, phase: Phase<'_>) -> Result<EventId, Fault> {
        let event_id = event_id()?;
        self.trail
            .append(record.event(event_id, self.clock.now(), phase))
            .await?;
        Ok(event_id)
    }

    fn admit(&self, context: &OpContext) -> Result<(), Fault> {
        if context.deadline.has_passed() {
            return Err(Fault::new(
                Code::DependencyTimeout,
                "The deadline had passed before the request was begun.",
            ));
        }
        if !self.is_open() && context.caller.kind() != CallerKind::System {
            return Err(Fault::new(
                Code::Unavailable,
                "The service is waiting for its HSM to unseal the store; try again.",
            ));
        }
        Ok(())
    }

    /// The audit trail, for its status.
    #[must_use]
    pub fn trail(&self) -> &Trail {
        &self.trail
    }

    /// The requests that were turned away for coming too fast since the start, by class of operations.
    #[must_use]
    pub fn throttled(&self) -> Vec<(&'static str, u64)> {
        self.quotas.throttled()
    }

    /// What was counted per action since the start.
    #[must_use]
    pub fn meter(&self) -> Vec<MeterRow> {
        self.meter.rows()
    }
}

/// AWS's words.
fn would_have_succeeded() -> Fault {
    Fault::new(
        Code::DryRunOperation,
        "The request would have succeeded, but the DryRun option is set.",
    )
}

#[cfg(test)]
mod tests;
