//! Clients of a broker with a proxy between that does them harm.

pub(crate) mod checks;
pub(crate) mod proxy;
pub(crate) mod work;
