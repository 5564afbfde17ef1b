//! Step 1: which rows the batch reads. Nothing is written.

use std::collections::BTreeMap;

use checkpoints::Intent;
use model::{BatchId, Offset, OffsetRange};

use super::Batch;
use crate::EngineError;
use crate::event::Event;
use crate::run::open::OpenFlow;

/// The next batch, or nothing when no source has anything new.
pub(in crate::run) async fn plan(open: &mut OpenFlow<'_>) -> Result<Option<Batch>, EngineError> {
    let number = BatchId::after(open.last.as_ref().map(|(batch, _)| *batch));
    let before = open.sources.iter().map(|source| source.backlog()).collect::<Vec<_>>();
    let mut offsets = Vec::with_capacity(open.sources.len());
    let mut anything_new = false;
    for index in 0..open.sources.len() {
        let from = open.offset(index).cloned();
        let next = open.sources[index].next_offset(from.as_ref(), &open.limits, number).await?;
        anything_new |= next.is_some();
        offsets.push(next.or(from));
    }
    if !anything_new {
        return Ok(None);
    }
    let after = open.sources.iter().map(|source| source.backlog());
    let (files, bytes) = before.iter().zip(after).fold((0, 0), |(files, bytes), (before, after)| {
        (files + before.files.saturating_sub(after.files), bytes + before.bytes.saturating_sub(after.bytes))
    });
    open.engine.observer.on(&Event::BatchPlanned {
        flow: open.flow.name.clone(),
        batch: number,
        files,
        bytes,
    });
    let ranges = offsets.iter().enumerate().map(|(index, to)| range(open, index, to.clone())).collect();
    let intent = Intent { timestamp_ms: open.engine.clock.now_ms(), offsets, conf: BTreeMap::new() };
    Ok(Some(Batch { number, ranges, intent, rerun: false }))
}

fn range(open: &OpenFlow<'_>, index: usize, to: Option<Offset>) -> Option<OffsetRange> {
    let from = open.offset(index).filter(|_| !open.reads_all()).cloned();
    to.map(|to| OffsetRange { from, to })
}
