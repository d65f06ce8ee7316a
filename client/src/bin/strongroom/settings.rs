//! Where the configuration comes from.

use std::path::PathBuf;
use std::time::Duration;

use strongroom::{Client, ClientConfig, ClientFault, ConfigFault};

use crate::arguments::Global;
use crate::fault::CommandFault;

/// A client for the service that the options, the environment or the user's configuration name.
pub(crate) fn client(global: &Global) -> Result<Client, CommandFault> {
    let mut config = config(
        global,
        default_file(std::env::var_os("XDG_CONFIG_HOME"), std::env::var_os("HOME")),
    )?;
    if let Some(seconds) = global.timeout {
        config.call_deadline = Duration::from_secs(seconds);
    }
    Ok(Client::connect(&config)?)
}

/// A file that was named must exist; the default one may be missing if the endpoint is given.
fn config(global: &Global, default_file: Option<PathBuf>) -> Result<ClientConfig, CommandFault> {
    let file = match &global.config {
        Some(named) => Some(named.clone()),
        None => default_file.clone().filter(|path| path.exists()),
    };
    let fault = |fault: ConfigFault| CommandFault::from(ClientFault::from(fault));
    match (file, &global.endpoint) {
        (Some(file), None) => ClientConfig::from_file(&file).map_err(fault),
        (Some(file), Some(endpoint)) => {
            let mut config = ClientConfig::from_file(&file).map_err(fault)?;
            config.endpoint = endpoint
                .parse()
                .map_err(|refused| fault(ConfigFault::Endpoint(refused)))?;
            Ok(config)
        }
        (None, Some(endpoint)) => ClientConfig::new(endpoint).map_err(|refused| fault(ConfigFault::Endpoint(refused))),
        (None, None) => Err(CommandFault::NoConfiguration { default_file }),
    }
}

/// The folder that the XDG base directory specification names. Never the current folder: a stranger's folder could
/// then send secrets to a stranger's service.
fn default_file(xdg: Option<std::ffi::OsString>, home: Option<std::ffi::OsString>) -> Option<PathBuf> {
    let absolute = |folder: std::ffi::OsString| Some(PathBuf::from(folder)).filter(|path| path.is_absolute());
    let folder = xdg
        .and_then(absolute)
        .or_else(|| home.and_then(absolute).map(|home| home.join(".config")))?;
    Some(folder.join("strongroom").join("client.toml"))
}

#[cfg(test)]
mod tests;
