//! Whether this machine has what the worker needs: space, files, a clock.

#[cfg(test)]
mod tests;

use std::fs;
use std::path::Path;

use super::finding::Finding;
use crate::settings::Settings;

/// Less than this soon is nothing.
const LITTLE: u64 = 1 << 30;
/// Each connection and each segment of a log is a file.
const FEW_FILES: u64 = 4096;

pub(super) fn findings(settings: &Settings) -> Vec<Finding> {
    let offsets = settings.offset_file();
    let directory = offsets.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut findings = vec![writable("source offsets", directory), space("disk of source offsets", directory)];
    findings.extend(files());
    findings
}

/// The directory of the embedded broker, and its disk.
pub(super) fn log_directory(settings: &Settings) -> Vec<Finding> {
    let directory = settings.broker_dir();
    vec![writable("embedded broker", &directory), space("disk of embedded broker", &directory)]
}

fn makeable(what: &str, directory: &Path) -> Finding {
    let parent = directory.ancestors().skip(1).find(|parent| parent.exists()).unwrap_or(Path::new("."));
    let finding = writable(what, parent);
    if finding.is_problem() { finding } else { Finding::ok(what, format!("{} will be made", directory.display())) }
}

/// Tries it with a file that is gone again. It has something in it, so a disk without room shows.
fn writable(what: &str, directory: &Path) -> Finding {
    if !directory.exists() {
        return makeable(what, directory);
    }
    let probe = directory.join(format!(".connect-doctor-{}", std::process::id()));
    let tried = fs::write(&probe, [0; 4096]);
    let removed = fs::remove_file(&probe);
    let tried = tried.and(removed);
    let directory = directory.display();
    match tried {
        Ok(()) => Finding::ok(what, format!("{directory} can be written")),
        Err(error) => {
            let advice = "let the user that runs the worker write there, or name another directory";
            Finding::problem(what, format!("{directory} cannot be written: {error}"), advice)
        }
    }
}

fn space(what: &str, directory: &Path) -> Finding {
    let existing = directory.ancestors().find(|parent| parent.exists()).unwrap_or(Path::new("."));
    match rustix::fs::statvfs(existing) {
        Ok(disk) => judged(what, disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(error) => Finding::problem(what, format!("is not known: {error}"), "look whether the disk is mounted"),
    }
}

fn judged(what: &str, free: u64) -> Finding {
    let told = format!("{} MiB free", free >> 20);
    if free >= LITTLE {
        Finding::ok(what, told)
    } else {
        Finding::problem(what, told, "make room: when it is full, tasks fail and offsets are not kept")
    }
}

/// None where there is no such limit to be read.
fn files() -> Option<Finding> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    open_files(&limits)
}

fn open_files(limits: &str) -> Option<Finding> {
    let line = limits.lines().find(|line| line.starts_with("Max open files"))?;
    let soft = line.split_whitespace().nth(3)?;
    let what = "open files";
    match soft.parse::<u64>() {
        Ok(limit) if limit < FEW_FILES => {
            let advice = format!("allow at least {FEW_FILES}: ulimit -n, or LimitNOFILE of the service");
            Some(Finding::problem(what, format!("at most {limit} from here"), advice))
        }
        _ => Some(Finding::ok(what, format!("at most {soft} from here"))),
    }
}
