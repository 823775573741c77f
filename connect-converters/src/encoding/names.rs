//! The names of encodings, as Java knows them.

use encoding_rs as tables;

use super::Encoding;
use super::table::Controls::{Holes, Kept, Taken};
use super::table::Table;
use super::utf16::Utf16;

/// What a name stands for.
#[derive(Clone, Copy)]
enum Kind {
    Is(fn() -> Encoding),
    /// One byte for a character.
    Byte(&'static tables::Encoding, super::table::Controls),
    /// Several bytes for a character.
    Bytes(&'static tables::Encoding),
}

/// Encodings and their names, Java's own first.
const NAMES: &[(Kind, &[&str])] = &[
    (Kind::Is(|| Encoding::Utf8), &["UTF-8", "UTF8", "unicode-1-1-utf-8"]),
    (
        Kind::Is(|| Encoding::Ascii),
        &["US-ASCII", "ASCII", "ISO646-US", "iso-ir-6", "ANSI_X3.4-1968", "646", "us", "cp367"],
    ),
    (Kind::Is(|| Encoding::Latin1), &["ISO-8859-1", "latin1", "l1", "iso-ir-100", "cp819", "IBM819"]),
    (Kind::Is(|| Encoding::Utf16(Utf16::Marked)), &["UTF-16", "UTF_16", "unicode", "utf16", "UnicodeBig"]),
    (Kind::Is(|| Encoding::Utf16(Utf16::Big)), &["UTF-16BE", "UTF_16BE", "X-UTF-16BE", "UnicodeBigUnmarked"]),
    (Kind::Is(|| Encoding::Utf16(Utf16::Little)), &["UTF-16LE", "UTF_16LE", "X-UTF-16LE", "UnicodeLittleUnmarked"]),
    (Kind::Byte(tables::ISO_8859_2, Kept), &["ISO-8859-2", "latin2", "l2", "iso-ir-101"]),
    (Kind::Byte(tables::ISO_8859_3, Kept), &["ISO-8859-3", "latin3", "l3", "iso-ir-109"]),
    (Kind::Byte(tables::ISO_8859_4, Kept), &["ISO-8859-4", "latin4", "l4", "iso-ir-110"]),
    (Kind::Byte(tables::ISO_8859_5, Kept), &["ISO-8859-5", "cyrillic", "iso-ir-144"]),
    (Kind::Byte(tables::ISO_8859_6, Kept), &["ISO-8859-6", "arabic", "iso-ir-127", "ECMA-114", "ASMO-708"]),
    (Kind::Byte(tables::ISO_8859_7, Kept), &["ISO-8859-7", "greek", "greek8", "iso-ir-126", "ELOT_928", "ECMA-118"]),
    (Kind::Byte(tables::ISO_8859_8, Kept), &["ISO-8859-8", "hebrew", "iso-ir-138"]),
    (Kind::Byte(tables::WINDOWS_1254, Taken), &["ISO-8859-9", "latin5", "l5", "iso-ir-148"]),
    (Kind::Byte(tables::ISO_8859_13, Kept), &["ISO-8859-13"]),
    (Kind::Byte(tables::ISO_8859_15, Kept), &["ISO-8859-15", "Latin-9", "latin9", "L9"]),
    (Kind::Byte(tables::WINDOWS_1250, Holes), &["windows-1250", "cp1250"]),
    (Kind::Byte(tables::WINDOWS_1251, Holes), &["windows-1251", "cp1251", "ansi-1251"]),
    (Kind::Byte(tables::WINDOWS_1252, Holes), &["windows-1252", "cp1252"]),
    (Kind::Byte(tables::WINDOWS_1253, Holes), &["windows-1253", "cp1253"]),
    (Kind::Byte(tables::WINDOWS_1254, Holes), &["windows-1254", "cp1254"]),
    (Kind::Byte(tables::WINDOWS_1255, Holes), &["windows-1255", "cp1255"]),
    (Kind::Byte(tables::WINDOWS_1256, Holes), &["windows-1256", "cp1256"]),
    (Kind::Byte(tables::WINDOWS_1257, Holes), &["windows-1257", "cp1257"]),
    (Kind::Byte(tables::WINDOWS_1258, Holes), &["windows-1258", "cp1258"]),
    (Kind::Byte(tables::KOI8_R, Kept), &["KOI8-R", "koi8_r", "koi8", "cskoi8r"]),
    (Kind::Byte(tables::KOI8_U, Kept), &["KOI8-U", "koi8_u"]),
    (Kind::Byte(tables::IBM866, Kept), &["IBM866", "cp866", "866", "ibm-866"]),
    (Kind::Bytes(tables::SHIFT_JIS), &["windows-31j", "MS932", "windows-932", "cswindows31j"]),
    (Kind::Bytes(tables::SHIFT_JIS), &["Shift_JIS", "sjis", "shift-jis", "x-sjis", "ms_kanji", "csshiftjis"]),
    (Kind::Bytes(tables::EUC_JP), &["EUC-JP", "euc_jp", "eucjis", "eucjp", "x-euc-jp", "x-eucjp"]),
    (Kind::Bytes(tables::EUC_KR), &["EUC-KR", "euc_kr", "euckr", "ks_c_5601-1987", "ksc_5601", "ksc5601", "5601"]),
    (Kind::Bytes(tables::GBK), &["GBK", "CP936", "windows-936"]),
    (Kind::Bytes(tables::GBK), &["GB2312", "gb2312-80", "gb2312-1980", "euc-cn", "euccn", "x-EUC-CN", "EUC_CN"]),
    (Kind::Bytes(tables::GB18030), &["GB18030", "gb18030-2000", "gb18030-2022"]),
    (Kind::Bytes(tables::BIG5), &["Big5", "csBig5"]),
];

/// The encoding of this name, in any case.
pub(super) fn find(name: &str) -> Option<Encoding> {
    // ISO 8859 goes by many spellings: ISO8859_2, ISO_8859-2, 8859_2.
    let plain = name.to_ascii_uppercase().replace(['-', '_'], "");
    let iso = plain.strip_prefix("ISO").unwrap_or(&plain).strip_prefix("8859").map(|part| format!("ISO-8859-{part}"));
    let name = iso.as_deref().unwrap_or(name);
    let known = |(_, names): &&(Kind, &[&str])| names.iter().any(|known| known.eq_ignore_ascii_case(name));
    let (kind, _) = NAMES.iter().find(known)?;
    Some(match kind {
        Kind::Is(make) => make(),
        Kind::Byte(table, controls) => Encoding::Byte(Table::of(table, *controls).into()),
        Kind::Bytes(table) => Encoding::Bytes(table),
    })
}

/// Java's own names of all encodings.
pub(super) fn all() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|(_, names)| names[0])
}
