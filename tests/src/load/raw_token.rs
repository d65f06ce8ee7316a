//! The token alone, in a process of its own with a token of its own.

use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;

use super::point::Sample;
use crate::software_token::{SoftwareToken, TokenKind};
use crate::token_tool::measure::{KeyHandle, TokenWork};
use crate::{HarnessFault, process};

/// A SoftHSM token that nobody else uses.
pub(super) struct RawToken(SoftwareToken);

impl RawToken {
    pub(super) fn prepare(directory: &Path, helper: &Path) -> Result<Self, HarnessFault> {
        Ok(Self(SoftwareToken::prepare(
            TokenKind::SoftHsm,
            directory,
            "raw",
            helper,
        )?))
    }

    /// Drives the token for some time.
    pub(super) fn measure(&self, work: TokenWork, key: KeyHandle, duration: Duration) -> Result<Sample, HarnessFault> {
        let mut command = self.0.tool("measure");
        command.arg("--work").arg(name(work)).arg("--key").arg(name(key));
        command.arg("--milliseconds").arg(duration.as_millis().to_string());
        let output = process::output_of(&mut command)?;
        serde_json::from_str(&output).map_err(|error| process::failed(&command, error))
    }
}

fn name(value: impl ValueEnum) -> String {
    value
        .to_possible_value()
        .map_or_else(String::new, |value| value.get_name().to_owned())
}
