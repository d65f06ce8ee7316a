//! [`Module`] over the fake token.

use std::sync::{Arc, Mutex, MutexGuard};

use strongroom_hsm_config::MechanismName;

use super::session::FakeSession;
use super::world::{FakeHandle, OpenSession, World};
use crate::board::lock;
use crate::module::{Function, Module, ModuleFault, ReturnValue, SlotNumber, TokenInfo};

/// A module that works with one fake token.
pub struct FakeModule {
    world: Arc<Mutex<World>>,
}

impl FakeModule {
    pub(super) fn new(world: Arc<Mutex<World>>) -> Self {
        Self { world }
    }

    fn token(&self, function: Function) -> Result<Option<TokenInfo>, ModuleFault> {
        let mut world = enter(&self.world, function)?;
        if !world.seen {
            return Ok(None);
        }
        if world.is_broken() {
            return Err(ModuleFault {
                function,
                value: ReturnValue::GeneralError,
            });
        }
        Ok(Some(TokenInfo {
            slot: SlotNumber(0),
            label: world.label.to_owned(),
            serial: world.serial.to_string(),
            manufacturer: "Strongroom".to_owned(),
            model: "fake".to_owned(),
            firmware: "1.0".to_owned(),
            pin_final_try: world.pin_final_try,
            pin_locked: world.pin_locked,
            session_max: None,
        }))
    }
}

/// Begins a call: counts it, does what the script wants, and refuses if the module is not initialised.
pub(super) fn enter(world: &Mutex<World>, function: Function) -> Result<MutexGuard<'_, World>, ModuleFault> {
    let (delay, value) = lock(world).call(function);
    if !delay.is_zero() {
        std::thread::sleep(delay);
    }
    if let Some(value) = value {
        return Err(ModuleFault { function, value });
    }
    let world = lock(world);
    if world.initialised || function == Function::Initialize {
        Ok(world)
    } else {
        Err(ModuleFault {
            function,
            value: ReturnValue::CryptokiNotInitialized,
        })
    }
}

impl Module for FakeModule {
    type Handle = FakeHandle;
    type Session = FakeSession;

    fn initialize(&self) -> Result<(), ModuleFault> {
        let function = Function::Initialize;
        let mut world = enter(&self.world, function)?;
        if world.initialised {
            return Err(ModuleFault {
                function,
                value: ReturnValue::CryptokiAlreadyInitialized,
            });
        }
        world.initialised = true;
        world.seen = world.present;
        world.broken = false;
        world.logged_in = false;
        world.epoch += 1;
        Ok(())
    }

    fn finalize(&self) -> Result<(), ModuleFault> {
        let mut world = enter(&self.world, Function::Finalize)?;
        world.initialised = false;
        world.sessions.clear();
        Ok(())
    }

    fn tokens(&self) -> Result<Vec<TokenInfo>, ModuleFault> {
        Ok(self.token(Function::GetSlotList)?.into_iter().collect())
    }

    fn token_info(&self, _: SlotNumber) -> Result<TokenInfo, ModuleFault> {
        let function = Function::GetTokenInfo;
        self.token(function)?.ok_or(ModuleFault {
            function,
            value: ReturnValue::TokenNotPresent,
        })
    }

    fn missing_mechanisms(&self, _: SlotNumber, _: &[MechanismName]) -> Result<Vec<MechanismName>, ModuleFault> {
        enter(&self.world, Function::GetMechanismList).map(|_| Vec::new())
    }

    fn open_session(&self, _: SlotNumber) -> Result<FakeSession, ModuleFault> {
        let mut world = enter(&self.world, Function::OpenSession)?;
        let number = world.next_number();
        world.sessions.insert(number, OpenSession::default());
        Ok(FakeSession::new(Arc::clone(&self.world), number))
    }
}
