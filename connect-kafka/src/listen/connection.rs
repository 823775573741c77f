//! One connection: frames in, frames out, in order.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::{Buf, Bytes, BytesMut};
use kafka_protocol::messages::{ApiKey, RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::apis::Supported;
use super::handle::Front;
use super::schema::{walk, walk_tags};

/// Bytes before a frame's content.
const LENGTH: usize = 4;
/// Call, version, correlation id.
const HEADER_START: usize = 8;

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// The client went.
    Gone,
    /// A fault asks for the answer to be lost, or the broker was closed.
    Lost,
    /// The client sent what is no request.
    Garbage(String),
}

/// A request's frame, taken apart as far as all requests are alike.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) key: ApiKey,
    pub(super) version: i16,
    pub(super) correlation: i32,
    pub(super) client_id: String,
    pub(super) body: Bytes,
}

pub(super) async fn serve(socket: TcpStream, peer: SocketAddr, front: Arc<Front>) {
    // Answers are small and awaited.
    let _ = socket.set_nodelay(true);
    match talk(socket, &front).await {
        Ok(never) => match never {},
        Err(End::Gone | End::Lost) => tracing::debug!(%peer, "connection ended"),
        Err(End::Garbage(why)) => tracing::warn!(%peer, why, "connection closed: it sent no valid request"),
    }
}

async fn talk(mut socket: TcpStream, front: &Front) -> Result<std::convert::Infallible, End> {
    let mut input = BytesMut::new();
    loop {
        let frame = read_frame(&mut socket, &mut input, front.max_request_bytes()).await?;
        if let Some(answer) = super::dispatch::answer(front, frame).await? {
            socket.write_all(&answer).await.map_err(|_| End::Gone)?;
        }
    }
}

/// The next frame's content. Memory grows with what arrives, not with what a length promises.
async fn read_frame(socket: &mut TcpStream, input: &mut BytesMut, limit: usize) -> Result<Bytes, End> {
    loop {
        if let Some(length) = input.first_chunk::<LENGTH>() {
            let length = i32::from_be_bytes(*length);
            let Some(length) = usize::try_from(length).ok().filter(|length| *length <= limit) else {
                return Err(End::Garbage(format!("a request of {length} bytes, at most {limit} are allowed")));
            };
            if input.len() >= LENGTH + length {
                input.advance(LENGTH);
                return Ok(input.split_to(length).freeze());
            }
        }
        if socket.read_buf(input).await.map_err(|_| End::Gone)? == 0 {
            return Err(End::Gone);
        }
    }
}

/// Takes a frame apart. Only `ApiVersions` may come in a version that is not supported; it has no body then.
pub(super) fn parse(frame: Bytes) -> Result<(Call, &'static Supported), End> {
    let garbage = |why: &str| End::Garbage(why.to_owned());
    let Some(start) = frame.first_chunk::<HEADER_START>() else { return Err(garbage("a request without header")) };
    let [k0, k1, v0, v1, correlation @ ..] = *start;
    let (key, version) = (i16::from_be_bytes([k0, k1]), i16::from_be_bytes([v0, v1]));
    let correlation = i32::from_be_bytes(correlation);
    let Some(api) = Supported::find(key) else { return Err(End::Garbage(format!("call {key} is not supported"))) };
    if !api.has(version) {
        if api.key == ApiKey::ApiVersions {
            // The one call whose version a client cannot know.
            let client_id = String::new();
            return Ok((Call { key: api.key, version, correlation, client_id, body: Bytes::new() }, api));
        }
        return Err(End::Garbage(format!("version {version} of {:?} is not supported", api.key)));
    }
    let flexible = version >= api.flexible;
    let header_version = if flexible { 2 } else { 1 };
    let mut rest = &frame[HEADER_START..];
    let header = (|| {
        let length = i16::from_be_bytes(*rest.first_chunk::<2>()?);
        rest = rest.get(2 + usize::try_from(length).unwrap_or(0)..)?;
        if flexible { walk_tags(&mut rest) } else { Some(()) }
    })();
    let walked = header.and_then(|()| walk(&mut rest, api.fields, version, flexible));
    if walked.is_none() {
        return Err(End::Garbage(format!("a malformed {:?} request of version {version}", api.key)));
    }
    let mut body = frame;
    let header = RequestHeader::decode(&mut body, header_version)
        .map_err(|error| End::Garbage(format!("a malformed request header: {error}")))?;
    let client_id = header.client_id.map_or_else(String::new, |id| id.to_string());
    Ok((Call { key: api.key, version, correlation, client_id, body }, api))
}

/// An answer as a frame.
pub(super) fn encode<T: Encodable + HeaderVersion>(correlation: i32, version: i16, answer: &T) -> Result<Bytes, End> {
    let mut frame = BytesMut::zeroed(LENGTH);
    let header = ResponseHeader::default().with_correlation_id(correlation);
    let encoded = header
        .encode(&mut frame, T::header_version(version))
        .and_then(|()| answer.encode(&mut frame, version))
        .map_err(|error| error.to_string());
    let length = i32::try_from(frame.len() - LENGTH).map_err(|_| "it is larger than 2 GiB".to_owned());
    match encoded.and(length) {
        Ok(length) => {
            frame[..LENGTH].copy_from_slice(&length.to_be_bytes());
            Ok(frame.freeze())
        }
        Err(error) => {
            tracing::error!(error, "an answer cannot be encoded");
            Err(End::Lost)
        }
    }
}
