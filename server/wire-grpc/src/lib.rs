//! gRPC: convert, run through the gate, convert back.
