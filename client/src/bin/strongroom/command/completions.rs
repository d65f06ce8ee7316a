//! `strongroom completions`: what makes a shell complete commands and options.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::fault::CommandFault;
use crate::files::{Mode, Sink};

pub(crate) fn run(shell: Shell) -> Result<(), CommandFault> {
    // Into memory first: clap_complete panics when its writer fails.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "strongroom", &mut script);
    Sink::create(None, Mode::Ordinary)?.write(&script)
}
