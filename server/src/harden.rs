//! What the process asks of the operating system so that secrets stay in its memory.

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{DumpableBehavior, Resource, Rlimit, getrlimit, set_dumpable_behavior, setrlimit};
use tracing::warn;

/// No core dumps, no attaching by the same user's other processes, and no swap where the limits allow it. What is
/// refused is logged: the service runs all the same, and THREAT_MODEL says what then remains.
pub(crate) fn harden() {
    if let Err(cause) = setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    ) {
        warn!(%cause, "core dumps cannot be switched off");
    }
    if let Err(cause) = set_dumpable_behavior(DumpableBehavior::NotDumpable) {
        warn!(%cause, "the process stays open to debuggers of the same user");
    }
    if let Err(why) = lock_memory() {
        warn!(
            why,
            "memory is not locked; set the memlock limit to infinity (LimitMEMLOCK=infinity) to keep secrets out of swap"
        );
    }
}

/// Locks what is mapped now and later. Only without a limit: under one, a later allocation would fail instead.
fn lock_memory() -> Result<(), String> {
    let unlimited = Rlimit {
        current: None,
        maximum: None,
    };
    if getrlimit(Resource::Memlock).current.is_some() {
        setrlimit(Resource::Memlock, unlimited).map_err(|cause| cause.to_string())?;
    }
    let flags = MlockAllFlags::CURRENT | MlockAllFlags::FUTURE | MlockAllFlags::ONFAULT;
    mlockall(flags).map_err(|cause| cause.to_string())
}
