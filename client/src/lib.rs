//! Client for Strongroom: typed calls, envelope encryption of streams, and the strongroom command line.
