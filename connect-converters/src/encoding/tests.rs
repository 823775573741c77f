use super::*;

fn written(name: &str, text: &str) -> Vec<u8> {
    let mut out = BytesMut::new();
    Encoding::named(name).unwrap().encode(text, &mut out);
    out.into()
}

fn read(name: &str, bytes: &[u8]) -> String {
    Encoding::named(name).unwrap().decode(bytes).into_owned()
}

/// As Java writes and reads them.
#[test]
fn there_and_back() {
    for (names, text, bytes) in [
        (&["UTF-8", "utf8"][..], "é😀", &b"\xc3\xa9\xf0\x9f\x98\x80"[..]),
        (&["UTF-16", "UTF_16", "unicode"], "é😀", b"\xfe\xff\x00\xe9\xd8\x3d\xde\x00"),
        (&["UTF-16", "UTF-16BE", "UTF-16LE", "GBK"], "", b""),
        (&["UTF-16BE"], "a", b"\x00a"),
        (&["UTF-16LE", "utf-16le"], "\u{feff}a", b"\xff\xfea\x00"),
        (&["ISO-8859-1", "ISO8859_1", "8859_1", "latin1"], "\u{80}ÿ", b"\x80\xff"),
        (&["ISO-8859-9", "latin5", "iso8859-9"], "\u{80}Ğı", b"\x80\xd0\xfd"),
        (&["ISO-8859-15", "Latin-9"], "€", b"\xa4"),
        (&["windows-1252", "Cp1252"], "€é", b"\x80\xe9"),
        (&["windows-1251"], "Да", b"\xc4\xe0"),
        (&["KOI8-U"], "\u{255d}", b"\xae"),
        (&["KOI8-R", "koi8_r"], "Да", b"\xe4\xc1"),
        (&["IBM866", "Cp866"], "Да", b"\x84\xa0"),
        (&["Shift_JIS", "SJIS", "windows-31j", "MS932"], "日本", b"\x93\xfa\x96\x7b"),
        (&["EUC-JP", "EUC_JP"], "日本", b"\xc6\xfc\xcb\xdc"),
        (&["EUC-KR"], "한", b"\xc7\xd1"),
        (&["GBK", "CP936", "GB2312", "GB18030"], "中", b"\xd6\xd0"),
        (&["GB18030"], "😀", b"\x94\x39\xfc\x36"),
        (&["Big5"], "中", b"\xa4\xa4"),
    ] {
        for name in names {
            assert_eq!(written(name, text), bytes, "{name} {text:?}");
            assert_eq!(read(name, bytes), text, "{name} {bytes:x?}");
        }
    }
}

#[test]
fn what_an_encoding_lacks() {
    for name in ["US-ASCII", "ISO-8859-1", "ISO-8859-5", "windows-1252", "EUC-JP", "Big5"] {
        assert_eq!(written(name, "a😀b"), b"a?b", "{name}");
    }
    // No character stands there.
    assert_eq!(written("windows-1252", "\u{81}"), b"?");
    for (name, bytes, text) in [
        ("UTF-8", &b"a\xffb"[..], "a\u{fffd}b"),
        ("US-ASCII", b"a\xff", "a\u{fffd}"),
        ("windows-1252", b"\x81", "\u{fffd}"),
        ("windows-1255", b"\xca", "\u{fffd}"),
        ("EUC-JP", b"\xff", "\u{fffd}"),
        ("UTF-16", b"\xff\xfea\x00", "a"),
        ("UTF-16", b"\x00a", "a"),
        ("UTF-16BE", b"\xfe\xff\x00a", "\u{feff}a"),
        ("UTF-16BE", b"\x00ab", "a\u{fffd}"),
        ("UTF-16BE", b"\xd8\x00\x00a\x00b", "\u{fffd}b"),
        ("UTF-16BE", b"\xdc\x00\x00a", "\u{fffd}a"),
        ("UTF-16BE", b"\xd8\x00\xd8", "\u{fffd}"),
    ] {
        assert_eq!(read(name, bytes), text, "{name} {bytes:x?}");
    }
}

#[test]
fn pieces_have_one_mark() {
    let mut out = BytesMut::new();
    Encoding::named("UTF-16").unwrap().display(&format_args!("{}{}", "a", 1), &mut out).unwrap();
    assert_eq!(&out[..], b"\xfe\xff\x00a\x001");
}

#[test]
fn names_that_are_none() {
    for name in ["", "UTF-7", "windows-1259", "ISO-8859-20", "ISO-8859-"] {
        let error = Encoding::named(name).unwrap_err();
        assert_eq!(error.kind(), connect_api::ErrorKind::Config, "{name}");
        let text = error.to_string();
        assert!(text.contains(&format!("{name:?}")) && text.contains("UTF-16LE, ISO-8859-2"), "{text}");
    }
    for name in names::all() {
        assert_eq!(read(name, &written(name, "plain")), "plain", "{name}");
    }
}
