//! The binary format of COPY.

use connect_api::{Error, Result};

/// How the first message begins; flags and the length of an extension follow.
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";

/// The cells of the row that a message holds, each with its bytes or `None` for null; `None` when it holds no row. The
/// first message has the header in front of its row.
///
/// # Errors
/// A fatal error when the message is not of this format.
pub(crate) fn tuple(message: &[u8], first: bool) -> Result<Option<Tuple<'_>>> {
    let mut rest = message;
    if first {
        rest = rest.strip_prefix(SIGNATURE).ok_or_else(broken)?;
        take::<4>(&mut rest)?;
        let extension = length(take::<4>(&mut rest)?).ok_or_else(broken)?;
        rest = rest.get(extension..).ok_or_else(broken)?;
        if rest.is_empty() {
            return Ok(None);
        }
    }
    match i16::from_be_bytes(take::<2>(&mut rest)?) {
        -1 => Ok(None),
        count => Ok(Some(Tuple { left: usize::try_from(count).map_err(|_| broken())?, rest })),
    }
}

/// The cells of a row.
#[derive(Debug)]
pub(crate) struct Tuple<'a> {
    left: usize,
    rest: &'a [u8],
}

impl<'a> Iterator for Tuple<'a> {
    type Item = Result<Option<&'a [u8]>>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some(self.cell())
    }
}

impl<'a> Tuple<'a> {
    fn cell(&mut self) -> Result<Option<&'a [u8]>> {
        let length_of_cell = take::<4>(&mut self.rest)?;
        if length_of_cell == [0xff; 4] {
            return Ok(None);
        }
        let length = length(length_of_cell).filter(|length| *length <= self.rest.len()).ok_or_else(broken)?;
        let (cell, rest) = self.rest.split_at(length);
        self.rest = rest;
        Ok(Some(cell))
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N]> {
    let (taken, left) = rest.split_first_chunk::<N>().ok_or_else(broken)?;
    *rest = left;
    Ok(*taken)
}

fn length(bytes: [u8; 4]) -> Option<usize> {
    usize::try_from(i32::from_be_bytes(bytes)).ok()
}

fn broken() -> Error {
    Error::fatal("the server's COPY is not in the binary format")
}
