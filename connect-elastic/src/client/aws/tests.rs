//! Signatures beside AWS's own.

use connect_api::config::Secret;

use super::*;

/// AWS's own example for the key derivation, and its test suite's `get-vanilla-query-order-key-case`.
#[test]
fn signatures_are_those_of_aws() {
    let mut key = mac(b"AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20150830");
    for part in ["us-east-1", "iam", "aws4_request"] {
        key = mac(&key, part);
    }
    assert_eq!(hex(&key), "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
    assert_eq!(canonical_query("b=2&a=x%2Cy,z&c"), "a=x%2Cy%2Cz&b=2&c=");
    assert_eq!(stamp(1_440_938_160), "20150830T123600Z");
}

fn aws(region: &str, service: &str) -> Aws {
    let source = Source::Given(credentials(None));
    Aws { region: region.to_owned(), service: service.to_owned(), source }
}

fn credentials(token: Option<&str>) -> Credentials {
    let token = token.map(|token| Secret::new(token.to_owned()));
    Credentials { key_id: "AKID".into(), secret: Secret::new("hunter2".into()), token }
}

/// What botocore 1.43 makes of the same requests, with their queries encoded.
#[test]
fn authorizations_are_those_of_others() {
    let now = 1_767_323_045; // 2 January 2026, 03:04:05
    let bulk = "/_bulk?filter_path=errors,items.*.status";
    let rows = [
        (
            "sts",
            "sts.eu-west-1.amazonaws.com",
            "/",
            "Action=AssumeRole&Version=2011-06-15",
            None,
            "4f165cfff820ca1d9acf74001663218d578dde6005f79a668542aecd988b7545",
        ),
        (
            "es",
            "search.example",
            bulk,
            "{}\n",
            Some("tok/en+1=="),
            "148509566d1eebb74b5e8089b7dd443201fda103134a33f628f43d0d66b3890c",
        ),
    ];
    for (service, host, path, body, token, signature) in rows {
        let body = hex(&Sha256::digest(body));
        let header = aws("eu-west-1", service).authorization(&credentials(token), "POST", path, host, &body, now);
        let more = if token.is_some() { ";x-amz-security-token" } else { "" };
        let expect = format!(
            "AWS4-HMAC-SHA256 Credential=AKID/20260102/eu-west-1/{service}/aws4_request, \
             SignedHeaders=host;x-amz-content-sha256;x-amz-date{more}, Signature={signature}"
        );
        assert_eq!(header, expect);
    }
}

/// AWS's published examples of requests that sign these three headers (of S3, whose paths need no second escape).
#[test]
fn authorizations_are_those_of_aws() {
    let aws = aws("us-east-1", "s3");
    let credentials = Credentials {
        key_id: "AKIAIOSFODNN7EXAMPLE".into(),
        secret: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".into()),
        token: None,
    };
    let empty = hex(&Sha256::digest(b""));
    for (path, signature) in [
        ("/?lifecycle", "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        ("/?max-keys=2&prefix=J", "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ] {
        let now = 1_369_353_600; // 24 May 2013
        let header = aws.authorization(&credentials, "GET", path, "examplebucket.s3.amazonaws.com", &empty, now);
        let expect = format!(
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
             SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature={signature}"
        );
        assert_eq!(header, expect);
    }
}

#[test]
fn a_request_has_all_headers_that_are_signed() {
    let aws = aws("eu-west-1", "es");
    let (node, _) = Node::parse("https://search.example").unwrap();
    let mut request = Request::builder().uri("/_bulk").body(bytes::Bytes::from_static(b"{}").into()).unwrap();
    aws.sign(&credentials(Some("token")), &mut request, "/_bulk", &node).unwrap();
    assert!(request.headers()[TOKEN].is_sensitive());
    let authorization = request.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
    assert!(authorization.contains("Credential=AKID/") && authorization.contains("/eu-west-1/es/aws4_request"));
    assert!(!authorization.contains("hunter2"));
    assert_eq!(request.headers()["x-amz-content-sha256"].len(), 64);
    assert_eq!(request.headers()["x-amz-date"].len(), 16);
}
