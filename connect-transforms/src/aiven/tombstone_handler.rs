//! Drops deletions, or fails on them.

use connect_api::{Deserialize, Flow, JsonSchema, Record, Result, Serialize, Transform, TransformPlugin};

use crate::tombstones::Tombstones;

connect_api::config! {
    /// Configuration of [`TombstoneHandler`].
    #[derive(Clone)]
    pub struct TombstoneHandlerConfig {
        /// What is done to a record whose value is null.
        pub behavior: TombstoneBehavior,
    }
}

/// What is done to a record whose value is null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(crate = "connect_api::serde", rename_all = "snake_case")]
#[schemars(crate = "connect_api::schemars")]
pub enum TombstoneBehavior {
    /// It is dropped.
    DropSilent,
    /// It is dropped; the first time a warning is logged.
    DropWarn,
    /// It fails.
    Fail,
}

/// Drops records whose value is null, or fails on them.
#[derive(Debug)]
pub struct TombstoneHandler(Tombstones);

impl TransformPlugin for TombstoneHandler {
    const NAME: &'static str = "io.aiven.kafka.connect.transforms.TombstoneHandler";
    type Config = TombstoneHandlerConfig;

    fn new(config: TombstoneHandlerConfig) -> Result<Self> {
        Ok(Self(match config.behavior {
            TombstoneBehavior::DropSilent => Tombstones::Drop,
            TombstoneBehavior::DropWarn => Tombstones::warn(),
            TombstoneBehavior::Fail => Tombstones::Fail,
        }))
    }
}

impl Transform for TombstoneHandler {
    fn transform(&self, record: &mut Record) -> Result<Flow> {
        self.0.flow(record)
    }
}
