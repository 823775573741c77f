//! Everything of this crate, for a host that has a registry.

use connect_api::{PredicatePlugin, TransformPlugin};

use crate::{
    DropHeaders, Filter, HasHeaderKey, HoistField, InsertHeader, Key, RecordIsTombstone, RegexRouter,
    TimestampConverter, TimestampRouter, TopicNameMatches, Value,
};

/// What takes plugins in: a host's registry.
pub trait Registry: Sized {
    /// The registry with this transform.
    #[must_use]
    fn transform<T: TransformPlugin>(self) -> Self;

    /// The registry with this predicate.
    #[must_use]
    fn predicate<P: PredicatePlugin>(self) -> Self;
}

/// The registry with all transforms and predicates of this crate.
#[must_use]
pub fn register<R: Registry>(registry: R) -> R {
    let registry =
        registry.predicate::<HasHeaderKey>().predicate::<RecordIsTombstone>().predicate::<TopicNameMatches>();
    registry
        .transform::<DropHeaders>()
        .transform::<Filter>()
        .transform::<HoistField<Key>>()
        .transform::<HoistField<Value>>()
        .transform::<InsertHeader>()
        .transform::<RegexRouter>()
        .transform::<TimestampConverter<Key>>()
        .transform::<TimestampConverter<Value>>()
        .transform::<TimestampRouter>()
}
