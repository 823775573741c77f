//! From Aiven's keys to settings, or to everything that is wrong with them together.

use std::time::Duration;

use connect_api::config::ConfigErrors;
use connect_tls::Tls;

use super::aws::aws_urls;
use super::choice::{ExistingResource, NullBehavior, Refused, Routing, WriteMethod};
use super::common::{Checker, bulk_path, most_bytes};
use super::opensearch::OpenSearchSinkConfig;
use super::settings::{BulkSettings, DocumentSettings, Policies, Retries, Settings, Target, TargetKind, Timestamp};
use super::tls::TlsConfig;
use crate::AwsEnvironment;
use crate::client::{ClientSettings, read_tls};

const MAPPING: &str = "topic.to.existing.resource.mapping";
const MOST_MAPPINGS: usize = 10;

impl OpenSearchSinkConfig {
    /// The settings. `environment` has what AWS's keys leave out.
    pub(crate) fn settings(&self, environment: &AwsEnvironment) -> Result<Settings, ConfigErrors> {
        let mut check = Checker { errors: ConfigErrors::new() };
        let client = self.client(environment, &mut check);
        let target = self.target(&mut check);
        let documents = self.documents(&target, &mut check);
        for (key, refused) in
            [("behavior.on.malformed.documents", self.on_malformed), ("behavior.on.version.conflict", self.on_conflict)]
        {
            check.wrong_if(
                refused == Refused::Report && self.dead_letters.as_deref().unwrap_or_default().is_empty(),
                &[key],
                "report needs errors.deadletterqueue.topic.name",
            );
        }
        let policies = Policies {
            on_null: self.on_null,
            report_null: false,
            drop_invalid: self.drop_invalid,
            on_malformed: self.on_malformed,
            on_conflict: self.on_conflict,
            sensitive: self.extra.log_sensitive,
        };
        let max_bytes = usize::try_from(self.bulk_bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(usize::MAX);
        let bulk = BulkSettings {
            max_records: self.batch_size as usize,
            max_bytes,
            in_flight: self.max_in_flight as usize,
            max_buffered: self.max_buffered as usize,
            max_buffered_bytes: most_bytes(&self.extra, max_bytes, self.max_in_flight),
            linger: self.linger.duration(),
            flush_timeout: self.flush_timeout.duration().max(Duration::from_secs(1)),
            retries: Retries { max: self.max_retries, backoff: self.retry_backoff.duration() },
            path: bulk_path(&self.extra),
        };
        check.errors.into_result()?;
        Ok(Settings { client, bulk, documents, target, policies })
    }

    fn client(&self, environment: &AwsEnvironment, check: &mut Checker) -> ClientSettings {
        let aws = check.aws(&self.connection_url, self.username.is_some(), &self.extra, environment, None);
        let urls = aws_urls(&self.connection_url, aws.is_some());
        let (nodes, prefix) = check.nodes(&urls, &self.extra);
        let auth = check.auth(self.username.as_ref(), self.password.as_ref(), &self.extra);
        let given = self.tls.clone().unwrap_or_default();
        let tls = TlsConfig { insecure: given.insecure || self.trust_all, ..given };
        let tls = match read_tls(&tls, "connection.") {
            Ok(tls) => tls,
            Err(errors) => {
                check.errors.merge(errors);
                Tls::default()
            }
        };
        ClientSettings {
            nodes,
            prefix,
            auth,
            tls,
            proxy: None,
            compression: false,
            connect_timeout: self.connect_timeout.duration(),
            read_timeout: self.read_timeout.duration(),
            idle: Some(Duration::from_secs(60)),
            sniff: self.extra.sniff.then(|| self.extra.sniff_interval.duration()),
            aws,
        }
    }

    fn target(&self, check: &mut Checker) -> Target {
        let existing = self.existing_type != ExistingResource::None;
        check.wrong_if(
            existing == self.existing_mapping.is_empty(),
            &["existing.resource.type", MAPPING],
            "existing.resource.type and topic.to.existing.resource.mapping must be set both, or neither",
        );
        check.wrong_if(
            existing && self.stream_enabled,
            &["existing.resource.type", "data.stream.enabled"],
            "resources made by somebody else exclude data.stream.enabled",
        );
        let names = check.pairs(MAPPING, &self.existing_mapping, true);
        check.wrong_if(names.len() > MOST_MAPPINGS, &[MAPPING], "there may be 10 pairs at most");
        if existing && !self.existing_mapping.is_empty() {
            check.topics_mapped(MAPPING, &self.topics, &names);
        }
        let streams = matches!(self.existing_type, ExistingResource::DataStream | ExistingResource::DataStreamAlias);
        let data_stream = self.stream_enabled || streams;
        check.wrong_if(
            data_stream && self.write_method != WriteMethod::Insert,
            &["index.write.method"],
            "documents of data streams can only be inserted",
        );
        check.wrong_if(
            data_stream && self.on_null == NullBehavior::Delete,
            &["behavior.on.null.values"],
            "documents of data streams cannot be deleted; possible: ignore, fail",
        );
        check.wrong_if(
            self.extra.routing == Routing::Value && self.on_null == NullBehavior::Delete,
            &["routing.type", "behavior.on.null.values"],
            "a record without a value has no value that routes its deletion",
        );
        let kind = if existing {
            let alias = matches!(self.existing_type, ExistingResource::IndexAlias | ExistingResource::DataStreamAlias);
            TargetKind::External { names, alias }
        } else if self.stream_enabled {
            TargetKind::PrefixedStream {
                prefix: self.stream_prefix.clone().filter(|prefix| !prefix.is_empty()),
                template: self.stream_template.clone().filter(|name| !name.is_empty()),
                timestamp: self.stream_timestamp.clone(),
            }
        } else {
            TargetKind::Index
        };
        let instead = match existing {
            true => "what somebody else made has settings already: leave it out",
            false => "data streams have a template of their own: name it in data.streams.existing.index.template.name",
        };
        // The template that is made for a data stream has the settings.
        let own = matches!(kind, TargetKind::PrefixedStream { template: None, .. });
        let made = matches!(kind, TargetKind::Index);
        check.creation(made, made || own, &self.extra, instead);
        Target {
            kind,
            data_stream,
            colons: true,
            indices: check.pairs("topic.index.map", &self.extra.topic_index_map, false),
            index_settings: self.extra.index_settings.clone(),
            template: self.extra.template(),
            update_mappings: self.extra.mapping_update,
        }
    }

    fn documents(&self, target: &Target, check: &mut Checker) -> DocumentSettings {
        let script = check.script(self.write_method, &self.extra, "index.write.method");
        let (version, version_name) = check.version("", &self.extra);
        DocumentSettings {
            method: self.write_method,
            script,
            autogenerated_ids: false,
            ignore_key: self.key_ignore,
            id_strategy: self.id_strategy,
            empty_ids: true,
            id_fields: self.extra.id_fields.clone(),
            id_separator: self.extra.id_separator.clone(),
            ignore_key_topics: self.topic_key_ignore.iter().cloned().collect(),
            ignore_schema: self.schema_ignore,
            ignore_schema_topics: self.topic_schema_ignore.iter().cloned().collect(),
            compact_maps: self.compact_maps,
            decimals: self.extra.decimal_format,
            dates: self.extra.date_format,
            version,
            version_name,
            retry_on_conflict: self.extra.retry_on_conflict.unwrap_or(self.max_in_flight.min(3)),
            routing: self.extra.routing,
            routing_path: check.routing_path(&self.extra),
            metadata_field: self.extra.metadata_field.clone().filter(|field| !field.is_empty()),
            timestamp: match target.data_stream {
                true => Timestamp::Missing(self.stream_timestamp.clone()),
                false => Timestamp::None,
            },
        }
    }
}
