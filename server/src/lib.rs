//! The service: command line, configuration, composition, listeners and background jobs.
