//! The quota of keys, which no test can fill.

use std::sync::Arc;

use strongroom_base::limits::KEYS_MAX;
use strongroom_base::{Clock, Code, KeyId, KeyOrigin, KeySpec, KeyUsage, Scope};
use strongroom_store::{MemoryStore, Records, Sealer};
use strongroom_token::Token;
use strongroom_token::fake::FakeToken;

use super::Plan;
use crate::key::KeyManager;
use crate::kms::Kms;
use crate::marks::CreationIntent;
use crate::root::Root;

fn plan() -> Plan {
    Plan {
        description: String::new(),
        spec: KeySpec::SymmetricDefault,
        usage: KeyUsage::EncryptDecrypt,
        origin: KeyOrigin::AwsKms,
        manager: KeyManager::Customer,
        alias: None,
        tags: crate::tags::KeyTags::default(),
        policy: None,
    }
}

#[tokio::test]
async fn an_account_has_100_000_keys_at_most() {
    let (directory, fake, sealer) = (tempfile::tempdir().unwrap(), FakeToken::new(), Sealer::locked());
    let records = Records::new(Arc::new(MemoryStore::new(sealer.clone())));
    let scope = Scope::new("aws", "local-1", "000000000000").unwrap();
    let mut root = Root::of_store(&records, &scope).await.unwrap();
    let settings = fake.settings(directory.path(), root.installation()).unwrap();
    let token = Token::start_with(fake.module(), settings).unwrap();
    token.first_contact().await.unwrap();
    root.unlock(&token, &sealer).await.unwrap();
    let kms = Kms::new(token, records.clone(), sealer, scope, Clock::System, &root);

    kms.set_key_count(KEYS_MAX - 1);
    kms.create(KeyId::random(), plan()).await.unwrap();
    let fault = kms.create(KeyId::random(), plan()).await.err().unwrap();
    assert_eq!(
        (fault.code(), fault.message()),
        (Code::LimitExceeded, "The account has 100000 keys, which is the limit.")
    );
    assert_eq!(fake.objects(), 2, "nothing was begun");
    kms.set_key_count(0);
    assert!(
        kms.create(KeyId::random(), plan()).await.is_err(),
        "a later count does not undo what was counted since"
    );
    assert!(records.page::<CreationIntent>("", None, 1).await.unwrap().is_empty());
}
