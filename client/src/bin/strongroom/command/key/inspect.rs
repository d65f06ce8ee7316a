//! `strongroom key inspect`: what the token says of a key, beside what was recorded.

use clap::Args;
use serde_json::{Value, json};
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::output::Format;

/// Compare a key's objects with their records.
#[derive(Args)]
pub(crate) struct Inspect {
    /// Key id, key ARN, alias/NAME or alias ARN
    key: String,
}

impl Inspect {
    /// Page after page. In a table, each attribute is a row.
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let mut materials = Vec::new();
        let mut marker = None;
        loop {
            let request = v1::InspectKeyRequest {
                key_id: self.key.clone(),
                limit: None,
                marker,
            };
            let page = session.client.inspect_key(request).await?;
            let serial = page.token_serial;
            materials.extend(page.materials.into_iter().map(|material| (serial.clone(), material)));
            marker = page.next_marker;
            if !page.truncated || marker.is_none() {
                break;
            }
        }
        match session.output {
            Format::Table => {
                let rows = materials
                    .iter()
                    .flat_map(|(serial, material)| rows(serial, material))
                    .collect();
                let columns = ["key_material_id", "attribute", "recorded", "found", "differs"];
                session.output.list("attributes", &columns, rows)
            }
            Format::Json => {
                let materials: Vec<_> = materials
                    .iter()
                    .map(|(serial, material)| record(serial, material))
                    .collect();
                session.output.record(&json!({ "materials": materials }))
            }
        }
    }
}

fn record(serial: &str, material: &v1::InspectedMaterial) -> Value {
    let object = |attributes: &[v1::TokenAttribute]| -> Value {
        attributes
            .iter()
            .map(|attribute| (attribute.name.clone(), attribute.value.clone().into()))
            .collect::<serde_json::Map<_, _>>()
            .into()
    };
    json!({
        "differences": material.differences,
        "fault": material.fault,
        "found": object(&material.found),
        "key_material_id": material.key_material_id,
        "recorded": object(&material.recorded),
        "recorded_token_serial": material.recorded_token_serial,
        "token_serial": serial,
    })
}

/// One row for each attribute that was recorded or is found, and one for the token.
fn rows(serial: &str, material: &v1::InspectedMaterial) -> Vec<Value> {
    let id = material.key_material_id.get(..12).unwrap_or_default();
    let value = |attributes: &[v1::TokenAttribute], name: &str| {
        let found = attributes.iter().find(|attribute| attribute.name == name);
        found.map(|attribute| attribute.value.clone())
    };
    let row = |name: &str, recorded: Option<String>, found: Option<String>, differs: bool| {
        json!({
            "key_material_id": id, "attribute": name, "recorded": recorded, "found": found,
            "differs": differs.then_some("differs"),
        })
    };
    let recorded_serial = Some(material.recorded_token_serial.clone());
    let differs = material.recorded_token_serial != serial;
    let mut rows = vec![row("token serial", recorded_serial, Some(serial.to_owned()), differs)];
    if let Some(fault) = &material.fault {
        rows.push(row("object", None, Some(fault.clone()), true));
    }
    let only_found = material
        .found
        .iter()
        .filter(|found| value(&material.recorded, &found.name).is_none());
    for attribute in material.recorded.iter().chain(only_found) {
        let name = &attribute.name;
        let differs = material.differences.contains(name);
        rows.push(row(
            name,
            value(&material.recorded, name),
            value(&material.found, name),
            differs,
        ));
    }
    rows
}
