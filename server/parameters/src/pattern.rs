//! [`Pattern`]: a regular expression that a parameter's values must fit.
//!
//! Its time is linear in the value, whatever the expression: there are no back-references and no look-around, which AWS's
//! allow and which can take exponential time. An expression that needs them does not compile, and neither does one whose
//! automaton would be too large.

use regex::{Regex, RegexBuilder};
use strongroom_base::limits::{
    PARAMETER_PATTERN_BYTES_MAX, PARAMETER_PATTERN_LENGTH_MAX, PARAMETER_PATTERN_NESTING_MAX,
};
use strongroom_base::{Code, Fault};

use crate::constraint;
use crate::value::Value;

/// A pattern that compiles.
#[derive(Debug)]
pub(crate) struct Pattern {
    text: String,
    compiled: Regex,
}

impl Pattern {
    /// The pattern of a request.
    ///
    /// # Errors
    /// ValidationException for more than 1,024 characters, InvalidAllowedPatternException for what does not compile.
    pub(crate) fn parse(text: String) -> Result<Self, Fault> {
        constraint::length("allowedPattern", text.chars().count(), 0, PARAMETER_PATTERN_LENGTH_MAX)?;
        let compiled = RegexBuilder::new(&text)
            .size_limit(PARAMETER_PATTERN_BYTES_MAX)
            .dfa_size_limit(PARAMETER_PATTERN_BYTES_MAX)
            .nest_limit(PARAMETER_PATTERN_NESTING_MAX)
            .build();
        let compiled = compiled.map_err(|cause| {
            let why = match &cause {
                regex::Error::CompiledTooBig(_) => "It is too large.",
                _ => "It is not a regular expression that this service supports.",
            };
            let message = format!("The request doesn't meet the regular expression requirement: {text}. {why}");
            Fault::new(Code::InvalidAllowedPattern, message).because(cause)
        })?;
        Ok(Self { text, compiled })
    }

    /// The expression as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Refuses a value that does not fit. As AWS's, a pattern without anchors fits a part of the value.
    pub(crate) fn check(&self, value: &Value) -> Result<(), Fault> {
        if value.reads(|text| self.compiled.is_match(text)) {
            return Ok(());
        }
        Err(Fault::new(
            Code::ParameterPatternMismatch,
            format!(
                "Parameter value, cannot be validated against allowedPattern: {}",
                self.text
            ),
        ))
    }
}
