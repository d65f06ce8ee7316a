//! `strongroom secret list` and `versions`.

use clap::{Args, ValueEnum};
use serde_json::Value;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::json;
use crate::limit::{self, SECRET_LIST_LIMIT_MAX};
use crate::pairs::{self, Pair};

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum SortBy {
    /// When it was made
    CreatedDate,
    /// When a value was last read
    LastAccessedDate,
    /// When it last changed
    LastChangedDate,
    /// Its name
    Name,
}

/// List secrets.
#[derive(Args)]
pub(crate) struct List {
    /// Only those that match: name, description, tag-key, tag-value or all; may be repeated; !VALUE negates
    #[arg(long, value_name = "KEY=VALUE", value_parser = pairs::parse)]
    filter: Vec<Pair>,
    /// What to sort by
    #[arg(long, value_enum, default_value_t = SortBy::Name)]
    sort_by: SortBy,
    /// The other way round
    #[arg(long)]
    descending: bool,
    /// Those in their recovery window too
    #[arg(long)]
    include_planned_deletion: bool,
    /// At most so many
    #[arg(long, value_name = "ROWS", value_parser = limit::rows)]
    limit: Option<usize>,
}

/// List the versions of a secret.
#[derive(Args)]
pub(crate) struct Versions {
    /// Its name or ARN
    secret: String,
    /// Those without a staging label too
    #[arg(long)]
    include_deprecated: bool,
}

impl List {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let mut request = v1::ListSecretsRequest {
            include_planned_deletion: self.include_planned_deletion,
            max_results: None,
            next_token: None,
            filters: pairs::filters(self.filter)?,
            sort_order: if self.descending {
                v1::SortOrder::Desc
            } else {
                v1::SortOrder::Asc
            }
            .into(),
            sort_by: sort_by(self.sort_by).into(),
        };
        let most = self.limit.unwrap_or(usize::MAX);
        let mut rows: Vec<Value> = Vec::new();
        while rows.len() < most {
            request.max_results = Some((most - rows.len()).min(SECRET_LIST_LIMIT_MAX) as i32);
            let page = session.client.list_secrets(request.clone()).await?;
            rows.extend(page.secret_list.iter().map(json::secret_row));
            request.next_token = page.next_token;
            if request.next_token.is_none() {
                break;
            }
        }
        session.output.list(
            "secret_list",
            &["name", "last_changed_date", "deleted_date", "description"],
            rows,
        )
    }
}

impl Versions {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let mut request = v1::ListSecretVersionIdsRequest {
            secret_id: self.secret,
            max_results: Some(SECRET_LIST_LIMIT_MAX as i32),
            next_token: None,
            include_deprecated: self.include_deprecated,
        };
        let mut rows: Vec<Value> = Vec::new();
        loop {
            let page = session.client.list_secret_version_ids(request.clone()).await?;
            rows.extend(page.versions.iter().map(json::secret_version));
            request.next_token = page.next_token;
            if request.next_token.is_none() {
                break;
            }
        }
        session
            .output
            .list("versions", &["version_id", "version_stages", "created_date"], rows)
    }
}

fn sort_by(sort_by: SortBy) -> v1::SortBy {
    match sort_by {
        SortBy::CreatedDate => v1::SortBy::CreatedDate,
        SortBy::LastAccessedDate => v1::SortBy::LastAccessedDate,
        SortBy::LastChangedDate => v1::SortBy::LastChangedDate,
        SortBy::Name => v1::SortBy::Name,
    }
}
