//! Layers: which package may name which, and who may name the dangerous ones.

use std::collections::{BTreeMap, BTreeSet};

use toml::{Table, Value};

use crate::sources::{self, Source};

/// What each package may use of the project's own packages. A package cannot name one above it.
const LAYERS: [(&str, &[&str]); 18] = [
    ("strongroom-base", &[]),
    ("strongroom-material", &["strongroom-base"]),
    ("strongroom-hsm-config", &[]),
    ("strongroom-proto", &[]),
    ("strongroom-policy", &["strongroom-base"]),
    ("strongroom-audit", &["strongroom-base"]),
    (
        "strongroom-token",
        &["strongroom-base", "strongroom-hsm-config", "strongroom-material"],
    ),
    ("strongroom-store", &["strongroom-base", "strongroom-material"]),
    (
        "strongroom-gate",
        &["strongroom-audit", "strongroom-base", "strongroom-policy"],
    ),
    (
        "strongroom-kms",
        &[
            "strongroom-base",
            "strongroom-gate",
            "strongroom-material",
            "strongroom-policy",
            "strongroom-store",
            "strongroom-token",
        ],
    ),
    (
        "strongroom-secrets",
        &[
            "strongroom-base",
            "strongroom-gate",
            "strongroom-kms",
            "strongroom-material",
            "strongroom-policy",
            "strongroom-store",
        ],
    ),
    (
        "strongroom-events",
        &[
            "strongroom-base",
            "strongroom-gate",
            "strongroom-kms",
            "strongroom-policy",
            "strongroom-secrets",
            "strongroom-store",
        ],
    ),
    (
        "strongroom-parameters",
        &[
            "strongroom-base",
            "strongroom-gate",
            "strongroom-kms",
            "strongroom-material",
            "strongroom-policy",
            "strongroom-secrets",
            "strongroom-store",
        ],
    ),
    (
        "strongroom-identity",
        &[
            "strongroom-base",
            "strongroom-gate",
            "strongroom-kms",
            "strongroom-material",
            "strongroom-store",
        ],
    ),
    (
        "strongroom-wire-grpc",
        &[
            "strongroom-base",
            "strongroom-events",
            "strongroom-gate",
            "strongroom-identity",
            "strongroom-kms",
            "strongroom-material",
            "strongroom-parameters",
            "strongroom-proto",
            "strongroom-secrets",
        ],
    ),
    (
        "strongroomd",
        &[
            "strongroom-audit",
            "strongroom-base",
            "strongroom-events",
            "strongroom-gate",
            "strongroom-hsm-config",
            "strongroom-identity",
            "strongroom-kms",
            "strongroom-material",
            "strongroom-parameters",
            "strongroom-policy",
            "strongroom-proto",
            "strongroom-secrets",
            "strongroom-store",
            "strongroom-token",
            "strongroom-wire-grpc",
        ],
    ),
    ("strongroom", &["strongroom-material", "strongroom-proto"]),
    (
        "strongroom-tests",
        &["strongroom", "strongroom-hsm-config", "strongroom-proto"],
    ),
];

/// Outside packages that only these of ours may name, because each is the one door to something.
const DOORS: [(&str, &[&str]); 7] = [
    ("cryptoki", &["strongroom-token", "strongroom-tests"]),
    ("sled", &["strongroom-store"]),
    ("clap", &["strongroom", "strongroom-tests", "strongroomd"]),
    ("prost", &["strongroom", "strongroom-proto", "strongroom-tests"]),
    ("x509-parser", &["strongroom-identity", "strongroom-tests"]),
    ("axum", &["strongroomd", "strongroom-tests"]),
    ("tracing-subscriber", &["strongroomd", "strongroom-tests"]),
];

/// Layers that must not wait, and so must not know the runtime or the system.
const PURE: [(&str, &[&str]); 3] = [
    ("strongroom-policy", &["tokio", "futures-util", "rustix", "getrandom"]),
    ("strongroom-base", &["tokio", "futures-util", "rustix"]),
    ("strongroom-material", &["tokio", "tracing", "rustix"]),
];

struct Manifest {
    source: Source,
    name: String,
    /// Of the product itself.
    dependencies: BTreeSet<String>,
    /// Of its tests and its build script.
    test_dependencies: BTreeSet<String>,
}

#[test]
fn packages_name_only_packages_below_them() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.into_iter().collect();
    for manifest in manifests() {
        let allowed = layers.get(manifest.name.as_str()).unwrap_or_else(|| {
            panic!(
                "{}: add the package to the table of layers, and to the architecture document",
                manifest.source.path
            )
        });
        let own = manifest
            .dependencies
            .iter()
            .filter(|name| layers.contains_key(name.as_str()));
        let upward: Vec<_> = own.filter(|name| !allowed.contains(&name.as_str())).collect();
        assert!(
            upward.is_empty(),
            "{} must not depend on {upward:?}",
            manifest.source.path
        );
    }
}

/// Tests may look sideways, never up: a cycle through tests is a cycle.
#[test]
fn tests_of_a_package_do_not_name_packages_above_it() {
    let layers: BTreeMap<&str, &[&str]> = LAYERS.into_iter().collect();
    for manifest in manifests() {
        let own = manifest
            .test_dependencies
            .iter()
            .filter_map(|name| Some((name, layers.get(name.as_str())?)));
        let upward: Vec<_> = own
            .filter(|(_, below)| below.contains(&manifest.name.as_str()))
            .collect();
        assert!(
            upward.is_empty(),
            "{}: the tests use a package that uses this one: {upward:?}",
            manifest.source.path
        );
    }
}

#[test]
fn dangerous_packages_have_one_door() {
    for manifest in manifests() {
        for (outside, doors) in DOORS {
            let named = manifest.dependencies.contains(outside);
            assert!(
                !named || doors.contains(&manifest.name.as_str()),
                "{} names {outside}",
                manifest.source.path
            );
        }
    }
}

#[test]
fn pure_layers_know_no_runtime() {
    for manifest in manifests() {
        let forbidden = PURE
            .iter()
            .find(|(name, _)| *name == manifest.name)
            .map_or(&[][..], |(_, names)| names);
        let named: Vec<_> = forbidden
            .iter()
            .filter(|name| manifest.dependencies.contains(**name))
            .collect();
        assert!(
            named.is_empty(),
            "{} must not depend on {named:?}",
            manifest.source.path
        );
    }
}

/// The type of a PKCS#11 handle that is known in one folder cannot be misused in another.
#[test]
fn only_the_pkcs11_module_imports_cryptoki() {
    for source in sources::rust() {
        let test_of_the_token = source.path.starts_with("server/token/") && source.is_test();
        let allowed = source.path.starts_with("server/token/src/pkcs11") || source.path.starts_with("tests/");
        let allowed = allowed || test_of_the_token;
        let imports = source
            .text
            .lines()
            .any(|line| !line.trim_start().starts_with("//") && line.contains("cryptoki::"));
        assert!(
            allowed || !imports,
            "{} uses cryptoki; only server/token/src/pkcs11 may",
            source.path
        );
    }
}

/// One line per dependency says why it is worth its risk; a group may share one.
#[test]
fn every_outside_dependency_says_why() {
    let text = sources::file("Cargo.toml").text;
    let mut lines = text
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1);
    let mut explained = false;
    let mut mute = Vec::new();
    for line in lines.by_ref().take_while(|line| !line.starts_with('[')) {
        match line {
            comment if comment.starts_with('#') => explained = true,
            "" => explained = false,
            own if own.contains("path = ") => {}
            _ if explained => {}
            dependency => mute.push(dependency),
        }
    }
    assert!(
        mute.is_empty(),
        "a comment above each of these must say what it is for: {mute:#?}"
    );
}

fn manifests() -> Vec<Manifest> {
    let sources = sources::with_extension("toml").into_iter();
    let manifests: Vec<_> = sources
        .filter(|source| source.path.ends_with("/Cargo.toml"))
        .map(parse)
        .collect();
    assert_eq!(
        manifests.len(),
        LAYERS.len(),
        "the table of layers and the packages differ"
    );
    manifests
}

fn parse(source: Source) -> Manifest {
    let table: Table = source
        .text
        .parse()
        .unwrap_or_else(|error| panic!("{}: {error}", source.path));
    let names = |section: &str| -> BTreeSet<String> {
        table
            .get(section)
            .and_then(Value::as_table)
            .into_iter()
            .flatten()
            .map(|(name, _)| name.clone())
            .collect()
    };
    let name = table["package"]["name"].as_str().unwrap().to_owned();
    assert!(
        table.get("target").is_none(),
        "{}: dependencies of one platform are not checked",
        source.path
    );
    let test_dependencies = names("dev-dependencies")
        .union(&names("build-dependencies"))
        .cloned()
        .collect();
    Manifest {
        name,
        dependencies: names("dependencies"),
        test_dependencies,
        source,
    }
}
