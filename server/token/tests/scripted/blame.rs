//! Whose fault it is: a sick token must never tell callers that their data are damaged.

use strongroom_base::Code;
use strongroom_token::{Encrypted, Function, ReturnValue, TokenFault};

use super::{quiet_stand, stand_with};
use crate::conformance::{AWAY, INVALID, KEY_UNUSABLE, assert_fault, becomes_usable, opened, run, sealed, soon};

/// What modules are known to answer to a wrong tag, and what the standard names for it.
const DOUBTFUL: [ReturnValue; 8] = [
    ReturnValue::DeviceError,
    ReturnValue::GeneralError,
    ReturnValue::FunctionFailed,
    ReturnValue::EncryptedDataInvalid,
    ReturnValue::EncryptedDataLenRange,
    ReturnValue::AeadDecryptFailed,
    ReturnValue::DataInvalid,
    ReturnValue::DataLenRange,
];

/// Good data, and C_Decrypt fails once, twice, three times ... in a row.
#[test]
fn good_data_are_never_called_invalid() {
    run(async {
        for copies in [true, false] {
            let (stand, token, key) = stand_with(|settings| {
                settings.profile.session_copies = copies;
            })
            .await;
            let encrypted = sealed(&token, &key, b"value").await;
            for value in DOUBTFUL {
                for times in 1..=5 {
                    stand.fake.fail(Function::Decrypt, times, value);
                    while stand.fake.is_scripted() {
                        match opened(&token, &key, &encrypted).await {
                            Ok(plaintext) => assert_eq!(plaintext, b"value"),
                            Err(fault) => assert_fault(fault, Code::Unavailable, AWAY),
                        }
                    }
                    // The control lane looks into the doubt first, and may connect anew.
                    let _ = token.objects(soon()).await;
                    becomes_usable(&token).await;
                    assert_eq!(opened(&token, &key, &encrypted).await.unwrap(), b"value");
                }
            }
            assert_eq!(token.status().counts.invalid_ciphertexts, 0);
            token.stop().await;
        }
    });
}

#[test]
fn damaged_data_are_called_invalid_when_the_witness_opens() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let good = sealed(&token, &key, b"value").await;
        let mut ciphertext = good.ciphertext.clone();
        ciphertext[0] ^= 1;
        let damaged = Encrypted { ciphertext, ..good };
        for value in DOUBTFUL {
            stand.fake.fail(Function::Decrypt, 1, value);
            assert_fault(
                opened(&token, &key, &damaged).await.unwrap_err(),
                Code::InvalidCiphertext,
                INVALID,
            );
        }
        assert_eq!(token.status().counts.invalid_ciphertexts, DOUBTFUL.len() as u64);

        // Damaged data and a sick token: nobody knows, so nobody says.
        stand.fake.fail(Function::Decrypt, 2, ReturnValue::GeneralError);
        assert_fault(
            opened(&token, &key, &damaged).await.unwrap_err(),
            Code::Unavailable,
            AWAY,
        );
        token.stop().await;
    });
}

/// C_DecryptInit has not seen the ciphertext, whatever it answers.
#[test]
fn c_decrypt_init_never_blames_the_ciphertext() {
    run(async {
        let (stand, token, key) = quiet_stand().await;
        let encrypted = sealed(&token, &key, b"value").await;
        for value in DOUBTFUL {
            stand.fake.fail(Function::DecryptInit, 1, value);
            let fault = opened(&token, &key, &encrypted).await.unwrap_err();
            assert_ne!(fault, TokenFault::InvalidCiphertext, "{value}");
            // The probe that the doubt brought about must not meet the next fault.
            token.objects(soon()).await.unwrap();
        }
        stand
            .fake
            .fail(Function::DecryptInit, 1, ReturnValue::KeyFunctionNotPermitted);
        assert_fault(
            opened(&token, &key, &encrypted).await.unwrap_err(),
            Code::KeyUnavailable,
            KEY_UNUSABLE,
        );
        token.stop().await;
    });
}
