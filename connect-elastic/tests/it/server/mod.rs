//! A search server in this process, on a port of its own: it keeps documents as a real one does, and fails when it is
//! told to.

mod bulk;
mod faults;
mod http;
mod store;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) use faults::Fault;
pub(crate) use store::Store;

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    fn is_bulk(&self) -> bool {
        self.path.starts_with("/_bulk")
    }
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) store: Store,
    /// For the next bulk requests, one each.
    pub(crate) faults: VecDeque<Fault>,
    /// For the next other requests, one each.
    pub(crate) other_faults: VecDeque<Fault>,
    /// For every bulk request that has no fault of its own.
    pub(crate) always: Option<Fault>,
    pub(crate) asked: Vec<Asked>,
    /// How often somebody connected.
    pub(crate) connections: usize,
    pub(crate) root: Option<Value>,
    /// Answers to requests whose paths begin so.
    pub(crate) answers: Vec<(&'static str, Value)>,
    /// Bulk requests under way now, and the most there were.
    pub(crate) under_way: usize,
    pub(crate) most_under_way: usize,
    /// The most documents of different ids that were under way at a time.
    pub(crate) most_documents: usize,
    /// Documents of one index and id that were under way twice at a time.
    pub(crate) overlaps: usize,
    writing: BTreeMap<String, usize>,
}

/// The server. It ends when it is dropped.
pub(crate) struct Server {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(http::serve(stream, Arc::clone(&shared)));
            }
        });
        Self { url, state, task }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.state().faults.extend(faults);
    }

    /// How many bulk requests came.
    pub(crate) fn bulks(&self) -> usize {
        self.state().asked.iter().filter(|asked| asked.is_bulk()).count()
    }

    /// A document.
    pub(crate) fn doc(&self, index: &str, id: &str) -> Option<Value> {
        self.state().store.get(index, id)
    }

    pub(crate) fn count(&self, index: &str) -> usize {
        self.state().store.count(index)
    }

    /// The bodies of all bulk requests, as lines.
    pub(crate) fn lines(&self) -> Vec<String> {
        let state = self.state();
        let bodies = state.asked.iter().filter(|asked| asked.is_bulk());
        bodies
            .flat_map(|asked| String::from_utf8_lossy(&asked.body).lines().map(str::to_owned).collect::<Vec<_>>())
            .collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// An error as servers write it.
pub(crate) fn error(status: u16, kind: &str, reason: &str) -> (u16, Value) {
    let cause = json!({ "type": kind, "reason": reason });
    (status, json!({ "error": { "root_cause": [cause], "type": kind, "reason": reason }, "status": status }))
}

/// A while that is longer than any time-out of a test.
pub(crate) const FOR_EVER: Duration = Duration::from_secs(24 * 3600);
