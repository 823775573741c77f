//! What follows the FROM of a query.

/// Words behind which, outside of parentheses, no WHERE can be added.
const TAIL: [&str; 13] = [
    "WHERE",
    "GROUP",
    "HAVING",
    "ORDER",
    "LIMIT",
    "OFFSET",
    "FETCH",
    "UNION",
    "INTERSECT",
    "EXCEPT",
    "MINUS",
    "FOR",
    "WINDOW",
];

/// Words that cut a result off.
const LIMIT: [&str; 3] = ["LIMIT", "FETCH", "OFFSET"];

/// Whether a query has criteria, an order or the like of its own, so that more cannot simply be added behind it.
pub(super) fn has_tail(query: &str) -> bool {
    words(query).any(|word| TAIL.iter().any(|tail| word.eq_ignore_ascii_case(tail)))
}

/// Whether a text cuts the result off that it is added to.
pub(super) fn has_limit(suffix: &str) -> bool {
    words(suffix).any(|word| LIMIT.iter().any(|limit| word.eq_ignore_ascii_case(limit)))
}

/// The words of a statement that stand outside of parentheses, quotes and comments.
fn words(sql: &str) -> impl Iterator<Item = &str> {
    let mut rest = sql;
    let mut depth = 0usize;
    std::iter::from_fn(move || {
        while let Some(first) = rest.chars().next() {
            let length = match first {
                '\'' | '"' | '`' => quoted(rest, first),
                '[' => rest.find(']').map_or(rest.len(), |end| end + 1),
                '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
                '#' => rest.find('\n').unwrap_or(rest.len()),
                '/' if rest.starts_with("/*") => rest[2..].find("*/").map_or(rest.len(), |end| end + 4),
                '$' => dollar_quoted(rest),
                at if at == '_' || at.is_alphanumeric() => {
                    let end = rest.find(|at: char| at != '_' && at != '$' && !at.is_alphanumeric());
                    let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
                    rest = after;
                    if depth == 0 {
                        return Some(word);
                    }
                    continue;
                }
                '(' => {
                    depth += 1;
                    1
                }
                ')' => {
                    depth = depth.saturating_sub(1);
                    1
                }
                other => other.len_utf8(),
            };
            rest = &rest[length..];
        }
        None
    })
}

/// How long a quoted text is; a doubled quote begins another one, which comes to the same.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

/// How long PostgreSQL's `$tag$ .. $tag$` is; 1 when it is none.
fn dollar_quoted(text: &str) -> usize {
    let Some(end) = text[1..].find('$') else { return 1 };
    let tag = &text[..end + 2];
    if !tag[1..=end].chars().all(|at| at == '_' || at.is_alphanumeric()) {
        return 1;
    }
    text[tag.len()..].find(tag).map_or(text.len(), |close| close + 2 * tag.len())
}
