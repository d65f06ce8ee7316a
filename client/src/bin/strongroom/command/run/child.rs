//! The program that is run: started, signalled, waited for. All from one task, so that no signal goes to a process that has
//! been waited for and whose number may be another's.

use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use super::bindings::Bindings;
use crate::fault::CommandFault;
use crate::signals::{self, Caught, Signals};

/// Time that a program has to end before its restart.
const STOP_TIME: Duration = Duration::from_secs(10);
/// How often it is looked whether it did.
const STOP_LOOK: Duration = Duration::from_millis(20);

/// A running program.
pub(super) struct Child {
    process: std::process::Child,
}

/// How a program ended: its exit status, or 128 and the number of the signal that ended it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) status: u8,
}

impl Child {
    /// Starts it with this process's environment, the secrets, and no core dumps: the limit is inherited (`harden`).
    pub(super) fn start(program: &[OsString], bindings: &Bindings) -> Result<Self, CommandFault> {
        let Some((name, arguments)) = program.split_first() else {
            return Err(CommandFault::Usage("name a program after --".to_owned()));
        };
        let mut command = Command::new(name);
        command.args(arguments).envs(bindings.environment());
        let process = command.spawn().map_err(|cause| CommandFault::Program {
            name: name.display().to_string(),
            cause,
        })?;
        Ok(Self { process })
    }

    /// How it ended, if it did.
    pub(super) fn ended(&mut self) -> Result<Option<Ended>, CommandFault> {
        let status = self.process.try_wait().map_err(CommandFault::Runtime)?;
        Ok(status.map(ended))
    }

    /// Sends a signal.
    pub(super) fn signal(&self, signal: Signal) {
        signals::send(&self.process, signal);
    }

    /// Sends on what came for it.
    pub(super) fn pass(&self, caught: Caught) {
        caught.pass_to(&self.process);
    }

    /// Ends it for a restart, by force if it takes too long. How it ended, if it is not to be started again: it had ended by
    /// itself, or somebody wanted it to end meanwhile.
    pub(super) async fn stop(&mut self, signals: &mut Signals) -> Result<Option<Ended>, CommandFault> {
        if let Some(ended) = self.ended()? {
            return Ok(Some(ended));
        }
        self.signal(Signal::TERM);
        let until = Instant::now() + STOP_TIME;
        let mut is_last = false;
        loop {
            if let Some(ended) = self.ended()? {
                return Ok(is_last.then_some(ended));
            }
            if Instant::now() >= until {
                self.process.kill().map_err(CommandFault::Runtime)?;
            }
            tokio::select! {
                () = sleep(STOP_LOOK) => {}
                caught = signals.next() => {
                    is_last |= caught.ends();
                    self.pass(caught);
                }
            }
        }
    }
}

impl Drop for Child {
    /// A program must not outlive the files that it reads: it is ended if we fail.
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            let _ended = self.process.kill();
            let _status = self.process.wait();
        }
    }
}

fn ended(status: ExitStatus) -> Ended {
    let code = match (status.code(), status.signal()) {
        (Some(code), _) => code,
        (None, Some(signal)) => 128 + signal,
        (None, None) => 1,
    };
    Ended {
        status: u8::try_from(code).unwrap_or(u8::MAX),
    }
}
