use super::Zone;

/// Microseconds of a wall clock `2024-03-10T02:30:00`.
fn wall(text: &str) -> i64 {
    let at: jiff::civil::DateTime = text.parse().unwrap();
    jiff::tz::Offset::UTC.to_timestamp(at).unwrap().as_microsecond()
}

#[test]
fn names() {
    let hour = 3_600_000_000;
    let rows = [
        ("UTC", 0),
        ("Z", 0),
        ("GMT", 0),
        ("+02:00", 2 * hour),
        ("GMT+2", 2 * hour),
        ("UTC-03:30", -7 * hour / 2),
        ("-0330", -7 * hour / 2),
        ("EST", -5 * hour),
        ("JST", 9 * hour),
        ("Asia/Tokyo", 9 * hour),
        ("Etc/GMT-2", 2 * hour),
    ];
    for (name, offset) in rows {
        assert_eq!(Zone::named(name).unwrap_or_else(|| panic!("{name}")).to_local(0), offset, "{name}");
    }
    for name in ["", "Nowhere/City", "+19:00", "GMT+", "UTC+x", "+1:2:3:4", "Etc/Unknown"] {
        assert_eq!(Zone::named(name), None, "{name}");
    }
}

#[test]
fn gaps_and_overlaps_are_read_as_java_reads_them() {
    let new_york = Zone::named("America/New_York").unwrap();
    let rows = [
        // Skipped: counts on from the winter offset.
        ("2024-03-10T02:30:00", "2024-03-10T07:30:00", "2024-03-10T03:30:00"),
        // Twice: the later, in winter time.
        ("2024-11-03T01:30:00", "2024-11-03T06:30:00", "2024-11-03T01:30:00"),
        ("2024-07-01T12:00:00", "2024-07-01T16:00:00", "2024-07-01T12:00:00"),
        ("1800-01-01T00:00:00", "1800-01-01T04:56:02", "1800-01-01T00:00:00"),
    ];
    for (local, utc, again) in rows {
        let instant = new_york.instant_of(wall(local));
        assert_eq!((instant, new_york.to_local(instant)), (wall(utc), wall(again)), "{local}");
    }
}

proptest::proptest! {
    #[test]
    fn no_instant_panics(micros: i64) {
        let paris = Zone::named("Europe/Paris").unwrap();
        let there = paris.to_local(micros);
        let back = paris.instant_of(there);
        proptest::prop_assert!(there.abs_diff(micros) <= 3 * 3_600_000_000);
        proptest::prop_assert!(back.abs_diff(micros) <= 3_600_000_000 || micros.abs() > i64::MAX - 8_000_000_000);
    }
}
