//! Requests to bytes and bytes to replies.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use kafka_protocol::messages::{RequestHeader, ResponseHeader};
use kafka_protocol::protocol::{Decodable, Encodable, HeaderVersion, StrBytes};

use super::api::Api;
use crate::{BrokerError, Code, Result};

/// Bytes of the length that stands before each frame.
pub(super) const LENGTH: usize = 4;
/// Where the correlation id of an encoded request stands: after length, api key and version.
const CORRELATION_AT: usize = LENGTH + 4;

/// A request with its length; the correlation id is still 0.
pub(super) fn encode<R: Api>(request: &R, version: i16, client_id: &StrBytes) -> Result<BytesMut> {
    let failed = |error| {
        BrokerError::new(Code::InvalidRequest, format!("cannot encode {} in version {version}: {error}", R::NAME))
    };
    let header = RequestHeader::default()
        .with_request_api_key(R::KEY)
        .with_request_api_version(version)
        .with_client_id(Some(client_id.clone()));
    let header_version = R::header_version(version);
    let size = header.compute_size(header_version).map_err(failed)? + request.compute_size(version).map_err(failed)?;
    let length = i32::try_from(size)
        .map_err(|_| BrokerError::new(Code::MessageTooLarge, format!("{} is too large", R::NAME)))?;
    let mut frame = BytesMut::with_capacity(LENGTH + size);
    frame.put_i32(length);
    header.encode(&mut frame, header_version).map_err(failed)?;
    request.encode(&mut frame, version).map_err(failed)?;
    Ok(frame)
}

/// Numbers an encoded request.
pub(super) fn set_correlation(frame: &mut [u8], id: i32) {
    frame[CORRELATION_AT..CORRELATION_AT + 4].copy_from_slice(&id.to_be_bytes());
}

/// The number of a reply.
pub(super) fn correlation(frame: &[u8]) -> Option<i32> {
    frame.first_chunk::<4>().map(|id| i32::from_be_bytes(*id))
}

/// A reply without its length.
pub(super) fn decode<R: Api>(mut frame: Bytes, version: i16) -> Result<R::Response> {
    let failed = |error: String| {
        BrokerError::new(Code::NetworkException, format!("cannot read the answer to {} (v{version}): {error}", R::NAME))
    };
    ResponseHeader::decode(&mut frame, R::Response::header_version(version)).map_err(|e| failed(e.to_string()))?;
    R::REPLY.check(version, &frame).map_err(|_| failed("it is shorter than it says".into()))?;
    let response = R::Response::decode(&mut frame, version).map_err(|e| failed(e.to_string()))?;
    if frame.has_remaining() {
        return Err(failed(format!("{} bytes are left over", frame.remaining())));
    }
    Ok(response)
}
