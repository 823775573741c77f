//! External versions: the server keeps what is newer.

use connect_api::{Error, Result, SinkRecord};

use crate::config::{DocumentSettings, VersionType};

/// The version of a record's document; `None` when documents have none. Errors never repeat what was found.
pub(super) fn version(settings: &DocumentSettings, record: &SinkRecord) -> Result<Option<i64>> {
    let name = &settings.version_name;
    let version = match settings.version {
        VersionType::None => return Ok(None),
        VersionType::Offset => record.offset(),
        VersionType::Timestamp => {
            record.timestamp.ok_or_else(|| Error::data("the record has no timestamp, which is to be its version"))?
        }
        VersionType::Header => {
            let header = record.headers.last(name);
            let header = header.ok_or_else(|| {
                Error::data(format!("the record has no header {name:?}, which is to hold its version"))
            })?;
            let number = header.value.as_i64().or_else(|| header.value.to_string().parse().ok());
            number.ok_or_else(|| {
                Error::data(format!("header {name:?} holds no whole number of 64 bits, and is to be the version"))
            })?
        }
        VersionType::Field => {
            let field = record.value.value.get(name).or_else(|| record.key.value.get(name));
            let number = field.and_then(|value| value.as_i64().or_else(|| value.as_str()?.parse().ok()));
            number.ok_or_else(|| {
                Error::data(format!("field {name:?} holds no whole number of 64 bits, and is to be the version"))
            })?
        }
    };
    if version < 0 {
        return Err(Error::data("the version of the document is negative, and the server takes none of these"));
    }
    Ok(Some(version))
}
