//! `strongroom parameter put`: the value from stdin or a file, never from an argument.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;
use strongroom::{NewParameter, v1};

use crate::command::Session;
use crate::fault::CommandFault;
use crate::files::Source;
use crate::pairs::{self, Pair};
use crate::{json, prompt};

/// What a parameter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Type {
    /// Text
    String,
    /// Texts, separated by commas
    StringList,
    /// A secret
    SecureString,
}

/// What a parameter may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Tier {
    /// Values of up to 4 KiB
    Standard,
    /// Values of up to 8 KiB, and policies
    Advanced,
    /// Standard unless there must be more
    IntelligentTiering,
}

/// Make a parameter, or give it a new value.
#[derive(Args)]
pub(crate) struct Put {
    /// Its name, for example /app/database/password
    name: String,
    /// The value, byte for byte; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    /// What it holds; must be said of a new parameter
    #[arg(long = "type", value_enum)]
    kind: Option<Type>,
    /// Give a parameter that exists another version
    #[arg(long)]
    overwrite: bool,
    /// What it is for; not secret; empty removes it
    #[arg(long)]
    description: Option<String>,
    /// The key of a secure parameter: key id, key ARN, alias/NAME or alias ARN; aws/ssm if not given
    #[arg(long)]
    key: Option<String>,
    /// A regular expression that values must fit; empty removes it
    #[arg(long, value_name = "PATTERN")]
    allowed_pattern: Option<String>,
    /// What it may have
    #[arg(long, value_enum)]
    tier: Option<Tier>,
    /// Policies, as a JSON array; an empty one removes them
    #[arg(long, value_name = "JSON")]
    policies: Option<String>,
    /// What values are checked for, for example integer; text if not given
    #[arg(long, value_name = "TYPE")]
    data_type: Option<String>,
    /// A tag of a new parameter; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = pairs::parse)]
    tag: Vec<Pair>,
}

impl Put {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let value = prompt::parameter_value(Source::open(self.input.as_deref())?)?;
        let kind = self.kind.map_or(v1::ParameterType::Unspecified, |kind| match kind {
            Type::String => v1::ParameterType::String,
            Type::StringList => v1::ParameterType::StringList,
            Type::SecureString => v1::ParameterType::SecureString,
        });
        let mut parameter = NewParameter::new(self.name.clone(), kind, value);
        parameter.overwrite = self.overwrite;
        parameter.description = self.description;
        parameter.key_id = self.key;
        parameter.allowed_pattern = self.allowed_pattern;
        parameter.policies = self.policies;
        parameter.data_type = self.data_type;
        parameter.tags = pairs::tags(self.tag);
        parameter.tier = self.tier.map_or(v1::ParameterTier::Unspecified, |tier| match tier {
            Tier::Standard => v1::ParameterTier::Standard,
            Tier::Advanced => v1::ParameterTier::Advanced,
            Tier::IntelligentTiering => v1::ParameterTier::IntelligentTiering,
        });
        let overwrite = || "give it another version with --overwrite".to_owned();
        let put = session.client.put_parameter(parameter).await;
        let answer = put.map_err(|cause| CommandFault::hinted(cause, "ParameterAlreadyExists", overwrite))?;
        session.output.record(&json!({
            "name": self.name,
            "tier": json::parameter_tier(answer.tier()),
            "version": answer.version,
        }))
    }
}
