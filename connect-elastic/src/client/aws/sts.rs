//! Asking AWS's security token service for keys of a role.

use std::fmt::Write as _;
use std::pin::Pin;
use std::time::Duration;

use bytes::Bytes;
use connect_api::calendar;
use connect_api::config::Secret;
use connect_tls::Tls;
use hyper::Method;

use super::{Aws, Credentials, Proof, Role, Source, wall_clock};
use crate::client::{Auth, Call, Client, ClientSettings, Content, Keep, Reply, Trouble, escape};

/// The service is not the cluster: it has time-outs of its own.
const CONNECT: Duration = Duration::from_secs(5);
const READ: Duration = Duration::from_secs(10);
/// Most of a reason that is told.
const LONGEST_REASON: usize = 500;

/// Keys that were given.
pub(super) struct Granted {
    pub(super) credentials: Credentials,
    /// How long they are good, from now on.
    pub(super) lifetime: Duration,
}

type Asked<'a> = Pin<Box<dyn Future<Output = Result<Granted, Trouble>> + Send + 'a>>;

/// Asks for keys of a role, and before it for those of the role that may take it on. One attempt.
pub(super) fn obtain(role: &Role) -> Asked<'_> {
    Box::pin(async move {
        let sts = &role.sts;
        let aws = match &role.proof {
            Proof::TokenFile(_) => None,
            Proof::Keys(Source::Given(credentials)) => Some(credentials.clone()),
            Proof::Keys(Source::Role(base)) => Some(obtain(base).await?.credentials),
        };
        let aws = aws.map(|credentials| Aws {
            region: sts.region.clone(),
            service: "sts".to_owned(),
            source: Source::Given(credentials),
        });
        let client = Client::new(ClientSettings {
            nodes: vec![sts.node.clone()],
            prefix: sts.prefix.clone(),
            auth: Auth::none(),
            // Whom the cluster's keys trust is no matter of AWS.
            tls: Tls::default(),
            proxy: sts.proxy.clone(),
            compression: false,
            connect_timeout: CONNECT,
            read_timeout: READ,
            idle: None,
            sniff: None,
            aws,
        });
        let trouble = |passing, why: &str| {
            let message = format!("AWS's STS at {} gives no keys of the role {}: {why}", sts.node, role.arn);
            Trouble::keys(role.blamed, passing, message)
        };
        let client = client.map_err(|error| trouble(false, &error.to_string()))?;
        let form = form(role).map_err(|why| trouble(true, &why))?;
        let call = Call {
            method: Method::POST,
            path: "/".to_owned(),
            body: Bytes::from(form).into(),
            content: Content::Form,
            keep: Keep::All,
        };
        let reply = client.call(&call).await.map_err(|error| trouble(error.is_passing(), &error.to_string()))?;
        let text = String::from_utf8_lossy(&reply.body);
        if !reply.is_fine() {
            let (passing, why) = refusal(role, &reply, &text);
            return Err(trouble(passing, &why));
        }
        granted(&text, role.seconds, wall_clock()).map_err(|why| trouble(false, &why))
    })
}

fn form(role: &Role) -> Result<String, String> {
    let action = match role.proof {
        Proof::Keys(_) => "AssumeRole",
        Proof::TokenFile(_) => "AssumeRoleWithWebIdentity",
    };
    let mut form = format!(
        "Action={action}&Version=2011-06-15&RoleArn={}&RoleSessionName={}&DurationSeconds={}",
        escape(&role.arn),
        escape(&role.session),
        role.seconds
    );
    let mut add =
        |name: &str, value: &str| write!(form, "&{name}={}", escape(value)).map_err(|error| error.to_string());
    match (&role.proof, &role.external_id) {
        (Proof::Keys(_), Some(id)) => add("ExternalId", id)?,
        (Proof::Keys(_), None) => {}
        // Who has a token need not say for whom the role is.
        (Proof::TokenFile(path), _) => {
            let token = std::fs::read_to_string(path)
                .map_err(|error| format!("cannot read {} (AWS_WEB_IDENTITY_TOKEN_FILE): {error}", path.display()))?;
            add("WebIdentityToken", token.trim())?;
        }
    }
    Ok(form)
}

/// Whether it may be over later, and what was said.
fn refusal(role: &Role, reply: &Reply, text: &str) -> (bool, String) {
    let of = |name| element(text, "Error").and_then(|error| element(error, name));
    let Some(code) = of("Code") else {
        let why = format!("status {}, and no error as STS writes them; is this its address?", reply.status);
        return (reply.is_passing(), why);
    };
    let by_token = matches!(role.proof, Proof::TokenFile(_));
    let passing = reply.is_passing()
        || ["Throttling", "ThrottlingException", "RequestLimitExceeded", "IDPCommunicationError"].contains(&code)
        // The file is written anew by others.
        || (by_token && code.starts_with("ExpiredToken"));
    let message: String = plain(of("Message").unwrap_or_default()).chars().take(LONGEST_REASON).collect();
    let remedy = match code {
        _ if by_token => "; check AWS_ROLE_ARN, AWS_WEB_IDENTITY_TOKEN_FILE and the role's trust policy",
        "AccessDenied" => {
            "; the role's trust policy must let in whose keys are used, and these must be allowed sts:AssumeRole"
        }
        "InvalidClientTokenId" | "SignatureDoesNotMatch" | "ExpiredToken" => {
            "; check aws.access_key_id and aws.secret_access_key, or the keys in the worker's environment"
        }
        "RequestExpired" => "; check the clock of this machine",
        "ValidationError" => "; check aws.sts.role.*",
        "RegionDisabledException" => "; check aws.region",
        _ => "",
    };
    (passing, format!("{}: {message} (status {}){remedy}", plain(code), reply.status))
}

/// Reads the answer with the keys. What it holds is never part of an error.
fn granted(text: &str, seconds: u32, now: u64) -> Result<Granted, String> {
    let part = element(text, "Credentials");
    let of = |name| {
        let found = part.and_then(|part| element(part, name)).map(str::trim).filter(|value| !value.is_empty());
        found.map(plain).ok_or_else(|| format!("its answer has no {name}; is this the address of STS?"))
    };
    let credentials = Credentials {
        key_id: of("AccessKeyId")?,
        secret: Secret::new(of("SecretAccessKey")?),
        token: Some(Secret::new(of("SessionToken")?)),
    };
    let ends = of("Expiration")?;
    let ends = moment(&ends).ok_or_else(|| format!("its answer has an Expiration that is no time: {ends:?}"))?;
    let left = ends.checked_sub(now).filter(|left| *left > 0);
    let left = left.ok_or_else(|| {
        "its keys have ended when they are given; the clock of this machine must be that of the world".to_owned()
    })?;
    // A clock that is late would have them live too long.
    Ok(Granted { credentials, lifetime: Duration::from_secs(left.min(u64::from(seconds))) })
}

/// What is between the first tag of this name and its end. The service writes no attributes on these.
fn element<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(inner, _)| inner)
}

/// Text of XML without its escapes, and without what could steer a terminal.
fn plain(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&apos;", "'");
    text.replace("&amp;", "&").chars().filter(|c| !c.is_control()).collect()
}

/// Seconds since 1970 of `2026-01-02T03:04:05Z`, with or without parts of a second.
fn moment(text: &str) -> Option<u64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let time = time.split('.').next()?;
    let numbers = |text: &str, mark| -> Option<[u64; 3]> {
        let mut parts = text.split(mark).map(|part| part.parse().ok());
        let three = [parts.next()??, parts.next()??, parts.next()??];
        parts.next().is_none().then_some(three)
    };
    let ([year, month, day], [hour, minute, second]) = (numbers(date, '-')?, numbers(time, ':')?);
    if !(1970..10_000).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (year, month) = (i32::try_from(year).ok()?, i32::try_from(month - 1).ok()?);
    let days = u64::try_from(calendar::day(year, month, i64::try_from(day).ok()?)).ok()?;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(expiration: &str) -> String {
        format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\n<AssumeRoleResult><Credentials>\
             <AccessKeyId>ASIA1</AccessKeyId><SecretAccessKey>s/e+c&amp;</SecretAccessKey>\
             <SessionToken>\n  tok==\n</SessionToken><Expiration>{expiration}</Expiration></Credentials>\
             </AssumeRoleResult></AssumeRoleResponse>"
        )
    }

    #[test]
    fn keys_of_an_answer() {
        // 1 January 2026
        let now = 1_767_225_600;
        let granted = granted(&answer("2026-01-01T00:10:00.500Z"), 3600, now).unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(granted.lifetime, Duration::from_secs(600));
        let Credentials { key_id, secret, token } = granted.credentials;
        assert_eq!(
            (key_id.as_str(), secret.expose().as_str(), token.unwrap().expose().as_str()),
            ("ASIA1", "s/e+c&", "tok==")
        );
    }

    #[test]
    fn answers_that_are_none() {
        let good = answer("2026-01-01T01:00:00Z");
        let rows = [
            (String::new(), "no AccessKeyId"),
            ("<html>".to_owned(), "no AccessKeyId"),
            (good.replace("ASIA1", ""), "no AccessKeyId"),
            (good.replace("SessionToken>", "Other>"), "no SessionToken"),
            (good[..good.len() / 2].to_owned(), "no "),
            (answer("soon"), "no time: \"soon\""),
            (answer("2026-13-01T01:00:00Z"), "no time"),
            (answer("2025-12-31T23:59:59Z"), "the clock of this machine"),
        ];
        for (text, expect) in rows {
            let why = granted(&text, 3600, 1_767_225_600).err().unwrap_or_default();
            assert!(why.contains(expect), "{expect}: {why}");
            assert!(!why.contains("s/e+c") && !why.contains("tok"), "{why}");
        }
    }

    #[test]
    fn moments() {
        assert_eq!(moment("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(moment("2015-08-30T12:36:00Z"), Some(1_440_938_160));
        for wrong in ["", "Z", "2015-08-30", "2015-08-30T12:36Z", "2015-08-30T12:36:00+01:00", "2015-08-30T24:00:00Z"] {
            assert_eq!(moment(wrong), None, "{wrong}");
        }
    }
}
