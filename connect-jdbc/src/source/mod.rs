//! Tables to topics.
