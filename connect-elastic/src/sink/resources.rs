//! Indices, data streams and mappings: looked for once, and made when they are missing.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use connect_api::{Error, Result, Schema};
use hyper::Method;
use serde_json::Value as Json;
use tokio::time::sleep;

use crate::bulk::{Backoff, CallClass, CallError, classify_call};
use crate::client::{Call, Client, Reply, escape};
use crate::config::{Target, TargetKind};
use crate::document::{Plan, missing, of_schema};

/// What a user lacks who may not see templates; OpenSearch calls it by the names of actions.
pub(super) const TEMPLATES: &str = "; the user needs a role that may manage index templates: manage_index_templates of \
    the cluster, or indices:admin/index_template/* in OpenSearch";

/// What a task knows of its cluster.
pub(crate) struct Resources {
    client: Arc<Client>,
    pub(super) target: Target,
    compact: bool,
    sensitive: bool,
    backoff: Backoff,
    known: Mutex<BTreeMap<Arc<String>, Known>>,
}

#[derive(Debug, Clone, Default)]
struct Known {
    exists: bool,
    /// The schema of which it has the mapping.
    mapped: Option<Arc<Schema>>,
}

impl Resources {
    pub(crate) fn new(client: Arc<Client>, target: Target, compact: bool, sensitive: bool, backoff: Backoff) -> Self {
        Self { client, target, compact, sensitive, backoff, known: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Arc<String>, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether nothing has to be asked before a document of this plan and schema is written. `schema` is of a value
    /// of which a mapping is wanted.
    pub(crate) fn is_ready(&self, plan: &Plan, schema: Option<&Arc<Schema>>) -> bool {
        let known = self.known();
        let Some(known) = known.get(&plan.index) else { return false };
        let mapped = match (schema, &known.mapped) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(schema), Some(mapped)) => {
                !self.target.update_mappings || Arc::ptr_eq(schema, mapped) || **schema == **mapped
            }
        };
        known.exists && mapped
    }

    /// Looks for the place of a plan's documents, makes it when it is missing, and gives it the mapping of a schema
    /// when it has none.
    ///
    /// # Errors
    /// A fatal error that says what the cluster refused; a data error when no mapping can be made.
    pub(crate) async fn ready(&self, plan: &Plan, schema: Option<&Arc<Schema>>) -> Result<()> {
        let mut known = self.known().get(&plan.index).cloned().unwrap_or_default();
        if !known.exists {
            self.exist(&plan.index).await?;
            known.exists = true;
            self.known().insert(Arc::clone(&plan.index), known.clone());
        }
        if let Some(schema) = schema {
            let wanted = of_schema(schema, self.compact)?;
            self.map(&plan.index, &wanted).await?;
            known.mapped = Some(Arc::clone(schema));
            self.known().insert(Arc::clone(&plan.index), known);
        }
        Ok(())
    }

    /// An index is gone: makes it again, with the mapping it had.
    ///
    /// # Errors
    /// A fatal error that says what the cluster refused.
    pub(crate) async fn make_again(&self, index: &Arc<String>) -> Result<()> {
        let known = self.known().get(index).cloned().unwrap_or_default();
        tracing::warn!(%index, "the index is gone, and is made again");
        self.exist(index).await?;
        match &known.mapped {
            Some(schema) => self.map(index, &of_schema(schema, self.compact)?).await,
            None => Ok(()),
        }
    }

    async fn exist(&self, name: &str) -> Result<()> {
        if matches!(self.target.kind, TargetKind::External { .. }) {
            return Ok(());
        }
        let reply = self.ask(Call::bare(Method::HEAD, format!("/{}", escape(name))), "look for", name).await?;
        match reply.status {
            200..=299 => Ok(()),
            404 => self.make(name).await,
            _ => Err(self.refused("look for", name, &reply)),
        }
    }

    async fn make(&self, name: &str) -> Result<()> {
        if let TargetKind::PrefixedStream { template, timestamp, .. } = &self.target.kind {
            self.template(name, template.as_deref(), timestamp).await?;
        }
        let stream = self.target.data_stream;
        let path = if stream { format!("/_data_stream/{}", escape(name)) } else { format!("/{}", escape(name)) };
        let body = if stream { None } else { self.creation(name).await? };
        let call = match body {
            None => Call::bare(Method::PUT, path),
            Some(body) => Call::json(Method::PUT, path, &body),
        };
        let reply = self.ask(call, "make", name).await?;
        let error = CallError::read(reply.status, &reply.body);
        match reply.status {
            200..=299 => Ok(()),
            _ if error.kind == "resource_already_exists_exception" => Ok(()),
            // A server without this call makes data streams when they are first written to.
            405 if stream => Ok(()),
            _ => Err(self.refused("make", name, &reply)),
        }
    }

    /// Gives an index the mapping, unless it has one; with `mapping.update.on.schema.change` what it lacks of it.
    async fn map(&self, name: &str, wanted: &Json) -> Result<()> {
        let path = format!("/{}/_mapping", escape(name));
        let reply = self.ask(Call::bare(Method::GET, path.clone()), "read the mapping of", name).await?;
        // A data stream that is made by its first document has none yet; its template has.
        if reply.status == 404 && self.target.data_stream {
            return Ok(());
        }
        if !reply.is_fine() {
            return Err(self.refused("read the mapping of", name, &reply));
        }
        let answer: Json = serde_json::from_slice(&reply.body).unwrap_or_default();
        // By the concrete name: an alias or data stream answers with that of its index.
        let indices = answer.as_object().into_iter().flatten();
        let has = indices.filter_map(|(_, index)| index.get("mappings")).rfind(|mapping| {
            mapping.get("properties").and_then(Json::as_object).is_some_and(|fields| !fields.is_empty())
        });
        let body = match has {
            None => wanted.clone(),
            Some(_) if !self.target.update_mappings => return Ok(()),
            Some(has) => match missing(wanted, has) {
                Some(new) => new,
                None => return Ok(()),
            },
        };
        let reply = self.ask(Call::json(Method::PUT, path, &body), "map the fields of", name).await?;
        if reply.is_fine() { Ok(()) } else { Err(self.refused("map the fields of", name, &reply)) }
    }

    /// Asks until there is an answer that another attempt would not change.
    pub(super) async fn ask(&self, call: Call, what: &str, name: &str) -> Result<Reply> {
        let mut backoff = self.backoff.clone();
        let mut attempts = 0;
        loop {
            attempts += 1;
            let (why, wish) = match self.client.call(&call).await {
                // No body comes with HEAD, so that its 404 is one of the index.
                Ok(reply) if reply.is_fine() || reply.status == 404 => return Ok(reply),
                Ok(reply) => {
                    let error = CallError::read(reply.status, &reply.body);
                    if classify_call(&error) != CallClass::Busy {
                        return Ok(reply);
                    }
                    (error.to_string(), reply.retry_after)
                }
                Err(trouble) => (trouble.to_string(), None),
            };
            let Some(wait) = backoff.before(attempts, wish) else {
                return Err(Error::fatal(format!(
                    "cannot {what} {name:?} in {attempts} attempts (max.retries): {why}"
                )));
            };
            tracing::warn!(index = name, attempt = attempts, ?wait, why, "the cluster is asked again");
            sleep(wait).await;
        }
    }

    pub(super) fn refused(&self, what: &str, name: &str, reply: &Reply) -> Error {
        let error = CallError::read(reply.status, &reply.body);
        let mut message = format!("cannot {what} {name:?}: {error}");
        // Mappings and names are the operator's own, but a reason may say more.
        if !error.reason.is_empty() && (self.sensitive || error.kind != "mapper_parsing_exception") {
            let reason: String = error.reason.chars().take(500).collect();
            message += &format!(": {reason}");
        }
        if matches!(reply.status, 401 | 403) {
            message += match what.contains("template") {
                true => TEMPLATES,
                false => "; the user needs the privileges create_index, read, write, view_index_metadata",
            };
        }
        Error::fatal(message)
    }
}
