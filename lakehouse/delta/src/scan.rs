//! Reading chosen data files.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::Arc;

use arrow::datatypes::{FieldRef, Schema, SchemaRef};
use async_trait::async_trait;
use chrono::DateTime;
use datafusion::catalog::Session;
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Statistics};
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::physical_plan::{
    FileGroup, FileGroupPartitioner, FileScanConfigBuilder, ParquetSource,
};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::datasource::{TableProvider, TableType};
use datafusion::error::Result;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown};
use datafusion::physical_expr::PhysicalExpr;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use datafusion::scalar::ScalarValue;
use object_store::ObjectMeta;
use storage::Directory;

use crate::definition::misfit;
use crate::{DataFile, DeltaError, Snapshot};

/// Files smaller than this, taken together, are read by one partition.
const SPLIT_FROM: usize = 4 << 20;
/// How much of a file's end is read at first: most footers fit, so that opening a file is one request.
const FOOTER_BYTES: usize = 64 << 10;

/// How files are read.
#[derive(Debug, Clone, Default)]
pub struct ScanOptions {
    /// The table's partition columns: their values come from the log, not from the files.
    pub partition_columns: Vec<String>,
}

/// A table over exactly these files. Nothing is listed and no file is opened before it runs.
///
/// `schema` is what the rows shall look like: a column that a file lacks is NULL, and a text column may be asked for as a
/// view (`Utf8View`), which is read without a copy. Filters select row groups by their statistics; they are not exact.
/// The store is registered with the session's runtime when the table is planned.
///
/// # Errors
/// [`DeltaError::Unsupported`] for a file with a deletion vector or outside the directory; [`DeltaError::Schema`] for a
/// partition value that is not of its column's type.
pub fn scan(
    directory: &Directory,
    schema: SchemaRef,
    files: &[DataFile],
    options: &ScanOptions,
) -> std::result::Result<Arc<dyn TableProvider>, DeltaError> {
    let name = directory.location().to_string();
    let is_partition = |field: &&FieldRef| options.partition_columns.contains(field.name());
    let partition: Vec<FieldRef> = schema.fields().iter().filter(is_partition).cloned().collect();
    let own: Vec<FieldRef> = schema.fields().iter().filter(|field| !is_partition(field)).cloned().collect();
    let rows = files.iter().map(|file| file.num_records).sum();
    let files: std::result::Result<Vec<_>, _> =
        files.iter().map(|file| partitioned(file, directory, &partition, &name)).collect();
    let columns =
        TableSchema::builder(Arc::new(Schema::new(own))).with_table_partition_cols(partition).build();
    Ok(Arc::new(FileTable { directory: directory.clone(), schema, columns, files: files?, rows }))
}

impl Snapshot {
    /// The rows of `files`, which are files of this version, with its columns.
    ///
    /// # Errors
    /// As [`scan`]; and [`DeltaError::Unsupported`] for a table that cannot be read as it stands.
    pub fn scan(&self, files: &[DataFile]) -> std::result::Result<Arc<dyn TableProvider>, DeltaError> {
        self.check_readable()?;
        let options = ScanOptions { partition_columns: self.partition_columns().to_vec() };
        scan(self.table().directory(), self.schema(), files, &options)
    }
}

/// A file as DataFusion knows it, with its partition values as values.
fn partitioned(
    file: &DataFile,
    directory: &Directory,
    partition: &[FieldRef],
    table: &str,
) -> std::result::Result<PartitionedFile, DeltaError> {
    file.check_readable(table)?;
    let value = |field: &FieldRef| {
        let text = file.partition_values.get(field.name()).cloned().flatten();
        // The protocol writes NULL as an empty text too.
        match text.filter(|text| !text.is_empty()) {
            Some(text) => ScalarValue::try_from_string(text, field.data_type()),
            None => ScalarValue::try_from(field.data_type()),
        }
    };
    let values: Result<Vec<_>> = partition.iter().map(value).collect();
    let mut known = PartitionedFile::new_from_meta(ObjectMeta {
        location: file.location(directory)?,
        last_modified: DateTime::from_timestamp_millis(file.modification_time_ms).unwrap_or_default(),
        size: file.size,
        e_tag: None,
        version: None,
    });
    known.partition_values = values.map_err(|error| misfit(table, format!("{}: {error}", file.path)))?;
    Ok(known)
}

/// A table over chosen files.
#[derive(Debug)]
struct FileTable {
    directory: Directory,
    /// The columns as asked for.
    schema: SchemaRef,
    /// The columns as the scan yields them: those of the files, then those of the partitions.
    columns: TableSchema,
    files: Vec<PartitionedFile>,
    /// How many rows the log says there are.
    rows: Option<u64>,
}

impl FileTable {
    /// A name for the store that no other table's has.
    fn store_url(&self) -> Result<ObjectStoreUrl> {
        let mut hasher = DefaultHasher::new();
        self.directory.location().to_string().hash(&mut hasher);
        ObjectStoreUrl::parse(format!("table://{:016x}", hasher.finish()))
    }

    /// Where the asked-for columns are among the scan's.
    fn projection(&self, asked: Option<&Vec<usize>>) -> Result<Vec<usize>> {
        let all = self.columns.table_schema();
        let place = |index: usize| Ok(all.index_of(self.schema.field(index).name())?);
        match asked {
            Some(asked) => asked.iter().map(|index| place(*index)).collect(),
            None => (0..self.schema.fields().len()).map(place).collect(),
        }
    }

    /// The files in about equal shares by size; large ones are shared by ranges.
    fn groups(&self, partitions: usize) -> Vec<FileGroup> {
        let all = FileGroup::new(self.files.clone());
        let partitioner = FileGroupPartitioner::new()
            .with_target_partitions(partitions)
            .with_repartition_file_min_size(SPLIT_FROM);
        partitioner.repartition_file_groups(std::slice::from_ref(&all)).unwrap_or_else(|| vec![all])
    }

    fn predicate(&self, state: &dyn Session, filters: &[Expr]) -> Result<Option<Arc<dyn PhysicalExpr>>> {
        let Some(filter) = conjunction(filters.iter().cloned()) else { return Ok(None) };
        let columns = DFSchema::try_from(self.columns.table_schema().as_ref().clone())?;
        state.create_physical_expr(filter, &columns).map(Some)
    }

    fn statistics_of_rows(&self) -> Statistics {
        let mut statistics = Statistics::new_unknown(self.columns.table_schema());
        let rows = self.rows.and_then(|rows| usize::try_from(rows).ok());
        // An estimate to plan with, never an answer: other writers' counts are their own.
        statistics.num_rows = rows.map_or(Precision::Absent, Precision::Inexact);
        statistics
    }
}

#[async_trait]
impl TableProvider for FileTable {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    fn statistics(&self) -> Option<Statistics> {
        Some(self.statistics_of_rows())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let projection = self.projection(projection)?;
        if self.files.is_empty() {
            let none = self.columns.table_schema().project(&projection)?;
            return Ok(Arc::new(EmptyExec::new(Arc::new(none))));
        }
        let url = self.store_url()?;
        state.runtime_env().register_object_store(url.as_ref(), self.directory.store().clone());
        let mut source = ParquetSource::new(self.columns.clone()).with_metadata_size_hint(FOOTER_BYTES);
        if let Some(predicate) = self.predicate(state, filters)? {
            source = source.with_predicate(predicate);
        }
        let config = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(self.groups(state.config().target_partitions()))
            .with_statistics(self.statistics_of_rows())
            .with_projection_indices(Some(projection))?
            .with_limit(limit.filter(|_| filters.is_empty()))
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}
