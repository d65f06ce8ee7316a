//! GetRandomPassword: a password that is made for the caller and kept nowhere.

use strongroom_base::limits::{EXCLUDE_CHARACTERS_LENGTH_MAX, PASSWORD_LENGTH_DEFAULT, PASSWORD_LENGTH_MAX};
use strongroom_base::{Action, Code, Fault};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};
use strongroom_material::{FillFault, Material, SecretValue};

use crate::op::parameters;
use crate::secrets::Secrets;
use crate::target::NoTarget;
use crate::{constraint, random};

const CLASSES: [&str; 4] = [
    "abcdefghijklmnopqrstuvwxyz",
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "0123456789",
    r##"!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~"##,
];

/// The fields of the request, as a wire has them.
#[derive(Debug, Clone, Default)]
pub struct PasswordRules {
    /// PasswordLength; 32 unless given.
    pub length: Option<i64>,
    /// ExcludeCharacters.
    pub exclude_characters: String,
    /// ExcludeNumbers.
    pub exclude_numbers: bool,
    /// ExcludePunctuation.
    pub exclude_punctuation: bool,
    /// ExcludeUppercase.
    pub exclude_uppercase: bool,
    /// ExcludeLowercase.
    pub exclude_lowercase: bool,
    /// IncludeSpace.
    pub include_space: bool,
    /// RequireEachIncludedType; true unless given.
    pub require_each_included_type: Option<bool>,
}

/// The request.
pub struct GetRandomPassword {
    length: usize,
    /// The classes of which the password must have one character at least. None is empty.
    required: Vec<Vec<u8>>,
    /// All characters that it may have. Not empty.
    pool: Vec<u8>,
}

impl GetRandomPassword {
    /// A password of 1 to 4,096 characters.
    ///
    /// # Errors
    /// ValidationException for another length; InvalidParameterException when nothing is left to choose from, or the
    /// password is too short to have each required class.
    pub fn new(rules: &PasswordRules) -> Result<Self, Fault> {
        let (default, max) = (PASSWORD_LENGTH_DEFAULT as i64, PASSWORD_LENGTH_MAX as i64);
        let length = rules.length.unwrap_or(default);
        constraint::range("passwordLength", length, 1, max)?;
        let excluded = rules.exclude_characters.chars().count();
        constraint::length("excludeCharacters", excluded, 0, EXCLUDE_CHARACTERS_LENGTH_MAX)?;
        let classes = classes(rules);
        let space = rules.include_space && !rules.exclude_characters.contains(' ');
        let pool: Vec<u8> = classes.iter().flatten().copied().chain(space.then_some(b' ')).collect();
        if pool.is_empty() {
            return Err(refused("All characters have been excluded from selection."));
        }
        let required = if rules.require_each_included_type.unwrap_or(true) {
            classes
        } else {
            Vec::new()
        };
        if required.iter().any(Vec::is_empty) {
            return Err(refused("All characters of the desired type have been excluded."));
        }
        let length = usize::try_from(length).unwrap_or(PASSWORD_LENGTH_MAX);
        if length < required.len() {
            return Err(refused("Password length is too short based on the required types."));
        }
        Ok(Self { length, required, pool })
    }

    /// One character of each required class, the rest from the pool, then shuffled so that no place tells its class.
    fn write(&self, password: &mut [u8]) -> Result<(), Fault> {
        let classes = self
            .required
            .iter()
            .map(Vec::as_slice)
            .chain(std::iter::repeat(self.pool.as_slice()));
        for (place, class) in password.iter_mut().zip(classes) {
            *place = random::one_of(class)?.ok_or_else(|| Fault::new(Code::Internal, "A class has no characters."))?;
        }
        for place in (1..password.len()).rev() {
            let bound = u32::try_from(place + 1).unwrap_or(u32::MAX);
            password.swap(place, random::below(bound)? as usize);
        }
        Ok(())
    }
}

/// The classes that are not switched off, each without the excluded characters.
fn classes(rules: &PasswordRules) -> Vec<Vec<u8>> {
    let off = [
        rules.exclude_lowercase,
        rules.exclude_uppercase,
        rules.exclude_numbers,
        rules.exclude_punctuation,
    ];
    let allowed = |byte: &u8| !rules.exclude_characters.contains(char::from(*byte));
    let included = CLASSES.iter().zip(off).filter(|(_, off)| !off);
    included
        .map(|(class, _)| class.bytes().filter(allowed).collect())
        .collect()
}

fn refused(why: &'static str) -> Fault {
    Fault::new(Code::InvalidParameter, why)
}

impl Operation for GetRandomPassword {
    const ACTION: Action = Action::GetRandomPassword;
    type Domain = Secrets;
    type Target = NoTarget;
    type Reply = Material<SecretValue>;

    /// Not which characters it may have: that would help whoever guesses it.
    fn parameters(&self) -> Parameters {
        parameters([("passwordLength", self.length.into())])
    }

    async fn resolve(&self, _: &Secrets) -> Result<Resolved<NoTarget>, Fault> {
        Ok(Resolved::Found(NoTarget(&[Action::GetRandomPassword])))
    }

    async fn perform(self, _: Permit<Self>, _: &Secrets) -> Result<Material<SecretValue>, Fault> {
        Material::fill(self.length, |password| self.write(password)).map_err(|fault| match fault {
            FillFault::Empty => Fault::new(Code::Internal, "A password has no characters."),
            FillFault::Source(fault) => fault,
        })
    }
}
