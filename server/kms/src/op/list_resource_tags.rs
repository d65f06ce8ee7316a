//! ListResourceTags: the tags of a key, page by page.

use strongroom_base::limits::LIST_TAGS_LIMIT_MAX;
use strongroom_base::{Action, Code, Fault, KeyId};
use strongroom_gate::{Operation, Parameters, Permit, Resolved};

use crate::key_reference::KeyReference;
use crate::kms::Kms;
use crate::op::parameters;
use crate::tags;
use crate::target::KeyTarget;

/// The request.
pub struct ListResourceTags {
    key: KeyId,
    limit: usize,
    after: Option<String>,
}

/// One page.
#[derive(Debug)]
pub struct TagPage {
    /// Keys and values, in the order of the keys.
    pub tags: Vec<(String, String)>,
    /// Where the next page begins; `None` on the last one.
    pub next_marker: Option<String>,
}

impl ListResourceTags {
    /// A page of 1 to 50 tags (50 unless said otherwise), after `marker`.
    ///
    /// # Errors
    /// ValidationException for another limit, InvalidMarkerException for a marker that this service did not give.
    pub fn new(key: KeyId, limit: Option<usize>, marker: Option<String>) -> Result<Self, Fault> {
        let limit = limit.unwrap_or(LIST_TAGS_LIMIT_MAX);
        if !(1..=LIST_TAGS_LIMIT_MAX).contains(&limit) {
            return Err(Fault::new(
                Code::Validation,
                format!(
                    "1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: Member must \
                     have value between 1 and {LIST_TAGS_LIMIT_MAX}"
                ),
            ));
        }
        if let Some(marker) = &marker {
            let unknown = |_| Fault::new(Code::InvalidMarker, "The marker is not one that ListResourceTags gave.");
            tags::parse_keys(std::slice::from_ref(marker)).map_err(unknown)?;
        }
        Ok(Self {
            key,
            limit,
            after: marker,
        })
    }
}

impl Operation for ListResourceTags {
    const ACTION: Action = Action::ListResourceTags;
    type Domain = Kms;
    type Target = KeyTarget;
    type Reply = TagPage;

    fn parameters(&self) -> Parameters {
        parameters([("keyId", self.key.to_string().into())])
    }

    async fn resolve(&self, kms: &Kms) -> Result<Resolved<KeyTarget>, Fault> {
        KeyTarget::resolve(kms, &KeyReference::Key(self.key), Self::ACTION).await
    }

    async fn perform(self, permit: Permit<Self>, _kms: &Kms) -> Result<TagPage, Fault> {
        let key = permit.into_target().record;
        let mut rows = key.tags.after(self.after.as_deref());
        let tags: Vec<_> = rows
            .by_ref()
            .take(self.limit)
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let more = rows.next().is_some();
        let next_marker = tags.last().filter(|_| more).map(|(key, _)| key.clone());
        Ok(TagPage { tags, next_marker })
    }
}
