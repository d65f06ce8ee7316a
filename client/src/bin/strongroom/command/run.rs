//! `strongroom run`: a program with secrets in its environment or in files in memory, which are kept as they change.

mod bindings;
mod child;
mod on_change;

use std::ffi::OsString;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use clap::Args;
use strongroom::{EventFollower, Followed, v1};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, sleep_until};

use self::bindings::{Binding, Bindings};
use self::child::{Child, Ended};
use self::on_change::OnChange;
use super::Session;
use crate::fault::CommandFault;
use crate::signals::Signals;

/// Time between a change and its effect while the service cannot give the new value, at first and at most.
const RETRY_MIN: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_secs(60);

/// Run a program with secrets.
#[derive(Args)]
pub(crate) struct Run {
    /// A secret for the program's environment; may be repeated
    #[arg(long, value_name = "NAME=SECRET", value_parser = bindings::parse_variable)]
    secret: Vec<Binding>,
    /// A secret as a file: $STRONGROOM_FILES/NAME, replaced when the secret changes; may be repeated
    #[arg(long, value_name = "NAME=SECRET", value_parser = bindings::parse_file)]
    file: Vec<Binding>,
    /// Where files are: a folder on a tmpfs; otherwise $XDG_RUNTIME_DIR or /dev/shm
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// What the program gets to know of a change: signal:NAME (such as signal:HUP), restart or none
    #[arg(long, value_name = "HOW", default_value = "none", value_parser = on_change::parse)]
    on_change: OnChange,
    /// How often secrets are looked at when no event tells of changes, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    refresh: u64,
    /// The program and its arguments, after --
    #[arg(required = true, last = true, value_name = "PROGRAM")]
    program: Vec<OsString>,
}

impl Run {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let mut bindings = Bindings::new(self.secret, self.file)?;
        bindings.read_all(&session.client).await?;
        // Before there are files: a signal that nobody watches would end this process and leave them there.
        let signals = Signals::watch()?;
        bindings.write_files(self.folder.as_deref())?;
        let child = Child::start(&self.program, &bindings)?;
        let mut supervisor = Supervisor {
            session,
            bindings,
            child,
            program: &self.program,
            on_change: self.on_change,
            refresh: Duration::from_secs(self.refresh),
            retry: RETRY_MIN,
            untold: false,
        };
        let ended = supervisor.supervise(signals).await;
        // The files go before anybody learns that the program has ended.
        drop(supervisor);
        match ended? {
            Ended { status: 0 } => Ok(()),
            Ended { status } => Err(CommandFault::ProgramEnded { status }),
        }
    }
}

struct Supervisor<'r> {
    session: &'r Session,
    bindings: Bindings,
    child: Child,
    program: &'r [OsString],
    on_change: OnChange,
    refresh: Duration,
    retry: Duration,
    /// A change that the program does not know of yet: a file could not be replaced.
    untold: bool,
}

impl Supervisor<'_> {
    /// Until the program ends by itself.
    async fn supervise(&mut self, mut signals: Signals) -> Result<Ended, CommandFault> {
        let mut ends = signal(SignalKind::child()).map_err(CommandFault::Runtime)?;
        let mut events = EventFollower::new(self.session.client.clone(), watched());
        let mut look_at = Instant::now() + self.refresh;
        let mut told_of_silence = false;
        loop {
            if let Some(ended) = self.child.ended()? {
                return Ok(ended);
            }
            tokio::select! {
                _ = ends.recv() => {}
                caught = signals.next() => self.child.pass(caught),
                followed = events.next() => match followed {
                    Followed::Begun => look_at = Instant::now(),
                    Followed::Event(event) if self.bindings.concern(&event.arn) => look_at = Instant::now(),
                    Followed::Event(_) => {}
                    Followed::Interrupted(why) => {
                        if !std::mem::replace(&mut told_of_silence, true) {
                            crate::warning::say(&format!(
                                "changes are not told ({why}); secrets are looked at every {} s",
                                self.refresh.as_secs()
                            ));
                        }
                    }
                },
                () = sleep_until(look_at) => match self.look(&mut signals, &mut ends).await? {
                    ControlFlow::Continue(wait) => look_at = Instant::now() + wait,
                    ControlFlow::Break(ended) => return Ok(ended),
                },
            }
        }
    }

    /// Reads all secrets and passes on what is new. Answers when to look again, or how the program ended meanwhile.
    async fn look(
        &mut self,
        signals: &mut Signals,
        ends: &mut Signal,
    ) -> Result<ControlFlow<Ended, Duration>, CommandFault> {
        let (changed, mut fault) = {
            // Each secret may take as long as the client's deadline.
            let mut reading = pin!(self.bindings.read_changed(&self.session.client));
            loop {
                tokio::select! {
                    read = &mut reading => break read,
                    caught = signals.next() => self.child.pass(caught),
                    _ = ends.recv() => {
                        if let Some(ended) = self.child.ended()? {
                            return Ok(ControlFlow::Break(ended));
                        }
                    }
                }
            }
        };
        self.untold |= changed;
        if self.untold {
            match self.bindings.rewrite_files() {
                Ok(()) => {
                    self.untold = false;
                    if let Some(ended) = self.tell(signals).await? {
                        return Ok(ControlFlow::Break(ended));
                    }
                }
                Err(unwritten) => fault = Some(unwritten),
            }
        }
        let Some(fault) = fault else {
            self.retry = RETRY_MIN;
            return Ok(ControlFlow::Continue(self.refresh));
        };
        crate::warning::say(&format!("the program keeps what it has: {fault}"));
        let wait = self.retry;
        self.retry = (self.retry * 2).min(RETRY_MAX);
        Ok(ControlFlow::Continue(wait.min(self.refresh)))
    }

    /// Lets the program know of a change. How it ended, if it is not to go on.
    async fn tell(&mut self, signals: &mut Signals) -> Result<Option<Ended>, CommandFault> {
        match self.on_change {
            OnChange::None => {}
            OnChange::Signal(number) => self.child.signal(number),
            OnChange::Restart => {
                if let Some(ended) = self.child.stop(signals).await? {
                    return Ok(Some(ended));
                }
                self.child = Child::start(self.program, &self.bindings)?;
            }
        }
        Ok(None)
    }
}

/// What can change a value, or make a secret that was gone come back.
fn watched() -> Vec<v1::EventType> {
    vec![
        v1::EventType::SecretCreated,
        v1::EventType::SecretValueChanged,
        v1::EventType::SecretRestored,
    ]
}
