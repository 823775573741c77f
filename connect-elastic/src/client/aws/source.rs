//! Whose keys requests are signed with.

use std::path::PathBuf;

use connect_api::config::Secret;

use crate::client::{Node, Proxy};

/// Keys of AWS.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) key_id: String,
    pub(crate) secret: Secret<String>,
    /// With keys that are good for a while.
    pub(crate) token: Option<Secret<String>>,
}

/// Where keys come from.
#[derive(Debug, Clone)]
pub(crate) enum Source {
    /// They are given, and stay.
    Given(Credentials),
    /// They are a role's, good for a while.
    Role(Box<Role>),
}

impl Source {
    /// The key of the configuration that is to blame when its keys are refused.
    pub(crate) fn blamed(&self) -> &'static str {
        match self {
            Self::Given(_) => "aws.access_key_id",
            Self::Role(role) => role.blamed,
        }
    }
}

/// A role that is taken on.
#[derive(Debug, Clone)]
pub(crate) struct Role {
    pub(crate) arn: String,
    /// What the session is called in AWS's logs.
    pub(crate) session: String,
    /// How long its keys are good.
    pub(crate) seconds: u32,
    pub(crate) external_id: Option<String>,
    pub(crate) proof: Proof,
    /// Who gives its keys.
    pub(crate) sts: Sts,
    /// The key of the configuration that is to blame when there are none.
    pub(crate) blamed: &'static str,
}

/// Who may take a role on.
#[derive(Debug, Clone)]
pub(crate) enum Proof {
    /// Who has these keys.
    Keys(Source),
    /// Who has the token in this file, which others write anew from time to time.
    TokenFile(PathBuf),
}

/// AWS's service that gives keys of roles.
#[derive(Debug, Clone)]
pub(crate) struct Sts {
    pub(crate) node: Node,
    /// What stands before all paths; empty or with a slash in front.
    pub(crate) prefix: String,
    pub(crate) region: String,
    /// The way to it is that to the cluster.
    pub(crate) proxy: Option<Proxy>,
}
