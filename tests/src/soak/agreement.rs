//! Whether store and token agree: the keys that the service lists, and the objects in the token, read beside it.

use std::collections::BTreeSet;

use strongroom_proto::v1;
use strongroom_proto::v1::key_management_client::KeyManagementClient;
use tonic::transport::Channel;

use super::lookup::{all, lost};
use crate::software_token::SoftwareToken;
use crate::token_tool::objects::TokenObject;
use crate::{HarnessFault, process};

/// Rows of a page of keys.
const PAGE: i32 = 1_000;

/// Compares both: they must be the same set, apart from the service's own root object.
///
/// # Errors
/// With the keys that only one side has.
pub(super) async fn compare_with_token(channel: &Channel, token: &SoftwareToken) -> Result<(), HarnessFault> {
    let recorded = recorded_materials(channel).await?;
    let mut command = token.tool("objects");
    let text = process::output_of(&mut command)?;
    let objects: Vec<TokenObject> = serde_json::from_str(&text).map_err(|error| process::failed(&command, error))?;
    let is_kms_key = |object: &&TokenObject| object.label.split('/').nth(2).is_some_and(|key| key.len() == 36);
    let held: BTreeSet<String> = objects
        .iter()
        .filter(is_kms_key)
        .map(|object| object.id.clone())
        .collect();
    let missing: Vec<_> = recorded.difference(&held).collect();
    let unknown: Vec<_> = held.difference(&recorded).collect();
    if missing.is_empty() && unknown.is_empty() {
        return Ok(());
    }
    Err(lost(format!(
        "only in the store: {missing:?}; only in the token: {unknown:?}"
    )))
}

/// The materials of every version of every key.
async fn recorded_materials(channel: &Channel) -> Result<BTreeSet<String>, HarnessFault> {
    let mut client = KeyManagementClient::new(channel.clone());
    let mut recorded = BTreeSet::new();
    let mut marker = None;
    loop {
        let request = v1::ListKeysRequest {
            limit: Some(PAGE),
            marker,
        };
        let page = client.list_keys(request).await.map_err(lost)?.into_inner();
        let keys = page.keys.into_iter().map(|key| key.key_id);
        let materials = all(keys.map(|key_id| materials(channel.clone(), key_id))).await?;
        recorded.extend(materials.into_iter().flatten());
        marker = page.next_marker;
        if marker.is_none() {
            return Ok(recorded);
        }
    }
}

async fn materials(channel: Channel, key_id: String) -> Result<Vec<String>, HarnessFault> {
    let request = v1::DescribeKeyRequest {
        key_id,
        ..v1::DescribeKeyRequest::default()
    };
    let described = KeyManagementClient::new(channel).describe_key(request).await;
    let metadata = described.map_err(lost)?.into_inner().key_metadata.unwrap_or_default();
    let versions = metadata.key_versions.into_iter();
    Ok(versions.map(|version| version.key_material_id).collect())
}
