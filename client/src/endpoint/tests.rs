use super::{Endpoint, EndpointFault};

fn refusal(text: &str) -> EndpointFault {
    text.parse::<Endpoint>().unwrap_err()
}

#[test]
fn https_and_loopback_http_are_accepted() {
    for text in [
        "https://kms.example:7443",
        "http://127.0.0.1:7443",
        "http://[::1]:7443",
        "http://localhost:7443",
    ] {
        let endpoint: Endpoint = text.parse().unwrap();
        assert_eq!(endpoint.as_str(), text);
        assert_eq!(endpoint.is_tls(), text.starts_with("https"));
    }
}

#[test]
fn credentials_are_refused_and_not_repeated() {
    for text in [
        "https://ada:hunter2@kms.example",
        "https://ada@kms.example",
        "https://:hunter2@kms.example",
    ] {
        let fault = refusal(text);
        assert_eq!(fault, EndpointFault::Credentials, "{text}");
        let message = fault.to_string();
        assert!(
            message.starts_with("the endpoint carries a user name or password; remove them"),
            "{message}"
        );
        assert!(!message.contains("hunter2") && !message.contains("ada"), "{message}");
    }
}

#[test]
fn plaintext_to_another_machine_is_refused() {
    let fault = refusal("http://kms.example:7443");
    assert_eq!(
        fault.to_string(),
        "the endpoint uses http to kms.example; use https: http is for this machine only (127.0.0.1, [::1], localhost)"
    );
    // A name that only begins like the loopback address.
    assert_eq!(
        refusal("http://127.0.0.1.example:7443"),
        EndpointFault::Plaintext("127.0.0.1.example".to_owned())
    );
}

#[test]
fn other_schemes_and_paths_are_refused() {
    assert_eq!(
        refusal("ftp://kms.example").to_string(),
        "the endpoint's scheme is \"ftp\"; use https"
    );
    for text in [
        "https://kms.example/v1",
        "https://kms.example?x",
        "https://kms.example/#x",
    ] {
        assert_eq!(refusal(text), EndpointFault::Path, "{text}");
    }
    assert!(matches!(refusal("kms.example"), EndpointFault::Malformed(_)));
}
