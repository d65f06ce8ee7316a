//! From nothing to a session that is logged in and a map of our objects.

use strongroom_hsm_config::MechanismName;

use crate::board::{Board, lock};
use crate::disposition::{Disposition, Trouble};
use crate::fault::TokenFault;
use crate::health::TokenDescription;
use crate::keymap::{EnumerationFault, KeyMap};
use crate::message_key::{self, Probed};
use crate::module::{Module, ModuleFault, ModuleSession, ReturnValue, SlotNumber, TokenInfo};
use crate::offer::Offer;
use crate::pin::{self, Attempt, Latch};
use crate::settings::TokenSettings;
use crate::software_token::SoftwareToken;
use crate::suite::Suite;

/// What the control lane works with.
pub(crate) struct Connection<S> {
    pub(crate) session: S,
    pub(crate) slot: SlotNumber,
    pub(crate) serial: String,
}

/// A connection, and the objects that were there when it was made.
pub(crate) type Established<M> = (Connection<<M as Module>::Session>, KeyMap<<M as Module>::Handle>);

/// Finds the token, logs in once and reads all objects once. The module is initialised.
///
/// # Errors
/// [`TokenFault`]; those that [`TokenFault::needs_operator`] say what the operator must do.
pub(crate) fn establish<M: Module>(
    module: &M,
    settings: &TokenSettings,
    board: &Board,
) -> Result<Established<M>, TokenFault> {
    let token = find_token(module, settings)?;
    check_mechanisms(module, settings, token.slot)?;
    let offer = offer(module, settings, token.slot)?;
    check_sessions(settings, &token)?;
    check_files(module, settings, &token)?;
    let session = module.open_session(token.slot).map_err(away)?;
    log_in(&session, settings, &token, board)?;
    let (suite, why) = suite(&session, settings)?;
    let offer = offer.with_suite(suite);
    let keys = match KeyMap::enumerate(&session, settings.installation) {
        Ok(keys) => keys,
        Err(EnumerationFault::Module(fault)) => return Err(away(fault)),
        Err(EnumerationFault::Token(fault)) => return Err(fault),
    };
    let connection = Connection {
        session,
        slot: token.slot,
        serial: token.serial.clone(),
    };
    if let Ok(mut description) = board.description.write() {
        *description = Some(describe(&offer, why, token));
    }
    board.set_offer(offer);
    Ok((connection, keys))
}

/// A call that failed where nothing but the token's absence explains it.
pub(crate) fn away(fault: ModuleFault) -> TokenFault {
    TokenFault::Unavailable {
        cause: fault.to_string(),
    }
}

/// The one token with the configured label.
pub(crate) fn find_token<M: Module>(module: &M, settings: &TokenSettings) -> Result<TokenInfo, TokenFault> {
    let label = settings.label.clone();
    let tokens = module.tokens().map_err(away)?;
    let present = tokens.iter().map(|token| token.label.clone()).collect();
    let mut matching = tokens.into_iter().filter(|token| token.label == label);
    match (matching.next(), matching.count()) {
        (Some(token), 0) => Ok(token),
        (Some(_), more) => Err(TokenFault::TokenAmbiguous { label, count: more + 1 }),
        (None, _) => Err(TokenFault::TokenUnknown { label, present }),
    }
}

/// Whether the token has what the profile needs.
pub(crate) fn check_mechanisms<M: Module>(
    module: &M,
    settings: &TokenSettings,
    slot: SlotNumber,
) -> Result<(), TokenFault> {
    let profile = &settings.profile;
    let missing = module.missing_mechanisms(slot, &profile.mechanisms).map_err(away)?;
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.into_iter().map(MechanismName::as_str).collect();
    Err(TokenFault::MechanismMissing {
        profile: profile.name.clone(),
        names,
    })
}

/// What the token offers beyond that.
pub(crate) fn offer<M: Module>(module: &M, settings: &TokenSettings, slot: SlotNumber) -> Result<Offer, TokenFault> {
    let profile = &settings.profile;
    let missing = module
        .missing_mechanisms(slot, &profile.optional_mechanisms)
        .map_err(away)?;
    Ok(Offer::of(profile, &missing))
}

/// Whether all lanes can have a session.
pub(crate) fn check_sessions(settings: &TokenSettings, token: &TokenInfo) -> Result<(), TokenFault> {
    let needed = (settings.profile.data_lanes + settings.profile.asymmetric_lanes) as u64 + 1;
    let of_profile = Some(settings.profile.session_limit).filter(|limit| *limit > 0);
    match token.session_max.into_iter().chain(of_profile).min() {
        Some(offered) if offered < needed => Err(TokenFault::SessionsTooFew { needed, offered }),
        Some(_) | None => Ok(()),
    }
}

/// Whether the token's files are where the settings say.
pub(crate) fn check_files<M: Module>(
    module: &M,
    settings: &TokenSettings,
    token: &TokenInfo,
) -> Result<(), TokenFault> {
    SoftwareToken::of(settings).check_files(&token.serial, || module.token_info(token.slot).map(drop).map_err(away))
}

/// Logs in, unless that could lock the token or is known to fail.
fn log_in<S: ModuleSession>(
    session: &S,
    settings: &TokenSettings,
    token: &TokenInfo,
    board: &Board,
) -> Result<(), TokenFault> {
    if token.pin_locked {
        return Err(TokenFault::PinLocked);
    }
    if token.pin_final_try {
        return Err(TokenFault::PinFinalTry);
    }
    let pin_file = settings.pin_file.clone();
    let pin = pin::read(&pin_file)?;
    let latch = Latch::of(settings);
    if latch.holds(&pin)? {
        return Err(TokenFault::PinLatched {
            pin_file,
            latch: latch.path().to_owned(),
        });
    }
    let in_memory = lock(&board.refused_pin).clone();
    if in_memory.is_some_and(|line| latch.fits(&line, &pin) == Some(true)) {
        return Err(TokenFault::PinIncorrect { pin_file });
    }
    if let Err(fault) = SoftwareToken::of(settings).keep_token_objects() {
        let path = settings.state_directory.clone();
        return Err(TokenFault::File {
            path,
            cause: format!("the token's own file cannot be copied there: {fault}"),
        });
    }
    let attempt = latch.prepare(&pin)?;
    board.counters.logins.count();
    match session.login(&pin) {
        Ok(())
        | Err(ModuleFault {
            value: ReturnValue::UserAlreadyLoggedIn,
            ..
        }) => {
            *lock(&board.refused_pin) = None;
            attempt.accepted()
        }
        Err(fault) => Err(no_login(fault, attempt, settings, board)),
    }
}

/// What a login that failed means, remembered if it must be.
fn no_login(fault: ModuleFault, attempt: Attempt<'_>, settings: &TokenSettings, board: &Board) -> TokenFault {
    let meaning = match fault.disposition() {
        Disposition::Permanent(Trouble::PinRefused) => {
            if let Err((line, fault)) = attempt.refused() {
                tracing::error!(%fault, "a refused PIN is remembered in memory alone");
                *lock(&board.refused_pin) = Some(line);
            }
            let pin_file = settings.pin_file.clone();
            return TokenFault::PinIncorrect { pin_file };
        }
        Disposition::Permanent(Trouble::PinLocked) => TokenFault::PinLocked,
        Disposition::Permanent(Trouble::PinUnusable) => TokenFault::PinUnusable {
            cause: fault.to_string(),
        },
        Disposition::Permanent(
            Trouble::CiphertextOrToken
            | Trouble::Key
            | Trouble::Storage
            | Trouble::Mechanism
            | Trouble::Forbidden
            | Trouble::Request,
        )
        | Disposition::RetryHere
        | Disposition::NewSession
        | Disposition::LogIn
        | Disposition::FindAgain
        | Disposition::Reinitialise
        | Disposition::ReplaceWorker => away(fault),
    };
    attempt.undecided();
    meaning
}

/// How new symmetric keys encrypt: as the profile wants it, if the token shows that it can. And if not, why.
fn suite<S: ModuleSession>(session: &S, settings: &TokenSettings) -> Result<(Suite, Option<String>), TokenFault> {
    let wanted = Suite::from(settings.profile.suite);
    if wanted == Suite::Direct {
        return Ok((Suite::Direct, None));
    }
    let why = match message_key::probe(session).map_err(away)? {
        Probed::Works => return Ok((wanted, None)),
        Probed::Refused(fault) => fault.to_string(),
        Probed::Differs => "what one derived key encrypted another did not open".to_owned(),
    };
    tracing::warn!(
        why,
        "the token cannot do {wanted}; new keys encrypt with {}",
        Suite::Direct
    );
    Ok((Suite::Direct, Some(why)))
}

fn describe(offer: &Offer, suite_refused: Option<String>, token: TokenInfo) -> TokenDescription {
    TokenDescription {
        label: token.label,
        serial: token.serial,
        manufacturer: token.manufacturer,
        model: token.model,
        firmware: token.firmware,
        suite: offer.suite(),
        suite_refused,
        mechanisms: offer.mechanisms().iter().map(|mechanism| mechanism.as_str()).collect(),
    }
}
