//! The sink on real servers, beyond the recorded cases.
