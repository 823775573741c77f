//! Where this worker answers otherwise than Java's standalone one, and why.

use super::recording::{Answer, Exchange};

/// How ours differs.
enum Ours {
    /// It is the distributed worker's answer.
    AsInCluster,
    /// It has this status, and says why.
    Status(u64),
    /// It has the same status; the body is another one.
    OtherBody,
    /// It is as wanted in a way of its own.
    When(fn(&Answer, &Answer) -> bool),
}

/// A decision: where a request's line begins so, what ours is, and the reason.
pub(super) struct Row {
    line: &'static str,
    /// The status of Java's answer that it is about.
    java: u64,
    ours: Ours,
    _reason: &'static str,
}

const fn row(line: &'static str, java: u64, ours: Ours, reason: &'static str) -> Row {
    Row { line, java, ours, _reason: reason }
}

pub(super) static ROWS: &[Row] = &[
    row("PUT /connectors/no/stop", 500, Ours::AsInCluster, "there is no such connector, as everywhere else"),
    row("POST /connectors/no/restart", 500, Ours::AsInCluster, "the same"),
    row("POST /connectors/no/tasks/0/restart", 500, Ours::AsInCluster, "the same"),
    row("GET /connectors/short/tasks/2/status", 200, Ours::AsInCluster, "a refused restart leaves no task behind"),
    row("GET /connectors/short/status", 200, Ours::OtherBody, "the same; and a task that is gone has no status"),
    row("POST /connectors {\"name\":\"late\"", 500, Ours::Status(400), "what would fail is refused before it is there"),
    row("", 500, Ours::Status(400), "what a client sent wrong is its mistake, and says so"),
    row("PUT /admin/loggers/root {\"level\":\"\"}", 500, Ours::Status(404), "no such level, as with every other"),
    row("GET ", 400, Ours::When(is_json), "an ambiguous path is refused as everything else, in JSON"),
    row("DELETE /connectors/late", 204, Ours::Status(404), "so there is none"),
    row("PATCH /connectors/no/config", 404, Ours::Status(400), "a body that is none is looked at first"),
    row("GET /connectors", 200, Ours::When(same_names), "connectors come sorted"),
    row(
        "PUT /connectors/%20put%20/config",
        201,
        Ours::Status(400),
        "a name has no blanks around it: POST cuts them off",
    ),
    row("GET /connectors/%20put%20", 200, Ours::Status(404), "so there is none"),
    row("DELETE /connectors/%20put%20", 204, Ours::Status(404), "the same"),
];

/// The row that this difference is decided by.
pub(super) fn row_of(java: &Exchange, in_cluster: &Answer, ours: &Answer) -> Option<usize> {
    ROWS.iter().position(|row| {
        let fits = match row.ours {
            Ours::AsInCluster => ours == in_cluster,
            Ours::Status(status) => ours.status == status && is_error(ours),
            Ours::OtherBody => ours.status == java.answer.status,
            Ours::When(fits) => fits(&java.answer, ours),
        };
        java.line.starts_with(row.line) && java.answer.status == row.java && fits
    })
}

/// An error as they all are.
fn is_error(ours: &Answer) -> bool {
    ours.body["error_code"] == ours.status && ours.body["message"].is_string()
}

fn is_json(java: &Answer, ours: &Answer) -> bool {
    java.body == "NOT JSON" && ours.status == java.status && is_error(ours)
}

fn same_names(java: &Answer, ours: &Answer) -> bool {
    let sorted = |answer: &Answer| {
        let mut names: Vec<_> = answer.body.as_array()?.iter().map(|name| name.as_str().map(str::to_owned)).collect();
        names.sort_unstable();
        Some(names)
    };
    sorted(java).is_some() && sorted(java) == sorted(ours)
}
