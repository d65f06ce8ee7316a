//! The signals that go on to a program that this one has started and waits for.

use std::fs::File;
use std::process::Child;

use rustix::process::{Pid, Signal, getpgrp, kill_process};
use rustix::termios::tcgetpgrp;
use tokio::signal::unix::{self, SignalKind};
use tokio::sync::mpsc;

use crate::fault::CommandFault;

/// Those that are watched. None of them ends this process any more, and what it must tidy up is tidied up.
pub(crate) struct Signals(mpsc::Receiver<Caught>);

/// A signal that came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Caught {
    signal: Signal,
    /// The terminal sent it to every process of its group, the program included: it must not get it twice.
    is_typed: bool,
}

impl Caught {
    /// Whether somebody wants the program to end. SIGHUP is not among them: many programs read their settings anew.
    pub(crate) fn ends(self) -> bool {
        [Signal::INT, Signal::QUIT, Signal::TERM].contains(&self.signal)
    }

    /// Sends it on, unless the program has it.
    pub(crate) fn pass_to(self, program: &Child) {
        if !self.is_typed {
            send(program, self.signal);
        }
    }
}

/// Sends a signal to a program that has not been waited for. One that has just ended misses nothing.
pub(crate) fn send(program: &Child, signal: Signal) {
    if let Some(pid) = i32::try_from(program.id()).ok().and_then(Pid::from_raw) {
        let _ended = kill_process(pid, signal);
    }
}

impl Signals {
    /// Watches them from now on.
    pub(crate) fn watch() -> Result<Self, CommandFault> {
        let (sender, receiver) = mpsc::channel(16);
        let all = [
            Signal::HUP,
            Signal::INT,
            Signal::QUIT,
            Signal::TERM,
            Signal::USR1,
            Signal::USR2,
            Signal::WINCH,
        ];
        for signal in all {
            let kind = SignalKind::from_raw(signal.as_raw());
            let mut watched = unix::signal(kind).map_err(CommandFault::Runtime)?;
            let sender = sender.clone();
            tokio::spawn(async move {
                while watched.recv().await.is_some() {
                    let caught = Caught {
                        signal,
                        is_typed: is_from_terminal(signal),
                    };
                    if sender.send(caught).await.is_err() {
                        return;
                    }
                }
            });
        }
        Ok(Self(receiver))
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Caught {
        match self.0.recv().await {
            Some(caught) => caught,
            None => std::future::pending().await,
        }
    }
}

/// Ctrl-C and the like go to every process of the terminal's foreground group, wherever its stdin comes from.
fn is_from_terminal(signal: Signal) -> bool {
    let typed = [Signal::INT, Signal::QUIT, Signal::WINCH].contains(&signal);
    // There is none without a controlling terminal.
    let foreground = || tcgetpgrp(File::open("/dev/tty").ok()?).ok();
    typed && foreground() == Some(getpgrp())
}
