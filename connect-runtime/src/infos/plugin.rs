//! The keys of a plugin, as `GET /connector-plugins/{p}/config` answers.

use connect_api::Result;
use connect_api::config::ConfigKey;

use super::{converters, framework};
use crate::plugins::{PluginKind, Plugins, version};

/// The keys of a plugin of any kind: a connector's own first, then those that every connector has. None when there is no
/// such plugin.
///
/// # Errors
/// A config error: the plugin is not there in the version that is asked for.
pub(crate) fn plugin_config(plugins: &Plugins, class: &str, asked: Option<&str>) -> Result<Option<Vec<ConfigKey>>> {
    use PluginKind as K;
    let kinds = [K::Sink, K::Source, K::Transformation, K::Predicate, K::Converter, K::HeaderConverter];
    let found = kinds.into_iter().find_map(|kind| Some((kind, plugins.keyed(kind, class)?)));
    let Some((kind, (info, own))) = found else { return Ok(None) };
    version::check(info.class, info.version, asked.unwrap_or_default())?;
    Ok(Some(match kind {
        K::Sink | K::Source => {
            let mut all = own;
            for mut key in framework::keys(kind) {
                if key.name == "connector.plugin.version" {
                    key.default_value = Some(info.version.to_owned());
                }
                if framework::is_kafkas(kind, &key.name) && !all.iter().any(|known| known.name == key.name) {
                    all.push(key);
                }
            }
            all
        }
        K::Converter | K::HeaderConverter => converters::keys(info.class, own),
        K::Transformation | K::Predicate => own,
    }))
}
