//! As much of HTTP as a Connect worker's REST interface needs.

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::Result;

/// Asks a worker on this machine; `None` when it answers that there is no such thing, or not yet.
///
/// # Errors
/// It does not answer, or with anything but success and 404, 409 and 503.
pub(crate) async fn ask(port: u16, method: &str, path: &str, body: &str) -> Result<Option<Value>> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let length = body.len();
    // Of version 1.0, so that the answer ends with the connection.
    let head =
        format!("{method} {path} HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
    stream.write_all(format!("{head}{body}").as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.split(' ').nth(1).unwrap_or_default();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    match status {
        "204" => Ok(Some(Value::Null)),
        "200" | "201" => Ok(Some(serde_json::from_str(body)?)),
        "404" | "409" | "503" => Ok(None),
        _ => Err(format!("{method} {path}: {answer}").into()),
    }
}
