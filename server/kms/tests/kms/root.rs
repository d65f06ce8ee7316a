//! The root of trust: established once, unlocked by the same token ever after, refused where something does not fit.

use std::sync::Arc;

use serde_json::Value;
use strongroom_base::{Code, Fault, Scope};
use strongroom_kms::{AliasRecord, Root};
use strongroom_store::{MemoryDisk, Records, Sealer, Store, StoreFault};
use strongroom_token::fake::FakeToken;
use strongroom_token::{Function, ReturnValue, Token, TokenFault};
use tempfile::TempDir;

use crate::bench::{eventually, fault, refused, scope};
use crate::meddler::Meddler;

const DAMAGED: &str = "The record of the installation is damaged; restore the store from a backup.";

/// One start of the service over a disk and a token.
struct Start {
    records: Records,
    store: Arc<Meddler>,
    root: Root,
    token: Token,
    sealer: Sealer,
    _directory: TempDir,
}

impl Start {
    async fn over(disk: &MemoryDisk, fake: &FakeToken) -> Self {
        let sealer = Sealer::locked();
        let store = Arc::new(Meddler::over(disk.clone(), sealer.clone()));
        let records = Records::new(Arc::clone(&store) as Arc<dyn Store>);
        let root = Root::of_store(&records, &scope()).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let settings = fake.settings(directory.path(), root.installation()).unwrap();
        let token = Token::start_with(fake.module(), settings).unwrap();
        Self {
            records,
            store,
            root,
            token,
            sealer,
            _directory: directory,
        }
    }

    async fn unlock(&mut self) -> Result<(), Fault> {
        self.token.first_contact().await?;
        self.root.unlock(&self.token, &self.sealer).await
    }

    /// Something that only the right sealing key reads back.
    async fn write(&self) {
        let (name, target) = ("alias/x".parse().unwrap(), strongroom_base::KeyId::random());
        let (created, updated) = (strongroom_base::Timestamp(1), strongroom_base::Timestamp(1));
        let record = AliasRecord {
            name,
            target,
            created,
            updated,
        };
        self.records.change().insert("alias/x", record).commit().await.unwrap();
    }
}

async fn established() -> (MemoryDisk, FakeToken) {
    let (disk, fake) = (MemoryDisk::default(), FakeToken::new());
    let mut start = Start::over(&disk, &fake).await;
    start.unlock().await.unwrap();
    start.write().await;
    start.token.stop().await;
    (disk, fake)
}

#[tokio::test]
async fn the_first_start_establishes_and_the_second_unlocks() {
    let (disk, fake) = (MemoryDisk::default(), FakeToken::new());
    let mut first = Start::over(&disk, &fake).await;
    assert!(!first.root.is_established() && first.sealer.is_locked());
    first.unlock().await.unwrap();
    assert!(first.root.is_established() && !first.sealer.is_locked());
    assert_eq!(fake.objects(), 1);
    first.write().await;
    first.token.stop().await;

    let mut second = Start::over(&disk, &fake).await;
    assert!(second.root.is_established());
    assert_eq!(second.root.installation(), first.root.installation());
    assert_eq!(second.root.material(), first.root.material());
    let locked = second.records.find::<AliasRecord>("alias/x").await;
    assert!(matches!(locked, Err(StoreFault::Locked)));
    second.unlock().await.unwrap();
    assert_eq!(fake.objects(), 1);
    let record = second.records.find::<AliasRecord>("alias/x").await.unwrap().unwrap();
    assert_eq!(record.name.as_str(), "alias/x");
}

/// The sealing key is not in the store in the open: 32 bytes under 12 of nonce and 16 of tag.
#[tokio::test]
async fn the_sealing_key_is_stored_wrapped() {
    let (disk, _) = established().await;
    let bootstrap = edit(&disk, |_| {});
    let wrapped = bootstrap["wrapped"]["sealing_key"].as_str().unwrap();
    assert_eq!(
        data_encoding::BASE64.decode(wrapped.as_bytes()).unwrap().len(),
        12 + 32 + 16
    );
}

#[tokio::test]
async fn another_installations_token_is_refused() {
    let (_, fake) = established().await;
    let mut other = Start::over(&MemoryDisk::default(), &fake).await;
    let refusal = other.token.first_contact().await.unwrap_err();
    assert!(
        matches!(refusal, TokenFault::ForeignInstallation { .. }) && refusal.needs_operator(),
        "{refusal}"
    );
    let message = "The HSM cannot be used as configured; the operator of the service must act.";
    refused(other.unlock().await, Code::Unavailable, message);
    assert!(other.sealer.is_locked() && !other.root.is_established());
    assert_eq!(fake.objects(), 1, "nothing was made on the other's token");
}

/// A token that was initialised again has the label and not the root object. No second root is made in silence.
#[tokio::test]
async fn a_token_without_the_root_object_does_not_unlock() {
    let (disk, fake) = established().await;
    fake.reinitialise();
    let mut start = Start::over(&disk, &fake).await;
    let message = "The key's material cannot be used in the HSM; the operator of the service must look into it.";
    refused(start.unlock().await, Code::KeyUnavailable, message);
    assert!(start.sealer.is_locked());
    assert_eq!(fake.objects(), 0);
}

/// What the token says of the root key is compared with what it said when the key was made.
#[tokio::test]
async fn a_root_key_that_is_not_as_it_was_made_does_not_unlock() {
    let (disk, fake) = established().await;
    edit(&disk, |json| {
        let extractable = &mut json["wrapped"]["provenance"]["extractable"];
        *extractable = (!extractable.as_bool().unwrap()).into();
    });
    let mut start = Start::over(&disk, &fake).await;
    let message = "The root key in the HSM is not as it was made; the operator of the service must look into it.";
    refused(start.unlock().await, Code::KeyUnavailable, message);
    assert!(start.sealer.is_locked());
}

#[tokio::test]
async fn a_token_that_is_away_unlocks_when_it_is_back() {
    let (disk, fake) = established().await;
    fake.take_away();
    let mut start = Start::over(&disk, &fake).await;
    let fault = fault(start.unlock().await);
    assert_eq!(fault.code(), Code::Unavailable);
    assert!(fault.retry_delay().is_some());
    fake.bring_back();
    eventually(async || start.root.unlock(&start.token, &start.sealer).await.is_ok()).await;
    assert!(start.records.find::<AliasRecord>("alias/x").await.unwrap().is_some());
}

#[tokio::test]
async fn establishing_may_be_cut_off_anywhere_and_repeated() {
    for cut in ["key", "witness", "random", "wrapping", "commit"] {
        let (disk, fake) = (MemoryDisk::default(), FakeToken::new());
        let mut start = Start::over(&disk, &fake).await;
        start.token.first_contact().await.unwrap();
        match cut {
            "key" => fake.fail(Function::GenerateKey, 1, ReturnValue::DeviceError),
            "witness" => fake.fail(Function::Encrypt, 1, ReturnValue::DeviceError),
            "random" => fake.fail(Function::GenerateRandom, 1, ReturnValue::DeviceError),
            "wrapping" => fake.fail(Function::EncryptInit, 2, ReturnValue::DeviceError),
            _ => start.store.fail("bootstrap/", StoreFault::Overloaded),
        }
        assert!(start.unlock().await.is_err(), "{cut}");
        assert!(start.sealer.is_locked() && !start.root.is_established(), "{cut}");
        fake.clear_script();
        eventually(async || start.root.unlock(&start.token, &start.sealer).await.is_ok()).await;
        assert_eq!(
            fake.objects(),
            1,
            "{cut}: a repeated start finds the object of the first"
        );
        start.write().await;
        start.token.stop().await;
        let mut again = Start::over(&disk, &fake).await;
        again.unlock().await.unwrap();
        assert!(
            again.records.find::<AliasRecord>("alias/x").await.unwrap().is_some(),
            "{cut}"
        );
    }
}

/// Bootstrap records carry no tag, so what they say is proven by the token alone.
#[tokio::test]
async fn a_damaged_record_of_the_installation_is_called_so() {
    type Damage = fn(&str) -> String;
    fn swap(text: &str, at: usize) -> String {
        let other = if text.as_bytes()[at] == b'A' { 'B' } else { 'A' };
        format!("{}{other}{}", &text[..at], &text[at + 1..])
    }
    let damages: [(&str, Damage); 5] = [
        ("another byte", |text| swap(text, 30)),
        ("another nonce", |text| swap(text, 0)),
        ("cut off", |_| "AAAA".to_owned()),
        ("cut to a nonce", |_| "A".repeat(20)),
        ("of no bytes", |_| String::new()),
    ];
    for (what, damage) in damages {
        let (disk, fake) = established().await;
        edit(&disk, |json| {
            let sealing_key = &mut json["wrapped"]["sealing_key"];
            *sealing_key = damage(sealing_key.as_str().unwrap()).into();
        });
        let mut start = Start::over(&disk, &fake).await;
        let fault = fault(start.unlock().await);
        assert_eq!(
            (fault.code(), fault.message()),
            (Code::RecordDamaged, DAMAGED),
            "{what}"
        );
        assert!(start.sealer.is_locked(), "{what}");
    }
}

#[tokio::test]
async fn an_unreadable_record_of_the_installation_is_called_so() {
    let (disk, _) = established().await;
    disk.tamper(|values| {
        let bootstrap = values
            .iter_mut()
            .find(|(key, _)| key.as_str() == "bootstrap/installation")
            .unwrap()
            .1;
        bootstrap.truncate(40);
    });
    let records = Records::new(Arc::new(Meddler::over(disk, Sealer::locked())) as Arc<dyn Store>);
    let message = "A stored record is damaged and was refused. An operator must restore it from a backup.";
    refused(Root::of_store(&records, &scope()).await, Code::RecordDamaged, message);
}

/// Another sealing key in place of the right one makes every record look damaged; it is never taken for a new start.
#[tokio::test]
async fn a_store_without_its_record_of_the_installation_stays_closed() {
    let (disk, fake) = established().await;
    disk.tamper(|values| values.retain(|key, _| key.as_str() != "bootstrap/installation"));
    let mut start = Start::over(&disk, &fake).await;
    let message = "The HSM cannot be used as configured; the operator of the service must act.";
    refused(start.unlock().await, Code::Unavailable, message);
    assert_eq!(fake.objects(), 1);
}

/// Secrets are encrypted under their ARNs, so none would open again.
#[tokio::test]
async fn another_scope_is_refused_and_both_are_named() {
    let (disk, fake) = established().await;
    for (partition, region, account, says) in [
        (
            "aws",
            "local-2",
            "000000000000",
            "partition aws, region local-2, account 000000000000",
        ),
        (
            "aws",
            "local-1",
            "000000000001",
            "partition aws, region local-1, account 000000000001",
        ),
        (
            "aws-x",
            "local-1",
            "000000000000",
            "partition aws-x, region local-1, account 000000000000",
        ),
    ] {
        let records = Records::new(Arc::new(Meddler::over(disk.clone(), Sealer::locked())) as Arc<dyn Store>);
        let message = format!(
            "This installation was founded for partition aws, region local-1, account 000000000000, and [scope] now says \
             {says}: its secrets could not be opened. Correct [scope], or give the other scope a data-directory and a \
             token of its own."
        );
        let other = Scope::new(partition, region, account).unwrap();
        refused(Root::of_store(&records, &other).await, Code::Validation, &message);
        refused(
            Root::installation_of(&records, &other).await,
            Code::Validation,
            &message,
        );
    }
    Start::over(&disk, &fake).await.unlock().await.unwrap();
}

#[tokio::test]
async fn a_record_without_a_scope_takes_it_over() {
    let (disk, fake) = established().await;
    edit(&disk, |json| {
        json.as_object_mut().unwrap().remove("scope").unwrap();
    });
    disk.tamper(|values| {
        let stored = values
            .iter_mut()
            .find(|(key, _)| key.as_str() == "bootstrap/installation");
        stored.unwrap().1[HEADER_BYTES - 2..HEADER_BYTES].copy_from_slice(&1_u16.to_be_bytes());
    });
    let records = Records::new(Arc::new(Meddler::over(disk.clone(), Sealer::locked())) as Arc<dyn Store>);
    let read = Root::installation_of(&records, &scope()).await.unwrap();
    let before = edit(&disk, |_| {});
    assert_eq!(before.get("scope"), None, "who only reads records nothing");
    let mut start = Start::over(&disk, &fake).await;
    assert_eq!(read, Some(start.root.installation()));
    start.unlock().await.unwrap();
    let scope = serde_json::json!({"partition": "aws", "region": "local-1", "account": "000000000000"});
    assert_eq!(edit(&disk, |_| {})["scope"], scope);
}

/// Nothing is encrypted yet: whoever corrects the configuration after a first start that was refused starts afresh.
#[tokio::test]
async fn an_installation_without_a_key_takes_another_scope() {
    let (disk, fake) = (MemoryDisk::default(), FakeToken::new());
    let records = || Records::new(Arc::new(Meddler::over(disk.clone(), Sealer::locked())) as Arc<dyn Store>);
    let other = Scope::new("aws", "local-2", "000000000000").unwrap();
    assert_eq!(Root::installation_of(&records(), &other).await.unwrap(), None);
    let first = Root::of_store(&records(), &other).await.unwrap();
    let mut second = Start::over(&disk, &fake).await;
    assert_eq!(second.root.installation(), first.installation());
    second.unlock().await.unwrap();
    let fault = fault(Root::of_store(&records(), &other).await);
    let message = "This installation was founded for partition aws, region local-1";
    assert!(fault.message().starts_with(message), "{fault}");
}

/// Format, revision and document version come first.
const HEADER_BYTES: usize = 1 + 8 + 2;

/// Edits the JSON of the bootstrap record in the store's files and answers what it is then.
fn edit(disk: &MemoryDisk, change: impl FnOnce(&mut Value)) -> Value {
    disk.tamper(|values| {
        let stored = values
            .iter_mut()
            .find(|(key, _)| key.as_str() == "bootstrap/installation")
            .unwrap()
            .1;
        let mut json: Value = serde_json::from_slice(&stored[HEADER_BYTES..]).unwrap();
        change(&mut json);
        stored.truncate(HEADER_BYTES);
        stored.extend(serde_json::to_vec(&json).unwrap());
        json
    })
}
