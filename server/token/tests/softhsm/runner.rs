//! Runs each case in a child process, and speaks enough of the usual test arguments: names filter, `--list` lists.

use std::env;
use std::path::PathBuf;
use std::process::{Command, ExitCode, Output};
use std::sync::Mutex;
use std::thread;

use crate::cases::{OWN_CASES, OwnCase};
use crate::conformance::{CASES, Case};
use crate::stand::SoftHsm;

const CASE: &str = "STRONGROOM_SOFTHSM_CASE";
const DIRECTORY: &str = "STRONGROOM_SOFTHSM_DIRECTORY";
/// Cases at a time: most of them wait for the token to be noticed as gone or back.
const CHILDREN: usize = 4;

pub(crate) fn main() -> ExitCode {
    if let (Ok(name), Some(directory)) = (env::var(CASE), env::var_os(DIRECTORY)) {
        run_case(&name, &SoftHsm::at(PathBuf::from(directory)));
        return ExitCode::SUCCESS;
    }
    let filters: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let names = CASES
        .iter()
        .map(|(name, _)| *name)
        .chain(OWN_CASES.iter().map(|(name, _)| *name));
    let chosen = |name: &&str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    let names: Vec<&str> = names.filter(chosen).collect();
    if env::args().any(|argument| argument == "--list") {
        names.iter().for_each(|name| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    println!("running {} cases against SoftHSM", names.len());
    let failed = run_children(&names);
    println!("\n{} passed, {} failed", names.len() - failed, failed);
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn run_case(name: &str, stand: &SoftHsm) {
    let shared: Option<&Case> = CASES.iter().find(|(known, _)| *known == name);
    let own: Option<&OwnCase> = OWN_CASES.iter().find(|(known, _)| *known == name);
    match (shared, own) {
        (Some((_, case)), _) => case(stand),
        (None, Some((_, case))) => case(stand),
        (None, None) => panic!("there is no case {name}"),
    }
}

fn run_children(names: &[&str]) -> usize {
    let waiting = Mutex::new(names.iter());
    let failed = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..CHILDREN {
            scope.spawn(|| {
                loop {
                    let Some(name) = waiting.lock().unwrap().next() else {
                        break;
                    };
                    match run_child(name) {
                        Ok(()) => println!("test {name} ... ok"),
                        Err(text) => {
                            println!("test {name} ... FAILED\n{text}");
                            *failed.lock().unwrap() += 1;
                        }
                    }
                }
            });
        }
    });
    failed.into_inner().unwrap()
}

fn run_child(name: &str) -> Result<(), String> {
    let directory = tempfile::tempdir().map_err(|fault| fault.to_string())?;
    let configuration = SoftHsm::prepare(directory.path())?;
    let program = env::current_exe().map_err(|fault| fault.to_string())?;
    let child = Command::new(program)
        .env("SOFTHSM2_CONF", configuration)
        .env(CASE, name)
        .env(DIRECTORY, directory.path())
        .output();
    let Output { status, stdout, stderr } = child.map_err(|fault| fault.to_string())?;
    if status.success() {
        // What a case has measured is for whoever reads the run.
        print!("{}", String::from_utf8_lossy(&stdout));
        return Ok(());
    }
    Err(format!(
        "{status}\n{}{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    ))
}
