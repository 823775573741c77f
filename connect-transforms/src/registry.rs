//! Everything of this crate, for a host that has a registry.

use connect_api::{PredicatePlugin, TransformPlugin};

use crate::{
    Cast, DropHeaders, ExtractField, Filter, Flatten, HasHeaderKey, HeaderFrom, HoistField, InsertField, InsertHeader,
    Key, MaskField, RecordIsTombstone, RegexRouter, ReplaceField, SetSchemaMetadata, TimestampConverter,
    TimestampRouter, TopicNameMatches, Value, ValueToKey, aiven, confluent, debezium,
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
    debezium(confluent(aiven(apache(registry))))
}

fn apache<R: Registry>(registry: R) -> R {
    registry
        .transform::<Cast<Key>>()
        .transform::<Cast<Value>>()
        .transform::<DropHeaders>()
        .transform::<ExtractField<Key>>()
        .transform::<ExtractField<Value>>()
        .transform::<Filter>()
        .transform::<Flatten<Key>>()
        .transform::<Flatten<Value>>()
        .transform::<HeaderFrom<Key>>()
        .transform::<HeaderFrom<Value>>()
        .transform::<HoistField<Key>>()
        .transform::<HoistField<Value>>()
        .transform::<InsertField<Key>>()
        .transform::<InsertField<Value>>()
        .transform::<InsertHeader>()
        .transform::<MaskField<Key>>()
        .transform::<MaskField<Value>>()
        .transform::<RegexRouter>()
        .transform::<ReplaceField<Key>>()
        .transform::<ReplaceField<Value>>()
        .transform::<SetSchemaMetadata<Key>>()
        .transform::<SetSchemaMetadata<Value>>()
        .transform::<TimestampConverter<Key>>()
        .transform::<TimestampConverter<Value>>()
        .transform::<TimestampRouter>()
        .transform::<ValueToKey>()
}

fn aiven<R: Registry>(registry: R) -> R {
    registry
        .transform::<aiven::ConcatFields<Key>>()
        .transform::<aiven::ConcatFields<Value>>()
        .transform::<aiven::ExtractTimestamp<Key>>()
        .transform::<aiven::ExtractTimestamp<Value>>()
        .transform::<aiven::ExtractTopic<Key>>()
        .transform::<aiven::ExtractTopic<Value>>()
        .transform::<aiven::FilterByFieldValue<Key>>()
        .transform::<aiven::FilterByFieldValue<Value>>()
        .transform::<aiven::Hash<Key>>()
        .transform::<aiven::Hash<Value>>()
        .transform::<aiven::MakeTombstone>()
        .transform::<aiven::TombstoneHandler>()
}

fn confluent<R: Registry>(registry: R) -> R {
    registry
        .transform::<confluent::Drop<Key>>()
        .transform::<confluent::Drop<Value>>()
        .transform::<confluent::ExtractTopic<Key>>()
        .transform::<confluent::ExtractTopic<Value>>()
        .transform::<confluent::ExtractTopicFromHeader>()
        .transform::<confluent::Filter<Key>>()
        .transform::<confluent::Filter<Value>>()
        .transform::<confluent::MessageTimestampRouter>()
        .transform::<confluent::TombstoneHandler>()
}

fn debezium<R: Registry>(registry: R) -> R {
    registry
        .transform::<debezium::ByLogicalTableRouter>()
        .transform::<debezium::EventRouter>()
        .transform::<debezium::ExtractChangedRecordState>()
        .transform::<debezium::ExtractNewRecordState>()
        .transform::<debezium::HeaderToValue>()
        .transform::<debezium::PartitionRouting>()
        .transform::<debezium::SchemaChangeEventFilter>()
        .transform::<debezium::TimezoneConverter>()
}
