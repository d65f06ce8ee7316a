//! BatchGetSecretValue: the current values of up to twenty secrets. Each is read as by GetSecretValue, through the gate,
//! with its own permission and its own audit record.

use futures_util::future::join_all;
use strongroom_base::limits::BATCH_SECRETS_MAX;
use strongroom_base::{Action, Code, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Released, Resolved};

use crate::constraint;
use crate::filter::Filter;
use crate::op::get_secret_value::{GetSecretValue, SecretVersionValue};
use crate::op::parameters;
use crate::paging::page_size;
use crate::search::{Search, SortBy, SortOrder};
use crate::secret_id::SecretId;
use crate::secrets::Secrets;
use crate::target::NoTarget;

/// The request.
pub struct BatchGetSecretValue {
    choice: Choice,
}

enum Choice {
    Named(Vec<SecretId>),
    Filtered(Search),
}

/// What could be read, and what could not.
pub struct BatchOfValues {
    /// The values, in the order of the request or of the search.
    pub values: Vec<SecretVersionValue>,
    /// The secrets that could not be read.
    pub errors: Vec<BatchFailure>,
    /// Where the next page begins.
    pub next_token: Option<String>,
}

/// Why one secret could not be read.
#[derive(Debug)]
pub struct BatchFailure {
    /// The secret as the request named it; its ARN if filters found it.
    pub secret_id: String,
    /// What GetSecretValue answered.
    pub fault: Fault,
}

impl BatchGetSecretValue {
    /// A batch of 1 to 20 named secrets, or a page of 1 to 20 that filters choose.
    ///
    /// # Errors
    /// InvalidParameterException unless exactly one of names and filters is given, and when pages are asked for of
    /// names; ValidationException and InvalidNextTokenException as for ListSecrets.
    pub fn new(
        names: &[String],
        filters: Vec<Filter>,
        max_results: Option<i64>,
        next_token: Option<&str>,
    ) -> Result<Self, Fault> {
        let choice = match (names, filters.as_slice()) {
            ([], []) => return Err(refused("You must provide either SecretIdList or Filters.")),
            ([], _) => {
                let limit = page_size(max_results, BATCH_SECRETS_MAX)?;
                Choice::Filtered(Search::new(
                    filters,
                    (SortBy::default(), SortOrder::default()),
                    limit,
                    next_token,
                )?)
            }
            (names, []) if max_results.is_none() && next_token.is_none() => {
                constraint::length("secretIdList", names.len(), 1, BATCH_SECRETS_MAX)?;
                Choice::Named(
                    names
                        .iter()
                        .map(|name| SecretId::parse(name))
                        .collect::<Result<_, _>>()?,
                )
            }
            (_, []) => return Err(refused("You can use MaxResults and NextToken with Filters only.")),
            (_, _) => return Err(refused("You can't use SecretIdList and Filters in the same request.")),
        };
        Ok(Self { choice })
    }
}

fn refused(why: &'static str) -> Fault {
    Fault::new(Code::InvalidParameter, why)
}

impl Operation for BatchGetSecretValue {
    const ACTION: Action = Action::BatchGetSecretValue;
    type Domain = Secrets;
    type Target = NoTarget;
    type Reply = BatchOfValues;

    fn parameters(&self) -> Parameters {
        match &self.choice {
            Choice::Named(names) => parameters([("secretIdList", names.iter().map(ToString::to_string).collect())]),
            Choice::Filtered(search) => {
                parameters([("filters", search.filters().iter().map(Filter::parameter).collect())])
            }
        }
    }

    /// Filters tell which secrets there are, which is ListSecrets' to allow.
    async fn resolve(&self, _: &Secrets) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget(match self.choice {
            Choice::Named(_) => &[Action::BatchGetSecretValue],
            Choice::Filtered(_) => &[Action::BatchGetSecretValue, Action::ListSecrets],
        })))
    }

    async fn perform(self, permit: Permit<Self>, secrets: &Secrets) -> Result<BatchOfValues, Fault> {
        let (names, next_token) = match self.choice {
            Choice::Named(names) => (names, None),
            Choice::Filtered(search) => {
                let found = secrets.search(&search).await?;
                let arns = found
                    .secrets
                    .iter()
                    .map(|secret| SecretId::Arn(secret.arn(secrets.scope())));
                (arns.collect(), found.next_token)
            }
        };
        let context = permit.context();
        let read = |name: SecretId| async move {
            let secret_id = name.to_string();
            let read = secrets.gate.run(context, secrets, GetSecretValue::current(name)).await;
            read.map(Released::into_inner)
                .map_err(|fault| BatchFailure { secret_id, fault })
        };
        let mut batch = BatchOfValues {
            values: Vec::new(),
            errors: Vec::new(),
            next_token,
        };
        // At once, so that the batch waits for one sync of the audit trail, not for twenty.
        for outcome in join_all(names.into_iter().map(read)).await {
            match outcome {
                Ok(value) => batch.values.push(value),
                Err(failure) => batch.errors.push(failure),
            }
        }
        Ok(batch)
    }
}
