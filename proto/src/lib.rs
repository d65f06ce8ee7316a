//! The gRPC interface: .proto files and the code made from them.
