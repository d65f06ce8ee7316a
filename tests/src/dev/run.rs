//! The running part of `cargo dev`: start, say what to try, wait, stop in order.

use std::path::Path;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::folder::Folder;
use crate::daemon::{Daemon, DaemonCommand, log_tail};
use crate::{HarnessFault, console, process};

/// How often the service is looked at.
const WATCH_INTERVAL: Duration = Duration::from_millis(200);

/// Runs the service until a signal says stop or it ends by itself.
pub(super) fn until_interrupted(folder: &Folder, command: &DaemonCommand, client: &Path) -> Result<(), HarnessFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(HarnessFault::file("make an event loop for", folder.root()))?;
    runtime.block_on(async {
        // Before the service starts: a Ctrl-C from now on must not leave it behind.
        let mut interruption = Interruption::new().map_err(HarnessFault::file("watch signals for", folder.root()))?;
        let mut daemon = command.start()?;
        folder.remember(daemon.id())?;
        introduce(folder, &daemon, client);
        loop {
            tokio::select! {
                () = interruption.wait() => return stop(daemon),
                () = tokio::time::sleep(WATCH_INTERVAL) => {}
            }
            if let Some(status) = daemon.ended() {
                let outcome = format!("ended by itself ({status})");
                return Err(HarnessFault::Daemon {
                    outcome,
                    log: log_tail(&command.log),
                });
            }
        }
    })
}

/// Ctrl-C, a polite kill, or a terminal that was closed.
struct Interruption([Signal; 3]);

impl Interruption {
    fn new() -> std::io::Result<Self> {
        let [interrupt, terminate, hangup] =
            [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()].map(signal);
        Ok(Self([interrupt?, terminate?, hangup?]))
    }

    async fn wait(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

fn stop(daemon: Daemon) -> Result<(), HarnessFault> {
    console::say("\nStopping strongroomd");
    let status = daemon.stop()?;
    if !status.success() {
        return Err(HarnessFault::Daemon {
            outcome: format!("did not end cleanly ({status})"),
            log: String::new(),
        });
    }
    console::say("strongroomd has ended cleanly; the next start finds all keys and secrets again");
    Ok(())
}

fn introduce(folder: &Folder, daemon: &Daemon, client: &Path) {
    console::say(format_args!(
        "\nStrongroom answers on {} (log: {})",
        daemon.address(),
        shown(&folder.path("strongroomd.log"))
    ));
    console::say("Try, in another terminal:\n");
    for command in commands(folder, client) {
        console::say(format_args!("$ {command}"));
    }
    console::say("\nCtrl-C stops it.");
}

/// Each line works when it is pasted in the folder from which `cargo dev` was started.
fn commands(folder: &Folder, client: &Path) -> [String; 3] {
    let program = format!(
        "{} --config {}",
        shown(client),
        shown(&folder.path("clients/developer.toml"))
    );
    [
        format!("{program} key create --alias alias/first"),
        format!("printf 'correct horse battery staple' | {program} secret put first"),
        format!("{program} secret get first --show"),
    ]
}

/// A path as it is typed from here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    process::quoted(relative.as_deref().unwrap_or(path).as_os_str())
}
