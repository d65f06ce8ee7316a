use std::path::PathBuf;

use super::{config, default_file};
use crate::arguments::Global;
use crate::fault::CommandFault;
use crate::output::Format;

fn global(config: Option<PathBuf>, endpoint: Option<&str>) -> Global {
    Global {
        config,
        endpoint: endpoint.map(str::to_owned),
        timeout: None,
        output: Format::Table,
    }
}

#[test]
fn the_default_file_is_the_users() {
    let file = |xdg: Option<&str>, home: Option<&str>| default_file(xdg.map(Into::into), home.map(Into::into));
    assert_eq!(
        file(None, Some("/home/ada")),
        Some("/home/ada/.config/strongroom/client.toml".into())
    );
    assert_eq!(
        file(Some("/xdg"), Some("/home/ada")),
        Some("/xdg/strongroom/client.toml".into())
    );
    // Relative and empty values are to be ignored (XDG base directory specification).
    assert_eq!(
        file(Some("."), Some("/home/ada")),
        Some("/home/ada/.config/strongroom/client.toml".into())
    );
    assert_eq!(file(None, Some("")), None);
}

#[test]
fn without_a_configuration_the_message_says_where_it_looked() {
    let fault = config(&global(None, None), Some("/does/not/exist/client.toml".into())).unwrap_err();
    assert!(matches!(fault, CommandFault::NoConfiguration { .. }));
    assert_eq!(fault.exit_status(), 2);
    let text = fault.to_string();
    assert!(
        text.contains("no --config FILE, STRONGROOM_CONFIG is not set"),
        "{text}"
    );
    assert!(text.contains("there is no /does/not/exist/client.toml"), "{text}");
}

#[test]
fn a_named_file_must_exist() {
    let fault = config(
        &global(Some("/does/not/exist.toml".into()), Some("http://localhost:1")),
        None,
    )
    .unwrap_err();
    assert_eq!(
        fault.to_string(),
        "cannot read /does/not/exist.toml: No such file or directory (os error 2)"
    );
    assert_eq!(fault.exit_status(), 2);
}

#[test]
fn the_endpoint_option_goes_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("client.toml");
    std::fs::write(&file, "version = 1\nendpoint = \"http://localhost:1\"\n").unwrap();
    let found = config(&global(Some(file.clone()), Some("http://localhost:2")), None).unwrap();
    assert_eq!(found.endpoint.as_str(), "http://localhost:2");
    assert_eq!(
        config(&global(None, None), Some(file)).unwrap().endpoint.as_str(),
        "http://localhost:1"
    );
    assert_eq!(
        config(&global(None, Some("http://[::1]:3")), None)
            .unwrap()
            .endpoint
            .as_str(),
        "http://[::1]:3"
    );
}

#[test]
fn credentials_in_the_option_are_refused() {
    let fault = config(&global(None, Some("https://ada:hunter2@localhost")), None).unwrap_err();
    assert!(
        fault
            .to_string()
            .starts_with("the endpoint carries a user name or password"),
        "{fault}"
    );
    assert_eq!(fault.exit_status(), 2);
}
