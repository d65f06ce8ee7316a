//! One check that is one command.

use std::path::Path;
use std::process::{Command, Stdio};

use super::announced;
use crate::{HarnessFault, process, workspace};

/// A named command of the checks.
pub(super) struct Step<'a> {
    name: &'a str,
    program: Option<&'a Path>,
    arguments: &'a [&'a str],
    variable: Option<(&'a str, &'a str)>,
}

impl<'a> Step<'a> {
    /// A command of cargo's.
    pub(super) fn cargo(name: &'a str, arguments: &'a [&'a str]) -> Self {
        Self {
            name,
            program: None,
            arguments,
            variable: None,
        }
    }

    /// Another program's command.
    pub(super) fn program(name: &'a str, program: &'a Path, arguments: &'a [&'a str]) -> Self {
        Self {
            name,
            program: Some(program),
            arguments,
            variable: None,
        }
    }

    /// Sets an environment variable, as (name, value).
    pub(super) fn with_variable(mut self, variable: (&'a str, &'a str)) -> Self {
        self.variable = Some(variable);
        self
    }

    /// Runs it in the project's folder; when it fails, the message is the command that repeats it.
    pub(super) fn run(&self) -> Result<(), HarnessFault> {
        announced(self.name, || {
            process::run(&mut self.command()).map_err(|_| {
                HarnessFault::refused(
                    format!("the check \"{}\" failed; repeat it with", self.name),
                    format!("    {}", self.typed()),
                )
            })
        })
    }

    pub(super) fn command(&self) -> Command {
        let mut command = self.program.map_or_else(workspace::cargo, Command::new);
        command
            .args(self.arguments)
            .envs(self.variable)
            .current_dir(workspace::root())
            .stdin(Stdio::null());
        command
    }

    /// As a person types it: `cargo`, not the path of the cargo that started this program.
    fn typed(&self) -> String {
        let mut command = Command::new(self.program.unwrap_or_else(|| Path::new("cargo")));
        process::describe(command.args(self.arguments).envs(self.variable))
    }
}
