//! Making transforms from text, and running them.

use std::collections::BTreeMap;

use connect_api::{Error, Flow, PredicatePlugin, Record, TransformPlugin, config};

/// A transform made as the runtime makes it.
pub(crate) fn transform<T: TransformPlugin>(settings: &[(&str, &str)]) -> Result<T, String> {
    T::new(settings_of(settings)?).map_err(|error| error.to_string())
}

/// What a predicate made as the runtime makes it says.
pub(crate) fn test<P: PredicatePlugin>(settings: &[(&str, &str)], record: &Record) -> Result<bool, String> {
    Ok(P::new(settings_of(settings)?).map_err(|error| error.to_string())?.test(record))
}

fn settings_of<C: config::Config>(settings: &[(&str, &str)]) -> Result<C, String> {
    let settings: BTreeMap<_, _> = settings.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect();
    let parsed = config::parse::<C>(&settings).map_err(|errors| errors.to_string())?;
    assert_eq!(parsed.warnings, [""; 0]);
    Ok(parsed.config)
}

/// What becomes of a record; `None` when it is dropped.
pub(crate) fn run<T: TransformPlugin>(settings: &[(&str, &str)], record: Record) -> Result<Option<Record>, Error> {
    let transform = transform::<T>(settings).expect("the settings are right");
    let mut record = record;
    Ok(match transform.transform(&mut record)? {
        Flow::Keep => Some(record),
        Flow::Drop => None,
    })
}

/// What becomes of a record that goes on.
pub(crate) fn kept<T: TransformPlugin>(settings: &[(&str, &str)], record: Record) -> Record {
    run::<T>(settings, record).expect("no error").expect("kept")
}

/// Why a record fails. All failures of records are data errors.
pub(crate) fn failure<T: TransformPlugin>(settings: &[(&str, &str)], record: Record) -> String {
    let error = run::<T>(settings, record).expect_err("a failure");
    assert_eq!(error.kind(), connect_api::ErrorKind::Data, "{error:?}");
    error.to_string()
}

/// Settings that are refused, and what the message says.
pub(crate) type Refused<'a> = (&'a [(&'a str, &'a str)], &'a [&'a str]);

/// Each row is refused with a message that holds all of its texts.
pub(crate) fn refuses<T: TransformPlugin>(rows: &[Refused<'_>]) {
    for (settings, texts) in rows {
        let Err(message) = transform::<T>(settings) else { panic!("{settings:?} was accepted") };
        for text in *texts {
            assert!(message.contains(text), "{text:?} is not in {message:?} of {settings:?}");
        }
    }
}
