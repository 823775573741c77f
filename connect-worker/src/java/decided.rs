//! Where this worker answers otherwise than Java's, and why.

use serde_json::{Map, Value};

use super::recording::Exchange;

/// What differs and is not decided to differ.
pub(super) fn differences(java: &Exchange, status: u64, ours: Value) -> Vec<String> {
    let mut found = Vec::new();
    if status != java.status && !is_better_status(java, status) {
        found.push(format!("status {status}, Java's is {}", java.status));
    }
    if status != 200 || java.status != 200 {
        return found;
    }
    match (&java.answer, &ours) {
        (Value::Object(java), Value::Object(ours)) if java.contains_key("configs") => infos(java, ours, &mut found),
        (Value::Array(java), Value::Array(ours)) => keys(java, ours, &mut found),
        (java, ours) if java != ours => found.push(format!("{ours}, Java's is {java}")),
        _ => {}
    }
    found
}

/// What a client sent wrong is its mistake, which Java tells of some by 500.
fn is_better_status(java: &Exchange, status: u64) -> bool {
    let no_such_version = java.line.contains("connector.plugin.version");
    java.status == 500 && (status == 400 || (status == 200 && no_such_version))
}

fn infos(java: &Map<String, Value>, ours: &Map<String, Value>, found: &mut Vec<String>) {
    let (theirs, mine) = (groups(java), groups(ours));
    if theirs != mine {
        found.push(format!("groups {mine:?}, Java's are {theirs:?}"));
    }
    for member in ["name", "error_count"] {
        if java[member] != ours[member] {
            found.push(format!("{member} {}, Java's is {}", ours[member], java[member]));
        }
    }
    let (theirs, mine) = (java["configs"].as_array().unwrap(), ours["configs"].as_array().unwrap());
    let name = |row: &Value| row["value"]["name"].as_str().unwrap_or_default().to_owned();
    let order = |rows: &[Value], others: &[Value]| {
        let names = rows.iter().map(name).filter(|one| others.iter().any(|other| name(other) == *one));
        sorted(names.collect())
    };
    if order(theirs, mine) != order(mine, theirs) {
        found.push(format!("rows {:?}, Java's are {:?}", order(mine, theirs), order(theirs, mine)));
    }
    for row in theirs {
        let name = name(row);
        match mine.iter().find(|mine| mine["value"]["name"] == *name) {
            Some(mine) => {
                definition(&name, &row["definition"], &mine["definition"], found);
                value(&name, &row["value"], &mine["value"], found);
            }
            None => found.push(format!("{name}: no such row")),
        }
    }
    // A plugin here may have more keys than Java's of the same name; they must not be in the way.
    for more in mine.iter().filter(|mine| !theirs.iter().any(|row| name(row) == name(mine))) {
        if more["value"]["errors"] != 0 || more["definition"]["required"] == true {
            found.push(format!("a row more: {more}"));
        }
    }
}

/// The groups, those of a converter in no order that means something.
fn groups(infos: &Map<String, Value>) -> Vec<&str> {
    let mut groups: Vec<_> = infos["groups"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let of_converter = |group: &&str| matches!(*group, "Schemas" | "Serialization");
    let from = groups.iter().position(of_converter).unwrap_or(groups.len());
    groups[from..].sort_unstable();
    groups
}

/// The keys of clients and of a converter come in no order that means something in Java, and in theirs here.
fn sorted(mut names: Vec<String>) -> Vec<String> {
    let group = |name: &str| {
        ["header.converter.", "key.converter.", "value.converter.", "consumer.override.", "producer.override."]
            .into_iter()
            .find(|prefix| name.starts_with(prefix) && !name.ends_with("plugin.version"))
    };
    let mut from = 0;
    while from < names.len() {
        let prefix = group(&names[from]);
        let to = (from..names.len()).find(|at| group(&names[*at]) != prefix).unwrap_or(names.len());
        if prefix.is_some() {
            names[from..to].sort();
        }
        from = to;
    }
    names
}

fn keys(java: &[Value], ours: &[Value], found: &mut Vec<String>) {
    let order = |keys: &[Value], others: &[Value]| -> Vec<String> {
        let names = keys.iter().map(|key| &key["name"]);
        names.filter(|one| others.iter().any(|other| other["name"] == **one)).map(ToString::to_string).collect()
    };
    if order(java, ours) != order(ours, java) {
        found.push(format!("keys {:?}, Java's are {:?}", order(ours, java), order(java, ours)));
    }
    for key in java {
        let name = key["name"].as_str().unwrap_or_default();
        match ours.iter().find(|ours| ours["name"] == *name) {
            Some(ours) => definition(name, key, ours, found),
            None => found.push(format!("{name}: no such key")),
        }
    }
}

fn definition(name: &str, java: &Value, ours: &Value, found: &mut Vec<String>) {
    for member in java.as_object().into_iter().flatten().map(|(member, _)| member.as_str()) {
        // Other keys of the transform stand between them.
        let moved = member == "order" && (name.starts_with("transforms.") || name.starts_with("predicates."));
        if java[member] != ours[member] && member != "documentation" && !moved {
            found.push(format!("{name}: {member} {}, Java's is {}", ours[member], java[member]));
        }
    }
    if java.is_null() != ours.is_null() {
        found.push(format!("{name}: definition {ours}, Java's is {java}"));
    }
}

fn value(name: &str, java: &Value, ours: &Value, found: &mut Vec<String>) {
    for member in ["value", "errors", "visible"] {
        if java[member] != ours[member] {
            found.push(format!("{name}: {member} {}, Java's is {}", ours[member], java[member]));
        }
    }
    // There are more plugins here, and what a key may be is offered where it is known.
    let offered = |value: &Value| value["recommended_values"].as_array().cloned().unwrap_or_default();
    let mine = offered(ours);
    for missing in offered(java).into_iter().filter(|one| !mine.contains(one)) {
        found.push(format!("{name}: does not offer {missing}"));
    }
}
