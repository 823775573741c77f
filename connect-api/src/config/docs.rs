//! A config type's reference, written by the type.

use std::fmt::Write as _;

use super::Config;
use super::kind::{Kind, Type};
use super::shape::Shape;

/// A Markdown table of all keys, in the order they are declared.
pub fn render_docs<C: Config>() -> String {
    let shape = Shape::of::<C>();
    let mut table = "| Key | Type | Default | Importance | Description |\n|---|---|---|---|---|\n".to_owned();
    for row in shape.definitions() {
        let field = shape.fields.iter().find(|field| field.key == row.name);
        let default = match &row.default_value {
            Some(default) if default.is_empty() => "empty".to_owned(),
            Some(default) => format!("`{}`", cell(default)),
            None if row.required => "**required**".to_owned(),
            None => String::new(),
        };
        let mut description = cell(&row.documentation);
        if let Some(possible) = field.and_then(|field| possible(&field.ty)) {
            let _ = write!(description, "{}Valid: {}.", if description.is_empty() { "" } else { " " }, cell(&possible));
        }
        let cases = field.map(|field| field.scope.cases.as_slice()).unwrap_or_default();
        for (tag, value) in cases {
            let _ = write!(description, " Only with `{}={}`.", cell(tag), cell(value));
        }
        let (name, config_type, importance) = (cell(&row.name), row.config_type, row.importance);
        // Writing to a string cannot fail.
        let _ = writeln!(table, "| `{name}` | {config_type} | {default} | {importance} | {} |", description.trim());
    }
    for rest in &shape.rests {
        let name = cell(&rest.prefix);
        let _ = writeln!(
            table,
            "| `{name}*` | | | | Any key{}. |",
            if name.is_empty() { " not named above" } else { " with this prefix" }
        );
    }
    table
}

/// What is possible, where the type alone does not say it.
fn possible(ty: &Type) -> Option<String> {
    let limits = &ty.limits;
    let sized = limits.min_len.or(limits.max_len).is_some();
    let ranged = [limits.min, limits.max, limits.above, limits.below].iter().any(Option::is_some);
    let narrower = match &ty.kind {
        Kind::Enum(_) | Kind::AnyOf(_) => true,
        Kind::List(item) => sized || possible(item).is_some(),
        Kind::Integer(range) => {
            // The whole of a signed type is what SHORT, INT and LONG say.
            let whole = [(i16::MIN.into(), i16::MAX.into()), (i32::MIN.into(), i32::MAX.into())];
            let bounds = ty.bounds(*range);
            !whole.contains(&bounds) && (bounds.0 > i64::MIN.into() || bounds.1 < i64::MAX.into())
        }
        _ => sized || ranged,
    };
    narrower.then(|| ty.expected())
}

/// Text that stays within its cell.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
