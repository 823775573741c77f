use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use proptest::prelude::*;
use tokio::time::Instant;

use super::kept::{HEAD, Keep, Kept};
use super::node::{Node, escape};
use super::pool::Pool;
use super::server::{Distribution, Server};
use super::sniff::nodes;

#[test]
fn urls_of_nodes() {
    for (url, expect, path) in [
        ("localhost", "http://localhost", ""),
        ("http://localhost:9200/", "http://localhost:9200", ""),
        ("https://es.example", "https://es.example", ""),
        ("HTTPS://es.example:9243/a/b/", "https://es.example:9243", "a/b"),
        ("http://[::1]:9200", "http://[::1]:9200", ""),
    ] {
        let (node, own) = Node::parse(url).unwrap();
        assert_eq!((node.to_string().as_str(), own.as_str()), (expect, path));
    }
    for wrong in ["", "ftp://x", "http://", "http://x:y", "http://u:p@x", "http://[::1", "http://x?y"] {
        assert!(Node::parse(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn cloud_ids() {
    let id = |text: &str| format!("name:{}", BASE64_STANDARD.encode(text));
    let url = |text: &str| Node::of_cloud_id(&id(text)).map(|node| node.to_string());
    assert_eq!(url("eu.example.com$abc$kib").as_deref(), Ok("https://abc.eu.example.com"));
    assert_eq!(url("eu.example.com:9243$abc").as_deref(), Ok("https://abc.eu.example.com:9243"));
    assert_eq!(url("eu.example.com:9243$abc:9244").as_deref(), Ok("https://abc.eu.example.com:9244"));
    for wrong in ["", "x", "x:%%%", &id(""), &id("a"), &id("a$")] {
        assert!(Node::of_cloud_id(wrong).is_err(), "{wrong:?}");
    }
}

#[test]
fn parts_of_paths() {
    assert_eq!(escape("a-b_c.d~0"), "a-b_c.d~0");
    assert_eq!(escape("<logs-{now/d}>"), "%3Clogs-%7Bnow%2Fd%7D%3E");
}

#[tokio::test(start_paused = true)]
async fn dead_nodes_are_left_alone_for_a_while() {
    let all = ["http://a", "http://b", "http://c"].map(|url| Node::parse(url).unwrap().0);
    let mut pool = Pool::new(all.to_vec(), None);
    let now = Instant::now();
    let hosts = |pool: &mut Pool, at: Instant| [0; 4].map(|_| pool.pick(at).1.host.clone());
    assert_eq!(hosts(&mut pool, now), ["a", "b", "c", "a"]);
    let (index, node) = pool.pick(now);
    assert_eq!(node.host, "b");
    pool.told(index, &node, false, now);
    assert_eq!(hosts(&mut pool, now), ["c", "a", "c", "a"]);
    // It is tried again after a second, and after another failure left alone for two.
    let later = now + Duration::from_secs(1);
    assert_eq!(hosts(&mut pool, later), ["b", "c", "a", "b"]);
    pool.told(index, &node, false, later);
    assert_eq!(hosts(&mut pool, later + Duration::from_secs(1)), ["c", "a", "c", "a"]);
    pool.told(index, &node, true, later);
    assert!(hosts(&mut pool, later).contains(&"b".to_owned()));
    // When all are dead, the one that died first is tried.
    for _ in 0..3 {
        let (index, node) = pool.pick(later);
        pool.told(index, &node, false, later);
    }
    assert!(!pool.pick(later).1.host.is_empty());
}

#[test]
fn what_servers_say_of_themselves() {
    let read = |text: &str| Server::read(text.as_bytes());
    let es = read(r#"{"version":{"number":"8.19.0","build_flavor":"default"}}"#).unwrap();
    assert_eq!(
        (es.distribution, es.version, es.to_string().as_str()),
        (Distribution::Elasticsearch, (8, 19), "Elasticsearch 8.19.0")
    );
    assert_eq!(es.unsupported(true), None);
    let os = read(r#"{"version":{"distribution":"opensearch","number":"2.19.1"}}"#).unwrap();
    assert_eq!((os.distribution, os.unsupported(true)), (Distribution::OpenSearch, None));
    let old = read(r#"{"version":{"number":"7.8-rc1.0"}}"#).unwrap();
    assert_eq!(old.unsupported(false), None);
    assert!(old.unsupported(true).unwrap().contains("need 7.9"));
    assert!(read(r#"{"version":{"number":"6.8.23"}}"#).unwrap().unsupported(false).is_some());
    let serverless = read(r#"{"version":{"number":"8.11.0","build_flavor":"serverless"}}"#).unwrap();
    assert_eq!(serverless.distribution, Distribution::Serverless);
    for nothing in ["", "{}", "<html>", r#"{"version":{"number":"x"}}"#] {
        assert_eq!(read(nothing), None, "{nothing:?}");
    }
}

#[test]
fn nodes_that_a_cluster_names() {
    let body = br#"{"nodes":{
        "1":{"roles":["data","ingest"],"http":{"publish_address":"10.0.0.1:9200"}},
        "2":{"roles":["master"],"http":{"publish_address":"10.0.0.2:9200"}},
        "3":{"roles":["data_hot"],"http":{"publish_address":"es3.example/10.0.0.3:9201"}},
        "4":{"roles":["data"]}}}"#;
    let found: Vec<String> = nodes(body, true).iter().map(ToString::to_string).collect();
    assert_eq!(found, ["https://10.0.0.1:9200", "https://es3.example:9201"]);
    assert!(nodes(b"nonsense", false).is_empty());
}

proptest! {
    /// However an answer is cut on its way, all of it is kept, or its head and last byte when the head says so.
    #[test]
    fn answers_that_say_that_all_is_well_are_not_kept(
        at in 0_usize..90,
        length in 0_usize..200,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        const TEXT: &[u8] = b"well";
        let mut answer = vec![b'x'; at];
        answer.extend_from_slice(TEXT);
        answer.extend((0..length).map(|n| b'a' + u8::try_from(n % 26).unwrap()));
        let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(answer.len() + 1)).chain([0, answer.len()]).collect();
        cuts.sort_unstable();
        let read = |keep| {
            let mut kept = Kept::new(keep);
            cuts.windows(2).for_each(|cut| kept.add(answer[cut[0]..cut[1]].to_vec().into()));
            kept.finish()
        };
        prop_assert_eq!(&read(Keep::All)[..], &answer[..]);
        let brief = at + TEXT.len() <= HEAD && answer.len() > HEAD;
        let expect = if brief { [&answer[..HEAD], &answer[answer.len() - 1..]].concat() } else { answer.clone() };
        prop_assert_eq!(&read(Keep::HeadOf(TEXT))[..], &expect[..]);
    }
}
