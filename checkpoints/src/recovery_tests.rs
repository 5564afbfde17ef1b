use super::*;
use crate::Finished;

const TABLE: &str = "/lake/t";

fn intent(batch: u64) -> Intent {
    Intent { timestamp_ms: batch as i64, ..Intent::default() }
}

/// A checkpoint that has begun and finished these batches; batch N was committed at version N + 1.
fn progress(begun: Option<u64>, finished: Option<u64>) -> Progress {
    let at = |batch: u64| CommittedAt { table_id: "id".to_owned(), version: batch + 1 };
    let done = |batch: u64| Finished { targets: [(TABLE.to_owned(), at(batch))].into() };
    Progress {
        begun: begun.map(|batch| (BatchId(batch), intent(batch))),
        finished: finished.map(|batch| (BatchId(batch), done(batch))),
    }
}

fn table(version: u64, txn: Option<i64>) -> Observed {
    Observed::Table { location: TABLE.to_owned(), table_id: "id".to_owned(), version, txn }
}

fn no_table() -> Observed {
    Observed::NoTable { location: TABLE.to_owned() }
}

/// The rows of the table of a micro-batch's steps, for the first batch and for a later one: what is found after a
/// crash just behind the step, and the way on.
#[test]
fn each_step_of_a_batch_has_one_way_on() {
    let rows = [
        ("plan", progress(None, None), no_table(), Resume::Fresh),
        ("begin", progress(Some(0), None), no_table(), Resume::Rerun(BatchId(0), intent(0))),
        (
            "read, write: the table is made",
            progress(Some(0), None),
            table(0, None),
            Resume::Rerun(BatchId(0), intent(0)),
        ),
        ("commit", progress(Some(0), None), table(1, Some(0)), Resume::Rerun(BatchId(0), intent(0))),
        ("finish", progress(Some(0), Some(0)), table(1, Some(0)), Resume::NextBatch(BatchId(1))),
        ("report", progress(Some(0), Some(0)), Observed::AsRecorded, Resume::NextBatch(BatchId(1))),
        ("plan", progress(Some(6), Some(6)), table(7, Some(6)), Resume::NextBatch(BatchId(7))),
        ("begin", progress(Some(7), Some(6)), table(7, Some(6)), Resume::Rerun(BatchId(7), intent(7))),
        ("read, write", progress(Some(7), Some(6)), table(9, Some(6)), Resume::Rerun(BatchId(7), intent(7))),
        ("commit", progress(Some(7), Some(6)), table(8, Some(7)), Resume::Rerun(BatchId(7), intent(7))),
        ("finish", progress(Some(7), Some(7)), table(8, Some(7)), Resume::NextBatch(BatchId(8))),
        ("report", progress(Some(7), Some(7)), Observed::AsRecorded, Resume::NextBatch(BatchId(8))),
    ];
    for (step, progress, observed, way_on) in rows {
        assert_eq!(resume(&progress, &observed), Ok(way_on), "after {step}: {progress:?} and {observed:?}");
    }
}

#[test]
fn a_table_of_others_is_no_obstacle() {
    assert_eq!(resume(&progress(None, None), &table(12, None)), Ok(Resume::Fresh));
}

#[test]
fn a_table_that_was_moved_is_still_the_same() {
    let moved =
        Observed::Table { location: "/new/t".into(), table_id: "id".into(), version: 7, txn: Some(6) };
    assert_eq!(resume(&progress(Some(6), Some(6)), &moved), Ok(Resume::NextBatch(BatchId(7))));
}

#[test]
fn what_cannot_both_be_true_is_refused_in_words() {
    let other = Observed::Table { location: TABLE.into(), table_id: "new".into(), version: 9, txn: None };
    let rows = [
        (
            progress(None, None),
            table(5, Some(4)),
            "/lake/t holds batch 4 of this flow, but the checkpoint has begun none",
        ),
        (
            progress(Some(2), Some(2)),
            table(5, Some(4)),
            "/lake/t holds batch 4 of this flow, but the checkpoint has begun batch 2",
        ),
        (
            progress(Some(6), Some(6)),
            no_table(),
            "the checkpoint has batch 6 as written to /lake/t, but there is no table",
        ),
        (
            progress(Some(7), Some(6)),
            other,
            "the checkpoint wrote to the table id at /lake/t, but the table there is now new",
        ),
        (
            progress(Some(6), Some(6)),
            table(3, Some(2)),
            "the checkpoint has batch 6 as written to /lake/t at version 7, but the table at version 3 holds batch 2",
        ),
        (
            progress(Some(7), Some(6)),
            table(0, None),
            "the checkpoint has batch 6 as written to /lake/t at version 7, but the table at version 0 holds none",
        ),
        (
            progress(Some(6), Some(6)),
            table(6, Some(6)),
            "the checkpoint has batch 6 as written to /lake/t at version 7, but the table at version 6 holds batch 6",
        ),
    ];
    for (progress, observed, words) in rows {
        let error = resume(&progress, &observed).unwrap_err();
        assert_eq!(error.to_string(), words);
        assert!(error.hint().unwrap().contains("--full-refresh"));
    }
}

/// Every pair of a possible checkpoint and a table either goes on without losing or doubling a batch, or is refused.
#[test]
fn no_pair_is_guessed() {
    for begun in [None, Some(0), Some(1), Some(5)] {
        let finished = [begun, begun.and_then(|begun: u64| begun.checked_sub(1))];
        for (finished, txn) in finished.iter().flat_map(|f| (-1..8).map(move |txn| (*f, txn))) {
            let version = 100;
            let answer = resume(&progress(begun, finished), &table(version, (txn >= 0).then_some(txn)));
            let (begun, finished) = (begun.map_or(-1, |b| b as i64), finished.map_or(-1, |f| f as i64));
            let possible = finished <= txn && txn <= begun;
            assert_eq!(
                answer.is_ok(),
                possible,
                "begun {begun}, finished {finished}, table {txn}: {answer:?}"
            );
            if let Ok(Resume::NextBatch(next)) = answer {
                assert_eq!(next.0 as i64, txn + 1);
            }
        }
    }
}
