//! The Huffman code of HPACK (RFC 7541, appendix B).
//!
//! The code is canonical: codes of one length follow each other in the order of their symbols. So the lengths are all
//! that has to be known.

use std::sync::LazyLock;

/// Symbol that stands for the end, and must not occur.
const END: usize = 256;

/// Longest code, in bits.
const BITS_MAX: usize = 30;

/// Codes by length.
struct Table {
    /// Per length: the first code, and where its symbols begin.
    rows: [(u32, usize, usize); BITS_MAX + 1],
    /// By length, then by value.
    symbols: Vec<u16>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut rows = [(0, 0, 0); BITS_MAX + 1];
    let mut symbols = Vec::with_capacity(LENGTHS.len());
    let mut code = 0_u32;
    for (length, row) in rows.iter_mut().enumerate() {
        code <<= 1;
        let begin = symbols.len();
        symbols.extend((0_u16..).zip(LENGTHS).filter(|(_, l)| usize::from(*l) == length).map(|(symbol, _)| symbol));
        let count = symbols.len() - begin;
        *row = (code, begin, count);
        code += count as u32;
    }
    Table { rows, symbols }
});

/// Undoes the code; `None` when the bytes are not in it.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<u8>> {
    let table = &*TABLE;
    let mut out = Vec::with_capacity(bytes.len() * 8 / 5);
    let (mut code, mut length) = (0_u32, 0);
    for byte in bytes {
        for bit in (0..8).rev() {
            code = code << 1 | u32::from(byte >> bit & 1);
            length += 1;
            let (first, begin, count) = *table.rows.get(length)?;
            let index = (code as usize).checked_sub(first as usize).filter(|index| *index < count);
            let Some(index) = index else { continue };
            let symbol = usize::from(*table.symbols.get(begin + index)?);
            if symbol == END {
                return None;
            }
            out.push(symbol as u8);
            (code, length) = (0, 0);
        }
    }
    // Padding is the beginning of the end symbol: less than a byte of ones.
    (length < 8 && code == (1 << length) - 1).then_some(out)
}

/// Length of each symbol's code in bits.
const LENGTHS: [u8; END + 1] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12,
    10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6,
    5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22,
    22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20,
    22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28,
    27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28,
    27, 27, 27, 27, 27, 26, 30,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_of_the_specification_are_decoded() {
        let code = [0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab, 0x90, 0xf4, 0xff];
        assert_eq!(decode(&code).unwrap(), b"www.example.com");
        assert_eq!(decode(&[0x64, 0x02]).unwrap(), b"302");
    }

    #[test]
    fn the_code_is_complete() {
        // Kraft's sum of a code without holes is one.
        let sum: u64 = LENGTHS.iter().map(|length| 1_u64 << (BITS_MAX - usize::from(*length))).sum();
        assert_eq!(sum, 1 << BITS_MAX);
    }

    #[test]
    fn bad_padding_is_refused() {
        assert_eq!(decode(&[0x00]), None);
        assert_eq!(decode(&[0xff, 0xff]), None);
        assert_eq!(decode(&[0xff; 8]), None);
    }
}
