//! The running part of `cargo dev`: start, say what to try, wait, stop in order.

use std::path::Path;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use super::folder::Folder;
use super::introduction;
use crate::authority::Authority;
use crate::daemon::{Daemon, DaemonCommand, log_tail};
use crate::{HarnessFault, connection, console};

/// How long the service may take to serve once it listens: the token is on this machine.
const SERVE_TIME_MAX: Duration = Duration::from_secs(20);
/// How often the service is looked at.
const WATCH_INTERVAL: Duration = Duration::from_millis(200);

/// Runs the service until a signal says stop or it ends by itself.
pub(super) fn until_interrupted(
    folder: &Folder,
    authority: &Authority,
    command: &DaemonCommand,
    client: &Path,
) -> Result<(), HarnessFault> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(HarnessFault::file("make an event loop for", folder.root()))?;
    runtime.block_on(async {
        // Before the service starts: a Ctrl-C from now on must not leave it behind.
        let mut interruption = Interruption::new().map_err(HarnessFault::file("watch signals for", folder.root()))?;
        let mut daemon = command.start()?;
        folder.remember(daemon.id())?;
        let channel = connection::connect(daemon.address(), Some((authority, "developer"))).await?;
        connection::wait_until_serving(&channel, SERVE_TIME_MAX).await?;
        introduction::introduce(folder, &daemon, &channel, client).await;
        drop(channel);
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
