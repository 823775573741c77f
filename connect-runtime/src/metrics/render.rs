//! Prometheus text, version 0.0.4.

use std::fmt::{self, Write};

use super::snapshot::{MetricsSnapshot, Reading, Sample};

impl MetricsSnapshot {
    /// The content type of [`render`](Self::render).
    pub const CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    /// The text that Prometheus reads.
    #[must_use]
    pub fn render(&self) -> String {
        let mut text = String::with_capacity(self.samples.len() * 96);
        // A String takes whatever is written.
        let _ = write(self, &mut text);
        text
    }
}

fn write(snapshot: &MetricsSnapshot, out: &mut impl Write) -> fmt::Result {
    let mut last = "";
    for sample in &snapshot.samples {
        let family = sample.family;
        if family.name != last {
            last = family.name;
            writeln!(out, "# HELP {last} {} ({})", escaped(family.help, false), family.unit)?;
            writeln!(out, "# TYPE {last} {}", family.kind.name())?;
        }
        match &sample.reading {
            Reading::Number(number) => line(out, sample, "", None, *number)?,
            Reading::Histogram(histogram) => {
                for (bound, count) in histogram.buckets() {
                    line(out, sample, "_bucket", Some(bound), count as f64)?;
                }
                line(out, sample, "_sum", None, histogram.sum())?;
                line(out, sample, "_count", None, histogram.count() as f64)?;
            }
        }
    }
    Ok(())
}

fn line(out: &mut impl Write, sample: &Sample, suffix: &str, bound: Option<f64>, number: f64) -> fmt::Result {
    write!(out, "{}{suffix}", sample.family.name)?;
    let mut open = '{';
    for (name, value) in sample.labels() {
        write!(out, "{open}{name}=\"{}\"", escaped(value, true))?;
        open = ',';
    }
    if let Some(bound) = bound {
        write!(out, "{open}le=\"{}\"", Number(bound))?;
        open = ',';
    }
    if open == ',' {
        out.write_char('}')?;
    }
    writeln!(out, " {}", Number(number))
}

struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            number if number.is_nan() => f.write_str("NaN"),
            f64::INFINITY => f.write_str("+Inf"),
            f64::NEG_INFINITY => f.write_str("-Inf"),
            number => write!(f, "{number}"),
        }
    }
}

/// Backslashes and line ends, and in labels quotes, must be written otherwise.
fn escaped(text: &str, quotes: bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' => escaped.push_str("\\\\"),
            '\n' => escaped.push_str("\\n"),
            '"' if quotes => escaped.push_str("\\\""),
            char => escaped.push(char),
        }
    }
    escaped
}
