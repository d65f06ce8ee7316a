use std::collections::BTreeMap;

use strongroom_base::{CallerKind, Code, Fault};

use super::{Identities, PrincipalEntry};
use crate::certificate::tests::{certificate, dns, uri};
use crate::fault::IdentityFault;

const DEVELOPER: &str = "arn:aws:iam::000000000000:user/developer";
const SERVICE: &str = "arn:aws:iam::000000000000:role/team/orders";

fn entry(arn: &str, names: &[&str]) -> PrincipalEntry {
    PrincipalEntry {
        arn: arn.parse().unwrap(),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        tags: BTreeMap::new(),
    }
}

fn identities() -> Identities {
    let developer = entry(
        DEVELOPER,
        &["uri:spiffe://strongroom.local/developer", "dns:Laptop.Example"],
    );
    Identities::new(vec![developer, entry(SERVICE, &["dns:orders.example"])]).unwrap()
}

fn refusal(table: Vec<PrincipalEntry>) -> String {
    let fault = Identities::new(table).unwrap_err();
    let text = fault.to_string();
    let public = Fault::from(fault);
    assert_eq!(
        (public.code(), public.message()),
        (Code::Internal, "The service's table of principals is not in order.")
    );
    text
}

#[test]
fn a_name_leads_to_its_principal() {
    let identities = identities();
    for (name, arn) in [
        (uri("spiffe://strongroom.local/developer"), DEVELOPER),
        (dns("laptop.example"), DEVELOPER),
        (dns("LAPTOP.example"), DEVELOPER),
        (dns("orders.example"), SERVICE),
    ] {
        let caller = identities
            .caller_of_certificate(&certificate(vec![dns("other.example"), name]))
            .unwrap();
        assert_eq!(caller.arn().as_str(), arn);
        assert_eq!(caller.account().to_string(), "000000000000");
        assert_eq!(caller.kind(), CallerKind::Principal);
    }
}

#[test]
fn several_names_of_one_principal_are_one_principal() {
    let leaf = certificate(vec![dns("laptop.example"), uri("spiffe://strongroom.local/developer")]);
    assert_eq!(
        identities().caller_of_certificate(&leaf).unwrap().arn().as_str(),
        DEVELOPER
    );
}

#[test]
fn an_unknown_certificate_is_told_its_names() {
    let leaf = certificate(vec![dns("nobody.example"), uri("spiffe://strongroom.local/Developer")]);
    let fault = identities().caller_of_certificate(&leaf).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "none of the client certificate's names is in the table of principals: uri:spiffe://strongroom.local/Developer, \
         dns:nobody.example"
    );
    let public = Fault::from(fault);
    assert_eq!(public.code(), Code::UnrecognizedClient);
    assert_eq!(
        public.message(),
        "The client certificate's names are not in this service's table of principals: \
         uri:spiffe://strongroom.local/Developer, dns:nobody.example."
    );
}

#[test]
fn names_of_different_principals_are_refused() {
    let leaf = certificate(vec![dns("orders.example"), uri("spiffe://strongroom.local/developer")]);
    let fault = identities().caller_of_certificate(&leaf).unwrap_err();
    assert_eq!(
        fault.to_string(),
        "the client certificate's names belong to different principals: uri:spiffe://strongroom.local/developer, \
         dns:orders.example; arn:aws:iam::000000000000:user/developer and arn:aws:iam::000000000000:role/team/orders"
    );
    let public = Fault::from(fault);
    assert_eq!(public.code(), Code::UnrecognizedClient);
    assert_eq!(
        public.message(),
        "The client certificate's names belong to more than one principal of this service: \
         uri:spiffe://strongroom.local/developer, dns:orders.example. Use a certificate for one principal."
    );
}

#[test]
fn certificates_without_names_are_refused() {
    let public = Fault::from(
        identities()
            .caller_of_certificate(&certificate(Vec::new()))
            .unwrap_err(),
    );
    assert_eq!(public.code(), Code::UnrecognizedClient);
    assert_eq!(
        public.message(),
        "The client certificate has no URI or DNS subject alternative name; its common name is not looked at."
    );
    let public = Fault::from(
        identities()
            .caller_of_certificate(&b"not a certificate"[..].into())
            .unwrap_err(),
    );
    assert_eq!(public.code(), Code::UnrecognizedClient);
    assert_eq!(public.message(), "The client certificate cannot be read.");
}

/// A certificate may hold thousands of names, and anything in them.
#[test]
fn strange_names_are_shown_escaped_and_in_part() {
    let mut names: Vec<_> = (0..100).map(|number| dns(&format!("host{number}.example"))).collect();
    names.push(uri("x:\u{1b}[31m\n"));
    names.push(uri(&format!("x:{}", "a".repeat(10_000))));
    let public = Fault::from(identities().caller_of_certificate(&certificate(names)).unwrap_err());
    let message = public.message();
    assert!(message.contains(r"uri:x:\u{1b}[31m\n, uri:x:aaaa"), "{message}");
    assert!(message.ends_with("dns:host5.example, and 94 more."), "{message}");
    assert!(message.len() < 1_000, "{message}");
}

#[test]
fn tables_that_are_not_in_order_are_refused() {
    let good = ["dns:a.example"];
    assert_eq!(
        refusal(vec![entry(DEVELOPER, &good), entry(SERVICE, &["dns:A.example"])]),
        "the name dns:a.example is there twice: for arn:aws:iam::000000000000:user/developer and for \
         arn:aws:iam::000000000000:role/team/orders"
    );
    assert_eq!(
        refusal(vec![entry(DEVELOPER, &["uri:x:1", "uri:x:1"])]),
        "the name uri:x:1 is there twice: for arn:aws:iam::000000000000:user/developer and for \
         arn:aws:iam::000000000000:user/developer"
    );
    assert_eq!(
        refusal(vec![entry(DEVELOPER, &good), entry(DEVELOPER, &["dns:b.example"])]),
        "arn:aws:iam::000000000000:user/developer is there twice; list all of its names in one entry"
    );
    assert_eq!(
        refusal(vec![entry(DEVELOPER, &[])]),
        "arn:aws:iam::000000000000:user/developer has no names, so no certificate can be its"
    );
}

#[test]
fn names_that_no_certificate_can_have_are_refused() {
    let long = format!("dns:{}", "a.".repeat(200));
    for name in [
        "",
        "developer",
        "dns:",
        "dns:*.example",
        "dns:a b",
        "dns:a..b",
        "uri:",
        "uri:x",
        "uri::x",
        "uri:x:",
        "URI:x:y",
        "uri:x:a b",
        "ip:192.0.2.1",
        &long,
    ] {
        assert_eq!(
            refusal(vec![entry(DEVELOPER, &[name])]),
            format!("a principal's name reads \"uri:scheme:...\" or \"dns:host.name\" (no wildcards), not {name:?}")
        );
    }
}

/// Names stand in certificates, logs and audit records; the message must not repeat what is secret either.
#[test]
fn a_name_that_carries_credentials_is_refused_without_repeating_them() {
    for (name, shown) in [
        ("uri:https://u:pass@x/", "uri:https://x/"),
        ("uri:https://pass@x", "uri:https://x"),
        ("uri:https://u:p@ass@x?y=z@w", "uri:https://x?y=z@w"),
        ("https://u:pass@x/", "https://x/"),
    ] {
        let expected = format!("a principal's name must not carry credentials; without them it reads {shown:?}");
        assert_eq!(refusal(vec![entry(DEVELOPER, &[name])]), expected);
    }
    let good = ["uri:https://x/a@b", "uri:mailto:ada@example.com", "uri:https://x?y=z@w"];
    Identities::new(vec![entry(DEVELOPER, &good)]).unwrap();
}

#[test]
fn arns_that_are_no_principals_are_refused() {
    for arn in [
        "arn:aws:kms:local-1:000000000000:key/1",
        "arn:aws:iam::1234:user/a",
        "arn:aws:iam:local-1:000000000000:user/a",
        "arn:aws:iam::000000000000:root",
        "arn:aws:iam::000000000000:group/a",
        "arn:aws:iam::000000000000:user/",
        "arn:aws:iam::000000000000:user//a",
        "arn:aws:iam::000000000000:user/*",
    ] {
        assert_eq!(
            refusal(vec![entry(arn, &["dns:a"])]),
            format!(
                "a principal reads \"arn:partition:iam::123456789012:user/NAME\" or \"...:role/NAME\", not {arn:?}"
            )
        );
    }
}

/// Otherwise a principal's doings would look like those of the service itself on the audit trail.
#[test]
fn the_services_own_names_are_reserved() {
    let arn = "arn:aws:iam::000000000000:role/strongroom/key-deletion";
    let text = refusal(vec![entry(arn, &["dns:a"])]);
    assert_eq!(
        text,
        format!("{arn} is reserved for the service's own background jobs: audit records could not be told apart")
    );
    assert!(matches!(
        Identities::new(vec![entry(arn, &["dns:a"])]),
        Err(IdentityFault::Reserved { .. })
    ));
}

#[test]
fn tags_are_the_callers() {
    let tagged = |tags: &[(&str, &str)]| {
        let tags = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let ada = PrincipalEntry {
            tags: tags.collect(),
            ..entry(DEVELOPER, &["dns:ada.example"])
        };
        Identities::new(vec![ada]).map_err(|fault| fault.to_string())
    };
    let identities = tagged(&[("Team", "red")]).unwrap();
    let caller = identities.caller(&DEVELOPER.parse().unwrap()).unwrap();
    assert_eq!(caller.tags().collect::<Vec<_>>(), [("Team", "red")]);
    assert!(
        identities
            .caller(&"arn:aws:iam::000000000000:user/eve".parse().unwrap())
            .is_none()
    );
    let long = "a".repeat(257);
    let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "")).collect();
    for refused in [
        &[("Team", "red"), ("team", "blue")][..],
        &[("", "a")],
        &[("a", &long)],
        &[("a", "\n")],
        &many,
    ] {
        let fault = tagged(refused).err().unwrap();
        assert!(
            fault.starts_with(&format!(
                "{DEVELOPER} has tags that are not in order: at most 50, keys of 1 to 128 "
            )),
            "{fault}"
        );
    }
}
