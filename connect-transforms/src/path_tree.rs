//! Paths of a configuration as a tree, to be followed along nested data.

use std::sync::Arc;

use connect_api::{Error, Result};

use crate::field_path::FieldPath;

/// The fields of one level that are configured, each with what is to be done to it or to fields inside of it.
#[derive(Debug)]
pub(crate) struct PathTree<T>(Vec<Node<T>>);

#[derive(Debug)]
pub(crate) struct Node<T> {
    pub(crate) name: Arc<str>,
    pub(crate) work: Work<T>,
}

#[derive(Debug)]
pub(crate) enum Work<T> {
    /// On the field itself.
    Here(T),
    /// On fields inside of it.
    Inside(PathTree<T>),
}

impl<T> Default for PathTree<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> PathTree<T> {
    /// Of paths that come twice the last one counts.
    ///
    /// # Errors
    /// A config error when a path leads into a field that is configured itself.
    pub(crate) fn of(paths: impl IntoIterator<Item = (FieldPath, T)>) -> Result<Self> {
        let mut tree = Self::default();
        for (path, work) in paths {
            tree.add(path.steps(), work).map_err(|()| {
                let path = path.steps().join(".");
                Error::config(format!("{path:?} leads into a field that is listed itself, or is led into"))
            })?;
        }
        Ok(tree)
    }

    fn add(&mut self, steps: &[Arc<str>], work: T) -> Result<(), ()> {
        let Some((name, further)) = steps.split_first() else { return Ok(()) };
        let node = match self.0.iter().position(|node| node.name == *name) {
            Some(known) => &mut self.0[known],
            None if further.is_empty() => {
                self.0.push(Node { name: Arc::clone(name), work: Work::Here(work) });
                return Ok(());
            }
            None => {
                self.0.push(Node { name: Arc::clone(name), work: Work::Inside(Self::default()) });
                let last = self.0.len() - 1;
                &mut self.0[last]
            }
        };
        match &mut node.work {
            Work::Here(old) if further.is_empty() => *old = work,
            Work::Inside(inside) if !further.is_empty() => inside.add(further, work)?,
            _ => return Err(()),
        }
        Ok(())
    }

    pub(crate) fn nodes(&self) -> &[Node<T>] {
        &self.0
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Work<T>> {
        self.0.iter().find(|node| &*node.name == name).map(|node| &node.work)
    }
}
