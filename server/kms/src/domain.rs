//! What the gate asks and tells the key service beside its operations.

use strongroom_base::Fault;
use strongroom_gate::{Domain, GrantTokens, Used};

use crate::kms::Kms;

impl Domain for Kms {
    fn used(&self, used: &Used<'_>) {
        self.note_use(used);
    }

    async fn check_grant_tokens(&self, tokens: &GrantTokens) -> Result<(), Fault> {
        for text in tokens.iter() {
            self.check_grant_token(text).await?;
        }
        Ok(())
    }
}
