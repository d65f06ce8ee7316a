//! GetParameters: the values of up to ten parameters. What is not there is reported, and fails no other.

use futures_util::future::join_all;
use strongroom_base::limits::PARAMETER_NAMES_MAX;
use strongroom_base::{Action, Fault, Scope};
use strongroom_gate::{OpContext, Operation, Parameters as Fields, Permit, Resolved};

use crate::constraint;
use crate::fetch::ParameterValue;
use crate::op::parameters;
use crate::parameters::{Parameters, is_absence};
use crate::reference::{ParameterReference, Subject};
use crate::target::{Item, ManyTarget};

/// The request.
pub struct GetParameters {
    names: Vec<String>,
    references: Vec<ParameterReference>,
    /// What was asked for, to the letter, each with the place of what it means among the references.
    asked: Vec<(String, usize)>,
    /// What can be the name of nothing.
    malformed: Vec<String>,
    with_decryption: bool,
}

/// What could be read, and what could not.
pub struct ManyValues {
    /// The values, in the order of their names.
    pub values: Vec<ParameterValue>,
    /// What is not there, as it was asked for, in order.
    pub invalid: Vec<String>,
}

impl GetParameters {
    /// A request for 1 to 10 parameters, by names or ARNs as for GetParameter.
    ///
    /// # Errors
    /// ValidationException for another number.
    pub fn new(names: Vec<String>, with_decryption: bool, scope: &Scope) -> Result<Self, Fault> {
        constraint::length("names", names.len(), 1, PARAMETER_NAMES_MAX)?;
        let (mut references, mut asked, mut malformed) = (Vec::<ParameterReference>::new(), Vec::new(), Vec::new());
        for name in &names {
            let Ok(reference) = ParameterReference::parse(name, scope) else {
                malformed.push(name.clone());
                continue;
            };
            // What is asked for twice is answered once.
            let place = references.iter().position(|other| *other == reference);
            asked.push((name.clone(), place.unwrap_or(references.len())));
            if place.is_none() {
                references.push(reference);
            }
        }
        Ok(Self {
            names,
            references,
            asked,
            malformed,
            with_decryption,
        })
    }
}

impl Parameters {
    /// Reads one of several; `None` if it is not there.
    pub(crate) async fn read(
        &self,
        context: &OpContext,
        item: &Item,
        decrypt: bool,
    ) -> Result<Option<ParameterValue>, Fault> {
        match (&item.reference.subject, &item.record) {
            (Subject::Secret(secret), _) => {
                let value = self.fetch_secret(context, (&item.reference, secret), decrypt).await?;
                Ok(Some(value))
            }
            (Subject::Own(_) | Subject::Foreign(_), Some(record)) => {
                let selector = item.reference.selector.as_ref();
                self.fetch(context, record, selector, decrypt).await.map(Some)
            }
            (Subject::Own(_) | Subject::Foreign(_), None) => Ok(None),
        }
    }
}

impl Operation for GetParameters {
    const ACTION: Action = Action::GetParameters;
    type Domain = Parameters;
    type Target = ManyTarget;
    type Reply = ManyValues;

    fn parameters(&self) -> Fields {
        parameters([
            ("names", self.names.iter().map(String::as_str).collect()),
            ("withDecryption", self.with_decryption.into()),
        ])
    }

    async fn resolve(&self, domain: &Parameters) -> Result<Resolved<ManyTarget>, Fault> {
        let target = ManyTarget::resolve(domain, &self.references, Self::ACTION).await?;
        Ok(Resolved::Found(target))
    }

    async fn perform(self, permit: Permit<Self>, domain: &Parameters) -> Result<ManyValues, Fault> {
        let context = permit.context();
        let read = |item| async move {
            match domain.read(context, item, self.with_decryption).await {
                Err(fault) if is_absence(fault.code()) => Ok(None),
                read => read,
            }
        };
        // At once, so that the uses of keys wait for one sync of the audit trail, not for ten; and all to their ends, so that
        // none is cut off between the use of a key and its record because another failed.
        let items = &permit.target().items;
        let read = join_all(items.iter().map(read)).await;
        let read = read.into_iter().collect::<Result<Vec<_>, _>>()?;
        let (mut values, mut invalid) = (Vec::new(), self.malformed);
        for (place, value) in read.into_iter().enumerate() {
            let asked = self.asked.iter().filter(|(_, of)| *of == place);
            match value {
                Some(value) => values.push(value),
                None => invalid.extend(asked.map(|(text, _)| text.clone())),
            }
        }
        values.sort_by(|one, other| (&one.name, &one.selector).cmp(&(&other.name, &other.selector)));
        invalid.sort_unstable();
        invalid.dedup();
        Ok(ManyValues { values, invalid })
    }
}
