//! Defaults of keys.

use connect_api::config::Millis;

use super::choice::{NullBehavior, Refused};

macro_rules! defaults {
    ($($name:ident: $type:ty = $value:expr;)+) => {$(
        pub(super) fn $name() -> $type {
            $value
        }
    )+};
}

defaults! {
    fifteen: u32 = 15;
    none_word: String = "NONE".to_owned();
    topic_word: String = "${topic}".to_owned();
    two_thousand: u32 = 2000;
    five_mib: i64 = 5 << 20;
    five: u32 = 5;
    twenty_thousand: u32 = 20_000;
    one_ms: Millis = Millis::new(1);
    hundred_ms: Millis = Millis::new(100);
    second: Millis = Millis::new(1000);
    three_seconds: Millis = Millis::new(3000);
    ten_seconds: Millis = Millis::new(10_000);
    three_minutes: Millis = Millis::new(180_000);
    five_minutes: Millis = Millis::new(300_000);
    hour: u32 = 3600;
    minute: i64 = 60_000;
    yes: bool = true;
    proxy_port: u16 = 8080;
    underscore: String = "_".to_owned();
    ignored: Refused = Refused::Ignore;
    null_ignored: NullBehavior = NullBehavior::Ignore;
    at_timestamp: String = "@timestamp".to_owned();
}
