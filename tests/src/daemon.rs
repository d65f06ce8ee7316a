//! A running strongroomd: started, waited for, stopped or killed.

pub mod configuration;
mod output;

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::leftover::Leftover;
use crate::{HarnessFault, process};

/// What it takes to start the service.
#[derive(Debug, Clone)]
pub struct DaemonCommand {
    /// The strongroomd program.
    pub program: PathBuf,
    /// Its configuration file.
    pub configuration: PathBuf,
    /// The variable by which the PKCS#11 module finds its configuration, and that file.
    pub module_configuration: (&'static str, PathBuf),
    /// Where what it prints is appended.
    pub log: PathBuf,
}

/// The service as a child process; dropping it kills it.
pub struct Daemon {
    child: Child,
    address: SocketAddr,
    _leftover: Leftover,
}

/// What the service prints on standard output once it answers; the address follows.
pub const READY: &str = "strongroomd listening on ";
/// How long the service may take until it listens: loading a token with 10,000 keys takes a second.
const START_TIME_MAX: Duration = Duration::from_secs(60);
/// How long it may take to end after SIGTERM: as long as the slowest request.
const STOP_TIME_MAX: Duration = Duration::from_secs(70);
/// How often a child's state is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(10);

impl DaemonCommand {
    /// Starts the service and waits for the line that says on which address it listens.
    ///
    /// # Errors
    /// [`HarnessFault::Daemon`] with the end of its log when it ends or says nothing for a minute.
    pub fn start(&self) -> Result<Daemon, HarnessFault> {
        let mut command = Command::new(&self.program);
        command.arg("serve").arg("--config").arg(&self.configuration);
        let (variable, file) = &self.module_configuration;
        Daemon::spawn(command.env(variable, file), &self.log)
    }

    /// Starts the service where it must refuse to start, and returns what it says on standard error.
    ///
    /// # Errors
    /// When it starts all the same.
    pub fn refusal(&self) -> Result<String, HarnessFault> {
        let _ = std::fs::remove_file(&self.log);
        match self.start() {
            Err(HarnessFault::Daemon { log, .. }) => Ok(log),
            Err(other) => Err(other),
            Ok(_) => Err(HarnessFault::refused(
                "strongroomd started",
                "it should have refused to",
            )),
        }
    }
}

impl Daemon {
    /// Starts any server that says where it listens as strongroomd does.
    ///
    /// # Errors
    /// As [`DaemonCommand::start`].
    pub fn spawn(command: &mut Command, log: &Path) -> Result<Self, HarnessFault> {
        let errors = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .map_err(HarnessFault::file("open", log))?;
        // A group of its own: Ctrl-C at the terminal reaches the parent, which then ends it in order.
        command
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors);
        let mut child = command.spawn().map_err(|error| process::failed(command, error))?;
        let leftover = Leftover::process(child.id());
        let lines = output::follow(child.stdout.take(), log)?;
        let deadline = Instant::now() + START_TIME_MAX;
        let outcome = loop {
            if let Ok(address) = lines.recv_timeout(POLL_INTERVAL) {
                return Ok(Self {
                    child,
                    address,
                    _leftover: leftover,
                });
            }
            if let Ok(Some(status)) = child.try_wait() {
                break format!("ended while starting ({status})");
            }
            if Instant::now() > deadline {
                break format!("did not listen within {} s", START_TIME_MAX.as_secs());
            }
        };
        let _ = child.kill();
        let _ = child.wait();
        Err(HarnessFault::Daemon {
            outcome,
            log: output::tail(log),
        })
    }

    /// The processor time that it has used since it started.
    ///
    /// # Errors
    /// When it has ended.
    pub fn processor_time(&self) -> Result<Duration, HarnessFault> {
        process::processor_time(self.child.id())
    }

    /// The address on which it answers gRPC.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end (SIGTERM) and waits until it has.
    ///
    /// # Errors
    /// When it does not end within 70 seconds; it is killed then.
    pub fn stop(mut self) -> Result<ExitStatus, HarnessFault> {
        self.signal(Signal::TERM);
        let deadline = Instant::now() + STOP_TIME_MAX;
        while Instant::now() < deadline {
            if let Some(status) = self.ended() {
                return Ok(status);
            }
            std::thread::sleep(POLL_INTERVAL);
        }
        let outcome = format!(
            "did not end within {} s of SIGTERM and was killed",
            STOP_TIME_MAX.as_secs()
        );
        Err(HarnessFault::Daemon {
            outcome,
            log: String::new(),
        })
    }

    /// Kills it (SIGKILL): no destructor runs, no buffer is written.
    pub fn kill(mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal; one that has ended does not mind.
    pub fn signal(&self, signal: Signal) {
        if let Some(id) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(id, signal);
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last lines of a log, for messages.
#[must_use]
pub fn log_tail(log: &Path) -> String {
    output::tail(log)
}
