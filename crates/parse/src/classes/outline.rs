//! What one pass over the bytes of a value tells: the cheapest of all rejections.

/// Shortest value with parts worth looking into.
const COMPOSITE_BYTES_MIN: usize = 12;

/// Kinds of bytes that occur, as bits.
#[derive(Clone, Copy)]
pub(crate) struct Outline(u8);

/// A decimal digit.
pub(crate) const DIGIT: u8 = 1;
/// A sign that an address, a token or an assignment needs.
const SIGN: u8 = 2;
/// White space.
pub(crate) const SPACE: u8 = 4;
/// A byte that parts a value into words, parameters or quotes.
const PART: u8 = 8;

const KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0_usize;
    while byte < kinds.len() {
        #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler, bounded by the loop")]
        {
            kinds[byte] = match byte as u8 {
                b'0'..=b'9' => DIGIT,
                b'@' | b':' | b'.' | b'%' => SIGN,
                b'=' => SIGN | PART,
                b' ' | b'\n' | b'\t' => SPACE | PART,
                b'?' | b'&' | b',' | b';' | b'"' | b'<' | b'(' | b'{' | b'|' => PART,
                _ => 0,
            };
        }
        byte += 1;
    }
    kinds
};

impl Outline {
    /// Looks at every byte once.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self(bytes.iter().fold(0, |bits, byte| bits | KINDS.get(usize::from(*byte)).copied().unwrap_or_default()))
    }

    /// True when one of these kinds occurs.
    pub(crate) fn has(self, kinds: u8) -> bool {
        self.0 & kinds != 0
    }

    /// A word without digits and signs holds nothing that has a pattern.
    pub(crate) fn plain(self) -> bool {
        !self.has(DIGIT | SIGN)
    }

    /// True when a value of this length may contain something beside what it is as a whole.
    pub(crate) fn composite(self, len: usize) -> bool {
        len >= COMPOSITE_BYTES_MIN && self.has(PART) && !self.plain()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_with_parts_are_looked_into() {
        for (value, composite) in [
            ("call 212-555-0142", true),
            ("token=k3Rf9QxZ2mT7", true),
            ("nothing to see", false),
            ("7f9c24e8-3b12-4e7f", false),
            ("2026-03-01T10:20:00Z", false),
            ("a=1", false),
        ] {
            assert_eq!(Outline::of(value.as_bytes()).composite(value.len()), composite, "{value}");
        }
    }
}
