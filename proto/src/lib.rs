//! The gRPC interface: .proto files and the code made from them.
//!
//! This crate knows no other crate of the project: messages are bytes and strings, and what they mean is decided by
//! those who convert them. Messages that carry secrets have no `Debug`; the tests here hold the list.

/// Version 1 of the interface: messages, clients and servers.
#[allow(
    missing_docs,
    unreachable_pub,
    unused_qualifications,
    clippy::all,
    clippy::restriction,
    clippy::pedantic,
    reason = "generated code"
)]
pub mod v1 {
    tonic::include_proto!("strongroom.v1");

    /// The compiled .proto files, for the gRPC reflection service.
    pub const FILE_DESCRIPTOR_SET: &[u8] = tonic::include_file_descriptor_set!("strongroom.v1");
}

#[cfg(test)]
mod tests;
