//! What the variables of AWS say.

use std::path::PathBuf;

use connect_api::config::Secret;

/// What AWS's variables say to every program: keys for connectors that sign requests and have none in their
/// configuration, and where STS is.
///
/// Connectors read the process's own when nothing else is given to them.
#[derive(Debug, Clone, Default)]
pub struct AwsEnvironment {
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: Option<String>,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Option<Secret<String>>,
    /// `AWS_SESSION_TOKEN`, which belongs to keys that are good for a while. They are not renewed.
    pub session_token: Option<Secret<String>>,
    /// `AWS_ROLE_ARN`: the role for which the token is.
    pub role_arn: Option<String>,
    /// `AWS_ROLE_SESSION_NAME`.
    pub role_session_name: Option<String>,
    /// `AWS_WEB_IDENTITY_TOKEN_FILE`: a file with a token, as Kubernetes writes it for pods with a role.
    pub web_identity_token_file: Option<PathBuf>,
    /// `AWS_ENDPOINT_URL_STS`: a URL in place of that of the region.
    pub sts_endpoint: Option<String>,
}

impl AwsEnvironment {
    /// What the variables of this process say now. Empty ones count as absent.
    #[must_use]
    pub fn of_process() -> Self {
        let of = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        Self {
            access_key_id: of("AWS_ACCESS_KEY_ID"),
            secret_access_key: of("AWS_SECRET_ACCESS_KEY").map(Secret::new),
            session_token: of("AWS_SESSION_TOKEN").map(Secret::new),
            role_arn: of("AWS_ROLE_ARN"),
            role_session_name: of("AWS_ROLE_SESSION_NAME"),
            web_identity_token_file: of("AWS_WEB_IDENTITY_TOKEN_FILE").map(PathBuf::from),
            sts_endpoint: of("AWS_ENDPOINT_URL_STS"),
        }
    }
}
