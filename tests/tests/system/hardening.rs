//! What the operating system says of a running service: it leaves no core dump and lets nobody look into its memory.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};

use rustix::process::{getegid, geteuid};
use strongroom_tests::daemon::Daemon;
use strongroom_tests::installation::{EVERYTHING, Installation};

use crate::world::helper;

/// The group of nobody, by which root's processes can be told from root.
const NOBODY: u32 = 65_534;

/// Files under /proc belong to the process's user and group, or to root alone when the process is not dumpable: then
/// nobody but root may attach to it or read its memory (proc_pid_mem(5), PR_SET_DUMPABLE(2const)).
fn owning_group(process: u32) -> u32 {
    fs::metadata(format!("/proc/{process}/mem")).unwrap().gid()
}

fn in_group(command: &mut Command, group: u32) -> &mut Command {
    if geteuid().is_root() {
        command.gid(group);
    }
    command
}

struct Bystander(Child);

impl Drop for Bystander {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_running_service_is_closed_to_debuggers_and_dumps_no_core() {
    let directory = tempfile::tempdir().unwrap();
    let installation = Installation::prepare(directory.path(), &[EVERYTHING], helper()).unwrap();
    let group = if geteuid().is_root() {
        NOBODY
    } else {
        getegid().as_raw()
    };
    let start = installation.command();
    let mut command = Command::new(&start.program);
    command.arg("serve").arg("--config").arg(&start.configuration);
    command.env(start.module_configuration.0, &start.module_configuration.1);
    let daemon = Daemon::spawn(in_group(&mut command, group), &start.log).unwrap_or_else(|fault| panic!("{fault}"));
    let mut command = Command::new("sleep");
    let bystander = Bystander(in_group(command.arg("60"), group).spawn().unwrap());

    assert_eq!(owning_group(bystander.0.id()), group, "an ordinary process is dumpable");
    assert_eq!(owning_group(daemon.id()), 0, "the service is not");

    let limits = fs::read_to_string(format!("/proc/{}/limits", daemon.id())).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let columns: Vec<&str> = core.split_whitespace().collect();
    assert_eq!(columns, ["Max", "core", "file", "size", "0", "0", "bytes"]);
}
