//! `strongroom secret edit`: a value in an editor, from a file in memory; what was changed becomes a new version, unless
//! somebody else was faster.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use clap::Args;
use serde_json::json;
use strongroom::{ClientFault, NewVersion, SecretVersion, Value, v1};
use tokio::signal::unix::{SignalKind, signal};
use zeroize::Zeroizing;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::files::Source;
use crate::limit::SECRET_VALUE_BYTES_MAX;
use crate::memory::{Access, MemoryFolder};
use crate::signals::Signals;

const CURRENT: &str = "AWSCURRENT";
/// Holds the edited version until AWSCURRENT is on it.
const EDITED: &str = "STRONGROOM-EDITED";

/// Edit a secret's text.
#[derive(Args)]
pub(crate) struct Edit {
    /// Its name or ARN
    secret: String,
    /// Where the text is while it is edited: a folder on a tmpfs; otherwise $XDG_RUNTIME_DIR or /dev/shm
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
}

impl Edit {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let editor = editor()?;
        let request = v1::GetSecretValueRequest {
            secret_id: self.secret,
            ..Default::default()
        };
        let before = session.client.secret_value(request).await?;
        if !before.value.is_text() {
            return Err(CommandFault::Usage(format!(
                "the secret {} is bytes, not text; `strongroom secret put` gives it a new value",
                before.name
            )));
        }
        let Some(text) = edited(&editor, &before, self.folder.as_deref()).await? else {
            return session
                .output
                .done("nothing was changed", &json!({ "arn": before.arn, "changed": false }));
        };
        let version_id = put(session, &before, text).await?;
        session
            .output
            .record(&json!({ "arn": before.arn, "name": before.name, "version_id": version_id }))
    }
}

/// What the user's other programs use.
fn editor() -> Result<OsString, CommandFault> {
    let named = ["VISUAL", "EDITOR"].into_iter().filter_map(std::env::var_os);
    named
        .into_iter()
        .find(|editor| !editor.is_empty())
        .ok_or_else(|| CommandFault::Usage("no editor: set VISUAL or EDITOR, for example EDITOR=vi".to_owned()))
}

/// The text as the editor left it; `None` if it is as before.
async fn edited(
    editor: &OsString,
    before: &SecretVersion,
    folder: Option<&Path>,
) -> Result<Option<Value>, CommandFault> {
    // Before there is a file: a signal that nobody watches would end this process and leave the plaintext there.
    let signals = Signals::watch()?;
    let folder = MemoryFolder::create(folder)?;
    let put = |bytes: &[u8]| folder.put("secret", bytes, Access::Write);
    let path = before.value.material().reveal_to_wire(put)?;
    run_editor(editor, &path, folder.path(), signals).await?;
    let mut after = Zeroizing::new(Source::open(Some(&path))?.read_all(SECRET_VALUE_BYTES_MAX, "a secret's value")?);
    let is_same = before.value.material().reveal_to_wire(|old| {
        // Editors end a last line that had no end.
        if !old.ends_with(b"\n") && after.ends_with(b"\n") {
            after.pop();
        }
        old == after.as_slice()
    });
    if is_same {
        return Ok(None);
    }
    if after.is_empty() || std::str::from_utf8(&after).is_err() {
        return Err(CommandFault::Usage(
            "the edited text is empty or not UTF-8; nothing was changed".to_owned(),
        ));
    }
    Ok(Some(Value::detect(std::mem::take(&mut *after))))
}

/// The editor may have arguments of its own, as git and sudoedit allow. What it keeps beside the file is to be in memory too.
async fn run_editor(editor: &OsString, path: &Path, folder: &Path, signals: Signals) -> Result<(), CommandFault> {
    let mut line = editor.clone();
    line.push(" \"$1\"");
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line).arg("strongroom").arg(path);
    command.env("TMPDIR", folder);
    let name = editor.display().to_string();
    match ended(command, signals).await {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(CommandFault::Editor { name }),
        Err(cause) => Err(CommandFault::Program { name, cause }),
    }
}

/// How the program ended. Whoever wants this process to end ends the program, and with it the edit.
async fn ended(mut command: Command, mut signals: Signals) -> io::Result<ExitStatus> {
    let mut ends = signal(SignalKind::child())?;
    let mut program = command.spawn()?;
    loop {
        if let Some(status) = program.try_wait()? {
            return Ok(status);
        }
        tokio::select! {
            _ = ends.recv() => {}
            caught = signals.next() => caught.pass_to(&program),
        }
    }
}

/// A new version gets AWSCURRENT only from the version that was edited: the service moves the label in one step, and
/// refuses if it is elsewhere.
async fn put(session: &Session, before: &SecretVersion, text: Value) -> Result<String, CommandFault> {
    let version = NewVersion {
        secret_id: before.arn.clone(),
        client_request_token: None,
        value: text,
        version_stages: vec![EDITED.to_owned()],
    };
    let version_id = session.client.put_secret_value(version).await?.version_id;
    let relabel = |label: &str, from: &str, to: Option<String>| v1::UpdateSecretVersionStageRequest {
        secret_id: before.arn.clone(),
        version_stage: label.to_owned(),
        remove_from_version_id: Some(from.to_owned()),
        move_to_version_id: to,
    };
    let move_current = relabel(CURRENT, &before.version_id, Some(version_id.clone()));
    if let Err(cause) = session.client.update_secret_version_stage(move_current).await {
        return Err(overtaken(cause, before, version_id));
    }
    let unlabel = relabel(EDITED, &version_id, None);
    // The text is the secret's current value: a label too many is no failure.
    if let Err(cause) = session.client.update_secret_version_stage(unlabel).await {
        crate::warning::say(&format!("the version {version_id} keeps the label {EDITED}: {cause}"));
    }
    Ok(version_id)
}

fn overtaken(cause: ClientFault, before: &SecretVersion, version_id: String) -> CommandFault {
    let refused = |refusal: &strongroom::Refusal| refusal.exception == "InvalidParameterException";
    if !cause.refusal().is_some_and(refused) {
        return cause.into();
    }
    CommandFault::EditOvertaken {
        secret: before.name.clone(),
        version_id,
    }
}
