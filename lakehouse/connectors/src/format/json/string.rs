//! Strings: finding their end, checking them, and decoding them on the way.

use super::fault::{Fault, What};

/// How many bytes are looked at in one step.
const BLOCK: usize = 8;

/// Whether a string that is correct JSON is also a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It is.
    Text,
    /// It has half of a surrogate pair (`\ud800`), for which there is no character. What the sink got is not its value.
    LoneSurrogate,
}

/// Where the value of a string goes.
pub(super) trait Sink {
    /// Appends the first `len` bytes of `block`.
    fn append_block(&mut self, block: &[u8; BLOCK], len: usize);
    /// Appends a few bytes.
    fn append(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    #[inline]
    fn append_block(&mut self, block: &[u8; BLOCK], len: usize) {
        // A copy of known length and a cut are cheaper than a copy of any length.
        let end = self.len() + len;
        self.extend_from_slice(block);
        self.truncate(end);
    }

    #[inline]
    fn append(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// For strings that are only checked.
#[derive(Debug)]
pub(super) struct Discard;

impl Sink for Discard {
    #[inline]
    fn append_block(&mut self, _block: &[u8; BLOCK], _len: usize) {}

    #[inline]
    fn append(&mut self, _bytes: &[u8]) {}
}

/// Reads the string whose first character is at `begin`, appends its value to `out` and answers with the place behind
/// the closing quote.
#[inline(always)]
pub(super) fn scan<S: Sink>(bytes: &[u8], begin: usize, out: &mut S) -> Result<(Ending, usize), Fault> {
    let (mut at, mut is_ascii) = plain_run(bytes, begin, out);
    let mut ending = Ending::Text;
    loop {
        match bytes.get(at) {
            Some(b'"') => break,
            Some(b'\\') => {
                let (escape, behind) = scan_escape(bytes, at)?;
                match escape {
                    Some(character) => out.append(character.encode_utf8(&mut [0; 4]).as_bytes()),
                    None => ending = Ending::LoneSurrogate,
                }
                let (end, run_is_ascii) = plain_run(bytes, behind, out);
                is_ascii &= run_is_ascii;
                at = end;
            }
            None | Some(b'\n') => return Err(Fault::new(at, What::Truncated)),
            Some(_) => return Err(Fault::new(at, What::ControlCharacter)),
        }
    }
    if !is_ascii {
        check_utf8(bytes, begin, at)?;
    }
    Ok((ending, at + 1))
}

/// Copies characters until one that needs a look: a quote, a backslash, a control character, the end. Answers with its
/// place and whether all characters before it are known to be ASCII.
#[inline(always)]
fn plain_run<S: Sink>(bytes: &[u8], mut at: usize, out: &mut S) -> (usize, bool) {
    let mut high_bits = 0u64;
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk::<BLOCK>()) {
        let word = u64::from_le_bytes(*block);
        let special = special_bytes(word);
        high_bits |= word;
        if special == 0 {
            out.append_block(block, BLOCK);
            at += BLOCK;
            continue;
        }
        let len = special.trailing_zeros() as usize / 8;
        // Bytes behind the run may have a say here: at worst the string is checked once more than it needs.
        out.append_block(block, len);
        return (at + len, is_ascii(high_bits));
    }
    let tail = bytes.get(at..).unwrap_or_default();
    let len = tail.iter().position(|byte| is_special(*byte)).unwrap_or(tail.len());
    out.append(&tail[..len]);
    (at + len, is_ascii(high_bits) && tail[..len].is_ascii())
}

fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < b' '
}

fn is_ascii(bytes: u64) -> bool {
    bytes & (0x8080_8080_8080_8080) == 0
}

/// A word in which the highest bit of the first special byte is set; those of bytes behind it may be, too. A byte is below `n` if taking `n` from it borrows its highest bit.
#[inline]
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let quote = word ^ (ONES * b'"' as u64);
    let backslash = word ^ (ONES * b'\\' as u64);
    let borrows =
        quote.wrapping_sub(ONES) | backslash.wrapping_sub(ONES) | word.wrapping_sub(ONES * b' ' as u64);
    borrows & !word & HIGH
}

/// The bytes as they stand are checked: escapes are ASCII and cannot complete a broken character.
#[inline(never)]
fn check_utf8(bytes: &[u8], begin: usize, end: usize) -> Result<(), Fault> {
    match std::str::from_utf8(&bytes[begin..end]) {
        Ok(_) => Ok(()),
        Err(error) => Err(Fault::new(begin + error.valid_up_to(), What::InvalidUtf8)),
    }
}

/// Reads the escape sequence at `at`; none is half of a surrogate pair.
#[inline(never)]
fn scan_escape(bytes: &[u8], at: usize) -> Result<(Option<char>, usize), Fault> {
    let character = match bytes.get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return scan_unicode(bytes, at),
        None | Some(b'\n') => return Err(Fault::new(at + 1, What::Truncated)),
        Some(_) => return Err(Fault::new(at, What::Escape)),
    };
    Ok((Some(character), at + 2))
}

fn scan_unicode(bytes: &[u8], at: usize) -> Result<(Option<char>, usize), Fault> {
    let first = hex(bytes, at + 2).ok_or(Fault::new(at, What::Escape))?;
    let behind = at + 6;
    if let (0xd800..=0xdbff, Some([b'\\', b'u'])) = (first, bytes.get(behind..behind + 2))
        && let Some(second @ 0xdc00..=0xdfff) = hex(bytes, behind + 2)
    {
        return Ok((char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)), behind + 6));
    }
    Ok((char::from_u32(first), behind))
}

fn hex(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |value, digit| Some(value << 4 | char::from(*digit).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Result<(Ending, String), What> {
        let mut out = Vec::new();
        let (ending, end) = scan(text, 1, &mut out).map_err(|fault| fault.what())?;
        assert_eq!(end, text.len());
        assert_eq!(scan(text, 1, &mut Discard), Ok((ending, end)));
        Ok((ending, String::from_utf8(out).unwrap()))
    }

    #[test]
    fn strings_of_every_length_are_found_whatever_follows() {
        for len in 0..70 {
            for character in ["x", "ä", "語", "🦀"] {
                let plain = character.repeat(len);
                assert_eq!(read(format!("\"{plain}\"").as_bytes()), Ok((Ending::Text, plain.clone())));
                let padded = format!("\"{plain}\", \"more\\\": {}", "y".repeat(40));
                let mut out = Vec::new();
                assert_eq!(scan(padded.as_bytes(), 1, &mut out), Ok((Ending::Text, plain.len() + 2)));
                assert_eq!(out, plain.as_bytes());
            }
        }
    }

    #[test]
    fn every_escape_is_decoded() {
        let text = br#""\"\\\/\b\f\n\r\t\u0041\u00e4\u20AC\ud83e\udd80\u0000""#;
        assert_eq!(read(text), Ok((Ending::Text, "\"\\/\u{8}\u{c}\n\r\tAä€🦀\0".to_owned())));
    }

    #[test]
    fn half_a_pair_is_no_text() {
        for text in [r#""\ud800""#, r#""x\udc00y""#, r#""\ud800\ud800""#, r#""\ud800A""#, r#""\udc00\ud800""#]
        {
            assert_eq!(read(text.as_bytes()).map(|(ending, _)| ending), Ok(Ending::LoneSurrogate), "{text}");
        }
    }

    #[test]
    fn what_json_forbids_is_a_fault() {
        for place in [0, 1, 15, 16, 17, 40] {
            let before = "x".repeat(place);
            for (bad, what) in [
                (&b"\x00"[..], What::ControlCharacter),
                (b"\x1f", What::ControlCharacter),
                (b"\t", What::ControlCharacter),
                (b"\n", What::Truncated),
                (b"\\x", What::Escape),
                (b"\\u12g4", What::Escape),
                (b"\\U0041", What::Escape),
                (b"\xff", What::InvalidUtf8),
                (b"\xc3", What::InvalidUtf8),
                (b"\xc0\x80", What::InvalidUtf8),
                (b"\xed\xa0\x80", What::InvalidUtf8),
                (b"\xc3\\u00a4", What::InvalidUtf8),
            ] {
                let text = [b"\"", before.as_bytes(), bad, b"rest of the string\""].concat();
                assert_eq!(read(&text), Err(what), "{bad:?} behind {place}");
            }
            assert_eq!(read(format!("\"{before}").as_bytes()), Err(What::Truncated));
        }
    }
}
