//! [`Token`]'s methods for material that its owner brings along. It is unwrapped in the token and never outside.

use strongroom_base::{Deadline, KeyMaterialId, KeySpec};

use super::Token;
use crate::fault::TokenFault;
use crate::job::{ControlAnswer, ControlJob, MISMATCH};
use crate::key::{CreatedKey, Hallmark};
use crate::kind::Capability;
use crate::label::ObjectLabel;
use crate::wrapping_key::{self, WrappedMaterial};

impl Token {
    /// Makes a wrapping key of `spec` (RSA) and answers its public half, SubjectPublicKeyInfo in DER, which is told once.
    /// On disk when this returns. [`Token::destroy_key`] destroys it.
    ///
    /// # Errors
    /// [`TokenFault`]. After a fault it may or may not exist: destroy it.
    pub async fn create_wrapping_key(
        &self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        spec: KeySpec,
        deadline: Deadline,
    ) -> Result<Vec<u8>, TokenFault> {
        wrapping_key::modulus_bytes(spec)?;
        let job = ControlJob::MakeWrappingKey {
            id,
            label: label.clone(),
            spec,
        };
        match self.control(job, deadline).await? {
            ControlAnswer::WrappingKey(public_key) => Ok(public_key),
            _ => Err(MISMATCH),
        }
    }

    /// Which of these materials the wrapped one is, by their hallmarks; `None` for none. Leaves nothing in the token.
    ///
    /// # Errors
    /// [`TokenFault::Unsupported`] for an algorithm or a kind of key that the token lacks, `InvalidWrappedMaterial`,
    /// `MaterialLength` and `MaterialKind` only if the token is well, else what is wrong with it.
    pub async fn recognise(
        &self,
        material: &WrappedMaterial,
        known: Vec<(KeyMaterialId, Hallmark)>,
        deadline: Deadline,
    ) -> Result<Option<KeyMaterialId>, TokenFault> {
        self.supports(Capability::Import(material.kind, material.algorithm))?;
        let job = ControlJob::Recognise {
            material: material.clone(),
            known,
        };
        match self.control(job, deadline).await? {
            ControlAnswer::Recognised(found) => Ok(found),
            _ => Err(MISMATCH),
        }
    }

    /// Says which keys were imported. Every other key must say of itself that it was made in the token, or it is not
    /// used: with the user's PIN somebody else could put a key of his own in its place.
    pub fn expect_imported(&self, ids: impl IntoIterator<Item = KeyMaterialId>) {
        self.inner.board.expect_imported(ids);
    }

    /// Unwraps material into a key with this id. If a hallmark is `expected` it must have it, and a witness stays as it is;
    /// then the key that an earlier call made will do. Else it gets its own, and what is there under this id is destroyed. Of a private key the public half is
    /// found out and proved. On disk when this returns.
    ///
    /// # Errors
    /// As [`Token::recognise`], and `OtherMaterial`. After another fault the key may or may not exist: ask again with
    /// the same id, or destroy it.
    pub async fn import_key(
        &self,
        id: KeyMaterialId,
        label: &ObjectLabel,
        material: &WrappedMaterial,
        expected: Option<Hallmark>,
        deadline: Deadline,
    ) -> Result<CreatedKey, TokenFault> {
        self.supports(Capability::Import(material.kind, material.algorithm))?;
        let job = ControlJob::Import {
            id,
            label: label.clone(),
            material: material.clone(),
            expected,
        };
        match self.control(job, deadline).await? {
            ControlAnswer::Created(created) => Ok(created),
            _ => Err(MISMATCH),
        }
    }
}
