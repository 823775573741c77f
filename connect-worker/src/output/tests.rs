use super::Live;

/// What a terminal shows of such texts: `\\x1b[nA` goes up n lines, `\\x1b[J` takes away what is below.
fn shown(texts: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for text in texts {
        let text = match text.strip_prefix("\x1b[").and_then(|rest| rest.split_once("A\r\x1b[J")) {
            Some((up, rest)) => {
                lines.truncate(lines.len() - up.parse::<usize>().unwrap());
                rest
            }
            None => text,
        };
        assert!(!text.contains('\x1b') && (text.is_empty() || text.ends_with('\n')), "{text:?}");
        lines.extend(text.lines().map(str::to_owned));
    }
    lines
}

#[test]
fn log_lines_stay_above_those_that_are_redrawn() {
    let mut live = Live::default();
    let mut texts = vec![live.text("started\n")];
    for number in 1..4 {
        live.lines = vec![format!("source {number}"), format!("sink {number}")];
        texts.push(live.text(""));
        texts.push(live.text(&format!("log {number}\n")));
    }
    assert_eq!(shown(&texts), ["started", "log 1", "log 2", "log 3", "source 3", "sink 3"]);
    live.lines.clear();
    texts.push(live.text(""));
    texts.push(live.text("total\n"));
    assert_eq!(shown(&texts), ["started", "log 1", "log 2", "log 3", "total"]);
}

#[test]
fn what_others_wrote_does_nothing_to_a_terminal() {
    assert_eq!(super::plain("a\x1b[2J\r\u{9b}\u{202e}b\tü\n"), "a\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}b\tü\n");
}
