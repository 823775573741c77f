//! Configs as Connect sends them: maps of strings.

use std::collections::BTreeMap;

use connect_api::config::{definitions, parse};
use connect_api::{ConverterKind, ConverterPlugin, HeaderConverterPlugin};
use connect_converters::{
    BooleanConverter, JsonConverter, JsonConverterConfig, SimpleHeaderConverter, StringConverter,
};

fn configured<C: ConverterPlugin>(props: &[(&str, &str)]) -> Result<C, String> {
    let props: BTreeMap<_, _> = props.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let parsed = parse::<C::Config>(&props).map_err(|errors| errors.to_string())?;
    C::new(parsed.config, ConverterKind::Value).map_err(|error| error.to_string())
}

#[test]
fn strings_become_configs() {
    configured::<BooleanConverter>(&[]).unwrap();
    configured::<StringConverter>(&[("converter.encoding", "utf8")]).unwrap();
    configured::<JsonConverter>(&[]).unwrap();
    configured::<JsonConverter>(&[("schemas.enable", "false"), ("schemas.cache.size", "5")]).unwrap();
    let error = configured::<StringConverter>(&[("converter.encoding", "EBCDIC")]).unwrap_err();
    let start = r#"converter.encoding: no encoding named "EBCDIC"; possible: UTF-8, US-ASCII, ISO-8859-1, UTF-16, "#;
    assert!(error.starts_with(start), "{error}");
    configured::<JsonConverter>(&[("schemas.enable", "perhaps")]).unwrap_err();
    assert!(<SimpleHeaderConverter as HeaderConverterPlugin>::ALIASES.contains(&"SimpleHeaderConverter"));
}

#[test]
fn rows_of_json() {
    let rows: Vec<_> = definitions::<JsonConverterConfig>()
        .into_iter()
        .map(|row| {
            let group = format!("{} {}", row.group.unwrap_or_default(), row.order_in_group);
            let default = row.default_value.unwrap_or_default();
            format!("{} {} [{default}] {:?} {group} {:?}", row.name, row.config_type, row.importance, row.display_name)
        })
        .collect();
    assert_eq!(
        rows,
        [
            r#"schemas.enable BOOLEAN [true] High Schemas 0 "Enable Schemas""#,
            r#"schemas.cache.size INT [1000] High Schemas 1 "Schema Cache Size""#,
            r#"decimal.format STRING [BASE64] Low Serialization 0 "Decimal Format""#,
            r#"replace.null.with.default BOOLEAN [true] Low Serialization 1 "Replace null with default""#,
            r#"schema.content STRING [] High Schemas 2 "Schema Content""#,
            r#"lenient BOOLEAN [false] Low Serialization 2 "Read leniently""#,
        ]
    );
}
