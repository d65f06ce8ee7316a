//! Tags of every key, one a page.

use strongroom::v1;
use tonic::Status;

use crate::service::State;

fn keep(state: &State, tags: Vec<v1::KeyTag>) {
    let pairs = tags.into_iter().map(|tag| (tag.tag_key, tag.tag_value));
    state.key_tags.lock().unwrap().extend(pairs);
}

pub(crate) fn tag(state: &State, message: v1::TagKeyRequest) -> Result<v1::TagKeyResponse, Status> {
    keep(state, message.tags);
    Ok(v1::TagKeyResponse {})
}

pub(crate) fn untag(state: &State, message: v1::UntagKeyRequest) -> Result<v1::UntagKeyResponse, Status> {
    let mut tags = state.key_tags.lock().unwrap();
    tags.retain(|key, _| !message.tag_keys.contains(key));
    Ok(v1::UntagKeyResponse {})
}

pub(crate) fn list(
    state: &State,
    message: v1::ListResourceTagsRequest,
) -> Result<v1::ListResourceTagsResponse, Status> {
    let tags = state.key_tags.lock().unwrap();
    let after = message.marker.unwrap_or_default();
    let mut rest = tags.iter().filter(|(key, _)| **key > after);
    let tags: Vec<_> = rest
        .by_ref()
        .take(1)
        .map(|(key, value)| v1::KeyTag {
            tag_key: key.clone(),
            tag_value: value.clone(),
        })
        .collect();
    let truncated = rest.next().is_some();
    Ok(v1::ListResourceTagsResponse {
        next_marker: tags.last().filter(|_| truncated).map(|tag| tag.tag_key.clone()),
        tags,
        truncated,
    })
}

pub(super) fn of_new_key(state: &State, message: v1::CreateKeyRequest) {
    keep(state, message.tags);
}
