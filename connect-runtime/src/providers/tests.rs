use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use connect_api::config::ConfigErrors;
use connect_api::{Error, ErrorKind};

use super::variables::variables;
use super::*;

type Properties = BTreeMap<String, String>;

fn properties(entries: &[(&str, &str)]) -> Properties {
    entries.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn variables_in_a_text() {
    let check = |text: &str, expect: &[(&str, &str, &str)]| {
        let found: Vec<_> = variables(text).map(|found| (found.provider, found.path, found.key)).collect();
        assert_eq!(found, expect, "{text}");
    };
    check("", &[]);
    check("plain ${} ${x} $x {a:b}", &[]);
    check("${env:USER}", &[("env", "", "USER")]);
    check("a${file:/etc/a.properties:user}b${env:X}c", &[("file", "/etc/a.properties", "user"), ("env", "", "X")]);
    check("${file:/a:b:c}", &[("file", "/a", "b:c")]);
    check("${file::b}", &[("file", "", "b")]);
    check("${:}", &[("", "", "")]);
    check("${a:b${c:d}", &[("a", "b${c", "d")]);
    check("${a:b", &[]);
    check("${a:\n}", &[("a", "", "\n")]);
}

/// A directory with `secrets.properties`, `outside.properties`, `mounted/` and links.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(place.path().join(name), text).unwrap();
    fs::create_dir_all(place.path().join("open/mounted/..data")).unwrap();
    write("open/secrets.properties", "user=scott\npassword=ti\\u0067er\nempty=\n");
    write("open/mounted/..data/token", "a token\n");
    write("outside.properties", "password=outside\n");
    #[cfg(unix)]
    {
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, place.path().join(name)).unwrap();
        link("..data/token", "open/mounted/token");
        link("../outside.properties", "open/link.properties");
        link("../../outside.properties", "open/mounted/escaped");
    }
    place
}

fn providers(place: &Path) -> Providers {
    let open = place.join("open");
    let worker = properties(&[
        ("config.providers", "file, directory,anywhere , env"),
        ("config.providers.file.class", "org.apache.kafka.common.config.provider.FileConfigProvider"),
        ("config.providers.file.param.allowed.paths", open.to_str().unwrap()),
        ("config.providers.directory.class", "DirectoryConfigProvider"),
        ("config.providers.directory.param.allowed.paths", open.to_str().unwrap()),
        ("config.providers.directory.param.reload.interval.ms", "5000"),
        ("config.providers.anywhere.class", "File"),
        ("config.providers.anywhere.param.reload.interval.ms", "20"),
    ]);
    let config = EnvVarConfigProviderConfig { allowlist: Some("APP_[A-Z]+|X".into()) };
    let environment = [("APP_USER", "me"), ("APP_USER_2", "no"), ("X", "1"), ("HOME", "/root")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let env = EnvVarConfigProvider::over(&config, environment).unwrap();
    Providers::new().provider("env", env).configure(&worker).unwrap().0
}

/// Resolves one value, in which `@` is the place.
async fn resolve(value: &str) -> Result<(String, Vec<String>), String> {
    let place = place();
    let at = |text: &str| text.replace('@', place.path().to_str().unwrap());
    let back = |text: &str| text.replace(place.path().canonicalize().unwrap().to_str().unwrap(), "@");
    let resolved = providers(place.path()).resolve(&properties(&[("k", &at(value))])).await;
    match resolved {
        Ok(resolved) => {
            let warnings = resolved.warnings().iter().map(|text| back(text)).collect();
            Ok((back(&resolved.properties()["k"]), warnings))
        }
        Err(errors) => Err(back(&errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))),
    }
}

#[tokio::test]
async fn values() {
    for (value, expect) in [
        ("plain", "plain"),
        ("${file:@/open/secrets.properties:password}", "tiger"),
        ("${file:@/open/secrets.properties:empty}", ""),
        (
            "${file:@/open/../open/secrets.properties:user}:${file:@/open/secrets.properties:password}@x",
            "scott:tiger@x",
        ),
        ("${directory:@/open/mounted/..data:token}", "a token\n"),
        ("${anywhere:@/outside.properties:password}", "outside"),
        ("${env:APP_USER}-${env:X}", "me-1"),
        #[cfg(unix)]
        ("${directory:@/open/mounted:token}", "a token\n"),
    ] {
        assert_eq!(resolve(value).await, Ok((expect.to_owned(), Vec::new())), "{value}");
    }
}

#[tokio::test]
async fn what_is_not_there_stays_with_a_warning() {
    for (value, warning) in [
        (
            "${nope:/a:b}",
            "k: ${nope:/a:b} stays as it is: no config provider named \"nope\"; there are: anywhere, directory, env, file",
        ),
        ("a${env:APP_USER_2}", "k: ${env:APP_USER_2} stays as it is: the provider has no such key"),
        ("${env:HOME}", "k: ${env:HOME} stays as it is: the provider has no such key"),
        (
            "${file:@/open/secrets.properties:nope}",
            "k: ${file:@/open/secrets.properties:nope} stays as it is: the provider has no such key",
        ),
        ("${file:password}", "k: ${file:password} stays as it is: the provider has no such key"),
        (
            "${directory:@/open/mounted:../secrets.properties}",
            "k: ${directory:@/open/mounted:../secrets.properties} stays as it is: the provider has no such key",
        ),
        ("${directory:@/open:mounted}", "k: ${directory:@/open:mounted} stays as it is: the provider has no such key"),
    ] {
        assert_eq!(resolve(value).await, Ok((value.to_owned(), vec![warning.to_owned()])), "{value}");
    }
}

#[tokio::test]
async fn what_may_not_be_read_is_an_error() {
    let place = "outside of allowed.paths; allowed: @/open";
    for (value, error) in [
        ("${file:@/outside.properties:password}", format!("@/outside.properties is {place}")),
        ("${file:@/open/../outside.properties:password}", format!("leads to @/outside.properties, which is {place}")),
        ("${file:@/open-not:password}", format!("@/open-not is {place}")),
        ("${file:@/open/none:password}", "@/open/none cannot be read: ".into()),
        ("${file:@/open:password}", "@/open cannot be read: it is no file".into()),
        ("${directory:@/open/secrets.properties:password}", "@/open/secrets.properties is no directory".into()),
        ("${env:path:X}", "environment variables have no path, but \"path\" was given".into()),
        #[cfg(unix)]
        (
            "${file:@/open/link.properties:password}",
            format!("@/open/link.properties leads to @/outside.properties, which is {place}"),
        ),
        #[cfg(unix)]
        (
            "${directory:@/open/mounted:escaped}",
            format!("@/open/mounted/escaped leads to @/outside.properties, which is {place}"),
        ),
    ] {
        let errors = resolve(value).await.expect_err(value);
        assert!(errors.starts_with(&format!("k: {value}: ")) && errors.contains(&error), "{value}: {errors}");
    }
}

#[tokio::test]
async fn names_and_providers_are_literal() {
    let given = properties(&[
        ("name", "${env:X}"),
        ("plugin.path", "${env:X}"),
        ("config.providers.a.param.b", "${env:X}"),
        ("${env:X}", "${env:X}"),
    ]);
    let place = place();
    let resolved = providers(place.path()).resolve(&given).await.unwrap();
    let changed: Vec<_> = resolved.properties().iter().filter(|(key, value)| given[*key] != **value).collect();
    assert_eq!(changed, [(&"${env:X}".to_owned(), &"1".to_owned())]);
    assert_eq!(resolved.warnings(), &[] as &[String]);
}

#[tokio::test]
async fn the_shortest_time_to_live_counts_but_not_less_than_a_second() {
    let place = place();
    let at = |text: &str| text.replace('@', place.path().to_str().unwrap());
    for (value, ttl) in [
        ("${env:X}", None),
        ("${file:@/open/secrets.properties:user}", None),
        ("${directory:@/open/mounted/..data:token}", Some(5_000)),
        ("${directory:@/open/mounted/..data:token}${anywhere:@/outside.properties:password}", Some(1_000)),
    ] {
        let resolved = providers(place.path()).resolve(&properties(&[("k", &at(value))])).await.unwrap();
        assert_eq!(resolved.ttl.map(|ttl| ttl.as_millis()), ttl, "{value}");
    }
}

#[test]
fn what_is_wrong_with_providers() {
    let check = |entries: &[(&str, &str)], expect: &[&str]| {
        let errors = Providers::new().configure(&properties(entries)).expect_err("something is wrong");
        let told = errors.to_string();
        assert!(expect.iter().all(|part| told.contains(part)), "{told}");
    };
    check(&[("config.providers", "a")], &["config.providers.a.class: is required", "EnvVarConfigProvider, org"]);
    check(
        &[
            ("config.providers", "a,b"),
            ("config.providers.a.class", "Vault"),
            ("config.providers.b.class", "File"),
            ("config.providers.b.param.allowed.paths", "relative"),
        ],
        &[
            "config.providers.a.class: invalid value \"Vault\": no config provider of this class",
            "config.providers.b.param: allowed.paths: relative is not absolute",
        ],
    );
    check(
        &[
            ("config.providers", "e"),
            ("config.providers.e.class", "EnvVar"),
            ("config.providers.e.param.allowlist.pattern", "("),
        ],
        &["config.providers.e.param: allowlist.pattern: \"(\" is no regular expression: a ( has no ), near index 1"],
    );
    let misspelt = properties(&[
        ("config.providers", "f"),
        ("config.providers.f.class", "File"),
        ("config.providers.f.param.allowed.path", "/tmp"),
    ]);
    let (providers, warnings) = Providers::new().configure(&misspelt).unwrap();
    assert_eq!(providers.named.keys().collect::<Vec<_>>(), ["f"]);
    assert!(warnings[0].contains("did you mean \"allowed.paths\"?"), "{warnings:?}");
}

/// Never answers, panics, or fails.
struct Broken;

#[async_trait]
impl ConfigProvider for Broken {
    async fn get(&self, path: &str, _keys: &BTreeSet<String>) -> Result<Provided> {
        match path {
            "hang" => std::future::pending().await,
            "panic" => panic!("out of cheese"),
            _ => Err(Error::retriable("the vault is sealed").with_source(Error::fatal("no quorum"))),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_broken_provider_is_an_error() {
    let providers = Providers::new().provider("vault", Broken);
    for (path, expect) in [
        ("hang", "config provider \"vault\" did not answer within 30s"),
        ("panic", "out of cheese"),
        ("fail", "the vault is sealed: no quorum"),
    ] {
        let value = format!("${{vault:{path}:k}}");
        let errors = providers.resolve(&properties(&[("k", &value)])).await.unwrap_err().to_string();
        assert!(errors.contains(expect), "{errors}");
    }
}

fn hidden() -> Hidden {
    let mut hidden = Hidden::default();
    hidden.add("hunter2", "${p:a}");
    hidden.add("hunter2-longer", "${p:b}");
    hidden.add(" a \"quoted\" one\nand a second line\n", "${p:c}");
    hidden.add("x1", "${p:d}");
    hidden.add("", "${p:e}");
    hidden.add_key("url", "jdbc:${p:a}");
    hidden
}

#[test]
fn texts_show_variables() {
    for (text, expect) in [
        ("nothing here", "nothing here"),
        ("login with hunter2hunter2 refused", "login with ${p:a}${p:a} refused"),
        ("hunter2-longer", "${p:b}"),
        (r#"value "a \"quoted\" one\nand a second line""#, r#"value "${p:c}""#),
        ("line 2: and a second line", "line 2: ${p:c}"),
        ("x1 is too short", "x1 is too short"),
    ] {
        assert_eq!(hidden().text(text), expect);
    }
}

#[test]
fn errors_show_variables() {
    let mut errors = ConfigErrors::new();
    errors.add("url", Some("jdbc:hunter2".into()), "no host in hunter2; x1, not x10");
    errors.add("other", Some("hunter2".into()), "");
    errors.add("url", Some("[hidden]".into()), "too short");
    let told = hidden().config_errors(errors).to_string();
    let expect = "3 configuration errors\n\
        url: invalid value \"jdbc:${p:a}\": no host in ${p:a}; ${p:d}, not x10\n\
        other: invalid value \"${p:a}\": \n\
        url: invalid value [hidden]: too short";
    assert_eq!(told, expect);
    let cause = std::io::Error::other("hunter2 is wrong");
    let error = Error::retriable("hunter2").with_source(Error::data("hunter2").with_source(cause)).context("hunter2");
    let error = hidden().error(error);
    assert_eq!(error.kind(), ErrorKind::Retriable);
    assert_eq!(
        error.trace(),
        "org.apache.kafka.connect.errors.RetriableException: ${p:a}: ${p:a}\n\
         Caused by: org.apache.kafka.connect.errors.DataException: ${p:a}\n\
         Caused by: ${p:a} is wrong"
    );
    let records = hidden().error(Error::records([(3, Error::data("hunter2")), (5, Error::fatal("fine"))]));
    assert_eq!(records.kind(), ErrorKind::Fatal);
    assert_eq!(records.failed_records()[0].1.to_string(), "${p:a}");
    assert_eq!(records.failed_records()[1].0, 5);
}
