//! The table of states: what each operation on one secret answers, whatever state it is in, as a reviewed file.

use std::fmt::Write as _;

use strongroom_base::Fault;
use strongroom_secrets::op::{
    DeleteResourcePolicy, DeleteSecret, DescribeSecret, GetResourcePolicy, ListSecretVersionIds, PutResourcePolicy,
    RestoreSecret, TagResource, UntagResource, UpdateSecret, UpdateSecretVersionStage, ValidateResourcePolicy,
};

use crate::bench::{Bench, new_secret, put, scope, token, update};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/secret-states.txt");
const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"000000000000"},
    "Action":"secretsmanager:GetSecretValue","Resource":"*"}}"#;

/// All operations on one secret.
const OPERATIONS: [&str; 15] = [
    "DeleteResourcePolicy",
    "DeleteSecret",
    "DeleteSecret at once",
    "DescribeSecret",
    "GetResourcePolicy",
    "GetSecretValue",
    "ListSecretVersionIds",
    "PutResourcePolicy",
    "PutSecretValue",
    "RestoreSecret",
    "TagResource",
    "UntagResource",
    "UpdateSecret",
    "UpdateSecretVersionStage",
    "ValidateResourcePolicy",
];

async fn ask(bench: &Bench, operation: &str, secret: &str) -> Result<(), Fault> {
    let tags = vec![("k".to_owned(), "v".to_owned())];
    match operation {
        "DeleteResourcePolicy" => bench.admin(DeleteResourcePolicy::new(secret, None)?).await.map(drop),
        "DeleteSecret" => bench.admin(DeleteSecret::new(secret, None, false)?).await.map(drop),
        "DeleteSecret at once" => bench.admin(DeleteSecret::new(secret, None, true)?).await.map(drop),
        "DescribeSecret" => bench.admin(DescribeSecret::new(secret)?).await.map(drop),
        "GetResourcePolicy" => bench.admin(GetResourcePolicy::new(secret, None)?).await.map(drop),
        "GetSecretValue" => bench.read(secret).await.map(drop),
        "ListSecretVersionIds" => {
            let list = ListSecretVersionIds::new(secret, true, None, None)?;
            bench.admin(list).await.map(drop)
        }
        "PutResourcePolicy" => {
            let put = PutResourcePolicy::new(secret, None, POLICY, true)?;
            bench.admin(put).await.map(drop)
        }
        "PutSecretValue" => bench.admin(put(secret, 2, "two", &[])?).await.map(drop),
        "RestoreSecret" => bench.admin(RestoreSecret::new(secret)?).await.map(drop),
        "TagResource" => bench.admin(TagResource::new(secret, tags)?).await,
        "UntagResource" => bench.admin(UntagResource::new(secret, vec!["k".to_owned()])?).await,
        "UpdateSecret" => bench
            .admin(UpdateSecret::new(update(secret), &scope())?)
            .await
            .map(drop),
        "UpdateSecretVersionStage" => {
            let stage = UpdateSecretVersionStage::new(secret, "blue", None, Some(&token(1)))?;
            bench.admin(stage).await.map(drop)
        }
        _ => {
            let validate = ValidateResourcePolicy::new(Some(secret), POLICY)?;
            bench.admin(validate).await.map(drop)
        }
    }
}

/// Puts a secret of this name into the state.
async fn prepare(bench: &Bench, state: &str, name: &str) {
    let value = (state != "without a value").then(|| (token(1), "one"));
    if state != "absent" {
        bench.create(new_secret(name, value)).await.unwrap();
    }
    if state == "marked for deletion" {
        bench.delete(name, None, false).await.unwrap();
    }
}

#[tokio::test]
async fn every_answer_in_every_state_is_the_reviewed_one() {
    let bench = Bench::new().await;
    let mut table = String::from("# operation | state of the secret | answer\n");
    for (row, operation) in OPERATIONS.into_iter().enumerate() {
        for (column, state) in ["live", "without a value", "marked for deletion", "absent"]
            .into_iter()
            .enumerate()
        {
            let name = format!("n{row}/{column}");
            prepare(&bench, state, &name).await;
            let answer = match ask(&bench, operation, &name).await {
                Ok(()) => "ok".to_owned(),
                Err(fault) => format!("{}: {}", fault.code().row().exception, fault.message()),
            };
            writeln!(table, "{operation} | {state} | {answer}").unwrap();
        }
    }
    if std::env::var_os("STRONGROOM_BLESS").is_some() {
        std::fs::write(GOLDEN, &table).unwrap();
    }
    let reviewed = std::fs::read_to_string(GOLDEN).unwrap_or_default();
    assert_eq!(table, reviewed, "review the change, then run with STRONGROOM_BLESS=1");
}
