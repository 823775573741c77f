//! Numbers among Kafka's keys.

use std::time::Duration;

use connect_tls::Keys;

/// Keys whose values are numbers.
pub(super) trait Numbers {
    /// From `least` to `most`; the default when it is not, which is a mistake.
    fn number(&mut self, key: &str, default: i64, least: i64, most: i64) -> i64;

    fn millis(&mut self, key: &str, default: i64) -> Duration {
        Duration::from_millis(self.number(key, default, 0, i64::from(i32::MAX)).unsigned_abs())
    }

    /// As Kafka's: negative means never.
    fn millis_or_never(&mut self, key: &str, default: i64) -> Duration {
        let millis = self.number(key, default, i64::from(i32::MIN), i64::from(i32::MAX));
        let never = Duration::from_secs(100 * 365 * 24 * 3600);
        u64::try_from(millis).map_or(never, Duration::from_millis)
    }

    /// As Kafka's: -1 leaves it to the system.
    fn buffer(&mut self, key: &str, default: i64) -> Option<u32> {
        u32::try_from(self.number(key, default, -1, i64::from(i32::MAX))).ok()
    }
}

impl Numbers for Keys<'_, '_> {
    fn number(&mut self, key: &str, default: i64, least: i64, most: i64) -> i64 {
        let Some(value) = self.text(key) else { return default };
        match value.parse() {
            Ok(number) if (least..=most).contains(&number) => number,
            _ => {
                self.wrong(key, format!("{value:?} is not a whole number from {least} to {most}"));
                default
            }
        }
    }
}
