//! Transforms and predicates, made from text as the runtime makes them.

mod aiven;
mod arbitrary;
mod cast;
mod confluent;
mod debezium;
mod fields;
mod headers;
mod kit;
mod maps;
mod mismatches;
mod notation;
mod predicates;
mod properties;
mod regex_router;
mod rig;
mod shapes;
mod timestamps;
mod verbatim;
