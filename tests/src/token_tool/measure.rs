//! The token alone, as fast as one thread can drive it: more threads add nothing, they wait for the module's one lock.

use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::aead::GcmParams;
use cryptoki::object::{Attribute, ObjectHandle};
use cryptoki::session::Session;
use cryptoki::types::Ulong;

use super::{TokenArguments, module};
use crate::load::point::{Sample, latencies, micros};
use crate::{HarnessFault, console, process};

/// Bytes of additional data, as in the service's ciphertexts: version, suite, key id, key material id, context digest.
const ADDITIONAL_BYTES: usize = 1 + 1 + 16 + 32 + 32;
/// Bytes of a data key.
const DATA_KEY_BYTES: usize = 32;
/// Bytes of a GCM nonce.
const NONCE_BYTES: usize = 12;
/// Bits of a GCM tag.
const TAG_BITS: u64 = 128;

/// What is asked of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum TokenWork {
    /// Random bytes for a key and a nonce, and one encryption.
    GenerateDataKey,
    /// One decryption.
    Decrypt,
}

/// How the key is named to the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum KeyHandle {
    /// By the token object's handle.
    Token,
    /// By the handle of its copy in the session.
    SessionCopy,
}

/// Measures one kind of work.
#[derive(Args)]
pub(super) struct Measure {
    #[command(flatten)]
    token: TokenArguments,
    #[arg(long, value_enum)]
    work: TokenWork,
    #[arg(long, value_enum)]
    key: KeyHandle,
    #[arg(long)]
    milliseconds: u64,
}

struct Bench {
    session: Session,
    key: ObjectHandle,
    additional: Vec<u8>,
}

pub(super) fn run(measure: &Measure) -> Result<(), HarnessFault> {
    let pkcs11 = module::load(&measure.token.library)?;
    let session = module::log_in(&pkcs11, &measure.token)?;
    let key = key(&session, measure.key)?;
    let bench = Bench {
        session,
        key,
        additional: vec![7; ADDITIONAL_BYTES],
    };
    let ciphertext = bench.encrypt(&mut [9; NONCE_BYTES], &[1; DATA_KEY_BYTES])?;
    let mut latencies = latencies()?;
    let id = std::process::id();
    let (started, processor) = (Instant::now(), process::processor_time(id)?);
    let end = started + Duration::from_millis(measure.milliseconds);
    loop {
        let begin = Instant::now();
        if begin >= end {
            break;
        }
        match measure.work {
            TokenWork::GenerateDataKey => bench.generate_data_key()?,
            TokenWork::Decrypt => bench.decrypt(&ciphertext)?,
        }
        latencies.saturating_record(micros(begin.elapsed()));
    }
    let processor = process::processor_time(id)?.saturating_sub(processor);
    console::say_json(&Sample::new(latencies, started.elapsed(), processor))
}

impl Bench {
    fn generate_data_key(&self) -> Result<(), HarnessFault> {
        let mut random = [0; DATA_KEY_BYTES + NONCE_BYTES];
        self.session.generate_random_slice(&mut random)?;
        let (data_key, nonce) = random.split_at_mut(DATA_KEY_BYTES);
        self.encrypt(nonce, data_key).map(drop)
    }

    fn encrypt(&self, nonce: &mut [u8], data: &[u8]) -> Result<Vec<u8>, HarnessFault> {
        let parameters = GcmParams::new(nonce, &self.additional, Ulong::from(TAG_BITS))?;
        Ok(self.session.encrypt(&Mechanism::AesGcm(parameters), self.key, data)?)
    }

    fn decrypt(&self, ciphertext: &[u8]) -> Result<(), HarnessFault> {
        let mut nonce = [9; NONCE_BYTES];
        let parameters = GcmParams::new(&mut nonce, &self.additional, Ulong::from(TAG_BITS))?;
        self.session
            .decrypt(&Mechanism::AesGcm(parameters), self.key, ciphertext)?;
        Ok(())
    }
}

/// The measured key: made at the first use of the token, with the service's attributes.
fn key(session: &Session, handle: KeyHandle) -> Result<ObjectHandle, HarnessFault> {
    let found = session.find_objects(&[Attribute::Token(true), Attribute::Label(b"measured".to_vec())])?;
    let key = match found.first() {
        Some(key) => *key,
        None => session.generate_key(&Mechanism::AesKeyGen, &template())?,
    };
    match handle {
        KeyHandle::Token => Ok(key),
        KeyHandle::SessionCopy => {
            Ok(session.copy_object(key, &[Attribute::Token(false), Attribute::Modifiable(false)])?)
        }
    }
}

fn template() -> [Attribute; 9] {
    [
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Encrypt(true),
        Attribute::Decrypt(true),
        Attribute::ValueLen(Ulong::from(32_u64)),
        Attribute::Id(b"measured".to_vec()),
        Attribute::Label(b"measured".to_vec()),
    ]
}
