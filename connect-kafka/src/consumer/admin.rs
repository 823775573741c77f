//! Small chores.

use crate::{Broker, Code, NewTopic, Result};

/// Creates a topic unless it is there; `true` when it was created. An existing one is left as it is.
///
/// # Errors
/// What the broker answers, `TopicAlreadyExists` aside.
pub async fn create_topic_if_absent(broker: &dyn Broker, topic: NewTopic) -> Result<bool> {
    match broker.create_topic(topic).await {
        Ok(()) => Ok(true),
        Err(error) if error.code == Code::TopicAlreadyExists => Ok(false),
        Err(error) => Err(error),
    }
}
