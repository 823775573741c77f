//! Spans to an OpenTelemetry collector, over HTTP with protobuf. On with `OTEL_EXPORTER_OTLP_ENDPOINT`, or with
//! `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`; the other variables of OpenTelemetry's SDK have their usual meaning.

#[cfg(test)]
mod tests;

use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use tracing_opentelemetry::OpenTelemetryLayer;

/// What one attempt may take, to connect and for each read and write.
const WITHIN: Duration = Duration::from_secs(5);
/// The most of an answer that is read: a collector has little to say.
const MOST: u64 = 64 << 10;

/// Sends spans until it is dropped, which sends what is left.
pub(crate) struct Exporter(SdkTracerProvider);

impl Exporter {
    /// The exporter that the environment asks for; none when it asks for none.
    ///
    /// # Errors
    /// Settings that are wrong, in words.
    pub(crate) fn of_environment() -> Result<Option<Self>, String> {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !set("OTEL_EXPORTER_OTLP_ENDPOINT") && !set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
            return Ok(None);
        }
        Self::start(None).map(Some)
    }

    fn start(endpoint: Option<&str>) -> Result<Self, String> {
        let mut exporter =
            SpanExporter::builder().with_http().with_http_client(Plain).with_protocol(Protocol::HttpBinary);
        if let Some(endpoint) = endpoint {
            exporter = exporter.with_endpoint(endpoint);
        }
        let exporter = exporter.build().map_err(|error| format!("the OpenTelemetry exporter: {error}"))?;
        let resource = Resource::builder();
        let named = std::env::var_os("OTEL_SERVICE_NAME").is_some();
        let resource = if named { resource } else { resource.with_service_name("connect") };
        Ok(Self(SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build()))
    }

    /// What hands spans to it.
    pub(crate) fn layer<S>(&self) -> OpenTelemetryLayer<S, Tracer>
    where
        S: tracing::Subscriber + for<'span> tracing_subscriber::registry::LookupSpan<'span>,
    {
        tracing_opentelemetry::layer().with_tracer(self.0.tracer("connect"))
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        // The collector may be gone; then nobody is left to tell.
        let _ = self.0.shutdown();
    }
}

/// HTTP without TLS, for a collector beside the worker. It blocks, on the thread that the SDK has for that.
#[derive(Debug)]
struct Plain;

#[async_trait::async_trait]
impl HttpClient for Plain {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        Ok(Response::builder().status(send(&request)?).body(Bytes::new())?)
    }
}

/// The status of the answer.
fn send(request: &Request<Bytes>) -> io::Result<u16> {
    let wrong = |why: String| io::Error::new(io::ErrorKind::InvalidInput, why);
    let uri = request.uri();
    let host = uri.host().unwrap_or_default();
    if uri.scheme_str() != Some("http") {
        return Err(wrong(format!("{uri}: only http:// is possible; a collector on this machine can go on with TLS")));
    }
    let port = uri.port_u16().unwrap_or(80);
    let address = (host.trim_matches(['[', ']']), port).to_socket_addrs()?.next();
    let address = address.ok_or_else(|| wrong(format!("{host} has no address")))?;
    let mut stream = TcpStream::connect_timeout(&address, WITHIN)?;
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_write_timeout(Some(WITHIN))?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let mut head = format!("{} {path} HTTP/1.1\r\nhost: {host}:{port}\r\nconnection: close\r\n", request.method());
    for (name, value) in request.headers() {
        let value = value.to_str().map_err(|_| wrong(format!("header {name} is no text")))?;
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {}\r\n\r\n", request.body().len()));
    stream.write_all(head.as_bytes())?;
    stream.write_all(request.body())?;
    let mut answer = Vec::new();
    stream.take(MOST).read_to_end(&mut answer)?;
    let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let status = std::str::from_utf8(line).ok().and_then(|line| line.split(' ').nth(1)?.parse().ok());
    status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "the collector's answer is not HTTP"))
}
