//! Records that are too long to be read.

use arrow::array::RecordBatch;
use arrow::datatypes::SchemaRef;
use model::ByteSize;

use super::chunks::Limits;
use super::{Chunk, Decoded, Decoder, FormatError, Payload, Reject, output_schema};

/// Rejects records that were passed over for their length, and leaves all others to a decoder of text.
pub(super) struct RejectOverlong<D> {
    text: D,
    output: SchemaRef,
    limits: Limits,
}

impl<D: Decoder + 'static> RejectOverlong<D> {
    /// Stands before `text`, which decodes into `schema`.
    pub(super) fn before(
        text: D,
        schema: &SchemaRef,
        limits: Limits,
    ) -> Result<Box<dyn Decoder>, FormatError> {
        Ok(Box::new(Self { text, output: output_schema(schema)?, limits }))
    }
}

impl<D: Decoder> Decoder for RejectOverlong<D> {
    fn decode(&mut self, chunk: &Chunk) -> Result<Decoded, FormatError> {
        let Payload::Overlong { head, length } = &chunk.payload else {
            return self.text.decode(chunk);
        };
        let most = ByteSize(self.limits.record as u64);
        let reject = Reject {
            line: Some(chunk.first_line),
            byte_offset: chunk.byte_offset,
            reason: format!("the record is {length} bytes long, more than {most}"),
            raw: head.to_vec(),
        };
        Ok(Decoded { batch: RecordBatch::new_empty(self.output.clone()), rejects: vec![reject] })
    }
}
