//! "did you mean": the known word nearest to a misspelt one.

/// The candidate nearest to `word`, when one is near enough to be meant: a third of its letters may be wrong.
///
/// Case and the separators `.`, `_`, `-` do not count as differences.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = folded(word);
    // A key is never this long; and the table below grows with the square.
    if word.len() > 100 {
        return None;
    }
    let scored = candidates.into_iter().filter_map(|candidate| {
        let other = folded(candidate);
        let allowed = word.len().max(other.len()) / 3;
        if word.len().abs_diff(other.len()) > allowed {
            return None;
        }
        let distance = distance(&word, &other);
        (distance <= allowed).then_some((distance, candidate))
    });
    scored.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
}

fn folded(word: &str) -> Vec<char> {
    word.chars().flat_map(char::to_lowercase).map(|c| if matches!(c, '_' | '-') { '.' } else { c }).collect()
}

/// Edits between two words: insert, delete, replace, swap of neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(before[j - 2] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

/// ` (did you mean "x"?)` with the known word nearest to a misspelt one, or nothing when none is near.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map_or_else(String::new, |near| format!(" (did you mean {near:?}?)"))
}
