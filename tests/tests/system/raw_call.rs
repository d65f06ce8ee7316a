//! One gRPC call with a request that is encoded already; of the answer only success or status counts.

use prost::bytes::{Buf, BufMut};
use tokio_stream::Stream;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic::{Request, Status};

pub(crate) async fn unary(channel: &Channel, path: &str, request: &[u8]) -> Result<(), Status> {
    unary_with(channel, path, Request::new(request.to_vec())).await
}

/// The same, with what the request's metadata say.
pub(crate) async fn unary_with(channel: &Channel, path: &str, request: Request<Vec<u8>>) -> Result<(), Status> {
    let (mut client, path) = prepared(channel, path).await?;
    // A call whose answer is one message is a stream of one; of a longer one the first message says whether it is allowed.
    let answer = client.server_streaming(request, path, Raw).await?;
    answer.into_inner().message().await.map(drop)
}

/// A request of as many messages as the stream gives.
pub(crate) async fn streamed(
    channel: &Channel,
    path: &str,
    messages: impl Stream<Item = Vec<u8>> + Send + 'static,
) -> Result<(), Status> {
    let (mut client, path) = prepared(channel, path).await?;
    client
        .client_streaming(Request::new(messages), path, Raw)
        .await
        .map(drop)
}

async fn prepared(channel: &Channel, path: &str) -> Result<(Grpc<Channel>, PathAndQuery), Status> {
    let mut client = Grpc::new(channel.clone());
    client
        .ready()
        .await
        .map_err(|error| Status::unavailable(error.to_string()))?;
    Ok((client, path.parse().unwrap()))
}

struct Raw;

impl Codec for Raw {
    type Encode = Vec<u8>;
    type Decode = ();
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Raw {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, request: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put_slice(&request);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = ();
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<()>, Status> {
        buffer.advance(buffer.remaining());
        Ok(Some(()))
    }
}
