//! How deletions are handled, by the present settings and the older ones.

use connect_api::Result;

use super::super::options::one_of;

connect_api::config! {
    /// Configuration of [`ExtractNewRecordState`](super::ExtractNewRecordState).
    #[derive(Clone)]
    pub struct ExtractNewRecordStateConfig {
        /// What becomes of deletions and of the tombstones after them: drop both; tombstone (the default) makes the
        /// deletion null and drops the tombstone; rewrite makes it the row before, with the field __deleted, and drops
        /// the tombstone; rewrite-with-tombstone keeps it; delete-to-tombstone makes the deletion null without a
        /// schema and drops the tombstone.
        #[serde(rename = "delete.tombstone.handling.mode")]
        #[schemars(extend(
            "x-recommended" = ["drop", "tombstone", "rewrite", "rewrite-with-tombstone", "delete-to-tombstone"]
        ))]
        pub delete_tombstone_handling_mode: Option<String>,
        /// Older setting: whether tombstones are dropped, which they are by default.
        #[serde(rename = "drop.tombstones")]
        pub drop_tombstones: Option<bool>,
        /// Older setting: what becomes of deletions. drop (the default), none makes them null, rewrite makes them
        /// the row before, with the field __deleted.
        #[serde(rename = "delete.handling.mode")]
        #[schemars(extend("x-recommended" = ["drop", "rewrite", "none"]))]
        pub delete_handling_mode: Option<String>,
        /// Fields of the envelope to add to the row where they exist: op, source.lsn, or lsn, which is looked for in
        /// source. A name of one's own may follow a colon.
        #[serde(rename = "add.fields", default)]
        pub add_fields: Vec<String>,
        /// What the names of added fields begin with.
        #[serde(rename = "add.fields.prefix", default = "prefix")]
        #[schemars(extend("x-verbatim" = true))]
        pub add_fields_prefix: String,
        /// Fields of the envelope to add as headers, given as in add.fields.
        #[serde(rename = "add.headers", default)]
        pub add_headers: Vec<String>,
        /// What the names of added headers begin with.
        #[serde(rename = "add.headers.prefix", default = "prefix")]
        #[schemars(extend("x-verbatim" = true))]
        pub add_headers_prefix: String,
        /// Field of the row whose text is the topic; a null or blank one leaves the topic as it is.
        #[serde(rename = "route.by.field", default)]
        #[schemars(extend("x-verbatim" = true))]
        pub route_by_field: String,
        /// Header that lists fields to leave out.
        #[serde(rename = "drop.fields.header.name", default)]
        #[schemars(extend("x-verbatim" = true))]
        pub drop_fields_header_name: String,
        /// Whether these are left out of the key too.
        #[serde(rename = "drop.fields.from.key", default)]
        pub drop_fields_from_key: bool,
        /// Whether only fields that are optional are left out.
        #[serde(rename = "drop.fields.keep.schema.compatible", default = "crate::options::yes")]
        pub drop_fields_keep_schema_compatible: bool,
        /// Whether rewriting puts a field's default where the field is null.
        #[serde(rename = "replace.null.with.default", default = "crate::options::yes")]
        pub replace_null_with_default: bool,
    }
}

fn prefix() -> String {
    "__".into()
}

/// What becomes of deletions and tombstones.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deletions {
    pub(super) deletion: Deletion,
    pub(super) keeps_tombstones: bool,
}

/// What becomes of a deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deletion {
    Drop,
    /// It is null, of the schema of the row after the change.
    Null,
    Tombstone,
    /// It is the row before the change.
    Rewrite,
}

impl Deletions {
    pub(super) fn of(config: &ExtractNewRecordStateConfig) -> Result<Self> {
        use Deletion::{Drop, Null, Rewrite, Tombstone};
        let (deletion, keeps_tombstones) = match &config.delete_tombstone_handling_mode {
            Some(mode) => one_of(
                "delete.tombstone.handling.mode",
                mode,
                &[
                    ("drop", (Drop, false)),
                    ("tombstone", (Null, false)),
                    ("rewrite", (Rewrite, false)),
                    ("rewrite-with-tombstone", (Rewrite, true)),
                    ("delete-to-tombstone", (Tombstone, false)),
                ],
            )?,
            None if config.drop_tombstones.is_none() && config.delete_handling_mode.is_none() => (Null, false),
            None => {
                let mode = config.delete_handling_mode.as_deref().unwrap_or("drop");
                let modes = [("drop", Drop), ("rewrite", Rewrite), ("none", Null)];
                (one_of("delete.handling.mode", mode, &modes)?, config.drop_tombstones == Some(false))
            }
        };
        Ok(Self { deletion, keeps_tombstones })
    }
}
