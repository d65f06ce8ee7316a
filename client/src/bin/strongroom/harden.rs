//! What the command line asks of the operating system so that secrets stay in its memory.

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

/// No core dumps, and no attaching by the same user's other processes. A system that refuses either is served all the
/// same: the user can do nothing about it, and a warning on every command would be read by nobody.
pub(crate) fn harden() {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    let _refused = setrlimit(Resource::Core, none);
    let _refused = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
