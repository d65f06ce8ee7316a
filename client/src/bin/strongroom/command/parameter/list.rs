//! `strongroom parameter list` and `tags`.

use clap::Args;
use serde_json::Value;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::json;
use crate::limit::{self, PARAMETER_LIST_LIMIT_MAX};
use crate::pairs::{self, Pair};

/// List parameters.
#[derive(Args)]
pub(crate) struct List {
    /// Only those that fit: Name, Type, KeyId, Tier, DataType or tag:KEY; may be repeated with other keys
    #[arg(long, value_name = "KEY=VALUE", value_parser = pairs::parse)]
    filter: Vec<Pair>,
    /// Only those whose names begin so
    #[arg(long, value_name = "BEGIN")]
    begins_with: Option<String>,
    /// Only those below this path, on all levels
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// At most so many
    #[arg(long, value_name = "ROWS", value_parser = limit::rows)]
    limit: Option<usize>,
}

/// List a parameter's tags.
#[derive(Args)]
pub(crate) struct Tags {
    /// Its name
    name: String,
}

impl List {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let filter = |key: &str, option: &str, value: String| v1::ParameterStringFilter {
            key: key.to_owned(),
            option: Some(option.to_owned()),
            values: vec![value],
        };
        let equal = self
            .filter
            .into_iter()
            .map(|pair| filter(&pair.name, "Equals", pair.value));
        let begin = self.begins_with.map(|begin| filter("Name", "BeginsWith", begin));
        let below = self.path.map(|path| filter("Path", "Recursive", path));
        let mut request = v1::DescribeParametersRequest {
            parameter_filters: equal.chain(begin).chain(below).collect(),
            max_results: None,
            next_token: None,
        };
        let most = self.limit.unwrap_or(usize::MAX);
        let mut rows: Vec<Value> = Vec::new();
        while rows.len() < most {
            request.max_results = i32::try_from((most - rows.len()).min(PARAMETER_LIST_LIMIT_MAX)).ok();
            let page = session.client.describe_parameters(request.clone()).await?;
            rows.extend(page.parameters.iter().map(json::parameter));
            request.next_token = page.next_token;
            if request.next_token.is_none() {
                break;
            }
        }
        let columns = ["name", "type", "version", "tier", "last_modified_date", "description"];
        session.output.list("parameters", &columns, rows)
    }
}

impl Tags {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let tags = session.client.parameter_tags(&self.name).await?;
        session
            .output
            .list("tag_list", &["key", "value"], tags.iter().map(json::tag).collect())
    }
}
