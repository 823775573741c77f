use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connect_api::config::ConfigErrors;
use sha2::{Digest as _, Sha256};

use super::{Auth, NOBODY, Refusal};
use crate::rest::RestConfig;

/// Of `wonder`, with a cost that costs no time.
fn hash() -> String {
    bcrypt::hash("wonder", 4).unwrap()
}

fn hex(token: &str) -> String {
    Sha256::digest(token).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read(auth: &[&str], basic: &str, bearer: &str, read_only: &[&str]) -> Result<Auth, String> {
    let directory = tempfile::tempdir().unwrap();
    let (users, tokens) = (directory.path().join("users"), directory.path().join("tokens"));
    std::fs::write(&users, basic).unwrap();
    std::fs::write(&tokens, bearer).unwrap();
    let owned = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
    let config = RestConfig {
        auth: owned(auth),
        basic_file: Some(users),
        bearer_file: Some(tokens),
        read_only: owned(read_only),
        ..RestConfig::default()
    };
    let mut errors = ConfigErrors::new();
    let auth = Auth::read(&config, &mut errors);
    errors.into_result().map(|()| auth).map_err(|errors| errors.to_string())
}

#[tokio::test]
async fn users_and_tokens_are_known_and_others_are_not() {
    let users = format!("# people\nalice:{}\n\nviewer:{}\n", hash(), hash());
    let tokens = format!("robot:{}\n", hex("sesame"));
    let auth = read(&["basic", "Bearer"], &users, &tokens, &["viewer"]).unwrap();
    let basic = |text: &str| format!("Basic {}", STANDARD.encode(text));
    for (shown, expect) in [
        (basic("alice:wonder"), Ok(("alice", true))),
        // From memory.
        (basic("alice:wonder"), Ok(("alice", true))),
        (basic("alice:wonderland"), Err(Refusal::Wrong)),
        (basic("viewer:wonder"), Ok(("viewer", false))),
        (basic("nobody:wonder"), Err(Refusal::Wrong)),
        (basic("alice"), Err(Refusal::Missing)),
        ("Basic !!".into(), Err(Refusal::Missing)),
        ("bearer sesame".into(), Ok(("robot", true))),
        ("Bearer sesam".into(), Err(Refusal::Wrong)),
        ("Digest x".into(), Err(Refusal::Missing)),
        ("Bearer".into(), Err(Refusal::Missing)),
    ] {
        let known = auth.identify(Some(&shown.parse().unwrap())).await;
        let known = known.map(|known| (known.name.unwrap_or_default().to_string(), known.may_write));
        assert_eq!(known, expect.map(|(name, may)| (name.to_owned(), may)), "{shown}");
    }
    assert_eq!(auth.identify(None).await, Err(Refusal::Missing));
    assert_eq!(auth.challenges().len(), 2);
}

#[tokio::test]
async fn without_authentication_everybody_may_everything() {
    let auth = read(&["none"], "", "", &[]).unwrap();
    assert!(auth.is_decided() && !auth.is_on());
    assert!(auth.identify(None).await.unwrap().may_write);
    assert!(!read(&[], "", "", &[]).unwrap().is_decided());
}

#[test]
fn files_with_mistakes_are_refused_and_not_shown() {
    for (basic, said) in [
        ("alice:wonder", "line 1: the password of \"alice\" is not hashed with bcrypt"),
        ("alice", "line 1: expected NAME:HASH"),
        ("", "there is nobody in the file"),
        ("a:$2y$31$abcdefghijklmnopqrstuuSPZ5SLUqUNi4QFyQH.HnTVqDlq1AeOu", "a cost of 31 takes too long"),
    ] {
        let error = read(&["basic"], basic, "", &[]).unwrap_err();
        assert!(error.contains(said) && !error.contains("wonder"), "{error}");
    }
    let error = read(&["bearer"], "", "robot:sesame", &[]).unwrap_err();
    assert!(error.contains("no SHA-256") && !error.contains("sesame"), "{error}");
    let twice = format!("a:{0}\na:{0}", hash());
    assert!(read(&["basic"], &twice, "", &[]).unwrap_err().contains("line 2: \"a\" is there twice"));
    let error = read(&["basic"], &format!("a:{}", hash()), "", &["b"]).unwrap_err();
    assert!(error.contains("rest.auth.read.only: \"b\" is the name of no user"), "{error}");
}

#[test]
fn the_hash_of_nobody_is_a_hash() {
    assert_eq!(bcrypt::verify("wonder", NOBODY).ok(), Some(false));
}
