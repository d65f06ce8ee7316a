//! Durable, sealed records: the Store trait, transactions, sled and memory.
