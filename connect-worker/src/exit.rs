//! How the process can end.

use std::process::ExitCode;

/// The exit statuses; 1 to 3 are those of Kafka Connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// As asked.
    Done,
    /// The command line is wrong, `validate` found something, or a record failed in `transform`.
    Usage,
    /// The worker did not come up.
    Startup,
    /// A connector could not be created.
    Connector,
    /// Not every record arrived, a task did not stop, or what was looked at is not well.
    Incomplete,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Usage => 1,
            Exit::Startup => 2,
            Exit::Connector => 3,
            Exit::Incomplete => 4,
        })
    }
}
