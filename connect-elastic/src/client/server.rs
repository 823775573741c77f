//! What answers: Elasticsearch or OpenSearch, of which version.

use std::fmt;

use hyper::Method;
use serde::Deserialize;

use super::{Call, Client, Trouble};

/// A kind of server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Distribution {
    Elasticsearch,
    OpenSearch,
    /// Elastic's, which has no versions.
    Serverless,
}

/// What a server says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) distribution: Distribution,
    /// Major and minor.
    pub(crate) version: (u32, u32),
    text: String,
}

#[derive(Deserialize)]
struct Root {
    version: Version,
}

#[derive(Deserialize)]
struct Version {
    number: String,
    #[serde(default)]
    distribution: String,
    #[serde(default)]
    build_flavor: String,
}

impl Server {
    /// Reads the answer to `GET /`.
    pub(super) fn read(body: &[u8]) -> Option<Self> {
        let Root { version } = serde_json::from_slice(body).ok()?;
        let distribution = match (version.distribution.as_str(), version.build_flavor.as_str()) {
            ("opensearch", _) => Distribution::OpenSearch,
            (_, "serverless") => Distribution::Serverless,
            _ => Distribution::Elasticsearch,
        };
        // A pre-release is told by what follows a dash.
        let mut numbers = version.number.split('.').map(|part| part.split('-').next().unwrap_or_default().parse().ok());
        let major = numbers.next().flatten()?;
        let minor = numbers.next().flatten().unwrap_or_default();
        Some(Self { distribution, version: (major, minor), text: version.number })
    }

    /// Why it cannot be written to.
    pub(crate) fn unsupported(&self, data_stream: bool) -> Option<String> {
        if self.distribution != Distribution::Elasticsearch {
            return None;
        }
        let least = if data_stream { (7, 9) } else { (7, 0) };
        (self.version < least).then(|| {
            let what = if data_stream { "data streams need" } else { "this connector needs" };
            format!("the server is {self}; {what} {}.{} or newer", least.0, least.1)
        })
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.distribution {
            Distribution::Elasticsearch => "Elasticsearch",
            Distribution::OpenSearch => "OpenSearch",
            Distribution::Serverless => "Elasticsearch Serverless",
        };
        write!(f, "{name} {}", self.text)
    }
}

impl Client {
    /// Asks what answers; `None` when it does not say.
    ///
    /// # Errors
    /// There is no answer, or one that nobody is there now.
    pub(crate) async fn server(&self) -> Result<Option<Server>, Trouble> {
        let reply = self.call(&Call::bare(Method::GET, "/")).await?;
        match reply.status {
            // What stands before a server says so while the server is not there.
            502..=504 => Err(Trouble::unable(reply.status)),
            _ if reply.is_fine() => Ok(Server::read(&reply.body)),
            _ => Ok(None),
        }
    }
}
