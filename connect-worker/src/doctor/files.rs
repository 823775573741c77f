//! What is in the files. Connectors check their own configurations, which includes the systems they talk to.

use std::path::Path;

use super::finding::Finding;
use crate::validate::Checked;

pub(super) fn findings(config: &Path, checked: &Checked, connectors: &[&Path]) -> Vec<Finding> {
    let look = |file: &Path, what: &str| {
        let what = format!("{what} {}", file.display());
        let advice = "change the file; `connect plugins CLASS` shows the keys of a connector";
        match checked.mistakes.of(file) {
            Some(errors) => Finding::problem(what, errors.to_string(), advice),
            None => Finding::ok(what, "is valid"),
        }
    };
    let mut findings = vec![look(config, "worker file")];
    findings.extend(connectors.iter().map(|file| look(file, "connector")));
    findings.extend(checked.warnings.iter().map(|warning| Finding::ok("to know", warning.clone())));
    findings
}
