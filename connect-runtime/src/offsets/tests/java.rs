use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;

use super::super::java::{Decoded, decode, encode};

/// Written by OpenJDK 17's `ObjectOutputStream`: an empty `HashMap`; one entry; three, one of them with a null
/// value; thirteen, for which the map has grown.
pub(super) const EMPTY: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f\
    6164466163746f724900097468726573686f6c6478703f400000000000007708000000100000000078";
pub(super) const ONE: &str = "aced0005737200116a6176612e7574696c2e486173684d61700507dac1c31660d103000246000a6c6f61\
    64466163746f724900097468726573686f6c6478703f4000000000000c77080000001000000001757200025b42acf317f8060854e0020000\
    7870000000175b2263222c7b2266696c656e616d65223a226630227d5d7571007e00020000000e7b22706f736974696f6e223a307d78";
pub(super) const THREE: &str = include_str!("java-3.hex");
const THIRTEEN: &str = include_str!("java-13.hex");

pub(super) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|digit| digit.to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

fn entries(count: usize) -> Vec<Decoded> {
    let entry = |number| {
        let value = (number != 1).then(|| format!("{{\"position\":{number}}}").into());
        (Some(format!("[\"c\",{{\"filename\":\"f{number}\"}}]").into()), value)
    };
    (0..count).map(entry).collect()
}

fn written(entries: &[Decoded]) -> Vec<u8> {
    let entries: Vec<_> = entries.iter().map(|(key, value)| (key.as_ref().unwrap(), value.as_ref())).collect();
    encode(entries.into_iter()).unwrap()
}

#[test]
fn reads_what_java_wrote() {
    for (hex, count) in [(EMPTY, 0), (ONE, 1), (THREE, 3), (THIRTEEN, 13)] {
        let mut read = decode(&bytes(hex)).unwrap();
        // In the order of Java's hash codes, so entry for entry only once sorted.
        let mut expect = entries(count);
        read.sort();
        expect.sort();
        assert_eq!(read, expect);
    }
}

#[test]
fn writes_what_java_would() {
    for hex in [EMPTY, ONE, THREE, THIRTEEN] {
        let file = bytes(hex);
        assert_eq!(written(&decode(&file).unwrap()), file);
    }
    // Buckets double when they are more than three quarters full.
    for (count, threshold, buckets) in [(12, 12, 16i32), (13, 24, 32), (24, 24, 32), (25, 48, 64i32)] {
        let file = written(&entries(count));
        assert_eq!(file[0x43..0x47], i32::to_be_bytes(threshold), "{count}");
        assert_eq!(file[0x49..0x4d], buckets.to_be_bytes(), "{count}");
    }
}

#[test]
fn any_sizes_of_the_map_are_accepted() {
    let mut file = bytes(ONE);
    file[0x3f..0x47].fill(0xff);
    file[0x49..0x4d].fill(0xff);
    assert_eq!(decode(&file).unwrap(), entries(1));
}

#[test]
fn refuses_and_says_where() {
    let file = bytes(ONE);
    let check = |change: &dyn Fn(&mut Vec<u8>), expect: &str| {
        let mut changed = file.clone();
        change(&mut changed);
        assert_eq!(
            decode(&changed).unwrap_err().to_string(),
            format!("not a serialised HashMap<byte[],byte[]> {expect}")
        );
    };
    let class = "another class than java.util.HashMap, or no Java serialisation";
    check(&|file| file[0] = b'{', &format!("at byte 0: {class}"));
    check(&|file| file[10] = b'J', &format!("at byte 10: {class}"));
    check(&|file| file.truncate(20), &format!("at byte 20: {class}"));
    check(&|file| file.truncate(0x42), "at byte 63: the file ends in the map's fields");
    check(&|file| file[0x47] = 0, "at byte 71: not the sizes of a HashMap");
    check(&|file| file[0x4d] = 0x80, "at byte 77: a negative number of entries");
    check(&|file| file[0x50] = 0, "at byte 81: not the end of the map, where all its entries are read");
    check(&|file| file[0x50] = 2, "at byte 151: neither null nor a byte array");
    check(&|file| file[0x51] = 0x74, "at byte 81: neither null nor a byte array");
    check(&|file| file[0x56] = b'I', "at byte 86: an array that is no byte array");
    check(&|file| file[0x64] = 0xff, "at byte 100: a negative array length");
    check(&|file| file[0x64] = 0x7f, "at byte 104: an array is longer than the file");
    check(&|file| file.push(0), "at byte 152: bytes after the end of the map");
    check(&|file| file.truncate(151), "at byte 151: not the end of the map, where all its entries are read");
}

#[test]
fn a_file_that_promises_much_takes_no_memory() {
    let mut file = bytes(ONE);
    file[0x4d..0x51].copy_from_slice(&i32::MAX.to_be_bytes());
    file[0x64..0x68].copy_from_slice(&i32::MAX.to_be_bytes());
    assert!(decode(&file).is_err());
}

proptest! {
    #[test]
    fn what_is_written_reads_back(map: BTreeMap<Vec<u8>, Option<Vec<u8>>>) {
        let map: Vec<Decoded> = map.into_iter().map(|(key, value)| (Some(key.into()), value.map(Bytes::from))).collect();
        prop_assert_eq!(decode(&written(&map)).unwrap(), map);
    }

    #[test]
    fn any_damage_does_no_harm(at in 0usize..500, byte: u8, cut in 0usize..500) {
        let mut file = bytes(THREE);
        let len = file.len();
        file[at % len] = byte;
        let _ = decode(&file);
        file.truncate(cut);
        let _ = decode(&file);
    }

    #[test]
    fn any_bytes_do_no_harm(rest: Vec<u8>) {
        let _ = decode(&rest);
        let mut file = bytes(EMPTY);
        file.truncate(0x4d);
        file.extend(rest);
        let _ = decode(&file);
    }
}
