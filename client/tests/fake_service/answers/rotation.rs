//! What the played service answers about rotation.

use prost_types::Timestamp;
use strongroom::v1;
use tonic::{Code, Status};

use super::KEY_ID;
use crate::service::{State, refusal};

/// The markers of this key's pages are refused.
pub(crate) const KEY_OF_ONE_PAGE: &str = "0000abcd-12ab-34cd-56ef-1234567890ab";
/// Rotations of every key, beside its first material.
const ROTATIONS: i32 = 2_499;
const FIRST_SECOND: i64 = 1_700_000_000;
const DAY_SECONDS: i64 = 86_400;

pub(crate) fn enable(
    state: &State,
    message: v1::EnableKeyRotationRequest,
) -> Result<v1::EnableKeyRotationResponse, Status> {
    let days = message.rotation_period_in_days.unwrap_or(365);
    if !(90..=2_560).contains(&days) {
        return Err(refusal(Code::InvalidArgument, "ValidationException", None));
    }
    *state.rotation_period.lock().unwrap() = Some(days);
    Ok(v1::EnableKeyRotationResponse {})
}

pub(crate) fn disable(
    state: &State,
    _: v1::DisableKeyRotationRequest,
) -> Result<v1::DisableKeyRotationResponse, Status> {
    *state.rotation_period.lock().unwrap() = None;
    Ok(v1::DisableKeyRotationResponse {})
}

pub(crate) fn status(
    state: &State,
    message: v1::GetKeyRotationStatusRequest,
) -> Result<v1::GetKeyRotationStatusResponse, Status> {
    if message.key_id != KEY_ID {
        return Err(refusal(Code::NotFound, "NotFoundException", None));
    }
    let period = *state.rotation_period.lock().unwrap();
    Ok(v1::GetKeyRotationStatusResponse {
        key_id: message.key_id,
        key_rotation_enabled: period.is_some(),
        rotation_period_in_days: period,
        next_rotation_date: period.map(|days| after_days(i64::from(days))),
        on_demand_rotation_start_date: period.is_none().then(|| after_days(0)),
    })
}

/// Every second one on demand, one a day; the marker is the number of the next. Number 0 is the first material.
pub(crate) fn list(_: &State, message: v1::ListKeyRotationsRequest) -> Result<v1::ListKeyRotationsResponse, Status> {
    if message.marker.is_some() && message.key_id == KEY_OF_ONE_PAGE {
        return Err(refusal(Code::InvalidArgument, "InvalidMarkerException", None));
    }
    let begin = match message.include_key_material() {
        v1::IncludeKeyMaterial::AllKeyMaterial => 0,
        v1::IncludeKeyMaterial::RotationsOnly | v1::IncludeKeyMaterial::Unspecified => 1,
    };
    let first: i32 = message.marker.map_or(begin, |marker| marker.parse().unwrap());
    let next = (first + message.limit.unwrap()).min(ROTATIONS + 1);
    let more = next <= ROTATIONS;
    Ok(v1::ListKeyRotationsResponse {
        rotations: (first..next).map(|number| entry(&message.key_id, number)).collect(),
        next_marker: more.then(|| next.to_string()),
        truncated: more,
    })
}

fn entry(key_id: &str, number: i32) -> v1::RotationsListEntry {
    let key_material_state = if number == ROTATIONS {
        v1::KeyMaterialState::Current
    } else {
        v1::KeyMaterialState::NonCurrent
    };
    let rotation_type = match number {
        0 => v1::RotationType::Unspecified,
        odd if odd % 2 == 1 => v1::RotationType::Automatic,
        _ => v1::RotationType::OnDemand,
    };
    v1::RotationsListEntry {
        key_id: key_id.to_owned(),
        key_material_id: format!("material-{number}"),
        key_material_state: key_material_state.into(),
        rotation_date: (number > 0).then(|| after_days(i64::from(number))),
        rotation_type: rotation_type.into(),
        ..v1::RotationsListEntry::default()
    }
}

/// Whatever names the key, the answer has its id.
pub(crate) fn rotate(_: &State, _: v1::RotateKeyOnDemandRequest) -> Result<v1::RotateKeyOnDemandResponse, Status> {
    Ok(v1::RotateKeyOnDemandResponse {
        key_id: KEY_ID.to_owned(),
    })
}

fn after_days(days: i64) -> Timestamp {
    Timestamp {
        seconds: FIRST_SECOND + days * DAY_SECONDS,
        nanos: 0,
    }
}
