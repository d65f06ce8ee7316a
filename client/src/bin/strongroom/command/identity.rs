//! `strongroom identity`: who the service takes the caller for.

use serde_json::json;

use super::Session;
use crate::fault::CommandFault;

pub(crate) async fn run(session: &Session) -> Result<(), CommandFault> {
    let caller = session.client.caller_identity().await?;
    session
        .output
        .record(&json!({ "account": caller.account, "arn": caller.arn, "user_id": caller.user_id }))
}
