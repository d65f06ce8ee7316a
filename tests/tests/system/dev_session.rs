//! `cargo dev` from start to end: the commands that it prints work, Ctrl-C ends it, the next start finds everything.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use strongroom_tests::{process, workspace};

struct Session {
    child: Child,
    said: Vec<String>,
}

impl Session {
    /// Runs `cargo dev` until it has printed its commands.
    fn start(directory: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_dev"));
        command.arg("--dir").arg(directory).arg("--port").arg(port.to_string());
        let mut child = command
            .current_dir(workspace::root())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap())
            .lines()
            .map_while(Result::ok);
        let mut said = Vec::new();
        for line in lines {
            let last = line.starts_with("Ctrl-C");
            said.push(line);
            if last {
                break;
            }
        }
        Self { child, said }
    }

    /// Runs what stands after `$ `, as somebody who pastes it in the project's folder, and gives what it prints.
    fn run_commands(&self) -> Vec<String> {
        let commands = self.said.iter().filter_map(|line| line.strip_prefix("$ "));
        let run = |command: &str| {
            let mut shell = Command::new("sh");
            process::output_of(shell.args(["-e", "-c", command]).current_dir(workspace::root())).unwrap()
        };
        commands.map(run).collect()
    }

    /// Runs the README's first commands against this service instead of the one below `.strongroom/`.
    fn run_readme(&self, folder: &Path) -> String {
        let readme = std::fs::read_to_string(workspace::root().join("README.md")).unwrap();
        let mut blocks = readme.split("```\n");
        let block = blocks
            .find(|block| block.starts_with("export STRONGROOM_CONFIG="))
            .unwrap();
        let script = block.replace(".strongroom", &folder.display().to_string());
        let mut shell = Command::new("bash");
        process::output_of(shell.args(["-e", "-c", &script]).current_dir(workspace::root())).unwrap()
    }

    fn interrupt(mut self) {
        let id = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(id, Signal::INT).unwrap();
        assert!(self.child.wait().unwrap().success());
    }
}

#[test]
fn the_printed_commands_work_and_a_second_start_finds_everything_again() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("development");
    let first = Session::start(&folder);
    let printed = first.run_commands();
    assert_eq!(printed.len(), 3, "{:#?}", first.said);
    assert!(
        printed[0].contains("arn:aws:kms:local-1:000000000000:key/"),
        "{}",
        printed[0]
    );
    assert_eq!(printed[2], "correct horse battery staple");
    let printed = first.run_readme(&folder);
    assert!(printed.contains("correct horse battery staple"), "{printed}");
    let opened = std::fs::read(folder.join("README.md")).unwrap();
    assert_eq!(opened, std::fs::read(workspace::root().join("README.md")).unwrap());
    first.interrupt();

    let second = Session::start(&folder);
    let commands: Vec<&String> = second.said.iter().filter(|line| line.starts_with("$ ")).collect();
    assert!(
        commands[0].contains("data-key generate --key alias/first"),
        "{commands:#?}"
    );
    assert!(commands[1].contains("secret put first"), "{commands:#?}");
    let printed = second.run_commands();
    assert_eq!(printed[2], "correct horse battery staple");
    second.interrupt();
}

#[test]
fn a_port_that_no_client_could_name_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let folder = directory.path().join("development");
    let mut command = Command::new(env!("CARGO_BIN_EXE_dev"));
    command.arg("--dir").arg(&folder).args(["--port", "0"]);
    let refused = command.output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8(refused.stderr).unwrap();
    assert!(
        said.starts_with("error: invalid value '0' for '--port <N>': 0 is not in 1..=65535\n"),
        "{said}"
    );
    assert!(!folder.exists(), "nothing was made");
}
