//! Files of users and of tokens.

use std::collections::BTreeMap;

use connect_api::config::ConfigErrors;

use super::Sum;

/// A check with the highest cost takes about a second.
const HIGHEST_COST: u32 = 14;

/// Hashes of passwords by user.
pub(super) fn users(text: &str, key: &str, errors: &mut ConfigErrors) -> BTreeMap<String, String> {
    let mut users = BTreeMap::new();
    for (number, name, hash) in entries(text, key, errors) {
        match cost(&hash) {
            Some(cost) if cost <= HIGHEST_COST => drop(users.insert(name, hash)),
            Some(cost) => {
                let message = format!("line {number}: a cost of {cost} takes too long; at most {HIGHEST_COST}");
                errors.add(key, None, message);
            }
            None => {
                let message = format!(
                    "line {number}: the password of {name:?} is not hashed with bcrypt; `htpasswd -nB USER` does that"
                );
                errors.add(key, None, message);
            }
        }
    }
    none_is_wrong(users.is_empty(), key, errors);
    users
}

/// Names and sums of tokens.
pub(super) fn tokens(text: &str, key: &str, errors: &mut ConfigErrors) -> Vec<(String, Sum)> {
    let mut tokens = Vec::new();
    for (number, name, hash) in entries(text, key, errors) {
        match sum(&hash) {
            Some(sum) => tokens.push((name, sum)),
            None => {
                let message = format!(
                    "line {number}: {name:?} has no SHA-256 of a token, which is 64 hexadecimal digits; \
                     `printf %s TOKEN | sha256sum` makes it"
                );
                errors.add(key, None, message);
            }
        }
    }
    none_is_wrong(tokens.is_empty(), key, errors);
    tokens
}

fn none_is_wrong(is_empty: bool, key: &str, errors: &mut ConfigErrors) {
    if is_empty && errors.of(key).next().is_none() {
        errors.add(key, None, "there is nobody in the file, so nobody could ask");
    }
}

/// Lines `name:hash` with their numbers; blank ones and comments do not count.
fn entries(text: &str, key: &str, errors: &mut ConfigErrors) -> Vec<(usize, String, String)> {
    let mut entries: Vec<(usize, String, String)> = Vec::new();
    for (number, line) in text.lines().enumerate().map(|(at, line)| (at + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once(':') {
            Some((name, hash)) if !name.is_empty() => {
                if entries.iter().any(|(_, known, _)| known == name) {
                    errors.add(key, None, format!("line {number}: {name:?} is there twice"));
                }
                entries.push((number, name.to_owned(), hash.to_owned()));
            }
            // The line may be a bare secret.
            _ => errors.add(key, None, format!("line {number}: expected NAME:HASH")),
        }
    }
    entries
}

/// The cost of a bcrypt hash: `$2y$10$` and 53 characters.
fn cost(hash: &str) -> Option<u32> {
    let rest = ["$2y$", "$2b$", "$2a$", "$2x$"].iter().find_map(|prefix| hash.strip_prefix(prefix))?;
    let (cost, rest) = rest.split_once('$')?;
    let is_hash = rest.len() == 53 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"./".contains(&byte));
    cost.parse().ok().filter(|_| is_hash)
}

fn sum(hex: &str) -> Option<Sum> {
    let digits: Option<Vec<u8>> = hex.chars().map(|digit| Some(digit.to_digit(16)? as u8)).collect();
    let digits = digits.filter(|digits| digits.len() == 64)?;
    let mut sum = [0; 32];
    for (byte, pair) in sum.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = pair.iter().fold(0, |byte, digit| byte << 4 | digit);
    }
    Some(sum)
}
