//! Runs each case in a child process, and speaks enough of the usual test arguments: names filter, `--list` lists.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::Mutex;
use std::thread;

use super::{Missing, RealStand, cases, initialise, profile};
use crate::conformance::CASES;

const CASE: &str = "STRONGROOM_TOKEN_CASE";
const DIRECTORY: &str = "STRONGROOM_TOKEN_DIRECTORY";
/// The child that makes the token for the case's child.
const INITIALISE: &str = "initialise the token";
/// The file by which a child says that its case passed.
const PASSED: &str = "passed";
/// Cases at a time: most of them wait for the token to be noticed as gone or back.
const CHILDREN: usize = 4;

pub(crate) fn main<S: RealStand>() -> ExitCode {
    if let (Ok(name), Some(directory)) = (env::var(CASE), env::var_os(DIRECTORY)) {
        let directory = PathBuf::from(directory);
        run_case(&name, &S::at(directory.clone()));
        end_without_farewell(&directory);
    }
    let filters: Vec<String> = env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let chosen = |name: &&str| filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str()));
    let names: Vec<&str> = names::<S>().filter(chosen).collect();
    if env::args().any(|argument| argument == "--list") {
        names.iter().for_each(|name| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    if let Err(missing) = S::library() {
        return without_module::<S>(missing, names.len());
    }
    println!("running {} cases against {}", names.len(), S::PROFILE);
    let failed = run_children::<S>(&names);
    println!("\n{} passed, {} failed", names.len() - failed, failed);
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Says that the case passed, and ends without the module's exit handlers: the OpenSSL inside Kryoptic cleans up there while
/// the lanes of a case may still be in it, which crashed one run in thirty after its case had passed.
fn end_without_farewell(directory: &Path) -> ! {
    fs::write(directory.join(PASSED), []).unwrap();
    rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL).unwrap();
    unreachable!("SIGKILL cannot be caught")
}

fn names<S: RealStand>() -> impl Iterator<Item = &'static str> {
    let shared = CASES.iter().map(|(name, _)| *name);
    let real = cases::all::<S>().into_iter().map(|(name, _)| name);
    shared.chain(real).chain(S::OWN_CASES.iter().map(|(name, _)| *name))
}

/// Where everybody should have the module, its absence is a failure; else `cargo ci` counts what was left out.
fn without_module<S: RealStand>(missing: Missing, cases: usize) -> ExitCode {
    match missing {
        Missing::Fatal(what) => {
            println!("{what}\n\n0 passed, {cases} failed");
            ExitCode::FAILURE
        }
        Missing::Skip(what) => {
            println!("left out: {cases} cases against {}: {what}", S::PROFILE);
            ExitCode::SUCCESS
        }
    }
}

fn run_case<S: RealStand>(name: &str, stand: &S) {
    if name == INITIALISE {
        return initialise::<S>();
    }
    if let Some((_, case)) = CASES.iter().find(|(known, _)| *known == name) {
        return case(stand);
    }
    let real = cases::all::<S>();
    let own = real.iter().chain(S::OWN_CASES).find(|(known, _)| *known == name);
    match own {
        Some((_, case)) => case(stand),
        None => panic!("there is no case {name}"),
    }
}

fn run_children<S: RealStand>(names: &[&str]) -> usize {
    let waiting = Mutex::new(names.iter());
    let failed = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..CHILDREN {
            scope.spawn(|| {
                loop {
                    let Some(name) = waiting.lock().unwrap().next() else {
                        break;
                    };
                    match run_one::<S>(name) {
                        Ok(said) => println!("{said}test {name} ... ok"),
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

/// A token, and the case with it. Answers what the case has measured, for whoever reads the run.
fn run_one<S: RealStand>(name: &str) -> Result<String, String> {
    let directory = tempfile::tempdir().map_err(|fault| fault.to_string())?;
    let configuration = S::configure(directory.path()).map_err(|fault| fault.to_string())?;
    run_child::<S>(INITIALISE, directory.path(), &configuration)?;
    run_child::<S>(name, directory.path(), &configuration)
}

fn run_child<S: RealStand>(name: &str, directory: &Path, configuration: &Path) -> Result<String, String> {
    let program = env::current_exe().map_err(|fault| fault.to_string())?;
    let mut child = Command::new(program);
    child.env(CASE, name).env(DIRECTORY, directory);
    if let Some(variable) = profile::<S>().configuration_variable {
        child.env(variable, configuration);
    }
    let Output { status, stdout, stderr } = child.output().map_err(|fault| fault.to_string())?;
    let said = String::from_utf8_lossy(&stdout).into_owned();
    if fs::remove_file(directory.join(PASSED)).is_ok() {
        return Ok(said);
    }
    Err(format!("{status}\n{said}{}", String::from_utf8_lossy(&stderr)))
}
