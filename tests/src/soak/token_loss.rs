//! The token test: the token's folder moved away under load, and back.

use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
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

impl fmt::Display for Proven {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} rounds, {} right answers, {} refusals as Unavailable with RetryInfo; noticed within {} ms, recovered within {} ms",
            self.rounds, self.answers, self.refusals, self.noticed_ms_max, self.recovered_ms_max
        )
    }
}

/// One answer: when it came, and what it said.
type Answer = (Instant, Result<(), Status>);

/// Moves the token of an installation below `root` away and back, `rounds` times.
///
/// # Errors
/// When a caller is told anything but Unavailable with RetryInfo, or told late, or the service does not recover.
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
    answers: Vec<Answer>,
    moved_away: Instant,
    moved_back: Instant,
}

async fn round(
    installation: &Installation,
    channel: &Channel,
    request: &v1::DecryptRequest,
) -> Result<Round, HarnessFault> {
    let answers = Arc::new(Mutex::new(Vec::new()));
    let mut callers = JoinSet::new();
    for lane in 0..IN_FLIGHT {
        let client = KeyManagementClient::new(channel.clone());
        callers.spawn(call(client, request.clone(), lane % 2 == 0, Arc::clone(&answers)));
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
    callers.shutdown().await;
    let answers = std::mem::take(&mut *answers.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Round {
        answers,
        moved_away,
        moved_back,
    })
}

/// Half of the callers decrypt and half make data keys; a refused one waits a moment, as a client would.
async fn call(
    mut client: KeyManagementClient<Channel>,
    request: v1::DecryptRequest,
    decrypts: bool,
    answers: Arc<Mutex<Vec<Answer>>>,
) {
    let key_id = request.key_id.clone().unwrap_or_default();
    loop {
        let answer = if decrypts {
            client.decrypt(request.clone()).await.map(drop)
        } else {
            let request = v1::GenerateDataKeyRequest {
                key_id: key_id.clone(),
                number_of_bytes: Some(32),
                ..Default::default()
            };
            client.generate_data_key(request).await.map(drop)
        };
        let refused = answer.is_err();
        answers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((Instant::now(), answer));
        if refused {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Every refusal must be the right one, and right answers must stop in time and come back.
fn judge(round: &Round, proven: &mut Proven) -> Result<(), HarnessFault> {
    let mut last_before_back = round.moved_away;
    let mut first_after_back = None;
    for (at, answer) in &round.answers {
        match answer {
            Err(status) => {
                refusal(status)?;
                proven.refusals += 1;
            }
            Ok(()) if *at < round.moved_back => {
                last_before_back = last_before_back.max(*at);
                proven.answers += 1;
            }
            Ok(()) => {
                first_after_back.get_or_insert(*at);
                proven.answers += 1;
            }
        }
    }
    let noticed = last_before_back - round.moved_away;
    if noticed > NOTICED_TIME_MAX {
        return Err(wrong(format!(
            "callers still got answers {} ms after the token had gone",
            noticed.as_millis()
        )));
    }
    let Some(recovered) = first_after_back else {
        return Err(wrong("nobody got an answer after the token had come back".to_owned()));
    };
    proven.noticed_ms_max = proven.noticed_ms_max.max(noticed.as_millis());
    proven.recovered_ms_max = proven.recovered_ms_max.max((recovered - round.moved_back).as_millis());
    Ok(())
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

fn wrong(what: String) -> HarnessFault {
    HarnessFault::refused(what, "its log says what the service thought")
}
