//! What travels to the lanes and back: plain values that name keys by CKA_ID, no closures and no handles, so that a
//! worker in another process is a change of transport only.

use std::sync::Arc;

use strongroom_base::{Deadline, KeyMaterialId, KeySpec, MacAlgorithm};
use strongroom_material::{Mac, Material, Message, Plaintext, SharedSecret};
use tokio::sync::oneshot;

use crate::fault::TokenFault;
use crate::key::{CreatedKey, Destroyed, Encrypted, GeneratedDataKey, Hallmark, Nonce, ObjectSummary, Witness};
use crate::kind::KeyKind;
use crate::label::ObjectLabel;
use crate::module::SignMechanism;
use crate::provenance::Provenance;
use crate::rsa::OaepHash;
use crate::suite::CipherKey;
use crate::wrapping_key::WrappedMaterial;

/// A ciphertext and what opens it.
pub(crate) struct Opening {
    pub(crate) key: CipherKey,
    /// The key's, to tell damaged data from a sick token.
    pub(crate) witness: Arc<Witness>,
    pub(crate) nonce: Nonce,
    pub(crate) aad: Box<[u8]>,
    pub(crate) ciphertext: Box<[u8]>,
}

/// A ciphertext under the public half of an RSA key, and what opens it.
pub(crate) struct RsaOpening {
    pub(crate) key: KeyMaterialId,
    /// The key's, to tell damaged data from a sick token.
    pub(crate) witness: Arc<Witness>,
    pub(crate) hash: OaepHash,
    /// As long as the modulus.
    pub(crate) ciphertext: Box<[u8]>,
}

/// What a data lane or an asymmetric lane does.
pub(crate) enum DataJob {
    Random {
        length: usize,
    },
    Encrypt {
        key: CipherKey,
        aad: Box<[u8]>,
        plaintext: Material<Plaintext>,
    },
    Decrypt {
        opening: Opening,
    },
    GenerateDataKey {
        key: CipherKey,
        aad: Box<[u8]>,
        length: usize,
    },
    ReEncrypt {
        opening: Opening,
        key: CipherKey,
        aad: Box<[u8]>,
    },
    Mac {
        key: KeyMaterialId,
        algorithm: MacAlgorithm,
        message: Material<Message>,
    },
    Sign {
        key: KeyMaterialId,
        spec: KeySpec,
        mechanism: SignMechanism,
        /// The message, its digest or its DigestInfo: what the mechanism signs.
        input: Material<Message>,
    },
    DecryptRsa {
        opening: RsaOpening,
    },
    Derive {
        key: KeyMaterialId,
        /// The other party's uncompressed point, which is on the key's curve.
        peer: Box<[u8]>,
        /// Bytes of the secret.
        length: u64,
    },
    Decapsulate {
        key: KeyMaterialId,
        /// As long as the key's parameter set has it.
        ciphertext: Box<[u8]>,
    },
}

/// Which lanes do a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LaneKind {
    /// Secret keys: micro-seconds.
    Data,
    /// Private keys: up to hundreds of times as long.
    Asymmetric,
}

impl DataJob {
    pub(crate) fn lane(&self) -> LaneKind {
        match self {
            Self::Random { .. }
            | Self::Encrypt { .. }
            | Self::Decrypt { .. }
            | Self::GenerateDataKey { .. }
            | Self::ReEncrypt { .. }
            | Self::Mac { .. } => LaneKind::Data,
            Self::Sign { .. } | Self::DecryptRsa { .. } | Self::Derive { .. } | Self::Decapsulate { .. } => {
                LaneKind::Asymmetric
            }
        }
    }
}

/// What a lane answers.
pub(crate) enum DataAnswer {
    Random(Material<Plaintext>),
    Encrypted(Encrypted),
    Decrypted(Material<Plaintext>),
    DataKey(GeneratedDataKey),
    Signed(Box<[u8]>),
    Mac(Material<Mac>),
    SharedSecret(Material<SharedSecret>),
}

/// A key, and what only its own object can do.
pub(crate) struct Attestable {
    pub(crate) id: KeyMaterialId,
    pub(crate) kind: KeyKind,
    pub(crate) hallmark: Hallmark,
}

/// What the control lane does.
pub(crate) enum ControlJob {
    Create {
        id: KeyMaterialId,
        label: ObjectLabel,
        kind: KeyKind,
    },
    Destroy {
        id: KeyMaterialId,
        label: ObjectLabel,
    },
    Objects,
    Inspect {
        id: KeyMaterialId,
    },
    /// Look through their token handles whether the objects of these keys have their hallmarks.
    Attest {
        keys: Vec<Attestable>,
    },
    /// Make a wrapping key.
    MakeWrappingKey {
        id: KeyMaterialId,
        label: ObjectLabel,
        spec: KeySpec,
    },
    /// Find out which of these hallmarks wrapped material has.
    Recognise {
        material: WrappedMaterial,
        known: Vec<(KeyMaterialId, Hallmark)>,
    },
    /// Unwrap material for good; it must have the hallmark if there is one.
    Import {
        id: KeyMaterialId,
        label: ObjectLabel,
        material: WrappedMaterial,
        expected: Option<Hallmark>,
    },
    /// Close the sessions, finalize the module and do nothing more.
    Stop,
}

/// What the control lane answers.
pub(crate) enum ControlAnswer {
    Created(CreatedKey),
    Destroyed(Destroyed),
    Objects(Vec<ObjectSummary>),
    Provenance(Provenance),
    /// The keys that did not, and why not.
    Attested(Vec<(KeyMaterialId, TokenFault)>),
    /// The public half of a wrapping key: SubjectPublicKeyInfo.
    WrappingKey(Vec<u8>),
    Recognised(Option<KeyMaterialId>),
    Done,
}

/// A job on its way, with the place where its answer is awaited.
pub(crate) struct Queued<J, A> {
    pub(crate) job: J,
    pub(crate) deadline: Deadline,
    pub(crate) reply: oneshot::Sender<Result<A, TokenFault>>,
}

/// A data job on its way.
pub(crate) struct QueuedData {
    pub(crate) queued: Queued<DataJob, DataAnswer>,
    /// Whether the control lane has looked for its key's object already: it looks once per job.
    pub(crate) found_again: bool,
    /// C_Encrypt calls so far.
    pub(crate) invocations: u32,
}

/// A control job on its way.
pub(crate) type QueuedControl = Queued<ControlJob, ControlAnswer>;

impl<J, A> Queued<J, A> {
    /// Answers. Nobody may be waiting any more, which is no fault.
    pub(crate) fn answer(self, answer: Result<A, TokenFault>) {
        let _ = self.reply.send(answer);
    }
}

impl DataAnswer {
    pub(crate) fn into_random(self) -> Result<Material<Plaintext>, TokenFault> {
        if let Self::Random(bytes) = self {
            Ok(bytes)
        } else {
            Err(MISMATCH)
        }
    }

    pub(crate) fn into_encrypted(self) -> Result<Encrypted, TokenFault> {
        if let Self::Encrypted(encrypted) = self {
            Ok(encrypted)
        } else {
            Err(MISMATCH)
        }
    }

    pub(crate) fn into_decrypted(self) -> Result<Material<Plaintext>, TokenFault> {
        if let Self::Decrypted(plaintext) = self {
            Ok(plaintext)
        } else {
            Err(MISMATCH)
        }
    }

    pub(crate) fn into_signed(self) -> Result<Box<[u8]>, TokenFault> {
        if let Self::Signed(signature) = self {
            Ok(signature)
        } else {
            Err(MISMATCH)
        }
    }

    pub(crate) fn into_mac(self) -> Result<Material<Mac>, TokenFault> {
        if let Self::Mac(mac) = self {
            Ok(mac)
        } else {
            Err(MISMATCH)
        }
    }

    pub(crate) fn into_shared_secret(self) -> Result<Material<SharedSecret>, TokenFault> {
        if let Self::SharedSecret(secret) = self {
            Ok(secret)
        } else {
            Err(MISMATCH)
        }
    }

    pub(crate) fn into_data_key(self) -> Result<GeneratedDataKey, TokenFault> {
        if let Self::DataKey(key) = self {
            Ok(key)
        } else {
            Err(MISMATCH)
        }
    }
}

/// A lane that answered another question.
pub(crate) const MISMATCH: TokenFault = TokenFault::Defect {
    what: "a lane answered another question",
};
