//! Reaching the token: label, PIN, installation.

use std::time::Duration;

use strongroom_base::{Code, InstallationId};
use strongroom_token::{Health, TokenFault};

use super::{
    CONFIGURED, Stand, assert_fault, becomes_usable, connected, new_key, opened, run, sealed, soon, write_pin,
};

pub(super) fn another_installation_is_refused(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let token = connected(stand, settings.clone()).await;
        new_key(&token, settings.installation, "a").await;
        token.stop().await;

        let mut foreign = settings.clone();
        foreign.installation = InstallationId::from_bytes([9; 16]);
        let token = stand.start(foreign.clone()).unwrap();
        let fault = token.first_contact().await.unwrap_err();
        let (expected, found) = (foreign.installation.to_string(), settings.installation.to_string());
        assert_eq!(fault, TokenFault::ForeignInstallation { expected, found });
        assert!(fault.needs_operator());
        assert_fault(fault, Code::Unavailable, CONFIGURED);
        assert_fault(token.objects(soon()).await.unwrap_err(), Code::Unavailable, CONFIGURED);
        token.stop().await;
    });
}

pub(super) fn an_unknown_label_is_named(stand: &dyn Stand) {
    run(async {
        let mut settings = stand.settings();
        let there = std::mem::replace(&mut settings.label, "elsewhere".to_owned());
        let token = stand.start(settings).unwrap();
        let fault = token.first_contact().await.unwrap_err();
        assert_eq!(
            fault,
            TokenFault::TokenUnknown {
                label: "elsewhere".to_owned(),
                present: vec![there.clone()]
            }
        );
        assert!(fault.needs_operator());
        let text = fault.to_string();
        assert!(
            text.contains("\"elsewhere\"") && text.contains(&there) && text.contains("correct `label`"),
            "{text}"
        );
        assert_fault(fault, Code::Unavailable, CONFIGURED);
        assert_eq!(token.status().counts.logins, 0);
        token.stop().await;
    });
}

/// Once, and not once per attempt, nor once per restart: a real HSM would be locked by then.
pub(super) fn a_wrong_pin_is_tried_once(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let right = std::fs::read_to_string(&settings.pin_file).unwrap();
        let token = connected(stand, settings.clone()).await;
        let key = new_key(&token, settings.installation, "a").await;
        let encrypted = sealed(&token, &key, b"value").await;
        token.stop().await;

        write_pin(&settings, "0000000", 0o600);
        let token = stand.start(settings.clone()).unwrap();
        let fault = token.first_contact().await.unwrap_err();
        assert_eq!(
            fault,
            TokenFault::PinIncorrect {
                pin_file: settings.pin_file.clone()
            }
        );
        assert_fault(fault, Code::Unavailable, CONFIGURED);
        tokio::time::sleep(Duration::from_millis(900)).await;
        assert_eq!(
            token.status().counts.logins,
            1,
            "further attempts to connect must not log in"
        );
        token.stop().await;

        let token = stand.start(settings.clone()).unwrap();
        let fault = token.first_contact().await.unwrap_err();
        assert!(matches!(fault, TokenFault::PinLatched { .. }), "{fault}");
        assert!(fault.to_string().contains("put the right PIN into"), "{fault}");
        assert_fault(fault, Code::Unavailable, CONFIGURED);
        assert_eq!(
            token.status().counts.logins,
            0,
            "a restart must not log in with the same PIN"
        );

        // Without a restart: the file changes, and the next attempt takes it.
        write_pin(&settings, right.trim_end(), 0o600);
        becomes_usable(&token).await;
        assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
        assert_eq!(token.status().counts.logins, 1);
        token.stop().await;
    });
}

pub(super) fn a_pin_that_others_can_read_is_refused(stand: &dyn Stand) {
    run(async {
        let settings = stand.settings();
        let right = std::fs::read_to_string(&settings.pin_file).unwrap();
        write_pin(&settings, right.trim_end(), 0o644);
        let token = stand.start(settings.clone()).unwrap();
        let fault = token.first_contact().await.unwrap_err();
        let text = fault.to_string();
        assert!(text.contains("mode 644") && text.contains("chmod 600"), "{text}");
        assert!(!text.contains(right.trim_end()), "the text must not hold the PIN");
        assert_fault(fault, Code::Unavailable, CONFIGURED);
        assert_eq!(*token.health().borrow(), Health::Unusable { reason: CONFIGURED });
        assert_eq!(token.status().counts.logins, 0);
        token.stop().await;
    });
}
