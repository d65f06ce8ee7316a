use std::sync::Arc;

use strongroom_base::Code;
use strongroom_store::{Revision, Stored};

use super::{GrantHead, HeldGrants, check_room};

fn held(count: usize) -> HeldGrants {
    HeldGrants {
        head: Stored {
            revision: Revision(1),
            document: Arc::new(GrantHead { count }),
        },
        grants: Arc::default(),
    }
}

#[test]
fn a_key_has_50_000_grants_at_most() {
    check_room(None).unwrap();
    check_room(Some(&held(49_999))).unwrap();
    let fault = check_room(Some(&held(50_000))).unwrap_err();
    assert_eq!(
        (fault.code(), fault.message()),
        (Code::LimitExceeded, "The key has 50000 grants, which is the limit.")
    );
}
