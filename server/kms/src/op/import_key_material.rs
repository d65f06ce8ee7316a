//! ImportKeyMaterial: material that its owner brings along becomes a key's, unwrapped inside the token.

use strongroom_base::limits::{
    ENCRYPTED_KEY_MATERIAL_BYTES_MAX, IMPORT_TOKEN_BYTES_MAX, KEY_MATERIAL_VALIDITY_DAYS_MAX,
};
use strongroom_base::{Action, Arn, Code, Fault, KeyId, KeyMaterialId, Timestamp};
use strongroom_gate::{Need, Operation, Parameters, Permit, Resolved};
use strongroom_policy::{ConditionKey, KeyName, Values};

use crate::import::{ImportType, Order};
use crate::import_parameters::ImportToken;
use crate::imported::{Expiration, check_material_description};
use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::target::KeyTarget;

/// What a request says.
pub struct NewImport {
    /// The key.
    pub key: KeyId,
    /// The token that GetParametersForImport gave: 1 to 6,144 bytes.
    pub import_token: Vec<u8>,
    /// The material, encrypted under the wrapping key: 1 to 6,144 bytes.
    pub encrypted_key_material: Vec<u8>,
    /// KEY_MATERIAL_EXPIRES unless said otherwise; then with a time.
    pub expires: Option<bool>,
    /// When it expires: in the future, within 365 days.
    pub valid_to: Option<Timestamp>,
    /// Whether it is new to the key; if not said, it is for a key that never had any.
    pub import_type: Option<ImportType>,
    /// At most 256 characters of `a-z A-Z 0-9 : / _ . -` and white space; the former if not given.
    pub description: Option<String>,
    /// Which of the key's materials it is; whichever it is if not given.
    pub material: Option<KeyMaterialId>,
}

/// The request.
pub struct ImportKeyMaterial {
    key: KeyId,
    order: Order,
}

/// What ImportKeyMaterial answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedMaterial {
    /// The key's ARN.
    pub arn: Arn,
    /// The material's id.
    pub material: KeyMaterialId,
}

impl ImportKeyMaterial {
    /// An import as `new` describes it.
    ///
    /// # Errors
    /// ValidationException for what AWS's model does not allow. Whether the time of expiry is in the future is looked at
    /// when it is done.
    pub fn new(new: NewImport) -> Result<Self, Fault> {
        check_length("importToken", new.import_token.len(), IMPORT_TOKEN_BYTES_MAX)?;
        let bytes = new.encrypted_key_material.len();
        check_length("encryptedKeyMaterial", bytes, ENCRYPTED_KEY_MATERIAL_BYTES_MAX)?;
        check_material_description(new.description.as_deref().unwrap_or_default())?;
        if new.import_type == Some(ImportType::NewKeyMaterial) && new.material.is_some() {
            return Err(invalid(
                "A KeyMaterialId cannot be given with ImportType NEW_KEY_MATERIAL.",
            ));
        }
        let valid_to = match (new.expires.unwrap_or(true), new.valid_to) {
            (true, None) => {
                return Err(invalid(
                    "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES",
                ));
            }
            (false, Some(_)) => {
                return Err(invalid(
                    "A validTo date must not be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE",
                ));
            }
            (true | false, valid_to) => valid_to,
        };
        Ok(Self {
            key: new.key,
            order: Order {
                token: ImportToken::from_bytes(new.import_token),
                encrypted: new.encrypted_key_material.into(),
                valid_to,
                import_type: new.import_type,
                description: new.description,
                material: new.material,
            },
        })
    }
}

fn check_length(field: &str, length: usize, most: usize) -> Result<(), Fault> {
    if (1..=most).contains(&length) {
        return Ok(());
    }
    Err(Fault::new(
        Code::Validation,
        format!(
            "1 validation error detected: Value at '{field}' failed to satisfy constraint: Member must have length \
             between 1 and {most}"
        ),
    ))
}

fn invalid(message: &'static str) -> Fault {
    Fault::new(Code::Validation, message)
}

/// Refuses a time of expiry that is over, or too far away.
fn check_expiry(valid_to: Option<Timestamp>, now: Timestamp) -> Result<(), Fault> {
    match valid_to {
        Some(at) if at <= now => Err(invalid("The validTo date must be in the future.")),
        Some(at) if at > now.plus_days(KEY_MATERIAL_VALIDITY_DAYS_MAX) => {
            Err(invalid("The validTo date must be within 365 days from now."))
        }
        Some(_) | None => Ok(()),
    }
}

impl Operation for ImportKeyMaterial {
    const ACTION: Action = Action::ImportKeyMaterial;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = ImportedMaterial;

    fn parameters(&self) -> Parameters {
        let model = Expiration::model(self.order.valid_to);
        let mut fields = parameters([
            ("keyId", self.key.to_string().into()),
            ("expirationModel", model.into()),
        ]);
        let more = [
            ("validTo", self.order.valid_to.map(|at| at.as_millis().into())),
            ("importType", self.order.import_type.map(|kind| kind.as_str().into())),
            (
                "keyMaterialDescription",
                self.order.description.as_deref().map(Into::into),
            ),
            ("keyMaterialId", self.order.material.map(|id| id.to_string().into())),
        ];
        let given = more
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        fields.extend(given);
        fields
    }

    fn answer(&self, _need: &Need, key: &ConditionKey) -> Values<'_> {
        match key.name() {
            Some(KeyName::ExpirationModel) => Values::one(Expiration::model(self.order.valid_to)),
            Some(KeyName::ValidTo) => Values::maybe(self.order.valid_to),
            Some(_) | None => Values::Absent,
        }
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, kms: &Kms) -> Result<ImportedMaterial, Fault> {
        let target = permit.into_target();
        check_expiry(self.order.valid_to, kms.clock.now())?;
        let material = kms.import(&target, &self.order).await?;
        Ok(ImportedMaterial {
            arn: target.arn,
            material,
        })
    }

    fn response(reply: &ImportedMaterial) -> Parameters {
        parameters([
            ("keyId", reply.arn.as_str().into()),
            ("keyMaterialId", reply.material.to_string().into()),
        ])
    }
}
