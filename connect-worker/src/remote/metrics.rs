//! What a worker measures, from the text that Prometheus reads.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

/// Samples by name; labels and value of each.
#[derive(Debug, Default)]
pub(crate) struct Metrics(BTreeMap<String, Vec<Sample>>);

#[derive(Debug)]
pub(crate) struct Sample {
    labels: BTreeMap<String, String>,
    pub(crate) value: f64,
}

impl Metrics {
    /// Lines that are no samples are left out.
    pub(crate) fn read(text: &str) -> Self {
        let mut metrics = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, sample)) = sample(line) {
                metrics.0.entry(name.to_owned()).or_default().push(sample);
            }
        }
        metrics
    }

    /// The samples of a task.
    pub(crate) fn of_task<'a>(
        &'a self,
        name: &str,
        connector: &'a str,
        task: &'a str,
    ) -> impl Iterator<Item = &'a Sample> {
        self.0
            .get(name)
            .into_iter()
            .flatten()
            .filter(move |sample| sample.label("connector") == connector && sample.label("task") == task)
    }
}

impl Sample {
    /// A label's value; empty when there is no such label.
    pub(crate) fn label(&self, name: &str) -> &str {
        self.labels.get(name).map_or("", String::as_str)
    }
}

fn sample(line: &str) -> Option<(&str, Sample)> {
    let Some(open) = line.find('{') else {
        let (name, value) = line.trim().split_once(' ')?;
        let value = value.split(' ').next()?.parse().ok()?;
        return Some((name, Sample { labels: BTreeMap::new(), value }));
    };
    let mut labels = BTreeMap::new();
    let mut rest = &line[open + 1..];
    while !rest.starts_with('}') {
        let (name, after) = rest.split_once("=\"")?;
        let mut text = String::new();
        let mut end = None;
        let mut chars = after.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    end = Some(at);
                    break;
                }
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    other => text.push(other),
                },
                other => text.push(other),
            }
        }
        labels.insert(name.trim().to_owned(), text);
        rest = after[end? + 1..].trim_start_matches([',', ' ']);
    }
    let value = rest[1..].trim().split(' ').next()?.parse().ok()?;
    Some((&line[..open], Sample { labels, value }))
}
