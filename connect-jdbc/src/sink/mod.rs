//! Topics to tables.
