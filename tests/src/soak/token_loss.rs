//! The token test: the token's folder moved away under load, and back.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tonic::transport::Channel;
use tonic::{Code, Status};
use tonic_types::StatusExt;

use super::kill::RECOVERY_TIME_MAX;
use crate::installation::{EVERYTHING, Installation};
use crate::{HarnessFault, connection};

/// What a proof has shown.
pub struct Proven {
    rounds: usize,
    answers: usize,
    refusals: usize,
    /// From moving the token away to the last answer that needed it.
    noticed_ms_max: u128,
    /// From moving it back to the first answer that needs it.
    recovered_ms_max: u128,
}

/// Requests under way.
const IN_FLIGHT: usize = 16;
/// The profile's probe interval is a second: after two of them, and one request, nobody gets an answer.
const NOTICED_TIME_MAX: Duration = Duration::from_millis(2_000 + 200);
/// How long the token stays away: long enough to see that nobody gets an answer any more.
const AWAY: Duration = Duration::from_secs(4);
/// How long requests run before and after.
const WELL: Duration = Duration::from_secs(1);
/// The service's deadline for a request whose caller sets none.
const REQUEST_TIME_MAX: Duration = Duration::from_secs(10);

impl fmt::Display for Proven {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} rounds, {} right answers, {} refusals as Unavailable with RetryInfo; noticed within {} ms, recovered within {} ms",
            self.rounds, self.answers, self.refusals, self.noticed_ms_max, self.recovered_ms_max
        )
    }
}

/// What a caller was told.
struct Answer {
    asked: Instant,
    answered: Instant,
    outcome: Result<(), Status>,
}

/// Moves the token of an installation below `root` away and back, `rounds` times.
///
/// # Errors
/// When a caller is told anything but Unavailable with RetryInfo, or told late or never, or the service does not recover.
pub fn prove(root: &Path, helper: &Path, rounds: usize) -> Result<Proven, HarnessFault> {
    let installation = Installation::prepare(root, &[EVERYTHING], helper)?;
    let runtime = Runtime::new().map_err(HarnessFault::file("make threads for", root))?;
    let mut proven = Proven {
        rounds,
        answers: 0,
        refusals: 0,
        noticed_ms_max: 0,
        recovered_ms_max: 0,
    };
    runtime.block_on(async {
        let daemon = installation.start()?;
        let channel = installation.connect(&daemon, EVERYTHING.0).await?;
        connection::wait_until_serving(&channel, RECOVERY_TIME_MAX).await?;
        let request = opened_data_key(&channel).await?;
        for _ in 0..rounds {
            let round = round(&installation, &channel, &request).await?;
            judge(&round, &mut proven)?;
        }
        daemon.stop().map(drop)
    })?;
    Ok(proven)
}

struct Round {
    /// The answers of each caller, in the order in which they came.
    callers: Vec<Vec<Answer>>,
    moved_away: Instant,
    moved_back: Instant,
}

async fn round(
    installation: &Installation,
    channel: &Channel,
    request: &v1::DecryptRequest,
) -> Result<Round, HarnessFault> {
    let enough = Arc::new(AtomicBool::new(false));
    let mut callers = JoinSet::new();
    for lane in 0..IN_FLIGHT {
        let client = KeyManagementClient::new(channel.clone());
        callers.spawn(call(client, request.clone(), lane % 2 == 0, Arc::clone(&enough)));
    }
    let (here, away) = (
        installation.token().tokens_directory(),
        installation.root().join("away"),
    );
    tokio::time::sleep(WELL).await;
    fs::rename(&here, &away).map_err(HarnessFault::file("move away", &here))?;
    let moved_away = Instant::now();
    tokio::time::sleep(AWAY).await;
    fs::rename(&away, &here).map_err(HarnessFault::file("move back", &away))?;
    let moved_back = Instant::now();
    connection::wait_until_serving(channel, RECOVERY_TIME_MAX).await?;
    tokio::time::sleep(WELL).await;
    enough.store(true, Ordering::Relaxed);
    let callers = tokio::time::timeout(REQUEST_TIME_MAX, callers.join_all()).await;
    let callers = callers.map_err(|_| hanging())?;
    Ok(Round {
        callers,
        moved_away,
        moved_back,
    })
}

/// Half of the callers decrypt and half make data keys; a refused one waits a moment, as a client would.
async fn call(
    mut client: KeyManagementClient<Channel>,
    request: v1::DecryptRequest,
    decrypts: bool,
    enough: Arc<AtomicBool>,
) -> Vec<Answer> {
    let key_id = request.key_id.clone().unwrap_or_default();
    let mut answers = Vec::new();
    while !enough.load(Ordering::Relaxed) {
        let asked = Instant::now();
        let outcome = if decrypts {
            client.decrypt(request.clone()).await.map(drop)
        } else {
            let request = v1::GenerateDataKeyRequest {
                key_id: key_id.clone(),
                number_of_bytes: Some(32),
                ..Default::default()
            };
            client.generate_data_key(request).await.map(drop)
        };
        let refused = outcome.is_err();
        answers.push(Answer {
            asked,
            answered: Instant::now(),
            outcome,
        });
        if refused {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    answers
}

/// Every caller must get right answers until it is refused in time, and right answers again; and nothing else.
fn judge(round: &Round, proven: &mut Proven) -> Result<(), HarnessFault> {
    for answers in &round.callers {
        for answer in answers {
            judge_answer(answer)?;
        }
        let noticed = noticed(answers, round)?;
        let recovered = recovered(answers, round)?;
        proven.refusals += answers.iter().filter(|answer| answer.outcome.is_err()).count();
        proven.answers += answers.iter().filter(|answer| answer.outcome.is_ok()).count();
        proven.noticed_ms_max = proven.noticed_ms_max.max(noticed.as_millis());
        proven.recovered_ms_max = proven.recovered_ms_max.max(recovered.as_millis());
    }
    Ok(())
}

fn judge_answer(answer: &Answer) -> Result<(), HarnessFault> {
    if answer.answered - answer.asked > REQUEST_TIME_MAX {
        return Err(hanging());
    }
    answer.outcome.as_ref().err().map_or(Ok(()), refusal)
}

/// From moving the token away to the last right answer that a caller got. From two probe intervals on until the token
/// is back there must be refusals, and only refusals: who merely waits for an answer has not been told.
fn noticed(answers: &[Answer], round: &Round) -> Result<Duration, HarnessFault> {
    let away = || answers.iter().filter(|answer| answer.answered < round.moved_back);
    let right = away().filter(|answer| answer.outcome.is_ok());
    let last = right.map(|answer| answer.answered).max().unwrap_or(round.moved_away);
    let noticed = last.saturating_duration_since(round.moved_away);
    if noticed > NOTICED_TIME_MAX {
        return Err(wrong(format!(
            "a caller still got an answer {} ms after the token had gone",
            noticed.as_millis()
        )));
    }
    let told = away().any(|answer| answer.outcome.is_err() && answer.answered > round.moved_away + NOTICED_TIME_MAX);
    if !told {
        return Err(wrong(format!(
            "a caller was not refused once, from {} ms after the token had gone until it was back",
            NOTICED_TIME_MAX.as_millis()
        )));
    }
    Ok(noticed)
}

/// From moving the token back to the first right answer that a caller got.
fn recovered(answers: &[Answer], round: &Round) -> Result<Duration, HarnessFault> {
    let back = answers.iter().filter(|answer| answer.answered >= round.moved_back);
    let mut right = back.filter(|answer| answer.outcome.is_ok());
    let first = right.next().map(|answer| answer.answered - round.moved_back);
    first.ok_or_else(|| wrong("a caller got no answer after the token had come back".to_owned()))
}

/// A sick token must never tell callers that their data are damaged.
fn refusal(status: &Status) -> Result<(), HarnessFault> {
    if status.code() != Code::Unavailable {
        return Err(wrong(format!(
            "a caller was told {:?}: {}",
            status.code(),
            status.message()
        )));
    }
    if status.get_details_retry_info().is_none() {
        return Err(wrong(format!(
            "a refusal does not say when to try again: {}",
            status.message()
        )));
    }
    Ok(())
}

async fn opened_data_key(channel: &Channel) -> Result<v1::DecryptRequest, HarnessFault> {
    let mut client = KeyManagementClient::new(channel.clone());
    let failed = |status: Status| wrong(status.to_string());
    let key = client
        .create_key(v1::CreateKeyRequest::default())
        .await
        .map_err(failed)?
        .into_inner();
    let key_id = key.key_metadata.unwrap_or_default().arn;
    let request = v1::GenerateDataKeyRequest {
        key_id: key_id.clone(),
        number_of_bytes: Some(32),
        ..Default::default()
    };
    let data_key = client.generate_data_key(request).await.map_err(failed)?.into_inner();
    Ok(v1::DecryptRequest {
        ciphertext_blob: data_key.ciphertext_blob,
        key_id: Some(key_id),
        ..Default::default()
    })
}

fn hanging() -> HarnessFault {
    wrong(format!(
        "a caller waited more than {} s for an answer",
        REQUEST_TIME_MAX.as_secs()
    ))
}

fn wrong(what: String) -> HarnessFault {
    HarnessFault::refused(what, "its log says what the service thought")
}
