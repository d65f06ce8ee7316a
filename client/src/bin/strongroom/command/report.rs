//! `strongroom report`: secrets that somebody should look at.

use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use prost_types::Timestamp;
use serde_json::{Value, json};
use strongroom::v1;

use super::Session;
use crate::fault::CommandFault;
use crate::json;
use crate::limit::SECRET_LIST_LIMIT_MAX;

const SECONDS_PER_DAY: i64 = 86_400;

/// List secrets that somebody should look at: under the service's own key, never rotated, not read for long. Secrets in
/// their recovery window are left out.
#[derive(Args)]
pub(crate) struct Report {
    /// Days without a read after which a secret is listed; one that was never read counts from the day it was made
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    unread_days: u32,
}

impl Report {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let mut request = v1::ListSecretsRequest {
            max_results: Some(SECRET_LIST_LIMIT_MAX as i32),
            sort_order: v1::SortOrder::Asc.into(),
            sort_by: v1::SortBy::Name.into(),
            ..v1::ListSecretsRequest::default()
        };
        let oldest = now() - i64::from(self.unread_days) * SECONDS_PER_DAY;
        let mut rows: Vec<Value> = Vec::new();
        loop {
            let page = session.client.list_secrets(request.clone()).await?;
            rows.extend(page.secret_list.iter().filter_map(|secret| row(secret, oldest)));
            request.next_token = page.next_token;
            if request.next_token.is_none() {
                break;
            }
        }
        session.output.list(
            "secrets",
            &["name", "findings", "last_accessed_date", "created_date"],
            rows,
        )
    }
}

/// A secret with what was found, if anything was.
fn row(secret: &v1::SecretListEntry, oldest: i64) -> Option<Value> {
    let checks = [
        ("default-key", secret.kms_key_id.is_none()),
        ("never-rotated", is_never_rotated(secret)),
        ("unread", is_unread(secret, oldest)),
    ];
    let findings: Vec<&str> = checks
        .into_iter()
        .filter_map(|(finding, found)| found.then_some(finding))
        .collect();
    (!findings.is_empty()).then(|| {
        json!({
            "arn": secret.arn,
            "created_date": json::time(secret.created_date.as_ref()),
            "findings": findings,
            "last_accessed_date": json::time(secret.last_accessed_date.as_ref()),
            "name": secret.name,
        })
    })
}

/// A value that was never replaced: none has AWSPREVIOUS, which the one that AWSCURRENT leaves gets.
fn is_never_rotated(secret: &v1::SecretListEntry) -> bool {
    let mut labels = secret
        .secret_versions_to_stages
        .values()
        .flat_map(|labels| &labels.version_stages);
    !secret.secret_versions_to_stages.is_empty() && !labels.any(|label| label == "AWSPREVIOUS")
}

fn is_unread(secret: &v1::SecretListEntry, oldest: i64) -> bool {
    // Dates of access are days: one of today is at its midnight.
    let end_of_day = |day: &Timestamp| day.seconds + SECONDS_PER_DAY;
    let read = secret.last_accessed_date.as_ref().map(end_of_day);
    let made = secret.created_date.as_ref().map(|made| made.seconds);
    read.or(made).is_some_and(|last| last < oldest)
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
