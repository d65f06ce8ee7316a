//! What each kind of token can and needs, as data.
