//! From Confluent's keys to settings, or to everything that is wrong with them together.

use std::path::Path;
use std::time::Duration;

use connect_api::config::ConfigErrors;
use connect_tls::Tls;

use super::aws::aws_urls;
use super::choice::{ExternalResource, IdStrategy, NullBehavior, SecurityProtocol, WriteMethod};
use super::common::{Checker, bulk_path, most_bytes, positive};
use super::confluent::ElasticsearchSinkConfig;
use super::settings::{BulkSettings, DocumentSettings, Policies, Retries, Settings, Target, TargetKind, Timestamp};
use super::tls::TlsConfig;
use crate::AwsEnvironment;
use crate::client::{ClientSettings, Proxy, read_tls};

const MAPPING: &str = "topic.to.external.resource.mapping";

impl ElasticsearchSinkConfig {
    /// The settings. `environment` has what AWS's keys leave out.
    pub(crate) fn settings(&self, environment: &AwsEnvironment) -> Result<Settings, ConfigErrors> {
        let mut check = Checker { errors: ConfigErrors::new() };
        let client = self.client(environment, &mut check);
        let target = self.target(&mut check);
        let bulk = self.bulk(&mut check);
        let documents = self.documents(&target, &mut check);
        let policies = Policies {
            on_null: self.on_null,
            report_null: self.report_null,
            drop_invalid: self.drop_invalid,
            on_malformed: self.on_malformed,
            on_conflict: self.on_conflict,
            sensitive: self.extra.log_sensitive,
        };
        check.errors.into_result()?;
        Ok(Settings { client, bulk, documents, target, policies })
    }

    fn client(&self, environment: &AwsEnvironment, check: &mut Checker) -> ClientSettings {
        let proxy = self.proxy(check);
        let aws = check.aws(&self.connection_url, self.username.is_some(), &self.extra, environment, proxy.as_ref());
        let urls = aws_urls(&self.connection_url, aws.is_some());
        let (nodes, prefix) = check.nodes(&urls, &self.extra);
        let auth = check.auth(self.username.as_ref(), self.password.as_ref(), &self.extra);
        self.kerberos(check);
        let ssl = self.security_protocol == SecurityProtocol::Ssl;
        let https = self.tls.as_ref();
        let only_insecure =
            https.is_some_and(|tls| *tls == TlsConfig { insecure: tls.insecure, ..TlsConfig::default() });
        check.wrong_if(
            !ssl && https.is_some() && !only_insecure,
            &["elastic.security.protocol"],
            "keys of elastic.https. are set, which elastic.security.protocol=SSL uses; PLAINTEXT does not",
        );
        check.wrong_if(
            ssl && https.is_none(),
            &["elastic.security.protocol"],
            "SSL needs keys of elastic.https., such as elastic.https.ssl.truststore.location",
        );
        let tls = https.cloned().unwrap_or_default();
        let tls = match read_tls(&tls, "elastic.https.") {
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
            proxy,
            compression: self.compression,
            connect_timeout: self.connect_timeout.duration(),
            read_timeout: self.read_timeout.duration(),
            idle: positive(self.idle_time),
            sniff: self.extra.sniff.then(|| self.extra.sniff_interval.duration()),
            aws,
        }
    }

    /// It is not built in; what else would be wrong is said with it.
    fn kerberos(&self, check: &mut Checker) {
        const PRINCIPAL: &str = "kerberos.user.principal";
        const KEYTAB: &str = "kerberos.keytab.path";
        let (principal, keytab) = (&self.kerberos_principal, &self.kerberos_keytab);
        if principal.is_none() && keytab.is_none() {
            return;
        }
        check.wrong(
            &[PRINCIPAL, KEYTAB],
            "Kerberos is not built in; possible: connection.username, connection.api.key, connection.bearer.token",
        );
        check.wrong_if(
            principal.is_some() != keytab.is_some(),
            &[PRINCIPAL, KEYTAB],
            "kerberos.user.principal and kerberos.keytab.path must be set both, or neither",
        );
        check.wrong_if(
            keytab.as_ref().is_some_and(|path| !path.ends_with("keytab") || !Path::new(path).exists()),
            &[KEYTAB],
            "it is no keytab: there is no such file, or its name does not end with keytab",
        );
        check.wrong_if(
            self.username.is_some() && self.password.is_some(),
            &[PRINCIPAL, KEYTAB, "connection.username", "connection.password"],
            "Kerberos and a user with a password exclude each other",
        );
        check.wrong_if(
            !self.proxy_host.is_empty(),
            &[PRINCIPAL, KEYTAB, "proxy.host"],
            "Kerberos does not go through a proxy",
        );
    }

    fn proxy(&self, check: &mut Checker) -> Option<Proxy> {
        let (host, user, password) = (&self.proxy_host, &self.proxy_username, &self.proxy_password);
        check.wrong_if(
            host.is_empty() && (!user.is_empty() || password.is_some()),
            &["proxy.host", "proxy.username", "proxy.password"],
            "a user or password of a proxy needs proxy.host",
        );
        check.wrong_if(
            !host.is_empty() && user.is_empty() == password.is_some(),
            &["proxy.username", "proxy.password"],
            "proxy.username and proxy.password must be set both, or neither",
        );
        let auth = match password {
            Some(password) if !user.is_empty() => crate::client::Auth::basic(user, password.expose()),
            _ => None,
        };
        (!host.is_empty()).then(|| Proxy { host: host.clone(), port: self.proxy_port, auth })
    }

    fn data_stream(&self) -> bool {
        match self.external_usage {
            ExternalResource::Disabled => self.has_type() && !self.stream_dataset.is_empty(),
            usage => matches!(usage, ExternalResource::Datastream | ExternalResource::AliasDatastream),
        }
    }

    fn has_type(&self) -> bool {
        !self.stream_type.eq_ignore_ascii_case("none") && !self.stream_type.is_empty()
    }

    fn target(&self, check: &mut Checker) -> Target {
        let external = self.external_usage != ExternalResource::Disabled;
        check.wrong_if(
            external == self.external_mapping.is_empty(),
            &["external.resource.usage", MAPPING],
            "external.resource.usage and topic.to.external.resource.mapping must be set both, or neither",
        );
        check.wrong_if(
            !self.external_mapping.is_empty() && (self.has_type() || !self.stream_dataset.is_empty()),
            &[MAPPING, "data.stream.type", "data.stream.dataset"],
            "resources made by somebody else have names of their own; data.stream.type and data.stream.dataset must not be set",
        );
        let names = check.pairs(MAPPING, &self.external_mapping, true);
        check.wrong_if(
            names.len() > self.max_external as usize,
            &[MAPPING],
            &format!("{} pairs are more than max.external.resource.mappings={}", names.len(), self.max_external),
        );
        if external && !self.external_mapping.is_empty() {
            check.topics_mapped(MAPPING, &self.topics, &names);
        }
        check.wrong_if(
            !external && self.has_type() == self.stream_dataset.is_empty(),
            &["data.stream.type", "data.stream.dataset"],
            "data.stream.type and data.stream.dataset must be set both, or neither",
        );
        for (key, value) in
            [("data.stream.dataset", &self.stream_dataset), ("data.stream.namespace", &self.stream_namespace)]
        {
            let plain = value.replace("${topic}", "");
            if plain.chars().any(|c| "\\/*?\"<>| ,#-:".contains(c) || c.is_uppercase()) {
                check.errors.add(
                    key,
                    Some(value.clone()),
                    "it must be lower case, without any of \\ / * ? \" < > | , # - : and blanks",
                );
            }
        }
        let data_stream = self.data_stream();
        let method = self.write_method;
        check.wrong_if(
            !data_stream && !self.stream_timestamp.is_empty(),
            &["data.stream.timestamp.field"],
            "it has a meaning for data streams alone; set data.stream.type and data.stream.dataset",
        );
        check.wrong_if(
            data_stream && method != WriteMethod::Insert,
            &["write.method"],
            "documents of data streams can only be inserted",
        );
        check.wrong_if(
            data_stream && self.on_null == NullBehavior::Delete,
            &["behavior.on.null.values"],
            "documents of data streams cannot be deleted; possible: ignore, fail",
        );
        let kind = if external {
            let alias = matches!(self.external_usage, ExternalResource::AliasIndex | ExternalResource::AliasDatastream);
            TargetKind::External { names, alias }
        } else if data_stream {
            let start = format!("{}-{}", self.stream_type.to_lowercase(), self.stream_dataset);
            TargetKind::Stream { start, namespace: self.stream_namespace.clone() }
        } else {
            TargetKind::Index
        };
        let instead = match external {
            true => "what somebody else made has settings already: leave it out",
            false => "data streams have the settings of the index template that matches their name: leave it out",
        };
        let made = matches!(kind, TargetKind::Index);
        check.creation(made, made, &self.extra, instead);
        Target {
            kind,
            data_stream,
            colons: false,
            indices: check.pairs("topic.index.map", &self.extra.topic_index_map, false),
            index_settings: self.extra.index_settings.clone(),
            template: self.extra.template(),
            update_mappings: self.extra.mapping_update,
        }
    }

    fn bulk(&self, check: &mut Checker) -> BulkSettings {
        check.wrong_if(
            self.linger > self.flush_timeout,
            &["linger.ms", "flush.timeout.ms"],
            "linger.ms must not be longer than flush.timeout.ms",
        );
        let under_way = u64::from(self.batch_size) * u64::from(self.max_in_flight);
        check.wrong_if(
            u64::from(self.max_buffered) < under_way,
            &["max.buffered.records", "batch.size", "max.in.flight.requests"],
            &format!("max.buffered.records must be at least batch.size × max.in.flight.requests, which is {under_way}"),
        );
        let max_bytes = usize::try_from(self.bulk_bytes).ok().filter(|bytes| *bytes > 0).unwrap_or(usize::MAX);
        BulkSettings {
            max_records: self.batch_size as usize,
            max_bytes,
            in_flight: self.max_in_flight as usize,
            max_buffered: self.max_buffered as usize,
            max_buffered_bytes: most_bytes(&self.extra, max_bytes, self.max_in_flight),
            linger: self.linger.duration(),
            flush_timeout: self.flush_timeout.duration().max(Duration::from_secs(1)),
            retries: Retries { max: self.max_retries, backoff: self.retry_backoff.duration() },
            path: bulk_path(&self.extra),
        }
    }

    fn documents(&self, target: &Target, check: &mut Checker) -> DocumentSettings {
        for (all, some, keys) in [
            (self.key_ignore, &self.topic_key_ignore, ["key.ignore", "topic.key.ignore"]),
            (self.schema_ignore, &self.topic_schema_ignore, ["schema.ignore", "topic.schema.ignore"]),
        ] {
            let message = format!("{}=true holds for all topics already; leave one of the two out", keys[0]);
            check.wrong_if(all && !some.is_empty(), &keys, &message);
        }
        let script = check.script(self.write_method, &self.extra, "write.method");
        let (version, version_name) = check.version(&self.version_header, &self.extra);
        let timestamp = match (target.data_stream, self.stream_timestamp.as_slice()) {
            (false, _) => Timestamp::None,
            (true, []) => Timestamp::Record,
            (true, fields) => Timestamp::Fields(fields.to_vec()),
        };
        DocumentSettings {
            method: self.write_method,
            script,
            autogenerated_ids: self.autogenerated_ids && self.write_method == WriteMethod::Insert,
            ignore_key: self.key_ignore,
            id_strategy: IdStrategy::TopicPartitionOffset,
            empty_ids: false,
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
            retry_on_conflict: self.extra.retry_on_conflict.unwrap_or(self.max_in_flight.min(5)),
            routing: self.extra.routing,
            routing_path: check.routing_path(&self.extra),
            metadata_field: self.extra.metadata_field.clone().filter(|field| !field.is_empty()),
            timestamp,
        }
    }
}
