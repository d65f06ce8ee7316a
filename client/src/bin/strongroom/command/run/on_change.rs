//! What a program gets to know of a changed secret.

use rustix::process::Signal;

/// What happens when a secret has changed. Files are replaced whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnChange {
    /// Nothing more.
    None,
    /// The program gets this signal.
    Signal(Signal),
    /// The program is ended with SIGTERM and started again.
    Restart,
}

/// The signals that a program may be told with, by their names in `signal(7)`.
const SIGNALS: [(&str, Signal); 7] = [
    ("HUP", Signal::HUP),
    ("INT", Signal::INT),
    ("QUIT", Signal::QUIT),
    ("USR1", Signal::USR1),
    ("USR2", Signal::USR2),
    ("TERM", Signal::TERM),
    ("WINCH", Signal::WINCH),
];

/// Reads `none`, `restart` or `signal:NAME`, with or without SIG.
pub(crate) fn parse(text: &str) -> Result<OnChange, String> {
    match text {
        "none" => return Ok(OnChange::None),
        "restart" => return Ok(OnChange::Restart),
        _ => {}
    }
    let name = text
        .strip_prefix("signal:")
        .ok_or("write signal:NAME, restart or none")?;
    let upper = name.to_ascii_uppercase();
    let bare = upper.strip_prefix("SIG").unwrap_or(&upper);
    let found = SIGNALS.iter().find(|(known, _)| *known == bare);
    found.map(|(_, signal)| OnChange::Signal(*signal)).ok_or_else(|| {
        let names = SIGNALS.map(|(known, _)| known).join(", ");
        format!("there is no signal {name:?} for this; use one of {names}")
    })
}

#[cfg(test)]
mod tests;
