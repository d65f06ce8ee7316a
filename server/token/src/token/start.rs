//! Starting a token: one thread per data lane and asymmetric lane, and one for control.

use std::sync::Arc;
use std::thread;

use crossbeam_channel::bounded;
use strongroom_base::limits;

use super::{Inner, Token};
use crate::board::{Board, Lanes};
use crate::control;
use crate::engine::Engine;
use crate::fault::TokenFault;
use crate::job::LaneKind;
use crate::lane::{self, Queues};
use crate::module::Module;
use crate::pkcs11::Pkcs11Module;
use crate::settings::TokenSettings;
use crate::software_token::SoftwareToken;

impl Token {
    /// Loads the module and starts the lanes. The token itself may be away: [`Self::first_contact`] tells.
    ///
    /// # Errors
    /// [`TokenFault::ModuleMissing`], or settings that cannot work.
    pub fn start(settings: TokenSettings) -> Result<Self, TokenFault> {
        let module = Pkcs11Module::load(&settings.library)?;
        Self::start_over(module, settings)
    }

    /// The same over a token in memory, for tests.
    ///
    /// # Errors
    /// Settings that cannot work.
    #[cfg(any(test, feature = "fake"))]
    pub fn start_with(module: crate::fake::FakeModule, settings: TokenSettings) -> Result<Self, TokenFault> {
        Self::start_over(module, settings)
    }

    fn start_over<M: Module>(module: M, settings: TokenSettings) -> Result<Self, TokenFault> {
        SoftwareToken::of(&settings).check()?;
        check_state_directory(&settings)?;
        let board = Arc::new(Board::new());
        let (data, data_queue) = bounded(limits::TOKEN_DATA_QUEUE_MAX);
        let (asymmetric, asymmetric_queue) = bounded(limits::TOKEN_ASYMMETRIC_QUEUE_MAX);
        let queues = Queues { data, asymmetric };
        let (control, control_queue) = bounded(limits::TOKEN_CONTROL_QUEUE_MAX);
        let profile = settings.profile.name.clone();
        let engine = Arc::new(Engine::new(module, settings, Arc::clone(&board), control.clone()));
        let lane_counts = (
            engine.settings.profile.data_lanes,
            engine.settings.profile.asymmetric_lanes,
        );
        for number in 0..engine.lanes.len() {
            let (name, kind, queue) = match number.checked_sub(lane_counts.0) {
                None => (format!("token-data-{number}"), LaneKind::Data, data_queue.clone()),
                Some(number) => {
                    let name = format!("token-asym-{number}");
                    (name, LaneKind::Asymmetric, asymmetric_queue.clone())
                }
            };
            let engine = Arc::clone(&engine);
            spawn(name, move || {
                if let Some(own) = engine.lanes.get(number) {
                    lane::run(&engine, own, kind, &queue);
                }
            })?;
        }
        let (lanes, back): (Arc<dyn Lanes>, _) = (Arc::clone(&engine) as _, queues.clone());
        spawn("token-control".to_owned(), move || {
            control::run(engine, control_queue, back);
        })?;
        Ok(Self {
            inner: Arc::new(Inner {
                board,
                queues,
                control,
                lanes,
                lane_counts,
                profile,
            }),
        })
    }
}

fn spawn(name: String, work: impl FnOnce() + Send + 'static) -> Result<(), TokenFault> {
    let spawned = thread::Builder::new().name(name).spawn(work);
    spawned.map(drop).map_err(|fault| TokenFault::Unavailable {
        cause: format!("no thread for a lane: {fault}"),
    })
}

fn check_state_directory(settings: &TokenSettings) -> Result<(), TokenFault> {
    let path = settings.state_directory.clone();
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => Ok(()),
        Ok(_) => Err(TokenFault::File {
            path,
            cause: "it is not a directory".to_owned(),
        }),
        Err(fault) => Err(TokenFault::File {
            path,
            cause: fault.to_string(),
        }),
    }
}
