//! What the kernel says of a process.

use std::fs;
use std::time::Duration;

use rustix::param::clock_ticks_per_second;
use rustix::process::{Pid, Signal, kill_process};

use crate::Result;

/// CPU time of all its threads, in user and in kernel mode.
pub(crate) fn cpu(pid: u32) -> Result<Duration> {
    // Fields 14 and 15 of the line.
    Ok(ticks(pid, 11)? + ticks(pid, 12)?)
}

/// When it began, on the clock of [`benches::since_boot`].
pub(crate) fn began(pid: u32) -> Result<Duration> {
    ticks(pid, 19)
}

/// The most memory it ever had resident, in KiB.
pub(crate) fn peak_kib(pid: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM: the process has ended")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// Asks it to end.
pub(crate) fn terminate(pid: u32) {
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        // It may have ended already.
        let _ = kill_process(pid, Signal::TERM);
    }
}

/// A field that counts clock ticks, by its place behind the command's name, which may hold blanks.
fn ticks(pid: u32, at: usize) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).map_err(|error| format!("process {pid}: {error}"))?;
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let ticks: u64 = fields.split(' ').nth(at).ok_or("too few fields in /proc/PID/stat")?.parse()?;
    Ok(Duration::from_millis(ticks * 1000 / clock_ticks_per_second()))
}
