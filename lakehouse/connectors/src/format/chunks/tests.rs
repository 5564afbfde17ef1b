use super::*;
use crate::format::conformance::file;

/// Lines whose reader panics at the second one.
struct Panics(usize);

impl Records for Panics {
    fn first_end(&mut self, fresh: &[u8]) -> Option<usize> {
        Lines.first_end(fresh)
    }

    fn last_end(&mut self, fresh: &[u8]) -> Option<usize> {
        self.0 += 1;
        assert!(self.0 < 3, "on purpose");
        Lines.first_end(fresh)
    }
}

#[tokio::test]
async fn a_reader_that_panics_is_not_the_end_of_the_file() {
    let limits = Limits { chunk: 4, ..Limits::default() };
    let chunks = open(file("f", "one\ntwo\nthree\nfour\n").await, limits, Panics(0)).await.unwrap();
    let chunks: Vec<_> = chunks.collect().await;
    assert!(matches!(chunks.last(), Some(Err(FormatError::Internal { .. }))), "{chunks:?}");
}

#[tokio::test]
async fn chunks_tell_their_place() {
    let limits = Limits { chunk: 4, ..Limits::default() };
    let chunks = open(file("f", "\u{feff}one\ntwo\n\nthree").await, limits, Lines).await.unwrap();
    let places: Vec<_> = chunks
        .map(|chunk| chunk.unwrap())
        .map(|chunk| match chunk.payload {
            Payload::Text(text) => {
                (chunk.first_line, chunk.byte_offset, String::from_utf8(text.to_vec()).unwrap())
            }
            other => panic!("{other:?}"),
        })
        .collect()
        .await;
    let text: String = places.iter().map(|(_, _, text)| text.as_str()).collect();
    assert_eq!(text, "one\ntwo\n\nthree");
    let (mut line, mut offset) = (1, 3);
    for (first_line, byte_offset, text) in &places {
        assert_eq!((*first_line, *byte_offset), (line, offset), "{places:?}");
        line += text.matches('\n').count() as u64;
        offset += text.len() as u64;
    }
    assert!(places.len() > 2, "{places:?}");
}

#[tokio::test]
async fn what_is_no_text_of_ours_is_refused_by_name() {
    let utf16: Vec<u8> = "\u{feff}{}\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let chunks: Vec<_> =
        open(file("f", utf16).await, Limits::default(), Lines).await.unwrap().collect().await;
    assert!(
        matches!(&chunks[..], [Err(FormatError::UnsupportedFile { reason, .. })] if reason.contains("UTF-16"))
    );
    let error = open(file("f.bz2", "x").await, Limits::default(), Lines).await.err().unwrap();
    assert!(error.to_string().contains(".bz2"), "{error}");
    let named: Vec<_> =
        open(file("f.gz", "plain\n").await, Limits::default(), Lines).await.unwrap().collect().await;
    assert!(matches!(&named[..], [Err(FormatError::Damaged { byte_offset: 0, .. })]), "{named:?}");
}

#[tokio::test]
async fn memory_stays_bounded_when_nobody_takes_the_chunks() {
    let text = "x\n".repeat(1 << 20);
    let mut chunks =
        open(file("f", text).await, Limits { chunk: 1024, ..Limits::default() }, Lines).await.unwrap();
    assert!(chunks.next().await.is_some());
    drop(chunks);
    // The reading thread ends by itself; were it not so, the runtime would not stop here.
}
