//! What must not outlive a command that is interrupted: servers, mounted file systems, temporary folders.
//!
//! Destructors do not run when a signal ends a process, so Ctrl-C on a long proof would leave all of these behind.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{SignalKind, signal};

use crate::{HarnessFault, process};

/// Something to remove. Whoever makes it keeps this beside it: dropped, it is removed from the list.
#[derive(Debug)]
pub struct Leftover(Kind);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Process(u32),
    Mount(PathBuf),
    Directory(PathBuf),
}

static LEFTOVERS: Mutex<Vec<Kind>> = Mutex::new(Vec::new());
/// What a shell reports for a program that Ctrl-C ended.
const INTERRUPTED: i32 = 130;
/// How often something is tried that others may still hold.
const TRIES: usize = 500;

impl Leftover {
    /// A process to kill.
    #[must_use]
    pub fn process(id: u32) -> Self {
        Self::of(Kind::Process(id))
    }

    /// A file system to unmount.
    #[must_use]
    pub fn mount(mount_point: PathBuf) -> Self {
        Self::of(Kind::Mount(mount_point))
    }

    /// A folder to delete.
    #[must_use]
    pub fn directory(directory: PathBuf) -> Self {
        Self::of(Kind::Directory(directory))
    }

    fn of(kind: Kind) -> Self {
        leftovers().push(kind.clone());
        Self(kind)
    }
}

impl Drop for Leftover {
    fn drop(&mut self) {
        leftovers().retain(|kind| *kind != self.0);
    }
}

/// From now on Ctrl-C and a polite kill remove what is on the list, and then end this process.
///
/// # Errors
/// When signals cannot be watched.
pub fn remove_when_interrupted() -> Result<(), HarnessFault> {
    let here = std::env::temp_dir();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(HarnessFault::file("watch signals for", &here))?;
    let (mut interrupt, mut terminate) = {
        let _entered = runtime.enter();
        let watch = |kind| signal(kind).map_err(HarnessFault::file("watch signals for", &here));
        (watch(SignalKind::interrupt())?, watch(SignalKind::terminate())?)
    };
    std::thread::spawn(move || {
        runtime.block_on(async {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        });
        // Kept locked: whoever misses what is removed must not get as far as complaining about it.
        let list = leftovers();
        remove_all(&list);
        #[expect(clippy::exit, reason = "main is at work and does not listen")]
        std::process::exit(INTERRUPTED);
    });
    Ok(())
}

/// Servers first, then the file systems that they used, then the folders in which those were mounted.
fn remove_all(list: &[Kind]) {
    for id in list
        .iter()
        .filter_map(|kind| if let Kind::Process(id) = kind { Some(*id) } else { None })
    {
        if let Some(id) = i32::try_from(id).ok().and_then(Pid::from_raw) {
            let _ = kill_process(id, Signal::KILL);
        }
    }
    for mount_point in list
        .iter()
        .filter_map(|kind| if let Kind::Mount(path) = kind { Some(path) } else { None })
    {
        unmount(mount_point);
    }
    for directory in list.iter().filter_map(|kind| {
        if let Kind::Directory(path) = kind {
            Some(path)
        } else {
            None
        }
    }) {
        insist(|| std::fs::remove_dir_all(directory).is_ok());
    }
}

/// Unmounts a file system, as soon as those who used it have let go of it.
pub fn unmount(mount_point: &Path) {
    insist(|| process::succeeds(Command::new("umount").arg(mount_point)));
}

/// A killed server, or a program that was copying, takes a moment to let go of its files.
fn insist(attempt: impl Fn() -> bool) {
    let _ = (0..TRIES).any(|_| {
        let done = attempt();
        if !done {
            std::thread::sleep(Duration::from_millis(20));
        }
        done
    });
}

fn leftovers() -> MutexGuard<'static, Vec<Kind>> {
    LEFTOVERS.lock().unwrap_or_else(PoisonError::into_inner)
}
