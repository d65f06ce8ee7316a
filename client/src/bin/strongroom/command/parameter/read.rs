//! `strongroom parameter get`, `get-by-path` and `history`.

use clap::Args;
use strongroom::v1;

use crate::command::Session;
use crate::emit::{self, Reveal};
use crate::fault::CommandFault;
use crate::limit::{PARAMETER_LIST_LIMIT_MAX, PARAMETERS_BY_PATH_LIMIT_MAX};
use crate::output::Format;

/// Print a parameter's value.
#[derive(Args)]
pub(crate) struct Get {
    /// Its name or ARN, with :VERSION or :LABEL for another version than the newest; several print as a list
    #[arg(required = true)]
    name: Vec<String>,
    /// Secure values as they are stored: encrypted, in base64
    #[arg(long)]
    encrypted: bool,
    #[command(flatten)]
    reveal: Reveal,
}

/// Print the parameters below a path.
#[derive(Args)]
pub(crate) struct GetByPath {
    /// The path, for example /app/database
    path: String,
    /// All levels below it
    #[arg(long)]
    recursive: bool,
    /// Secure values as they are stored: encrypted, in base64
    #[arg(long)]
    encrypted: bool,
    #[command(flatten)]
    reveal: Reveal,
}

/// Print the versions of a parameter.
#[derive(Args)]
pub(crate) struct History {
    /// Its name or ARN
    name: String,
    /// Secure values as they are stored: encrypted, in base64
    #[arg(long)]
    encrypted: bool,
    #[command(flatten)]
    reveal: Reveal,
}

impl Get {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("the parameter's value")?;
        let with_decryption = !self.encrypted;
        let (parameters, invalid) = if let [name] = self.name.as_slice() {
            let name = name.clone();
            let request = v1::GetParameterRequest { name, with_decryption };
            let parameter = session.client.parameter(request).await?;
            if session.output == Format::Table {
                return emit::value(&parameter.value, &self.reveal);
            }
            (vec![parameter], Vec::new())
        } else {
            let names = self.name;
            let request = v1::GetParametersRequest { names, with_decryption };
            let answer = session.client.parameters(request).await?;
            (answer.parameters, answer.invalid_parameters)
        };
        match session.output {
            Format::Json => emit::parameters_json(&parameters, &invalid, &self.reveal)?,
            Format::Table => {
                let values = parameters
                    .iter()
                    .map(|parameter| (parameter.name.clone(), &parameter.value));
                emit::named_values(values, &self.reveal)?;
            }
        }
        if invalid.is_empty() {
            return Ok(());
        }
        Err(CommandFault::NotThere(invalid))
    }
}

impl GetByPath {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("the parameters' values")?;
        let mut request = v1::GetParametersByPathRequest {
            path: self.path,
            recursive: self.recursive,
            parameter_filters: Vec::new(),
            with_decryption: !self.encrypted,
            max_results: i32::try_from(PARAMETERS_BY_PATH_LIMIT_MAX).ok(),
            next_token: None,
        };
        let mut parameters = Vec::new();
        loop {
            let page = session.client.parameters_by_path(request.clone()).await?;
            parameters.extend(page.parameters);
            request.next_token = page.next_token;
            if request.next_token.is_none() {
                break;
            }
        }
        match session.output {
            Format::Json => emit::parameters_json(&parameters, &[], &self.reveal),
            Format::Table => {
                let values = parameters
                    .iter()
                    .map(|parameter| (parameter.name.clone(), &parameter.value));
                emit::named_values(values, &self.reveal)
            }
        }
    }
}

impl History {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("the parameter's values")?;
        let mut request = v1::GetParameterHistoryRequest {
            name: self.name,
            with_decryption: !self.encrypted,
            max_results: i32::try_from(PARAMETER_LIST_LIMIT_MAX).ok(),
            next_token: None,
        };
        let mut versions = Vec::new();
        loop {
            let page = session.client.parameter_history(request.clone()).await?;
            versions.extend(page.versions);
            request.next_token = page.next_token;
            if request.next_token.is_none() {
                break;
            }
        }
        match session.output {
            Format::Json => emit::history_json(&versions, &self.reveal),
            Format::Table => {
                let values = versions.iter().map(|version| {
                    let about = &version.about;
                    let labels = about.labels.iter().map(|label| format!(" {label}")).collect::<String>();
                    (format!("{}{labels}", about.version), &version.value)
                });
                emit::named_values(values, &self.reveal)
            }
        }
    }
}
