//! The only door to `cryptoki`: [`Module`] over a real PKCS#11 library.

mod derivation;
mod faults;
mod import;
mod key_wrap;
mod mechanisms;
mod objects;
mod session;
mod templates;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::ObjectHandle;
use cryptoki::slot::{Limit, Slot};
use strongroom_hsm_config::MechanismName;

use self::faults::fault;
use self::session::Pkcs11Session;
use crate::board::lock;
use crate::fault::TokenFault;
use crate::module::{Function, Module, ModuleFault, ReturnValue, SlotNumber, TokenInfo};

/// The libraries that are initialised in this process. A second user of one would log the first one out, and its
/// C_Finalize would take the first one's sessions away.
static INITIALISED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// A loaded PKCS#11 library.
pub(crate) struct Pkcs11Module {
    context: Pkcs11,
    library: PathBuf,
    /// Whether the entry in [`INITIALISED`] is this one's.
    initialised: AtomicBool,
}

impl Pkcs11Module {
    /// Loads the library.
    pub(crate) fn load(library: &Path) -> Result<Self, TokenFault> {
        let missing = |cause: String| TokenFault::ModuleMissing {
            library: library.to_owned(),
            cause,
        };
        let path = library.canonicalize().map_err(|fault| missing(fault.to_string()))?;
        let context = Pkcs11::new(&path).map_err(|fault| missing(fault.to_string()))?;
        Ok(Self {
            context,
            library: path,
            initialised: AtomicBool::new(false),
        })
    }

    fn release(&self) {
        if self.initialised.swap(false, Ordering::AcqRel) {
            lock(&INITIALISED).remove(&self.library);
        }
    }
}

impl Drop for Pkcs11Module {
    fn drop(&mut self) {
        self.release();
    }
}

impl Module for Pkcs11Module {
    type Handle = ObjectHandle;
    type Session = Pkcs11Session;

    fn initialize(&self) -> Result<(), ModuleFault> {
        if !lock(&INITIALISED).insert(self.library.clone()) {
            return Err(ModuleFault {
                function: Function::Initialize,
                value: ReturnValue::CryptokiAlreadyInitialized,
            });
        }
        self.initialised.store(true, Ordering::Release);
        let initialized = self
            .context
            .initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
        initialized.map_err(|error| {
            let fault = fault(Function::Initialize, &error);
            // Kryoptic counts as initialised from then on although it is not; whoever was there first is left alone.
            if fault.value != ReturnValue::CryptokiAlreadyInitialized {
                let _ = self.context.clone().finalize();
            }
            self.release();
            fault
        })
    }

    fn finalize(&self) -> Result<(), ModuleFault> {
        let finalized = self.context.clone().finalize();
        self.release();
        finalized.map_err(|error| fault(Function::Finalize, &error))
    }

    fn tokens(&self) -> Result<Vec<TokenInfo>, ModuleFault> {
        let slots = self
            .context
            .get_slots_with_token()
            .map_err(|error| fault(Function::GetSlotList, &error))?;
        let mut tokens = Vec::new();
        for slot in slots {
            // One broken token must not hide the others.
            match self.initialised_token(slot) {
                Ok(token) => tokens.extend(token),
                Err(fault) => tracing::warn!(%fault, %slot, "a token does not answer"),
            }
        }
        Ok(tokens)
    }

    fn token_info(&self, slot: SlotNumber) -> Result<TokenInfo, ModuleFault> {
        let function = Function::GetTokenInfo;
        let token = self.initialised_token(slot_of(function, slot)?)?;
        token.ok_or(ModuleFault {
            function,
            value: ReturnValue::TokenNotInitialized,
        })
    }

    fn missing_mechanisms(
        &self,
        slot: SlotNumber,
        wanted: &[MechanismName],
    ) -> Result<Vec<MechanismName>, ModuleFault> {
        let function = Function::GetMechanismList;
        let slot = slot_of(function, slot)?;
        let offered = self.context.get_mechanism_list(slot);
        let offered = offered.map_err(|error| fault(function, &error))?;
        // `cryptoki` leaves out of the list what it has no name for; of such a one the token is asked by itself.
        let is_there = |name: &MechanismName| match name {
            MechanismName::AesKeyWrapKwp => {
                let asked = self.context.get_mechanism_info(slot, mechanisms::mechanism_type(*name));
                asked.is_ok()
            }
            name => offered.contains(&mechanisms::mechanism_type(*name)),
        };
        Ok(wanted.iter().copied().filter(|name| !is_there(name)).collect())
    }

    fn open_session(&self, slot: SlotNumber) -> Result<Pkcs11Session, ModuleFault> {
        let function = Function::OpenSession;
        let session = self.context.open_rw_session(slot_of(function, slot)?);
        session.map(Pkcs11Session::new).map_err(|error| fault(function, &error))
    }
}

impl Pkcs11Module {
    fn initialised_token(&self, slot: Slot) -> Result<Option<TokenInfo>, ModuleFault> {
        let info = self
            .context
            .get_token_info(slot)
            .map_err(|error| fault(Function::GetTokenInfo, &error))?;
        Ok(info.token_initialized().then(|| TokenInfo {
            slot: SlotNumber(slot.id()),
            label: info.label().to_owned(),
            serial: info.serial_number().to_owned(),
            manufacturer: info.manufacturer_id().to_owned(),
            model: info.model().to_owned(),
            firmware: info.firmware_version().to_string(),
            pin_final_try: info.user_pin_final_try(),
            pin_locked: info.user_pin_locked(),
            session_max: match info.max_rw_session_count() {
                Limit::Max(limit) => Some(limit),
                Limit::Unavailable | Limit::Infinite => None,
            },
        }))
    }
}

fn slot_of(function: Function, slot: SlotNumber) -> Result<Slot, ModuleFault> {
    Slot::try_from(slot.0).map_err(|error| fault(function, &error))
}
