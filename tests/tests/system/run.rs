//! `strongroom run`, `render` and `secret edit` against the whole service: a program that reads files sees what changes.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use strongroom_tests::installation::EVERYTHING;

use crate::command_line::CommandLine;
use crate::world::{World, create_key, create_secret};

const SOON: Duration = Duration::from_secs(20);

/// A program under `strongroom run`, and the lines that it prints.
struct Running {
    process: Child,
    lines: Receiver<String>,
}

impl Running {
    fn start(shell: &CommandLine, options: &str, script: &str) -> Self {
        let mut command: Command = shell.command(options);
        command.args(["--", "/bin/sh", "-c", script]);
        Self::of(command)
    }

    fn of(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        Self { process, lines }
    }

    fn next(&self) -> String {
        self.lines.recv_timeout(SOON).expect("a line soon")
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    fn status(mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

impl Drop for Running {
    /// In order, so that the program under it ends too.
    fn drop(&mut self) {
        if matches!(self.process.try_wait(), Ok(None)) {
            self.signal(Signal::TERM);
        }
        let _status = self.process.wait();
    }
}

/// What a process was started with, as everybody on the machine sees it.
fn arguments_of(pid: u32) -> String {
    let bytes = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap();
    String::from_utf8(bytes).unwrap().replace('\0', " ")
}

/// Prints the file whenever it is another than before.
const FOLLOW: &str = "trap 'echo told' HUP; trap 'echo asked to end; exit 7' TERM; echo \"pid $$ $STRONGROOM_FILES\"; \
                      while :; do now=$(cat \"$STRONGROOM_FILES/DB\"); [ \"$now\" = \"$last\" ] || echo \"$now\"; \
                      last=$now; sleep 0.05; done";

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_reads_files_sees_a_changed_secret_without_a_restart_of_its_own() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    create_secret(&channel, "prod/db", "first-4711").await;
    let shell = CommandLine::of(&world);
    let running = Running::start(&shell, "run --file DB=prod/db --on-change signal:HUP", FOLLOW);
    let begun = running.next();
    let (pid, folder) = begun.strip_prefix("pid ").unwrap().split_once(' ').unwrap();
    assert_eq!(running.next(), "first-4711");
    let file = Path::new(folder).join("DB");
    assert_eq!(mode(&file), 0o400);
    assert_eq!(mode(Path::new(folder)), 0o700);

    shell.write("new", b"second-4711");
    shell.succeed("secret put prod/db --in new");
    let mut after = [running.next(), running.next()];
    after.sort();
    assert_eq!(
        after,
        ["second-4711", "told"],
        "the same process, by an event and not by looking"
    );
    for pid in [pid.parse().unwrap(), running.process.id()] {
        assert!(!arguments_of(pid).contains("4711"), "no secret among the arguments");
    }
    let limits = std::fs::read_to_string(format!("/proc/{pid}/limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"), "no core dumps: {core}");

    running.signal(Signal::TERM);
    assert_eq!(running.next(), "asked to end");
    assert_eq!(running.status(), Some(7), "its status is the program's");
    assert!(!Path::new(folder).exists(), "nothing is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_whose_file_cannot_be_replaced_goes_on_and_gets_it_later() {
    let world = World::start(&[EVERYTHING]);
    create_secret(&world.connect().await, "prod/db", "first").await;
    let shell = CommandLine::of(&world);
    let script = "trap 'echo told; cat \"$STRONGROOM_FILES/DB\"; echo' HUP; echo \"$STRONGROOM_FILES\"; \
                  while :; do sleep 0.05; done";
    let mut command = shell.command("run --file DB=prod/db --on-change signal:HUP");
    let mut running = Running::of({
        command.args(["--", "/bin/sh", "-c", script]).stderr(Stdio::piped());
        command
    });
    let file = Path::new(&running.next()).join("DB");
    // No file can take the place of a folder that has something in it.
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir_all(file.join("in the way")).unwrap();
    shell.write("new", b"second");
    shell.succeed("secret put prod/db --in new");
    let mut warnings = BufReader::new(running.process.stderr.take().unwrap());
    let mut warning = String::new();
    warnings.read_line(&mut warning).unwrap();
    let expected = format!(
        "warning: the program keeps what it has: cannot write {}: ",
        file.display()
    );
    assert!(warning.starts_with(&expected), "{warning}");
    std::fs::remove_dir_all(&file).unwrap();
    assert_eq!(running.next(), "told");
    assert_eq!(running.next(), "second");
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_secrets_in_its_environment_is_started_again_with_the_new_one() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    create_secret(&channel, "prod/db", "first").await;
    let shell = CommandLine::of(&world);
    let script = "echo \"$DB\"; while :; do sleep 0.05; done";
    let running = Running::start(&shell, "run --secret DB=prod/db --on-change restart", script);
    assert_eq!(running.next(), "first");
    shell.write("new", b"second");
    shell.succeed("secret put prod/db --in new");
    assert_eq!(running.next(), "second");
    running.signal(Signal::TERM);
    assert_eq!(running.status(), Some(128 + 15), "as a shell says what a signal ended");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_to_end_while_it_is_being_restarted_is_not_started_again() {
    let world = World::start(&[EVERYTHING]);
    create_secret(&world.connect().await, "prod/db", "first").await;
    let shell = CommandLine::of(&world);
    let script = "trap 'trap \"\" TERM; echo stopping; sleep 2; exit 7' TERM; echo begun; while :; do sleep 0.05; done";
    let running = Running::start(&shell, "run --secret DB=prod/db --on-change restart", script);
    assert_eq!(running.next(), "begun");
    shell.write("new", b"second");
    shell.succeed("secret put prod/db --in new");
    assert_eq!(running.next(), "stopping");
    running.signal(Signal::TERM);
    let after = running.lines.recv_timeout(SOON);
    assert_eq!(after, Err(RecvTimeoutError::Disconnected), "nothing more is said");
    assert_eq!(running.status(), Some(7));
}

/// A secret that goes takes nothing from the program, and holds up no other.
#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_gone_holds_up_no_other() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    create_secret(&channel, "prod/gone", "stays").await;
    create_secret(&channel, "prod/db", "first").await;
    let shell = CommandLine::of(&world);
    let script = "while :; do now=$(cat \"$STRONGROOM_FILES/GONE\" \"$STRONGROOM_FILES/DB\"); [ \"$now\" = \"$last\" ] || \
                  echo $now; last=$now; sleep 0.05; done";
    let running = Running::start(&shell, "run --file GONE=prod/gone --file DB=prod/db", script);
    assert_eq!(running.next(), "staysfirst");
    shell.succeed("secret delete prod/gone --force-without-recovery");
    shell.write("new", b"second");
    shell.succeed("secret put prod/db --in new");
    assert_eq!(running.next(), "stayssecond");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_run_is_refused_in_clear_words() {
    let world = World::start(&[EVERYTHING]);
    let shell = CommandLine::of(&world);
    create_secret(&world.connect().await, "prod/db", "value").await;
    let told = shell.run("run --secret DB=prod/missing -- true").unwrap_err();
    assert!(
        told.starts_with("error: the secret prod/missing cannot be read: ResourceNotFoundException: "),
        "{told}"
    );
    let mut absent = shell.command("run --secret DB=prod/db -- /nonexistent/program");
    let output = absent.output().unwrap();
    assert_eq!(output.status.code(), Some(127));
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.starts_with("error: cannot run /nonexistent/program: No such file"),
        "{told}"
    );
    let told = shell.run("run --file DB=prod/db --folder /proc -- true").unwrap_err();
    assert!(told.contains("secrets are not written to disks"), "{told}");
    let told = shell.run("run -- true").unwrap_err();
    assert!(told.contains("name at least one secret"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_filled_with_members_stages_and_whole_values() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let arn = create_secret(&channel, "prod/db", r#"{"user":"ada","port":5432,"tags":[]}"#).await;
    let shell = CommandLine::of(&world);
    let template = format!(
        "user={{{{resolve:secretsmanager:prod/db:SecretString:user}}}}\n\
         port={{{{resolve:secretsmanager:{arn}:SecretString:port:AWSCURRENT}}}}\n\
         all={{{{resolve:secretsmanager:prod/db}}}}\n{{{{ left alone }}}}\n"
    );
    shell.write("template", template.as_bytes());
    shell.succeed("render --in template --out filled");
    let filled = String::from_utf8(shell.read("filled")).unwrap();
    assert_eq!(
        filled,
        "user=ada\nport=5432\nall={\"user\":\"ada\",\"port\":5432,\"tags\":[]}\n{{ left alone }}\n"
    );
    for (reference, told) in [
        (
            "prod/db:SecretString:missing",
            "error: prod/db: Could not find a value associated with JSONKey in SecretString\n",
        ),
        (
            "prod/db:SecretString:tags",
            "error: prod/db: Could not find a value associated with JSONKey in SecretString\n",
        ),
        (
            "prod/db:Other",
            "error: template, line 1, column 1: \"Other\" in a dynamic reference; the only part of a secret that can be \
             referred to is SecretString\n",
        ),
    ] {
        shell.write(
            "template",
            format!("{{{{resolve:secretsmanager:{reference}}}}}").as_bytes(),
        );
        assert_eq!(shell.run("render --in template --out never").unwrap_err(), told);
        assert!(!shell.path("never").exists());
    }
    create_secret(&channel, "plain", "no object").await;
    shell.write("template", b"{{resolve:secretsmanager:plain:SecretString:key}}");
    assert_eq!(
        shell.run("render --in template --out never").unwrap_err(),
        "error: plain: Could not parse SecretString JSON\n"
    );
}

/// Edits with a program instead of a person.
fn edit(shell: &CommandLine, editor: &str) -> Result<String, String> {
    let output = shell
        .command("secret edit prod/db")
        .env("EDITOR", editor)
        .env_remove("VISUAL")
        .output()
        .unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_makes_a_version_only_if_something_changed_and_nobody_was_faster() {
    let world = World::start(&[EVERYTHING]);
    create_secret(&world.connect().await, "prod/db", "first").await;
    let shell = CommandLine::of(&world);
    assert_eq!(edit(&shell, "true").unwrap(), "nothing was changed\n");
    assert_eq!(
        edit(&shell, "echo >>").unwrap(),
        "nothing was changed\n",
        "a line end that an editor adds"
    );
    edit(&shell, "sed -i s/first/second/").unwrap();
    assert_eq!(shell.succeed("secret get prod/db"), "second");
    assert_eq!(
        edit(&shell, "false").unwrap_err(),
        "error: false ended with a failure; nothing was changed\n"
    );
    let program = workspace_program();
    let overtaking = format!(
        "{} --config client.toml secret put prod/db --in other >/dev/null && sed -i s/second/mine/",
        program.display()
    );
    shell.write("other", b"theirs");
    let told = edit(&shell, &overtaking).unwrap_err();
    assert!(
        told.starts_with("error: somebody else changed the secret prod/db while it was edited; it was left alone"),
        "{told}"
    );
    assert_eq!(shell.succeed("secret get prod/db"), "theirs");
    let version = told.split("--version-id ").nth(1).unwrap().split('`').next().unwrap();
    assert_eq!(
        shell.succeed(&format!("secret get prod/db --version-id {version}")),
        "mine"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_a_signal_ends_leaves_no_plaintext_behind() {
    let world = World::start(&[EVERYTHING]);
    create_secret(&world.connect().await, "prod/db", "first").await;
    let shell = CommandLine::of(&world);
    for signal in [Signal::HUP, Signal::TERM] {
        let mut command = shell.command("secret edit prod/db");
        command.env_remove("VISUAL");
        command.env("EDITOR", "echo \"$TMPDIR\"; exec sleep 60 #");
        let running = Running::of(command);
        let folder = PathBuf::from(running.next());
        assert_eq!(std::fs::read(folder.join("secret")).unwrap(), b"first");
        running.signal(signal);
        assert_eq!(running.status(), Some(1), "the editor ended with a failure");
        assert!(
            !folder.exists(),
            "{signal:?} left the plaintext in {}",
            folder.display()
        );
    }
    assert_eq!(shell.succeed("secret get prod/db"), "first");
}

fn workspace_program() -> PathBuf {
    strongroom_tests::workspace::strongroom().unwrap_or_else(|fault| panic!("{fault}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_is_sealed_and_an_import_brings_everything_back() {
    let world = World::start(&[EVERYTHING]);
    let channel = world.connect().await;
    let key = create_key(&channel).await;
    create_secret(&channel, "prod/DB", "first-4711").await;
    create_secret(&channel, "prod/API", "line\nline").await;
    create_secret(&channel, "product", "not under the prefix").await;
    let shell = CommandLine::of(&world);
    for format in ["json", "dotenv"] {
        let context = format!("--format {format} --context made-by=test");
        shell.succeed(&format!("secret export prod/ --key {key} --out {format} {context}"));
        let sealed = shell.read(format);
        assert!(!sealed.windows(4).any(|part| part == b"4711"), "{format} shows a value");
        shell.write("other", b"changed");
        shell.succeed("secret put prod/DB --in other");
        shell.succeed("secret delete prod/API --force-without-recovery");
        let import = format!("secret import prod/ --in {format} {context}");
        let table = shell.succeed(&import);
        assert!(table.contains("created") && table.contains("changed"), "{table}");
        assert_eq!(shell.succeed("secret get prod/DB"), "first-4711");
        assert_eq!(shell.succeed("secret get prod/API"), "line\nline");
        let again = shell.succeed(&import);
        assert_eq!(again.matches("unchanged").count(), 2, "{again}");
    }
    let told = shell.run("secret import prod/ --in json").unwrap_err();
    assert!(told.starts_with("error: InvalidCiphertextException: "), "{told}");
    let good = shell.read("json");
    let told = shell
        .run(&format!("secret export prd/ --key {key} --out json"))
        .unwrap_err();
    assert_eq!(told, "error: there is no secret under \"prd/\"; nothing was exported\n");
    assert_eq!(shell.read("json"), good);
    let other = create_key(&channel).await;
    let import = "secret import prod/ --in json --context made-by=test";
    let told = shell.run(&format!("{import} --key {other}")).unwrap_err();
    assert!(told.starts_with("error: IncorrectKeyException: "), "{told}");
    shell.succeed(&format!("{import} --key {key}"));
    shell.write("plain", b"{}");
    let told = shell.run("secret import prod/ --in plain").unwrap_err();
    assert!(told.starts_with("error: "), "{told}");
    let told = shell
        .run("secret import other/ --in json --context made-by=test")
        .unwrap_err();
    assert_eq!(told, "error: json: the secret \"prod/API\" is not under \"other/\"\n");
}
