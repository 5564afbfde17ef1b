//! Base64 as RFC 4648 section 4 defines it, strictly: padded, without blanks, and with nothing in the unused bits, so that
//! encoding the result gives the same text again.

/// Appends the bytes that `text` stands for; when it is not base64, answers `false` and appends nothing.
pub(super) fn decode(text: &[u8], out: &mut Vec<u8>) -> bool {
    let begin = out.len();
    let decoded = text.len().is_multiple_of(4) && decode_groups(text, out).is_some();
    if !decoded {
        out.truncate(begin);
    }
    decoded
}

fn decode_groups(text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let padding = text.iter().rev().take(2).take_while(|byte| **byte == b'=').count();
    let (digits, _) = text.split_at(text.len() - padding);
    let (groups, rest) = digits.as_chunks::<4>();
    for group in groups {
        out.extend_from_slice(&bits(group)?.to_be_bytes()[1..]);
    }
    match rest {
        [] => Some(()),
        [a, b] => last(&[*a, *b, b'A', b'A'], 1, out),
        [a, b, c] => last(&[*a, *b, *c, b'A'], 2, out),
        _ => None,
    }
}

/// Appends the first `len` bytes of a group that was filled up with zeros; the others must be zero.
fn last(group: &[u8; 4], len: usize, out: &mut Vec<u8>) -> Option<()> {
    let [_, bytes @ ..] = bits(group)?.to_be_bytes();
    let (kept, unused) = bytes.split_at(len);
    out.extend_from_slice(kept);
    unused.iter().all(|byte| *byte == 0).then_some(())
}

fn bits(group: &[u8; 4]) -> Option<u32> {
    group.iter().try_fold(0, |bits, digit| Some(bits << 6 | u32::from(value(*digit)?)))
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'A'..=b'Z' => Some(digit - b'A'),
        b'a'..=b'z' => Some(digit - b'a' + 26),
        b'0'..=b'9' => Some(digit - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_examples_of_the_rfc_decode() {
        let decoded = |text: &str| {
            let mut out = b"before".to_vec();
            decode(text.as_bytes(), &mut out).then(|| String::from_utf8(out.split_off(6)).unwrap())
        };
        for (text, plain) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYmFy", "foobar")]
        {
            assert_eq!(decoded(text).as_deref(), Some(plain));
        }
        for bad in ["Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v\n", "Z=9v", "Zm8=Zm8=", "_-8="] {
            assert_eq!(decoded(bad), None, "{bad} was taken");
        }
    }

    #[test]
    fn a_misfit_leaves_nothing_behind() {
        let mut out = b"kept".to_vec();
        assert!(!decode(b"Zm9vZh==", &mut out));
        assert_eq!(out, b"kept");
    }
}
