//! A secret typed at a terminal: one line, not shown.

use std::io::{self, Write as _};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::fault::CommandFault;
use crate::files::Source;
use crate::limit::{PARAMETER_VALUE_BYTES_MAX, SECRET_VALUE_BYTES_MAX};

/// The terminal without echo until this is dropped.
struct Silent<'a> {
    source: &'a std::fs::File,
    before: Termios,
}

impl<'a> Silent<'a> {
    fn new(source: &'a std::fs::File) -> io::Result<Self> {
        let before = tcgetattr(source)?;
        let mut without_echo = before.clone();
        without_echo.local_modes.remove(LocalModes::ECHO);
        without_echo.local_modes.insert(LocalModes::ECHONL);
        tcsetattr(source, OptionalActions::Flush, &without_echo)?;
        Ok(Self { source, before })
    }
}

impl Drop for Silent<'_> {
    fn drop(&mut self) {
        let _gone = tcsetattr(self.source, OptionalActions::Now, &self.before);
    }
}

/// The value of a secret: all of a file or pipe, or one line that is typed. A terminal's line end does not belong to
/// the value; that of a file does.
pub(crate) fn secret_value(source: Source) -> Result<Vec<u8>, CommandFault> {
    value(source, SECRET_VALUE_BYTES_MAX, "a secret's value")
}

/// The value of a parameter, likewise: text.
pub(crate) fn parameter_value(source: Source) -> Result<String, CommandFault> {
    let bytes = value(source, PARAMETER_VALUE_BYTES_MAX, "a parameter's value")?;
    String::from_utf8(bytes).map_err(|_| {
        let why = "a parameter's value is text in UTF-8, and this is not; `strongroom secret` stores bytes";
        CommandFault::Usage(why.to_owned())
    })
}

fn value(source: Source, most: usize, what: &'static str) -> Result<Vec<u8>, CommandFault> {
    if !source.is_terminal() {
        return source.read_all(most, what);
    }
    let terminal = source.file.try_clone().map_err(|cause| CommandFault::Input {
        name: source.name.clone(),
        cause,
    })?;
    let fault = |cause| CommandFault::Input {
        name: "the terminal".to_owned(),
        cause,
    };
    let _nobody = write!(io::stderr(), "value (not shown; Enter ends it): ");
    let silent = Silent::new(&terminal).map_err(fault)?;
    let line = read_line(source)?;
    drop(silent);
    Ok(line)
}

/// In line mode one read returns one line; the kernel's limit for it is 4,096 bytes.
fn read_line(mut source: Source) -> Result<Vec<u8>, CommandFault> {
    use std::io::Read as _;
    let mut line = zeroize::Zeroizing::new(vec![0; SECRET_VALUE_BYTES_MAX]);
    let count = source.file.read(&mut line).map_err(|cause| CommandFault::Input {
        name: source.name,
        cause,
    })?;
    line.truncate(count);
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.is_empty() {
        return Err(CommandFault::Usage(
            "nothing was typed; a secret's value has at least one byte".to_owned(),
        ));
    }
    Ok(std::mem::take(&mut *line))
}
