use super::{ConfigInput, ConnectorConfig, Mask, Secrets};

fn mask() -> Mask {
    Mask { off: false, secrets: Secrets::default() }
}

#[test]
fn texts_lose_what_the_configuration_hides() {
    let config = ConnectorConfig::from([("a.password".into(), "hunter2".into()), ("topics".into(), "lines".into())]);
    let text = mask().text(&config, "lines: hunter2 is refused by http://u:other@h, password=\"a b\" too");
    assert_eq!(text, "lines: [hidden] is refused by http://u:[hidden]@h, password=[hidden] too");
}

#[test]
fn what_is_shown_may_come_back() {
    let stored = ConnectorConfig::from([
        ("a.password".into(), "1234".into()),
        ("url".into(), "http://u:pw12@h".into()),
        ("topics".into(), "a".into()),
    ]);
    let mask = mask();
    let back: ConfigInput = mask.config(&stored).into_iter().map(|(key, value)| (key, Some(value))).collect();
    let back = mask.restore(back, &stored).unwrap();
    assert!(back.iter().all(|(key, value)| stored.get(key) == value.as_ref()), "{back:?}");
    for (key, value) in [("a.password", "x[hidden]"), ("other.password", "[hidden]"), ("url", "http://v:[hidden]@h")] {
        let given = ConfigInput::from([(key.to_owned(), Some(value.to_owned()))]);
        assert!(mask.restore(given, &stored).unwrap_err().message.starts_with(key), "{key}");
    }
}
