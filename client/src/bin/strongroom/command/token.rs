//! `strongroom token`: how the hardware security module is.

use super::Session;
use crate::fault::CommandFault;
use crate::json;

pub(crate) async fn run(session: &Session) -> Result<(), CommandFault> {
    session
        .output
        .record(&json::token(&session.client.describe_token().await?))
}
