//! The command line against the whole service, typed as a person types it.

use std::path::PathBuf;
use std::process::Command;

use strongroom_proto::v1;
use strongroom_tests::installation::EVERYTHING;
use strongroom_tests::workspace;
use tempfile::TempDir;
use tonic::transport::Channel;

use crate::world::{World, create_key, keys};

/// The program of the client that may do everything, in a folder of its own.
pub(crate) struct CommandLine {
    program: PathBuf,
    folder: TempDir,
}

impl CommandLine {
    pub(crate) fn of(world: &World) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (authority, client) = (world.installation.authority(), EVERYTHING.0);
        let configuration = format!(
            "version = 1\nendpoint = \"https://{}\"\nca = {:?}\ncertificate = {:?}\nprivate-key = {:?}\n",
            world.daemon.address(),
            authority.certificate("ca"),
            authority.certificate(client),
            authority.private_key(client),
        );
        std::fs::write(folder.path().join("client.toml"), configuration).unwrap();
        Self {
            program: workspace::strongroom().unwrap_or_else(|fault| panic!("{fault}")),
            folder,
        }
    }

    pub(crate) fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.folder.path().join(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).unwrap()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The program with these arguments, which have no blanks.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(&self.program);
        command.args(["--config", "client.toml"]).args(arguments.split(' '));
        command.current_dir(self.folder.path());
        command
    }

    /// What it prints, or else what it complains of.
    pub(crate) fn run(&self, arguments: &str) -> Result<String, String> {
        let output = self.command(arguments).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        if output.status.success() {
            Ok(text(output.stdout))
        } else {
            Err(text(output.stderr))
        }
    }

    #[track_caller]
    pub(crate) fn succeed(&self, arguments: &str) -> String {
        self.run(arguments)
            .unwrap_or_else(|complaint| panic!("strongroom {arguments}: {complaint}"))
    }
}

async fn rsa_key(channel: &Channel) -> String {
    let request = v1::CreateKeyRequest {
        key_spec: v1::KeySpec::Rsa2048.into(),
        key_usage: v1::KeyUsage::EncryptDecrypt.into(),
        ..Default::default()
    };
    let created = keys(channel).create_key(request).await.unwrap();
    created.into_inner().key_metadata.unwrap().arn
}

/// From a pair to a symmetric key and on to another pair; on the way the ciphertext is what each side says.
#[tokio::test(flavor = "multi_thread")]
async fn a_ciphertext_goes_from_rsa_to_a_symmetric_key_and_back() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let (first, second) = (rsa_key(&channel).await, rsa_key(&channel).await);
    let symmetric = create_key(&channel).await;
    let shell = CommandLine::of(&world);
    shell.write("text", b"attack at dawn");
    let sha_256 = "rsaes_oaep_sha_256";
    shell.succeed(&format!(
        "encrypt --key {first} --algorithm {sha_256} --in text --out sealed"
    ));
    assert_eq!(shell.read("sealed").len(), 256);

    let from = format!("re-encrypt --source-key {first} --source-algorithm {sha_256} --in sealed");
    shell.succeed(&format!(
        "{from} --destination-key {symmetric} --destination-context a=b --out blob"
    ));
    shell.succeed("decrypt --algorithm symmetric_default --context a=b --in blob --out opened");
    assert_eq!(shell.read("opened"), b"attack at dawn");

    let into = format!("--destination-key {second} --destination-algorithm RSAES_OAEP_SHA_1");
    shell.succeed(&format!(
        "re-encrypt --source-context a=b --in blob {into} --out sealed-again"
    ));
    let decrypt = format!("decrypt --key {second} --in sealed-again --out opened-again --algorithm");
    shell.succeed(&format!("{decrypt} rsaes_oaep_sha_1"));
    assert_eq!(shell.read("opened-again"), b"attack at dawn");
    let told = shell.run(&format!("{decrypt} {sha_256}")).unwrap_err();
    assert!(told.starts_with("error: InvalidCiphertextException: "), "{told}");

    let told = shell
        .run(&format!("{from} --destination-key {second} --out never"))
        .unwrap_err();
    assert!(told.starts_with("error: InvalidKeyUsageException: "), "{told}");
    let nameless = format!("re-encrypt --source-algorithm {sha_256} --in sealed --destination-key {symmetric}");
    let told = shell.run(&format!("{nameless} --out never")).unwrap_err();
    assert!(told.starts_with("error: ValidationException: "), "{told}");
}
