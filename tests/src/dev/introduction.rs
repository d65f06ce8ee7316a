//! What `cargo dev` says once the service serves: three commands that work when they are pasted.

use std::path::Path;

use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;
use strongroom_proto::v1::secrets_client::SecretsClient;
use tonic::transport::Channel;

use super::folder::Folder;
use crate::daemon::Daemon;
use crate::{console, process};

/// The alias of the first key that the commands make.
const ALIAS: &str = "alias/first";
/// The name of the first secret that they make.
const SECRET: &str = "first";

/// Prints where the service answers and what to try.
pub(super) async fn introduce(folder: &Folder, daemon: &Daemon, channel: &Channel, client: &Path) {
    let (address, log) = (daemon.address(), shown(&folder.path("strongroomd.log")));
    console::say(format_args!("\nStrongroom answers on {address} (its log: {log})"));
    console::say("Try, in another terminal:\n");
    let program = format!(
        "{} --config {}",
        shown(client),
        shown(&folder.path("clients/developer.toml"))
    );
    for command in commands(channel).await {
        console::say(format_args!(
            "$ {}",
            command.replace("strongroom ", &format!("{program} "))
        ));
    }
    console::say("\nCtrl-C stops it.");
}

/// A key and a secret can be made once: at a later start, the commands use those that are there.
async fn commands(channel: &Channel) -> [String; 3] {
    let key = v1::DescribeKeyRequest {
        key_id: ALIAS.to_owned(),
        ..v1::DescribeKeyRequest::default()
    };
    let first = match KeyManagementClient::new(channel.clone()).describe_key(key).await {
        Ok(_) => format!("strongroom data-key generate --key {ALIAS} --without-plaintext"),
        Err(_) => format!("strongroom key create --alias {ALIAS}"),
    };
    let secret = v1::DescribeSecretRequest {
        secret_id: SECRET.to_owned(),
    };
    let verb = match SecretsClient::new(channel.clone()).describe_secret(secret).await {
        Ok(_) => "put",
        Err(_) => "create",
    };
    [
        first,
        format!("printf %s 'correct horse battery staple' | strongroom secret {verb} {SECRET}"),
        format!("strongroom secret get {SECRET} --reveal"),
    ]
}

/// A path as it is typed from here.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let relative = here.and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned));
    process::quoted(relative.as_deref().unwrap_or(path).as_os_str())
}
