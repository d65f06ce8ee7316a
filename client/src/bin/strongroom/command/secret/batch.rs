//! `strongroom secret batch-get`.

use clap::{ArgGroup, Args};
use strongroom::{SecretBatch, v1};

use crate::command::Session;
use crate::emit::{self, Reveal};
use crate::fault::CommandFault;
use crate::limit::{self, BATCH_SECRETS_MAX};
use crate::output::Format;
use crate::pairs::{self, Pair};

/// Print the current values of several secrets: those that are named, or those that match filters.
#[derive(Args)]
#[command(group(ArgGroup::new("chosen").required(true).args(["secrets", "filter"])))]
pub(crate) struct BatchGet {
    /// Their names or ARNs, up to 20
    #[arg(value_name = "SECRET")]
    secrets: Vec<String>,
    /// All that match: name, description, tag-key, tag-value or all; may be repeated; !VALUE negates
    #[arg(long, value_name = "KEY=VALUE", value_parser = pairs::parse)]
    filter: Vec<Pair>,
    /// At most so many of those that match
    #[arg(long, value_name = "ROWS", value_parser = limit::rows, conflicts_with = "secrets")]
    limit: Option<usize>,
    #[command(flatten)]
    reveal: Reveal,
}

impl BatchGet {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("the secrets' values")?;
        let filters = pairs::filters(self.filter)?;
        let batch = if filters.is_empty() {
            session.client.secret_values(named(self.secrets)).await?
        } else {
            matching(session, filters, self.limit.unwrap_or(usize::MAX)).await?
        };
        match session.output {
            Format::Table => emit::batch(&batch, &self.reveal)?,
            Format::Json => emit::batch_json(&batch, &self.reveal)?,
        }
        if batch.errors.is_empty() {
            Ok(())
        } else {
            Err(CommandFault::Unread(batch.errors))
        }
    }
}

fn named(secret_id_list: Vec<String>) -> v1::BatchGetSecretValueRequest {
    v1::BatchGetSecretValueRequest {
        secret_id_list,
        ..v1::BatchGetSecretValueRequest::default()
    }
}

/// Asks for page after page: a page has those that cannot be read too.
pub(super) async fn matching(
    session: &Session,
    filters: Vec<v1::Filter>,
    most: usize,
) -> Result<SecretBatch, CommandFault> {
    let mut request = v1::BatchGetSecretValueRequest {
        filters,
        ..v1::BatchGetSecretValueRequest::default()
    };
    let mut all = SecretBatch {
        values: Vec::new(),
        errors: Vec::new(),
        next_token: None,
    };
    loop {
        let left = most.saturating_sub(all.values.len() + all.errors.len());
        if left == 0 {
            return Ok(all);
        }
        request.max_results = Some(left.min(BATCH_SECRETS_MAX) as i32);
        let page = session.client.secret_values(request.clone()).await?;
        all.values.extend(page.values);
        all.errors.extend(page.errors);
        request.next_token = page.next_token;
        if request.next_token.is_none() {
            return Ok(all);
        }
    }
}
