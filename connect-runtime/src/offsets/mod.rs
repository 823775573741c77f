//! Where sources go on: stores of source offsets.
