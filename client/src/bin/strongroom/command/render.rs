//! `strongroom render`: a template with the values of secrets in the place of its dynamic references.

mod reference;
mod resolver;
mod template;

use std::path::PathBuf;

use clap::Args;
use strongroom::{Material, SecretValue};

use self::resolver::Resolver;
use self::template::Template;
use super::Session;
use crate::emit::{self, Reveal};
use crate::encoding::Encoding;
use crate::fault::CommandFault;
use crate::files::Source;

/// Bytes of a template, as of a CloudFormation template in S3.
const TEMPLATE_BYTES_MAX: usize = 1 << 20;

/// Fill in a template.
#[derive(Args)]
pub(crate) struct Render {
    /// The template, with {{resolve:secretsmanager:SECRET:SecretString:JSON-KEY:STAGE:VERSION-ID}}; stdin if not given
    #[arg(long = "in", value_name = "FILE")]
    input: Option<PathBuf>,
    #[command(flatten)]
    reveal: Reveal,
}

impl Render {
    pub(crate) async fn run(self, session: &Session) -> Result<(), CommandFault> {
        self.reveal.check("the filled template")?;
        let source = Source::open(self.input.as_deref())?;
        let name = source.name.clone();
        let bytes = source.read_all(TEMPLATE_BYTES_MAX, "a template")?;
        let text = String::from_utf8(bytes).map_err(|_| CommandFault::Template {
            place: name.clone(),
            what: "it is not UTF-8".to_owned(),
        })?;
        // All of it is understood before anything is asked for.
        let template = Template::parse(&text).map_err(|fault| fault.of_file(&name))?;
        let mut resolver = Resolver::new(&session.client);
        let mut filled = Vec::new();
        for piece in template.pieces() {
            resolver.fill(piece, &mut filled).await?;
        }
        let filled: Material<SecretValue> = Material::take(filled);
        emit::material(&filled, Encoding::Raw, &self.reveal)
    }
}
