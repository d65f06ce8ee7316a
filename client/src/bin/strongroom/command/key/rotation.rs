//! `strongroom key rotation` and `strongroom key rotate`.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use strongroom::v1;

use crate::command::Session;
use crate::fault::CommandFault;
use crate::json;
use crate::limit::{self, LIST_LIMIT_MAX};

/// Let a key rotate by itself, and list its rotations.
#[derive(Subcommand)]
pub(crate) enum RotationCommand {
    /// Let a key rotate by itself: new material encrypts, the older goes on decrypting
    Enable {
        /// Key id or key ARN
        key: String,
        /// Time between two rotations, 90 to 2560 days; 365 if not given
        #[arg(long, value_name = "DAYS")]
        period: Option<i32>,
    },
    /// Stop a key's rotation by time; it still rotates before its material has encrypted too often
    Disable {
        /// Key id or key ARN
        key: String,
    },
    /// Show whether and when a key rotates
    Status {
        /// Key id or key ARN
        key: String,
    },
    /// List a key's rotations, oldest first
    List(List),
}

/// Rotate a key now, whether or not it rotates by itself.
#[derive(Args)]
pub(crate) struct Rotate {
    /// Key id or key ARN
    key: String,
}

/// List a key's rotations.
#[derive(Args)]
pub(crate) struct List {
    /// Key id or key ARN
    key: String,
    /// The first material too, which no rotation made
    #[arg(long)]
    all: bool,
    /// At most so many
    #[arg(long, value_name = "ROWS", value_parser = limit::rows)]
    limit: Option<usize>,
}

impl RotationCommand {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let Session { client, output } = session;
        match self {
            Self::Enable { key, period } => {
                client.enable_key_rotation(&key, period).await?;
                let sentence = format!("enabled rotation of {key}; when: strongroom key rotation status {key}");
                output.done(&sentence, &json!({ "key_id": key }))
            }
            Self::Disable { key } => {
                client.disable_key_rotation(&key).await?;
                output.done(&format!("disabled rotation of {key}"), &json!({ "key_id": key }))
            }
            Self::Status { key } => output.record(&json::rotation_status(&client.key_rotation_status(&key).await?)),
            Self::List(command) => command.run(session).await,
        }
    }
}

impl Rotate {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let key_id = session.client.rotate_key_on_demand(&self.key).await?;
        session
            .output
            .done(&format!("rotated {key_id}"), &json!({ "key_id": key_id }))
    }
}

impl List {
    /// Page after page.
    async fn run(self, session: &Session) -> Result<(), CommandFault> {
        let include = if self.all {
            v1::IncludeKeyMaterial::AllKeyMaterial
        } else {
            v1::IncludeKeyMaterial::RotationsOnly
        };
        let mut request = v1::ListKeyRotationsRequest {
            key_id: self.key,
            include_key_material: include.into(),
            limit: None,
            marker: None,
        };
        let most = self.limit.unwrap_or(usize::MAX);
        let mut rows: Vec<Value> = Vec::new();
        while rows.len() < most {
            request.limit = Some((most - rows.len()).min(LIST_LIMIT_MAX) as i32);
            let page = session.client.list_key_rotations(request.clone()).await?;
            rows.extend(page.rotations.iter().map(json::rotation));
            request.marker = page.next_marker;
            if !page.truncated || request.marker.is_none() {
                break;
            }
        }
        let columns = [
            "rotation_date",
            "rotation_type",
            "key_material_state",
            "key_material_id",
        ];
        session.output.list("rotations", &columns, rows)
    }
}
