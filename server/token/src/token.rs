//! [`Token`]: the async face of the lanes. One job with a deadline per call; sheds when the queue is full.

mod asymmetric;
mod checks;
mod import;
mod start;

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crossbeam_channel::{Sender, TrySendError};
use strongroom_base::{Deadline, KeyMaterialId, limits};
use strongroom_material::{Kind, Material};
use tokio::sync::{oneshot, watch};

use crate::board::{Board, Lanes};
use crate::control::ControlMessage;
use crate::fault::TokenFault;
use crate::health::{Health, TokenStatus};
use crate::job::{Attestable, ControlAnswer, ControlJob, DataAnswer, DataJob, MISMATCH, Queued, QueuedData};
use crate::key::{CreatedKey, Destroyed, Encrypted, GeneratedDataKey, Hallmark, Nonce, ObjectSummary, TokenKey};
use crate::kind::{Capability, KeyKind};
use crate::label::ObjectLabel;
use crate::lane::{DataMessage, Queues};
use crate::provenance::Provenance;
use crate::suite::Suite;

/// A PKCS#11 token: where keys live and work. Cheap to clone; the lanes end when the last clone is dropped.
#[derive(Clone)]
pub struct Token {
    inner: Arc<Inner>,
}

struct Inner {
    board: Arc<Board>,
    queues: Queues,
    control: Sender<ControlMessage>,
    lanes: Arc<dyn Lanes>,
    /// Data lanes and asymmetric lanes.
    lane_counts: (usize, usize),
    profile: String,
}

impl Token {
    /// Waits for the first attempt to connect and tells how it ended. Later changes are in [`Self::health`].
    ///
    /// # Errors
    /// Why the token could not be used: unknown label, wrong PIN, another installation's objects, token away.
    pub async fn first_contact(&self) -> Result<(), TokenFault> {
        let mut contact = self.inner.board.first_contact.subscribe();
        let answer = contact.wait_for(Option::is_some).await.map(|answer| answer.clone());
        answer
            .ok()
            .flatten()
            .unwrap_or_else(|| Err(self.inner.board.unavailable()))
    }

    /// `length` random bytes (1 to [`limits::RANDOM_BYTES_MAX`]) from the token.
    ///
    /// # Errors
    /// [`TokenFault`], among them `Unavailable`, `Overloaded` and `DeadlineExceeded`.
    pub async fn random<K: Kind>(&self, length: usize, deadline: Deadline) -> Result<Material<K>, TokenFault> {
        checks::length(length)?;
        let answer = self.use_key(DataJob::Random { length }, deadline).await?;
        Ok(answer.into_random()?.repurpose())
    }

    /// Encrypts under `key` with a fresh nonce from the token. `aad` must not be empty.
    ///
    /// # Errors
    /// [`TokenFault`]. After a fault charge [`crate::INVOCATIONS_PER_REQUEST_MAX`] to the key's budget.
    pub async fn encrypt<K: Kind>(
        &self,
        key: &TokenKey,
        aad: &[u8],
        plaintext: Material<K>,
        deadline: Deadline,
    ) -> Result<Encrypted, TokenFault> {
        let aad = checks::aad(aad)?;
        let job = DataJob::Encrypt {
            key: checks::symmetric(key)?,
            aad,
            plaintext: plaintext.repurpose(),
        };
        self.use_key(job, deadline).await?.into_encrypted()
    }

    /// Opens a ciphertext that ends with its tag.
    ///
    /// # Errors
    /// [`TokenFault::InvalidCiphertext`] only if the token is well, else what is wrong with it.
    pub async fn decrypt<K: Kind>(
        &self,
        key: &TokenKey,
        nonce: Nonce,
        aad: &[u8],
        ciphertext: &[u8],
        deadline: Deadline,
    ) -> Result<Material<K>, TokenFault> {
        let opening = checks::opening(key, nonce, aad, ciphertext)?;
        Ok(self
            .use_key(DataJob::Decrypt { opening }, deadline)
            .await?
            .into_decrypted()?
            .repurpose())
    }

    /// Makes a random key of `length` bytes (1 to [`limits::RANDOM_BYTES_MAX`]) and encrypts it under `key`, in one
    /// trip.
    ///
    /// # Errors
    /// As [`Self::encrypt`].
    pub async fn generate_data_key(
        &self,
        key: &TokenKey,
        aad: &[u8],
        length: usize,
        deadline: Deadline,
    ) -> Result<GeneratedDataKey, TokenFault> {
        checks::length(length)?;
        let job = DataJob::GenerateDataKey {
            key: checks::symmetric(key)?,
            aad: checks::aad(aad)?,
            length,
        };
        self.use_key(job, deadline).await?.into_data_key()
    }

    /// Opens a ciphertext under `source` and encrypts it under `destination`; the plaintext stays in the lane.
    ///
    /// # Errors
    /// As [`Self::decrypt`] and [`Self::encrypt`].
    #[expect(clippy::too_many_arguments, reason = "two keys, each with what binds it")]
    pub async fn re_encrypt(
        &self,
        source: &TokenKey,
        nonce: Nonce,
        source_aad: &[u8],
        ciphertext: &[u8],
        destination: &TokenKey,
        destination_aad: &[u8],
        deadline: Deadline,
    ) -> Result<Encrypted, TokenFault> {
        let opening = checks::opening(source, nonce, source_aad, ciphertext)?;
        let job = DataJob::ReEncrypt {
            opening,
            key: checks::symmetric(destination)?,
            aad: checks::aad(destination_aad)?,
        };
        self.use_key(job, deadline).await?.into_encrypted()
    }

    /// Whether the connected token can do this, by its mechanism list and its profile: ask before a key is planned.
    ///
    /// # Errors
    /// [`TokenFault::Unsupported`], which names what is missing; `Unavailable` before the first connection.
    pub fn supports(&self, capability: Capability) -> Result<(), TokenFault> {
        self.inner.board.offer()?.check(capability)
    }

    /// How new symmetric keys should encrypt: what the profile wants, if the token has shown that it can.
    ///
    /// # Errors
    /// `Unavailable` before the first connection.
    pub fn suite(&self) -> Result<Suite, TokenFault> {
        Ok(self.inner.board.offer()?.suite())
    }

    /// Makes a key, or finds the one that an earlier call made with this id. On disk when this returns. A key pair is
    /// made once: its public half leaves with the first answer, so that a second call is refused.
    ///
    /// # Errors
    /// [`TokenFault`], among them `Unsupported`, `StorageFull`, `ProvenanceDiffers` and `LabelDiffers`. After a fault the
    /// key may or may not exist: ask again with the same id, or destroy it.
    pub async fn create_key(
        &self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        kind: KeyKind,
        deadline: Deadline,
    ) -> Result<CreatedKey, TokenFault> {
        self.supports(Capability::Key(kind))?;
        let ControlAnswer::Created(created) = self
            .control(
                ControlJob::Create {
                    id,
                    label: label.clone(),
                    kind,
                },
                deadline,
            )
            .await?
        else {
            return Err(MISMATCH);
        };
        Ok(created)
    }

    /// Destroys a key's object for ever: lanes drop their copies, then the object is found, compared and destroyed,
    /// and looked for again. On disk when this returns. Write down the intent first.
    ///
    /// # Errors
    /// [`TokenFault::LabelDiffers`] if the object with this id carries another label, else what hindered it.
    pub async fn destroy_key(
        &self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        deadline: Deadline,
    ) -> Result<Destroyed, TokenFault> {
        let ControlAnswer::Destroyed(destroyed) = self
            .control(
                ControlJob::Destroy {
                    id,
                    label: label.clone(),
                },
                deadline,
            )
            .await?
        else {
            return Err(MISMATCH);
        };
        Ok(destroyed)
    }

    /// All objects of this installation, read from the token now. Linear: 0.25 s at 10,000 objects in SoftHSM.
    ///
    /// # Errors
    /// [`TokenFault`].
    pub async fn objects(&self, deadline: Deadline) -> Result<Vec<ObjectSummary>, TokenFault> {
        let ControlAnswer::Objects(objects) = self.control(ControlJob::Objects, deadline).await? else {
            return Err(MISMATCH);
        };
        Ok(objects)
    }

    /// What the token says of a key now.
    ///
    /// # Errors
    /// [`TokenFault::KeyMissing`], or [`TokenFault::KeyDamaged`] for one that does not tell all its attributes.
    pub async fn inspect(&self, id: KeyMaterialId, deadline: Deadline) -> Result<Provenance, TokenFault> {
        let ControlAnswer::Provenance(provenance) = self.control(ControlJob::Inspect { id }, deadline).await? else {
            return Err(MISMATCH);
        };
        Ok(provenance)
    }

    /// Whether the objects of these secret keys are the keys that were made under their ids: which of them do not have
    /// their witnesses, and why. At most [`limits::TOKEN_KEYS_ATTESTED_AT_ONCE_MAX`] keys; no other job of the control
    /// lane is done meanwhile. Private keys, and keys without a witness, are left out.
    ///
    /// The answer has [`TokenFault::KeyMissing`] or [`TokenFault::KeyDamaged`] for a key that is wrong. Any other fault in it
    /// hindered the token, which is well otherwise, from using this key: of that one nothing is known.
    ///
    /// # Errors
    /// [`TokenFault`] for a token that is away, or that had not looked at all keys by the deadline.
    pub async fn attest(
        &self,
        keys: &[TokenKey],
        deadline: Deadline,
    ) -> Result<Vec<(KeyMaterialId, TokenFault)>, TokenFault> {
        self.attest_all(checks::attestable(keys)?, deadline).await
    }

    /// Whether the object of a key pair is the private key to this public half, SubjectPublicKeyInfo in DER: it is tried for
    /// what it is for. That takes as long as its use does, so it is one job.
    ///
    /// # Errors
    /// As [`Self::attest`], and the same answer.
    pub async fn attest_pair(
        &self,
        key: &TokenKey,
        public_key: &[u8],
        deadline: Deadline,
    ) -> Result<Vec<(KeyMaterialId, TokenFault)>, TokenFault> {
        let pair = Attestable {
            id: key.id,
            kind: key.kind,
            hallmark: Hallmark::PublicKey(public_key.into()),
        };
        self.attest_all(vec![pair], deadline).await
    }

    async fn attest_all(
        &self,
        keys: Vec<Attestable>,
        deadline: Deadline,
    ) -> Result<Vec<(KeyMaterialId, TokenFault)>, TokenFault> {
        let ControlAnswer::Attested(wrong) = self.control(ControlJob::Attest { keys }, deadline).await? else {
            return Err(MISMATCH);
        };
        Ok(wrong)
    }

    /// Makes the lanes drop their session copies of this key, which was disabled or is to be deleted. No job that
    /// begins after this returns uses a copy made before. Does not block.
    pub fn forget(&self, id: KeyMaterialId) {
        self.inner.lanes.forget(id);
    }

    /// Names the key whose witness every health probe opens through its token handle: the root key.
    pub fn set_sentinel(&self, key: TokenKey) {
        self.inner.board.set_sentinel(key);
    }

    /// Whether the token can be used, and every change of it.
    #[must_use]
    pub fn health(&self) -> watch::Receiver<Health> {
        self.inner.board.health()
    }

    /// The state of the token, for operators.
    #[must_use]
    pub fn status(&self) -> TokenStatus {
        let board = &self.inner.board;
        TokenStatus {
            health: board.health().borrow().clone(),
            cause: board.cause(),
            description: board
                .description
                .read()
                .map(|description| description.clone())
                .unwrap_or_default(),
            profile: self.inner.profile.clone(),
            lanes: self.inner.lane_counts.0,
            asymmetric_lanes: self.inner.lane_counts.1,
            keys: board.keys.load(Ordering::Relaxed),
            data_queue_depth: self.inner.queues.data.len(),
            asymmetric_queue_depth: self.inner.queues.asymmetric.len(),
            control_queue_depth: self.inner.control.len(),
            counts: board.counters.read(),
        }
    }

    /// Closes the sessions and finalizes the module. Jobs that wait, and later ones, are answered `Unavailable`.
    pub async fn stop(&self) {
        let (reply, answer) = oneshot::channel();
        let deadline = Deadline::after(limits::REQUEST_DEADLINE_MAX);
        let stop = ControlMessage::Job(Queued {
            job: ControlJob::Stop,
            deadline,
            reply,
        });
        if self.inner.control.try_send(stop).is_ok() {
            let _ = answer.await;
        }
    }

    async fn use_key(&self, job: DataJob, deadline: Deadline) -> Result<DataAnswer, TokenFault> {
        let (queued, answer) = self.prepare(job, deadline)?;
        let queue = self.inner.queues.of(queued.job.lane());
        let message = DataMessage::Job(Box::new(QueuedData {
            queued,
            found_again: false,
            invocations: 0,
        }));
        queue.try_send(message).map_err(|refusal| self.refused(&refusal))?;
        self.answer(answer, deadline).await
    }

    async fn control(&self, job: ControlJob, deadline: Deadline) -> Result<ControlAnswer, TokenFault> {
        let (queued, answer) = self.prepare(job, deadline)?;
        self.inner
            .control
            .try_send(ControlMessage::Job(queued))
            .map_err(|refusal| self.refused(&refusal))?;
        self.answer(answer, deadline).await
    }

    fn prepare<J, A>(&self, job: J, deadline: Deadline) -> Result<Prepared<J, A>, TokenFault> {
        let board = &self.inner.board;
        if !board.is_usable() {
            board.counters.refused.count();
            return Err(board.unavailable());
        }
        if deadline.has_passed() {
            board.counters.expired.count();
            return Err(TokenFault::DeadlineExceeded);
        }
        let (reply, answer) = oneshot::channel();
        Ok((Queued { job, deadline, reply }, answer))
    }

    fn refused<T>(&self, refusal: &TrySendError<T>) -> TokenFault {
        match refusal {
            TrySendError::Full(_) => {
                self.inner.board.counters.shed.count();
                TokenFault::Overloaded
            }
            TrySendError::Disconnected(_) => self.inner.board.unavailable(),
        }
    }

    /// Waits for the answer until the deadline. A lane sees that nobody waits and leaves the job out.
    async fn answer<A>(
        &self,
        answer: oneshot::Receiver<Result<A, TokenFault>>,
        deadline: Deadline,
    ) -> Result<A, TokenFault> {
        match tokio::time::timeout_at(deadline.instant().into(), answer).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(self.inner.board.unavailable()),
            Err(_) => Err(TokenFault::DeadlineExceeded),
        }
    }
}

type Prepared<J, A> = (Queued<J, A>, oneshot::Receiver<Result<A, TokenFault>>);

impl Drop for Inner {
    fn drop(&mut self) {
        self.board.stopping.store(true, Ordering::Release);
        // A queue that is full needs no wake-up: its lane is awake and sees the flag.
        for _ in 0..self.lane_counts.0 {
            let _ = self.queues.data.try_send(DataMessage::Wake);
        }
        for _ in 0..self.lane_counts.1 {
            let _ = self.queues.asymmetric.try_send(DataMessage::Wake);
        }
        let _ = self.control.try_send(ControlMessage::Wake);
    }
}
