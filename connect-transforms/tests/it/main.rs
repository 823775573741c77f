//! Transforms and predicates, made from text as the runtime makes them.

mod headers;
mod kit;
mod predicates;
mod regex_router;
mod timestamps;
