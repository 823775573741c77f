//! Whose keys requests are signed with, and what is said when there are none.

use connect_api::config::{ConfigErrors, Secret, parse};

use super::{Row, blames, props};
use crate::AwsEnvironment;
use crate::client::{Aws, Proof, Source};
use crate::config::{ElasticsearchSinkConfig, OpenSearchSinkConfig};

const PLACE: [(&str, &str); 3] =
    [("connection.url", "search.example"), ("aws.region", "eu-west-1"), ("aws.service.signing.name", "es")];
const GIVEN: [(&str, &str); 2] = [("aws.access_key_id", "AKID"), ("aws.secret_access_key", "hunter2")];
const ROLE: [(&str, &str); 2] = [("aws.sts.role.arn", "arn:aws:iam::1:role/r"), ("aws.sts.role.session.name", "sink")];

/// What both connectors make of it, which is the same.
fn read(set: &[&[(&str, &str)]], environment: &AwsEnvironment) -> Result<Option<Aws>, ConfigErrors> {
    let props = props(&set.concat());
    let ours = parse::<ElasticsearchSinkConfig>(&props).and_then(|parsed| parsed.config.settings(environment));
    let theirs = parse::<OpenSearchSinkConfig>(&props).and_then(|parsed| parsed.config.settings(environment));
    assert_eq!(format!("{:?}", ours.as_ref().err()), format!("{:?}", theirs.as_ref().err()));
    Ok(theirs?.client.aws)
}

fn with_keys() -> AwsEnvironment {
    AwsEnvironment {
        access_key_id: Some("ENV".into()),
        secret_access_key: Some(Secret::new("s".into())),
        session_token: Some(Secret::new("t".into())),
        ..AwsEnvironment::default()
    }
}

fn with_token() -> AwsEnvironment {
    AwsEnvironment {
        role_arn: Some("arn:aws:iam::1:role/pod".into()),
        web_identity_token_file: Some("/token".into()),
        ..AwsEnvironment::default()
    }
}

/// What is set, the environment, and the source as text.
type Sources<'a> = (&'a [&'a [(&'a str, &'a str)]], &'a AwsEnvironment, String);

/// The source as text: keys, or the role with its proof.
fn told(source: &Source) -> String {
    match source {
        Source::Given(keys) => format!("{}{}", keys.key_id, if keys.token.is_some() { "+token" } else { "" }),
        Source::Role(role) => {
            let proof = match &role.proof {
                Proof::Keys(source) => told(source),
                Proof::TokenFile(path) => path.display().to_string(),
            };
            format!(
                "{} as {} for {} at {}{} by ({proof})",
                role.arn, role.session, role.seconds, role.sts.node, role.sts.prefix
            )
        }
    }
}

#[test]
fn every_source_of_keys() {
    let nothing = AwsEnvironment::default();
    let sts = "https://sts.eu-west-1.amazonaws.com";
    let own = "arn:aws:iam::1:role/pod as connect-elastic for 3600";
    let pod = [("aws.sts.role.arn", "arn:aws:iam::1:role/pod"), ("aws.sts.role.session.name", "sink")];
    let more = [("aws.sts.role.session.duration", "900"), ("aws.sts.role.external.id", "x")];
    let other = AwsEnvironment { sts_endpoint: Some("http://localhost:4566/sts/".into()), ..nothing.clone() };
    let china = [("aws.region", "cn-north-1")];
    let rows: [Sources<'_>; 9] = [
        (&[&GIVEN], &with_keys(), "AKID".into()),
        (&[], &with_keys(), "ENV+token".into()),
        (&[], &with_token(), format!("{own} at {sts} by (/token)")),
        (&[&GIVEN, &ROLE], &with_token(), format!("arn:aws:iam::1:role/r as sink for 3600 at {sts} by (AKID)")),
        (&[&ROLE, &more], &with_keys(), format!("arn:aws:iam::1:role/r as sink for 900 at {sts} by (ENV+token)")),
        (
            &[&ROLE],
            &with_token(),
            format!("arn:aws:iam::1:role/r as sink for 3600 at {sts} by ({own} at {sts} by (/token))"),
        ),
        // Nobody takes on the role that they are in.
        (&[&pod], &with_token(), format!("arn:aws:iam::1:role/pod as sink for 3600 at {sts} by (/token)")),
        (
            &[&GIVEN, &ROLE],
            &other,
            "arn:aws:iam::1:role/r as sink for 3600 at http://localhost:4566/sts by (AKID)".into(),
        ),
        (
            &[&GIVEN, &ROLE, &china],
            &nothing,
            "arn:aws:iam::1:role/r as sink for 3600 at https://sts.cn-north-1.amazonaws.com.cn by (AKID)".into(),
        ),
    ];
    for (set, environment, expect) in rows {
        let set = [&[&PLACE[..]], set].concat();
        let aws = read(&set, environment).unwrap_or_else(|errors| panic!("{set:?}: {errors}")).unwrap();
        assert_eq!(told(&aws.source), expect);
        assert!(!format!("{aws:?}").contains("hunter2"), "a secret is shown");
    }
    // Keys of the environment alone sign nothing.
    assert!(read(&[], &with_keys()).unwrap().is_none());
}

#[test]
fn what_is_missing_is_told_with_its_key() {
    let rows: &[Row<'_>] = &[
        (&PLACE, &["aws.access_key_id", "aws.secret_access_key"]),
        (&[PLACE[0], PLACE[1], PLACE[2], GIVEN[0]], &["aws.secret_access_key"]),
        (&[PLACE[0], PLACE[1], PLACE[2], ROLE[0], ROLE[1]], &["aws.access_key_id", "aws.secret_access_key"]),
        (&[PLACE[0], PLACE[1], PLACE[2], GIVEN[0], GIVEN[1], ROLE[0]], &["aws.sts.role.session.name"]),
        (&[PLACE[0], PLACE[1], PLACE[2], GIVEN[0], GIVEN[1], ROLE[1]], &["aws.sts.role.arn"]),
        (&[GIVEN[0], GIVEN[1], ROLE[0], ROLE[1]], &["aws.region", "aws.service.signing.name"]),
        (
            &[PLACE[0], PLACE[1], PLACE[2], GIVEN[0], GIVEN[1], ("aws.sts.role.external.id", "x")],
            &["aws.sts.role.arn", "aws.sts.role.session.name"],
        ),
        (&[("aws.sts.role.session.duration", "899")], &["aws.sts.role.session.duration"]),
        (&[("aws.sts.role.session.duration", "43201")], &["aws.sts.role.session.duration"]),
        (&[("aws.sts.role.arn", "")], &["aws.sts.role.arn"]),
        (&[("connection.url", "a,b"), PLACE[1], PLACE[2], GIVEN[0], GIVEN[1]], &["connection.url"]),
        (
            &[
                PLACE[0],
                PLACE[1],
                PLACE[2],
                GIVEN[0],
                GIVEN[1],
                ("connection.username", "u"),
                ("connection.password", "p"),
            ],
            &["aws.region", "connection.username", "connection.api.key", "connection.bearer.token"],
        ),
    ];
    for (set, keys) in rows {
        blames(&read(&[set], &AwsEnvironment::default()).err().unwrap_or_default(), keys);
    }
    let wrong = AwsEnvironment { sts_endpoint: Some("ftp://x".into()), ..AwsEnvironment::default() };
    blames(&read(&[&PLACE, &GIVEN, &ROLE], &wrong).unwrap_err(), &["aws.sts.role.arn"]);
    // Nobody is asked for keys that are given.
    assert!(read(&[&PLACE, &GIVEN], &wrong).is_ok());
}
