//! Keys of AWS: which requests are signed, and whose keys they are signed with.

use super::common::Checker;
use super::extra::ExtraConfig;
use crate::AwsEnvironment;
use crate::client::{Aws, Credentials, Node, Proof, Proxy, Role, Source, Sts};

const ROLE: &str = "aws.sts.role.arn";
const SESSION: &str = "aws.sts.role.session.name";
const KEYS: [&str; 2] = ["aws.access_key_id", "aws.secret_access_key"];
/// Name of a session that nobody named.
const NAMELESS: &str = "connect-elastic";
/// How long keys are good that others are asked for with.
const HOUR: u32 = 3600;

impl Checker {
    /// What requests are signed with, when they are. `user`: whether there is a user of basic authentication.
    pub(super) fn aws(
        &mut self,
        urls: &[String],
        user: bool,
        extra: &ExtraConfig,
        environment: &AwsEnvironment,
        proxy: Option<&Proxy>,
    ) -> Option<Aws> {
        let role = [
            (ROLE, &extra.aws_role),
            (SESSION, &extra.aws_session),
            ("aws.sts.role.external.id", &extra.aws_external_id),
        ];
        let keys = [
            ("aws.region", extra.aws_region.is_none()),
            ("aws.service.signing.name", extra.aws_service.is_none()),
            (KEYS[0], extra.aws_key_id.is_none()),
            (KEYS[1], extra.aws_secret.is_none()),
        ];
        if keys.iter().all(|(_, missing)| *missing) && role.iter().all(|(_, value)| value.is_none()) {
            return None;
        }
        for (key, missing) in &keys[..2] {
            self.wrong_if(*missing, &[key], "missing: requests to AWS are signed for a region and a service");
        }
        self.wrong_if(urls.len() != 1, &["connection.url"], "a domain of AWS has exactly one URL");
        let others = user || extra.api_key.is_some() || extra.bearer_token.is_some();
        self.wrong_if(
            others,
            &["aws.region", "connection.username", "connection.api.key", "connection.bearer.token"],
            "a request has one Authorization header: it is signed, or has a user, an API key or a token",
        );
        if extra.aws_role.is_some() != extra.aws_session.is_some()
            || (extra.aws_external_id.is_some() && extra.aws_role.is_none())
        {
            for (key, value) in &role[..2] {
                self.wrong_if(
                    value.is_none(),
                    &[key],
                    "missing: a role is taken on by its ARN and a name of the session",
                );
            }
        }
        let by_role = extra.aws_role.is_some() || (extra.aws_key_id.is_none() && environment.is_of_role());
        let sts = if by_role { self.sts(extra, environment, proxy) } else { None };
        let source = self.source(sts, extra, environment)?;
        Some(Aws { region: extra.aws_region.clone()?, service: extra.aws_service.clone()?, source })
    }

    /// `sts` is there where a role is, unless it was blamed.
    fn source(&mut self, sts: Option<Sts>, extra: &ExtraConfig, environment: &AwsEnvironment) -> Option<Source> {
        let given = match (&extra.aws_key_id, &extra.aws_secret) {
            (Some(key_id), Some(secret)) => {
                Some(Source::Given(Credentials { key_id: key_id.clone(), secret: secret.clone(), token: None }))
            }
            (None, None) if environment.is_of_role() => environment.role(sts.as_ref()?),
            (None, None) => environment.keys(),
            _ => None,
        };
        let missing = match given {
            Some(_) => [false; 2],
            None => [extra.aws_key_id.is_none(), extra.aws_secret.is_none()],
        };
        for (key, missing) in KEYS.iter().zip(missing) {
            let message = "missing: requests to AWS are signed with both keys; the worker's environment has neither \
                AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY nor AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE";
            self.wrong_if(missing, &[key], message);
        }
        let (Some(arn), Some(given)) = (&extra.aws_role, &given) else { return given };
        let proof = match given {
            // Nobody takes on the role that they are in.
            Source::Role(role) if role.arn == *arn => role.proof.clone(),
            _ => Proof::Keys(given.clone()),
        };
        Some(Source::Role(Box::new(Role {
            arn: arn.clone(),
            session: extra.aws_session.clone()?,
            seconds: extra.aws_session_seconds,
            external_id: extra.aws_external_id.clone(),
            proof,
            sts: sts?,
            blamed: ROLE,
        })))
    }

    fn sts(&mut self, extra: &ExtraConfig, environment: &AwsEnvironment, proxy: Option<&Proxy>) -> Option<Sts> {
        let region = extra.aws_region.as_ref()?;
        let china = if region.starts_with("cn-") { ".cn" } else { "" };
        let regional = format!("https://sts.{region}.amazonaws.com{china}");
        let (url, key) = match &environment.sts_endpoint {
            Some(url) => (url, if extra.aws_role.is_some() { ROLE } else { "aws.region" }),
            None => (&regional, "aws.region"),
        };
        match Node::parse(url) {
            Ok((node, path)) => {
                let prefix = if path.is_empty() { path } else { format!("/{path}") };
                Some(Sts { node, prefix, region: region.clone(), proxy: proxy.cloned() })
            }
            Err(why) => {
                self.wrong(&[key], &format!("the address of AWS's STS would be {url:?}, and {why}"));
                None
            }
        }
    }
}

impl AwsEnvironment {
    fn has_keys(&self) -> bool {
        self.access_key_id.is_some() && self.secret_access_key.is_some()
    }

    /// Whether its keys are a role's, taken on with the token in a file.
    fn is_of_role(&self) -> bool {
        !self.has_keys() && self.role_arn.is_some() && self.web_identity_token_file.is_some()
    }

    fn keys(&self) -> Option<Source> {
        let (key_id, secret) = (self.access_key_id.clone()?, self.secret_access_key.clone()?);
        Some(Source::Given(Credentials { key_id, secret, token: self.session_token.clone() }))
    }

    fn role(&self, sts: &Sts) -> Option<Source> {
        Some(Source::Role(Box::new(Role {
            arn: self.role_arn.clone()?,
            session: self.role_session_name.clone().unwrap_or_else(|| NAMELESS.to_owned()),
            seconds: HOUR,
            external_id: None,
            proof: Proof::TokenFile(self.web_identity_token_file.clone()?),
            sts: sts.clone(),
            blamed: "aws.region",
        })))
    }
}

/// The URLs of a cluster; those of AWS' domains may be bare host names.
pub(super) fn aws_urls(urls: &[String], signed: bool) -> Vec<String> {
    let whole = |url: &String| if url.contains("://") { url.clone() } else { format!("https://{url}") };
    if signed { urls.iter().map(whole).collect() } else { urls.to_vec() }
}
