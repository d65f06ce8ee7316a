//! `strongroom grant list` and `strongroom grant list-retirable`.

use clap::Args;
use serde_json::Value;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::json;
use crate::limit::{self, GRANT_LIST_LIMIT_MAX};

const COLUMNS: [&str; 4] = ["grant_id", "grantee_principal", "operations", "constraints"];
const RETIRABLE_COLUMNS: [&str; 4] = ["key_id", "grant_id", "grantee_principal", "operations"];

/// List a key's grants.
#[derive(Args)]
pub(crate) struct List {
    /// Key id or key ARN
    key: String,
    /// Only those of this principal
    #[arg(long, value_name = "ARN")]
    grantee: Option<String>,
    /// Only the one with this id
    #[arg(long, value_name = "GRANT")]
    grant: Option<String>,
    /// At most so many
    #[arg(long, value_name = "ROWS", value_parser = limit::rows)]
    limit: Option<usize>,
}

/// List the grants that name a retiring principal.
#[derive(Args)]
pub(crate) struct ListRetirable {
    /// The ARN of the principal
    principal: String,
    /// At most so many
    #[arg(long, value_name = "ROWS", value_parser = limit::rows)]
    limit: Option<usize>,
}

impl List {
    /// Page after page.
    pub(super) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let mut request = v1::ListGrantsRequest {
            key_id: self.key,
            limit: None,
            marker: None,
            grant_id: self.grant,
            grantee_principal: self.grantee,
        };
        let most = self.limit.unwrap_or(usize::MAX);
        let mut rows: Vec<Value> = Vec::new();
        while rows.len() < most {
            request.limit = Some((most - rows.len()).min(GRANT_LIST_LIMIT_MAX) as i32);
            let page = session.client.list_grants(request.clone()).await?;
            rows.extend(page.grants.iter().map(json::grant));
            request.marker = page.next_marker;
            if !page.truncated || request.marker.is_none() {
                break;
            }
        }
        session.output.list("grants", &COLUMNS, rows)
    }
}

impl ListRetirable {
    /// Page after page.
    pub(super) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let mut request = v1::ListRetirableGrantsRequest {
            retiring_principal: self.principal,
            limit: None,
            marker: None,
        };
        let most = self.limit.unwrap_or(usize::MAX);
        let mut rows: Vec<Value> = Vec::new();
        while rows.len() < most {
            request.limit = Some((most - rows.len()).min(GRANT_LIST_LIMIT_MAX) as i32);
            let page = session.client.list_retirable_grants(request.clone()).await?;
            rows.extend(page.grants.iter().map(json::grant));
            request.marker = page.next_marker;
            if !page.truncated || request.marker.is_none() {
                break;
            }
        }
        session.output.list("grants", &RETIRABLE_COLUMNS, rows)
    }
}
