//! Names of indices and data streams.

/// Bytes of the longest name.
const LONGEST: usize = 255;
/// Characters of the longest third part of a data stream's name.
const LONGEST_NAMESPACE: usize = 100;

/// The index of a topic. `colons`: as the OpenSearch connector has it, a colon becomes an underscore.
pub(super) fn index(topic: &str, colons: bool) -> String {
    let mut name = topic.to_lowercase();
    if colons {
        name = name.replace(':', "_");
    }
    cut(&mut name, LONGEST);
    let name = name.trim_start_matches(['-', '_', '+']);
    match name {
        "." => "dot".to_owned(),
        ".." => "dotdot".to_owned(),
        _ => name.to_owned(),
    }
}

/// The data stream of a topic.
pub(super) fn stream(start: &str, namespace: &str, topic: &str) -> String {
    let namespace: String =
        namespace.replace("${topic}", &topic.to_lowercase()).chars().take(LONGEST_NAMESPACE).collect();
    format!("{start}-{namespace}")
}

fn cut(name: &mut String, longest: usize) {
    let mut end = longest.min(name.len());
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.truncate(end);
}
