//! Which secret the program gets under which name, and the values that it has.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;

use strongroom::{Client, SecretVersion, v1};

use crate::fault::CommandFault;
use crate::memory::{Access, MemoryFolder};

/// The variable that says where the files are.
const FOLDER_VARIABLE: &str = "STRONGROOM_FILES";

/// A secret and the name that the program knows it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    name: String,
    secret: String,
}

/// Reads `NAME=SECRET` for a variable of the environment.
pub(crate) fn parse_variable(text: &str) -> Result<Binding, String> {
    let binding = parse(text)?;
    let mut bytes = binding.name.bytes();
    let first = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    if first && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Ok(binding);
    }
    Err("a variable's name has letters, digits and _, and begins with none of the digits".to_owned())
}

/// Reads `NAME=SECRET` for a file.
pub(crate) fn parse_file(text: &str) -> Result<Binding, String> {
    let binding = parse(text)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    if !binding.name.starts_with('.') && binding.name.bytes().all(allowed) {
        return Ok(binding);
    }
    Err("a file's name has letters, digits, _, . and -, and does not begin with a point".to_owned())
}

fn parse(text: &str) -> Result<Binding, String> {
    match text.split_once('=') {
        Some((name, secret)) if !name.is_empty() && !secret.is_empty() => Ok(Binding {
            name: name.to_owned(),
            secret: secret.to_owned(),
        }),
        _ => Err("write it as NAME=SECRET, with the secret's name or ARN".to_owned()),
    }
}

/// All that a program gets.
pub(crate) struct Bindings {
    variables: Vec<(Binding, Option<SecretVersion>)>,
    files: Vec<(Binding, Option<SecretVersion>)>,
    folder: Option<MemoryFolder>,
}

impl Bindings {
    /// What was asked for; each name once.
    pub(crate) fn new(variables: Vec<Binding>, files: Vec<Binding>) -> Result<Self, CommandFault> {
        if variables.is_empty() && files.is_empty() {
            return Err(CommandFault::Usage(
                "name at least one secret, with --secret NAME=SECRET or --file NAME=SECRET".to_owned(),
            ));
        }
        for (bindings, option) in [(&variables, "--secret"), (&files, "--file")] {
            let mut seen = BTreeSet::new();
            if let Some(twice) = bindings.iter().find(|binding| !seen.insert(&binding.name)) {
                let text = format!("{option} has the name {:?} twice; give each name once", twice.name);
                return Err(CommandFault::Usage(text));
            }
        }
        let unread = |bindings: Vec<Binding>| bindings.into_iter().map(|binding| (binding, None)).collect();
        Ok(Self {
            variables: unread(variables),
            files: unread(files),
            folder: None,
        })
    }

    /// Reads every secret for the first time.
    pub(crate) async fn read_all(&mut self, client: &Client) -> Result<(), CommandFault> {
        let (_changed, fault) = self.read_changed(client).await;
        fault.map_or(Ok(()), Err)
    }

    /// Reads every secret again. Says whether one is another than before, and the first that could not be read and stays as it
    /// was: it holds up no other.
    pub(crate) async fn read_changed(&mut self, client: &Client) -> (bool, Option<CommandFault>) {
        let (mut changed, mut first_fault) = (false, None);
        for (binding, held) in &mut self.variables {
            let read = read_one(client, binding).await;
            let fitting = read.and_then(|version| for_variable(version, binding));
            changed |= keep(held, fitting, &mut first_fault);
        }
        for (binding, held) in &mut self.files {
            changed |= keep(held, read_one(client, binding).await, &mut first_fault);
        }
        (changed, first_fault)
    }

    /// Whether an event about this secret is one about these: of a name that is used again the ARN is another.
    pub(crate) fn concern(&self, arn: &str) -> bool {
        let name = arn.split_once(":secret:").and_then(|(_, rest)| rest.rsplit_once('-'));
        self.variables.iter().chain(&self.files).any(|(binding, held)| {
            held.as_ref().is_some_and(|version| version.arn == arn)
                || name.is_some_and(|(name, _)| binding.secret == name)
        })
    }

    /// Makes the folder, if there are files, and puts them there.
    pub(crate) fn write_files(&mut self, parent: Option<&Path>) -> Result<(), CommandFault> {
        if self.files.is_empty() {
            return Ok(());
        }
        self.folder = Some(MemoryFolder::create(parent)?);
        self.rewrite_files()
    }

    /// Puts the files there that are not as they should be.
    pub(crate) fn rewrite_files(&self) -> Result<(), CommandFault> {
        let Some(folder) = &self.folder else { return Ok(()) };
        for (binding, held) in &self.files {
            if let Some(version) = held {
                let put = |bytes: &[u8]| folder.put(&binding.name, bytes, Access::Read);
                version.value.material().reveal_to_wire(put)?;
            }
        }
        Ok(())
    }

    /// The environment that the program gets beside this one's.
    pub(crate) fn environment(&self) -> Vec<(String, OsString)> {
        let value = |(binding, held): &(Binding, Option<SecretVersion>)| {
            let version = held.as_ref()?;
            let bytes = version.value.material().reveal_to_wire(<[u8]>::to_vec);
            Some((binding.name.clone(), OsString::from_vec(bytes)))
        };
        let folder = self.folder.as_ref().map(|folder| folder.path().as_os_str().to_owned());
        let folder = folder.map(|path| (FOLDER_VARIABLE.to_owned(), path));
        self.variables.iter().filter_map(value).chain(folder).collect()
    }
}

async fn read_one(client: &Client, binding: &Binding) -> Result<SecretVersion, CommandFault> {
    let request = v1::GetSecretValueRequest {
        secret_id: binding.secret.clone(),
        ..Default::default()
    };
    let read = client.secret_value(request).await;
    read.map_err(|cause| CommandFault::SecretUnread {
        secret: binding.secret.clone(),
        cause,
    })
}

/// Takes what was read in the place of what is held; true if it is another version.
fn keep(
    held: &mut Option<SecretVersion>,
    read: Result<SecretVersion, CommandFault>,
    first_fault: &mut Option<CommandFault>,
) -> bool {
    match read {
        Ok(new) => {
            let id = |version: &SecretVersion| (version.arn.clone(), version.version_id.clone());
            let is_other = held.as_ref().map(id) != Some(id(&new));
            *held = Some(new);
            is_other
        }
        Err(fault) => {
            first_fault.get_or_insert(fault);
            false
        }
    }
}

/// The system ends a variable at the first NUL.
fn for_variable(version: SecretVersion, binding: &Binding) -> Result<SecretVersion, CommandFault> {
    let fits = version.value.is_text() && version.value.material().reveal_to_wire(|bytes| !bytes.contains(&0));
    if fits {
        return Ok(version);
    }
    let Binding { name, secret } = binding;
    Err(CommandFault::Usage(format!(
        "the secret {secret} has bytes that no variable can hold; give it as a file: --file {name}={secret}"
    )))
}

#[cfg(test)]
mod tests;
