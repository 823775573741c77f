//! The layouts of replies, in the versions of `api`.

use super::shape::{Field, Kind, NEVER, Shape};

const BOOL: Kind = Kind::Fixed(1);
const I8: Kind = Kind::Fixed(1);
const I16: Kind = Kind::Fixed(2);
const I32: Kind = Kind::Fixed(4);
const I64: Kind = Kind::Fixed(8);
const UUID: Kind = Kind::Fixed(16);
const TEXT: Kind = Kind::Text;
const BYTES: Kind = Kind::Bytes;
const INTS: Kind = Kind::List(&I32);

const fn all(kind: Kind) -> Field {
    since(0, kind)
}

const fn since(version: i16, kind: Kind) -> Field {
    between(version, NEVER, kind)
}

const fn between(since: i16, until: i16, kind: Kind) -> Field {
    Field { since, until, kind }
}

const fn shape(flexible: i16, fields: &'static [Field]) -> Shape {
    Shape { flexible, fields, tags: &[] }
}

const THROTTLE: Field = all(I32);
const ERROR: Field = all(I16);

/// Topics, partitions, errors.
const TOPIC_ERRORS: Kind = Kind::Array(&[all(TEXT), all(Kind::Array(&[all(I32), ERROR]))]);
const FEATURES: Kind = Kind::Array(&[all(TEXT), all(I16), all(I16)]);

pub(super) const ADD_OFFSETS_TO_TXN: Shape = shape(3, &[THROTTLE, ERROR]);
pub(super) const ADD_PARTITIONS_TO_TXN: Shape = shape(3, &[THROTTLE, all(TOPIC_ERRORS)]);
pub(super) const API_VERSIONS: Shape = Shape {
    flexible: 3,
    fields: &[ERROR, all(Kind::Array(&[all(I16), all(I16), all(I16)])), since(1, I32)],
    tags: &[(0, FEATURES), (2, FEATURES)],
};
pub(super) const CREATE_TOPICS: Shape = shape(
    5,
    &[
        THROTTLE,
        all(Kind::Array(&[
            all(TEXT),
            ERROR,
            all(TEXT),
            since(5, I32),
            since(5, I16),
            since(5, Kind::Array(&[all(TEXT), all(TEXT), all(BOOL), all(I8), all(BOOL)])),
        ])),
    ],
);
pub(super) const DELETE_GROUPS: Shape = shape(2, &[THROTTLE, all(Kind::Array(&[all(TEXT), ERROR]))]);
pub(super) const DELETE_TOPICS: Shape = shape(4, &[THROTTLE, all(Kind::Array(&[all(TEXT), ERROR, since(5, TEXT)]))]);
const SYNONYMS: Kind = Kind::Array(&[all(TEXT), all(TEXT), all(I8)]);
const CONFIGS: Kind =
    Kind::Array(&[all(TEXT), all(TEXT), all(BOOL), all(I8), all(BOOL), all(SYNONYMS), since(3, I8), since(3, TEXT)]);
pub(super) const DESCRIBE_CONFIGS: Shape =
    shape(4, &[THROTTLE, all(Kind::Array(&[ERROR, all(TEXT), all(I8), all(TEXT), all(CONFIGS)]))]);
pub(super) const END_TXN: Shape = shape(3, &[THROTTLE, ERROR, since(5, I64), since(5, I16)]);
const FETCHED: Kind = Kind::Array(&[
    all(I32),
    ERROR,
    all(I64),
    all(I64),
    since(5, I64),
    all(Kind::Array(&[all(I64), all(I64)])),
    since(11, I32),
    all(BYTES),
]);
pub(super) const FETCH: Shape =
    shape(12, &[THROTTLE, since(7, I16), since(7, I32), all(Kind::Array(&[all(TEXT), all(FETCHED)]))]);
pub(super) const FIND_COORDINATOR: Shape = shape(3, &[THROTTLE, ERROR, all(TEXT), all(I32), all(TEXT), all(I32)]);
pub(super) const HEARTBEAT: Shape = shape(4, &[THROTTLE, ERROR]);
pub(super) const INIT_PRODUCER_ID: Shape = shape(2, &[THROTTLE, ERROR, all(I64), all(I16)]);
pub(super) const JOIN_GROUP: Shape = shape(
    6,
    &[
        THROTTLE,
        ERROR,
        all(I32),
        since(7, TEXT),
        all(TEXT),
        all(TEXT),
        all(TEXT),
        all(Kind::Array(&[all(TEXT), all(TEXT), all(BYTES)])),
    ],
);
pub(super) const LEAVE_GROUP: Shape = shape(4, &[THROTTLE, ERROR, all(Kind::Array(&[all(TEXT), all(TEXT), ERROR]))]);
pub(super) const LIST_GROUPS: Shape = shape(3, &[since(1, I32), ERROR, all(Kind::Array(&[all(TEXT), all(TEXT)]))]);
const FOUND: Kind = Kind::Array(&[all(I32), ERROR, all(I64), all(I64), since(4, I32)]);
pub(super) const LIST_OFFSETS: Shape = shape(6, &[THROTTLE, all(Kind::Array(&[all(TEXT), all(FOUND)]))]);
const PARTITIONS: Kind = Kind::Array(&[ERROR, all(I32), all(I32), since(7, I32), all(INTS), all(INTS), since(5, INTS)]);
pub(super) const METADATA: Shape = shape(
    9,
    &[
        THROTTLE,
        all(Kind::Array(&[all(I32), all(TEXT), all(I32), all(TEXT)])),
        all(TEXT),
        all(I32),
        all(Kind::Array(&[ERROR, all(TEXT), since(10, UUID), all(BOOL), all(PARTITIONS), since(8, I32)])),
        between(8, 10, I32),
    ],
);
pub(super) const OFFSET_COMMIT: Shape = shape(8, &[THROTTLE, all(TOPIC_ERRORS)]);
pub(super) const OFFSET_DELETE: Shape = shape(NEVER, &[ERROR, THROTTLE, all(TOPIC_ERRORS)]);
const OFFSETS: Kind = Kind::Array(&[all(I32), all(I64), since(5, I32), all(TEXT), ERROR]);
pub(super) const OFFSET_FETCH: Shape = shape(6, &[THROTTLE, all(Kind::Array(&[all(TEXT), all(OFFSETS)])), ERROR]);
const PRODUCED: Kind = Kind::Array(&[
    all(I32),
    ERROR,
    all(I64),
    all(I64),
    since(5, I64),
    since(8, Kind::Array(&[all(I32), all(TEXT)])),
    since(8, TEXT),
]);
pub(super) const PRODUCE: Shape = shape(9, &[all(Kind::Array(&[all(TEXT), all(PRODUCED)])), THROTTLE]);
pub(super) const SASL_AUTHENTICATE: Shape = shape(NEVER, &[ERROR, all(TEXT), all(BYTES), since(1, I64)]);
pub(super) const SASL_HANDSHAKE: Shape = shape(NEVER, &[ERROR, all(Kind::List(&TEXT))]);
pub(super) const SYNC_GROUP: Shape = shape(4, &[THROTTLE, ERROR, all(BYTES)]);
pub(super) const TXN_OFFSET_COMMIT: Shape = shape(3, &[THROTTLE, all(TOPIC_ERRORS)]);
