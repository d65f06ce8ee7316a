//! `strongroom parameter label`, `unlabel`, `delete`, `tag` and `untag`.

use clap::Args;
use serde_json::json;
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::pairs::{self, Pair};

/// Put labels on a version.
#[derive(Args)]
pub(crate) struct Label {
    /// The parameter's name
    name: String,
    /// The labels
    #[arg(required = true, value_name = "LABEL")]
    labels: Vec<String>,
    /// The version; the newest if not given
    #[arg(long)]
    version: Option<i64>,
}

/// Take labels off a version.
#[derive(Args)]
pub(crate) struct Unlabel {
    /// The parameter's name
    name: String,
    /// The labels
    #[arg(required = true, value_name = "LABEL")]
    labels: Vec<String>,
    /// The version that has them
    #[arg(long)]
    version: i64,
}

/// Delete parameters.
#[derive(Args)]
pub(crate) struct Delete {
    /// Their names, ten at most
    #[arg(required = true)]
    names: Vec<String>,
}

/// Set tags.
#[derive(Args)]
pub(crate) struct Tag {
    /// The parameter's name
    name: String,
    /// The tags
    #[arg(required = true, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    tags: Vec<Pair>,
}

/// Remove tags.
#[derive(Args)]
pub(crate) struct Untag {
    /// The parameter's name
    name: String,
    /// The tags' names
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

impl Label {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::LabelParameterVersionRequest {
            name: self.name.clone(),
            parameter_version: self.version,
            labels: self.labels,
        };
        let answer = session.client.label_parameter_version(request).await?;
        session.output.record(&json!({
            "invalid_labels": answer.invalid_labels,
            "name": self.name,
            "parameter_version": answer.parameter_version,
        }))
    }
}

impl Unlabel {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let request = v1::UnlabelParameterVersionRequest {
            name: self.name.clone(),
            parameter_version: self.version,
            labels: self.labels,
        };
        let answer = session.client.unlabel_parameter_version(request).await?;
        session.output.record(&json!({
            "invalid_labels": answer.invalid_labels,
            "name": self.name,
            "removed_labels": answer.removed_labels,
        }))
    }
}

impl Delete {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        if let [name] = self.names.as_slice() {
            session.client.delete_parameter(name).await?;
            let deleted = json!({ "deleted_parameters": [name] });
            return session.output.done(&format!("deleted {name}"), &deleted);
        }
        let request = v1::DeleteParametersRequest { names: self.names };
        let answer = session.client.delete_parameters(request).await?;
        session.output.record(&json!({
            "deleted_parameters": answer.deleted_parameters,
            "invalid_parameters": answer.invalid_parameters,
        }))?;
        if answer.invalid_parameters.is_empty() {
            return Ok(());
        }
        Err(CommandFault::NotThere(answer.invalid_parameters))
    }
}

impl Tag {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        session.client.tag_parameter(&self.name, pairs::tags(self.tags)).await?;
        session
            .output
            .done(&format!("tagged {}", self.name), &json!({ "name": self.name }))
    }
}

impl Untag {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        session.client.untag_parameter(&self.name, self.names).await?;
        session
            .output
            .done(&format!("untagged {}", self.name), &json!({ "name": self.name }))
    }
}
