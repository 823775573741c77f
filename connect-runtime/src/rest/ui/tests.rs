use super::*;

/// All texts between quotation marks after one of these words.
fn after<'a>(text: &'a str, words: &[&str]) -> Vec<&'a str> {
    let quoted = |word: &&str| text.split(*word).skip(1).filter_map(|rest| rest.split('"').next()).collect::<Vec<_>>();
    words.iter().flat_map(quoted).collect()
}

#[test]
fn the_page_needs_only_what_is_there() {
    for (path, _, content) in FILES {
        for named in
            after(content, &["from \"./", "src=\"", "rel=\"stylesheet\" href=\"", "type=\"image/svg+xml\" href=\""])
        {
            let target = format!("/ui/{}", named.trim_start_matches("ui/").trim_start_matches("./"));
            assert!(FILES.iter().any(|(known, ..)| *known == target), "{path} needs {target}");
        }
        let elsewhere = content.replace("http://www.w3.org/", "");
        assert!(!elsewhere.contains("http://") && !elsewhere.contains("https://"), "{path} names another host");
    }
}

#[test]
fn nothing_is_inline_so_the_policy_needs_no_exception() {
    let page = FILES[0].2;
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains(" onclick="));
    assert!(page.matches("<script").all(|_| page.contains("<script type=\"module\" src=")));
    assert_eq!(page.matches("<script").count(), 1);
    assert!(!POLICY.contains("unsafe"));
    let reply = file(&Method::GET, "/ui").unwrap().unwrap();
    assert_eq!(reply.headers()[CONTENT_SECURITY_POLICY], POLICY);
}

#[test]
fn only_its_own_paths_are_answered() {
    assert!(file(&Method::GET, "/ui/../connectors").is_none());
    assert!(file(&Method::GET, "/connectors").is_none());
    let refused = file(&Method::POST, "/ui").unwrap().unwrap_err();
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
}
