//! From an address to a connection that may be used: TCP, TLS, versions, authentication.

use std::net::SocketAddr;
use std::time::Duration;

use kafka_protocol::messages::ApiVersionsRequest;
use kafka_protocol::protocol::StrBytes;
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::{Instant, timeout_at};

use super::config::{HostPort, WireConfig};
use super::connection::Connection;
use super::frame;
use super::sasl;
use super::tls::Tls;
use super::versions::Versions;
use crate::{BrokerError, Code, Result};

/// Replies before anything is known of the broker.
const GREETING_LIMIT: usize = 1 << 20;

/// Opens connections.
pub(super) struct Dialer {
    config: WireConfig,
    client_id: StrBytes,
    tls: Option<Tls>,
}

impl std::fmt::Debug for Dialer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dialer").field("config", &self.config).finish_non_exhaustive()
    }
}

impl Dialer {
    pub(super) fn new(config: WireConfig) -> Result<Self> {
        let tls = config.ssl.as_ref().map(Tls::new).transpose()?;
        Ok(Self { client_id: StrBytes::from_string(config.client_id.clone()), tls, config })
    }

    pub(super) fn config(&self) -> &WireConfig {
        &self.config
    }

    pub(super) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// Connects, tries every address that the name has, and authenticates, all within `time`.
    pub(super) async fn dial(&self, to: &HostPort, time: Duration) -> Result<Connection> {
        let deadline = Instant::now() + time;
        match timeout_at(deadline, self.dial_before(to, deadline)).await {
            Ok(dialed) => dialed,
            Err(_) => {
                Err(network(format!("cannot connect to {to}: nothing came of it within {} ms", time.as_millis())))
            }
        }
    }

    async fn dial_before(&self, to: &HostPort, deadline: Instant) -> Result<Connection> {
        let stream = self.tcp(to).await?;
        let peer = to.to_string();
        let idle = self.config.max_idle;
        let mut connection = match &self.tls {
            None => {
                let (reader, writer) = stream.into_split();
                Connection::start(peer, self.client_id.clone(), Box::new(reader), Box::new(writer), idle)
            }
            Some(tls) => {
                let (reader, writer) = tokio::io::split(tls.wrap(&to.host, &peer, stream).await?);
                Connection::start(peer, self.client_id.clone(), Box::new(reader), Box::new(writer), idle)
            }
        };
        let left = || deadline.saturating_duration_since(Instant::now());
        let versions = versions(&connection, left()).await?;
        connection.set_versions(versions);
        if let Some(sasl) = &self.config.sasl {
            let lifetime = sasl::authenticate(&connection, sasl, left())
                .await
                .map_err(|error| BrokerError::new(error.code, format!("{to}: {}", error.message)))?;
            // Kafka's clients authenticate anew when 85 to 95 % have passed; this one connects anew.
            connection.retire_after(lifetime.map(|lifetime| lifetime.mul_f64(0.85)));
        }
        Ok(connection)
    }

    async fn tcp(&self, to: &HostPort) -> Result<TcpStream> {
        let addresses: Vec<SocketAddr> = lookup_host((to.host.as_str(), to.port))
            .await
            .map_err(|error| network(format!("cannot connect to {to}: the name is not known: {error}")))?
            .collect();
        let mut why = "the name has no address".to_owned();
        for address in addresses {
            match self.connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
                    why = format!("nobody listens on {address}");
                }
                Err(error) => why = format!("{address}: {error}"),
            }
        }
        Err(network(format!("cannot connect to {to}: {why}")))
    }

    async fn connect(&self, address: SocketAddr) -> std::io::Result<TcpStream> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        if let Some(bytes) = self.config.send_buffer {
            socket.set_send_buffer_size(bytes)?;
        }
        if let Some(bytes) = self.config.receive_buffer {
            socket.set_recv_buffer_size(bytes)?;
        }
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }
}

fn network(message: String) -> BrokerError {
    BrokerError::new(Code::NetworkException, message)
}

/// Asks what the broker speaks. One that is too old for the question answers in the oldest form.
async fn versions(connection: &Connection, within: Duration) -> Result<Versions> {
    let request = |version: i16| {
        let request = ApiVersionsRequest::default();
        if version < 3 {
            return request;
        }
        request
            .with_client_software_name(StrBytes::from_static_str("connect-rust"))
            .with_client_software_version(StrBytes::from_static_str(env!("CARGO_PKG_VERSION")))
    };
    let mut version = 3;
    loop {
        let reply = connection.exchange(&request(version), version, within, GREETING_LIMIT).await?;
        let unsupported = reply.get(4..6) == Some(&(Code::UnsupportedVersion as i16).to_be_bytes()[..]);
        if unsupported && version > 0 {
            version = 0;
            continue;
        }
        let response = frame::decode::<ApiVersionsRequest>(reply, version)?;
        if response.error_code != 0 {
            let code = Code::from_number(response.error_code).unwrap_or(Code::Unknown);
            return Err(BrokerError::new(
                code,
                format!("the broker refused to say what it speaks ({})", response.error_code),
            ));
        }
        return Ok(Versions::of(&response));
    }
}
