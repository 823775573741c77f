//! Whether a reply is as large as it says.
//!
//! `kafka-protocol` makes room for as many elements as an array claims to have before it reads the first, so a few
//! bytes could ask for all memory. Replies are therefore walked through first, by the layouts in `shapes`, without
//! allocating anything: only what is there is decoded.

/// How the body of a reply is laid out.
#[derive(Debug)]
pub(super) struct Shape {
    /// The first version with short lengths and tagged fields; `NEVER` if none is spoken.
    pub(super) flexible: i16,
    pub(super) fields: &'static [Field],
    /// Tagged fields that hold arrays.
    pub(super) tags: &'static [(u32, Kind)],
}

/// Later than any version.
pub(super) const NEVER: i16 = i16::MAX;

/// One field, in the versions that have it.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) since: i16,
    pub(super) until: i16,
    pub(super) kind: Kind,
}

/// What a field holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    /// So many bytes.
    Fixed(usize),
    /// Text, or none.
    Text,
    /// Bytes, or none.
    Bytes,
    /// Elements of one field without tags of their own, or none.
    List(&'static Kind),
    /// Structures, or none.
    Array(&'static [Field]),
}

/// Where the walk is.
struct Walk<'a> {
    rest: &'a [u8],
    version: i16,
    flexible: bool,
}

/// The walk ended before the reply did what it said.
#[derive(Debug)]
pub(super) struct Short;

type Result<T> = std::result::Result<T, Short>;

impl Shape {
    /// Walks through a body; what stands after it is not looked at.
    pub(super) fn check(&self, version: i16, body: &[u8]) -> Result<()> {
        let mut walk = Walk { rest: body, version, flexible: version >= self.flexible };
        walk.fields(self.fields)?;
        walk.tags(self.tags)
    }
}

impl<'a> Walk<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Short)?;
        self.rest = rest;
        Ok(taken)
    }

    fn varint(&mut self) -> Result<usize> {
        let mut value = 0_u32;
        for at in 0..5 {
            let byte = self.take(1)?[0];
            value |= u32::from(byte & 0x7f) << (at * 7);
            if byte < 0x80 {
                break;
            }
        }
        Ok(value as usize)
    }

    /// A length; 0 for none.
    fn length(&mut self, wide: bool) -> Result<usize> {
        if self.flexible {
            return Ok(self.varint()?.saturating_sub(1));
        }
        let taken = self.take(if wide { 4 } else { 2 })?;
        let length = taken.iter().fold(0_i64, |value, byte| value << 8 | i64::from(*byte));
        let none = i64::from(if wide { u32::MAX } else { u16::MAX.into() });
        Ok(if length == none { 0 } else { length as usize })
    }

    fn kind(&mut self, kind: &Kind) -> Result<()> {
        match kind {
            Kind::Fixed(count) => self.take(*count).map(drop),
            Kind::Text => {
                let length = self.length(false)?;
                self.take(length).map(drop)
            }
            Kind::Bytes => {
                let length = self.length(true)?;
                self.take(length).map(drop)
            }
            Kind::List(element) => {
                for _ in 0..self.length(true)? {
                    self.kind(element)?;
                }
                Ok(())
            }
            Kind::Array(fields) => {
                for _ in 0..self.length(true)? {
                    self.fields(fields)?;
                    self.tags(&[])?;
                }
                Ok(())
            }
        }
    }

    fn fields(&mut self, fields: &[Field]) -> Result<()> {
        let version = self.version;
        fields
            .iter()
            .filter(|field| (field.since..=field.until).contains(&version))
            .try_for_each(|f| self.kind(&f.kind))
    }

    fn tags(&mut self, known: &[(u32, Kind)]) -> Result<()> {
        if !self.flexible {
            return Ok(());
        }
        for _ in 0..self.varint()? {
            let tag = self.varint()?;
            let length = self.varint()?;
            let content = self.take(length)?;
            if let Some((_, kind)) = known.iter().find(|(known, _)| *known as usize == tag) {
                Walk { rest: content, ..*self }.kind(kind)?;
            }
        }
        Ok(())
    }
}
