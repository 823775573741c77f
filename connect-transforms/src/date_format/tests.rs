use proptest::prelude::*;

use super::DateFormat;

/// 2019-08-23T14:34:54.346Z
const NOW: i64 = 1_566_570_894_346;
const DAY: i64 = 86_400_000;

fn format(pattern: &str) -> DateFormat {
    pattern.parse().unwrap_or_else(|error| panic!("{error:?}"))
}

#[test]
fn what_java_prints_and_reads() {
    for line in include_str!("../../tests/vectors/date_format.jsonl").lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let format = format(row["pattern"].as_str().unwrap());
        match row["text"].as_str() {
            Some(text) => assert_eq!(format.parse(text, NOW).ok(), row["out"].as_i64(), "{line}"),
            None => assert_eq!(format.print(row["ms"].as_i64().unwrap()), row["out"], "{line}"),
        }
    }
}

#[test]
fn every_letter() {
    for (letters, printed) in [
        ("G GGGG", "AD AD"),
        ("y yy yyy yyyyy", "2019 19 2019 02019"),
        ("Y YY YYYY", "2019 19 2019"),
        ("M MM MMM MMMM", "8 08 Aug August"),
        ("L LL LLL LLLL", "8 08 Aug August"),
        ("d dd D DDDD", "23 23 235 0235"),
        ("E EEE EEEE u F", "Fri Fri Friday 5 4"),
        ("w W", "34 4"),
        ("a H HH k kk K KK h hh", "PM 14 14 14 14 2 02 2 02"),
        ("m s S SSSSSS", "34 54 346 000346"),
        ("z zzzz Z X XX XXX", "UTC Coordinated Universal Time +0000 Z Z Z"),
        ("'T' '' 'o''clock' _é", "T ' o'clock _é"),
    ] {
        assert_eq!(format(letters).print(NOW), printed);
    }
    assert_eq!(format("k K h H a").print(0), "24 0 12 0 AM");
    assert_eq!(format("YYYY w yyyy").print(NOW + 130 * DAY), "2020 1 2019");
    assert_eq!(format("G yyyy-MM-dd").print(-62_135_769_600_001), "BC 0001-12-31");
    assert_eq!(format("yyyy-MM-dd").print(-12_219_292_800_001), "1582-10-04");
    assert_eq!(format("yyyy-MM-dd").print(-12_219_292_800_000), "1582-10-15");
}

#[test]
fn lenient() {
    for (pattern, text, ms) in [
        ("yyyy-MM-dd HH:mm:ss", "2019-08-23 25:61:61", Some(1_566_612_121_000)),
        ("yyyy-MM-dd", "2019-13-45", Some(1_581_638_400_000)),
        ("yyyy-MM-dd", "  2019-8-3 and more", Some(1_564_790_400_000)),
        ("MMM", "AUGUST", Some(18_316_800_000)),
        ("yyyy", "19", Some(-61_567_776_000_000)),
        ("yy", "19", Some(1_546_300_800_000)),
        ("yy", "39", Some(2_177_452_800_000)),
        ("yy", "40", Some(-946_771_200_000)),
        ("yy-MM-dd HH", "39-08-23 14", Some(2_197_720_800_000)),
        ("yy-MM-dd HH", "39-08-23 15", Some(-958_035_600_000)),
        ("yy", "019", Some(-61_567_776_000_000)),
        ("'a'", "b", None),
        ("yyyy", "", None),
        ("yyyy", "x", None),
        ("X", "+05", Some(-18_000_000)),
        ("Z", "+0530", Some(-19_800_000)),
        ("z", "PST", Some(28_800_000)),
        ("z", "gmt-5:30", Some(19_800_000)),
        ("z", "Nowhere", None),
    ] {
        assert_eq!(format(pattern).parse(text, NOW).ok(), ms, "{pattern} {text}");
    }
}

#[test]
fn patterns_that_are_none() {
    for (pattern, text) in [
        ("yyyy-MM-ddThh", "the letter 'T' means nothing; letters: GyYMLdDEuFwWaHkKhmsSzZX"),
        ("'T", "a quote does not end"),
        ("XXXX", "there are 4 X, there can be 1 to 3"),
    ] {
        let message = DateFormat::new(pattern).unwrap_err().to_string();
        assert!(message.contains(text) && message.contains(pattern), "{message}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_pattern_any_text_any_moment(
        pattern in "([GyYMLdDEuFwWaHkKhmsSzZX]{1,5}|[-:/ .,'é]){0,10}",
        text in r"([0-9]{1,12}|-|[A-Z][a-z]{2}|[-+:/ .,'é]|GMT|E|\PC){0,12}",
        ms: i64,
        now: i64,
    ) {
        if let Ok(format) = DateFormat::new(pattern) {
            let printed = format.print(ms);
            let _ = format.parse(&printed, now);
            let _ = format.parse(&text, now);
        }
    }

    #[test]
    fn what_is_printed_is_read(
        pattern in prop::sample::select(&[
            "yyyy-MM-dd'T'HH:mm:ss.SSSX",
            "yyyyMMddHHmmssSSS",
            "SSS ss mm HH DDD yyyy",
            "EEEE, d MMMM yyyy h:mm:ss.S a zzzz",
            "yyyy MM W u K m s S a",
            "YYYY'W'wwu k:m:s.S Z",
        ][..]),
        ms in -62_000_000_000_000i64..200_000_000_000_000,
    ) {
        let format = format(pattern);
        prop_assert_eq!(format.parse(&format.print(ms), NOW).ok(), Some(ms), "{}", format.print(ms));
    }
}
