//! What a commit's entry holds.

use std::collections::BTreeMap;

use arrow::datatypes::{Schema, SchemaRef};
use bytes::Bytes;
use chrono::Utc;
use futures::TryStreamExt as _;
use model::OutputMode;
use serde_json::{Value, json};

use super::access;
use super::request::{CommitOutcome, CommitRequest, Committed};
use crate::action::{Action, CommitInfo, Mark, Metadata, Remove, Txn, encode};
use crate::definition::{misfit, raised};
use crate::snapshot::State;
use crate::{Commit, DataFile, DeltaError, NewFile, Snapshot, Table, schema};

/// What a commit's entry holds beside the request's own files, given the version it is written against.
pub(super) struct Content {
    /// What the table is with this commit.
    state: State,
    /// Whether the commit says what the table asks of readers and writers.
    writes_protocol: bool,
    /// Whether the commit says what the table is.
    writes_metadata: bool,
    /// The files that leave the table, by path; those of a complete commit, else none.
    removes: BTreeMap<String, DataFile>,
}

impl Content {
    /// What the request comes to against `base`, or against no table at all.
    pub(super) async fn against(
        base: &Option<Snapshot>,
        table: &Table,
        request: &CommitRequest,
    ) -> Result<Self, DeltaError> {
        let Some(base) = base else {
            let state = request.definition.state(&table.name())?;
            let removes = BTreeMap::new();
            let content = Self { state, writes_protocol: true, writes_metadata: true, removes };
            content.check_partitions(table, request)?;
            return Ok(content);
        };
        let mut content = Self::changes(base, table, request)?;
        if request.mode == OutputMode::Complete {
            let files = base.files().map_ok(|file| (file.path.clone(), file));
            content.removes = files.try_collect().await?;
        }
        Ok(content)
    }

    /// The same after `winner` got in between and made `base`.
    pub(super) async fn rebased(
        self,
        base: &Snapshot,
        winner: &Commit,
        table: &Table,
        request: &CommitRequest,
    ) -> Result<Self, DeltaError> {
        if winner.version == 0 {
            return Self::against(&Some(base.clone()), table, request).await;
        }
        let mut content = Self { removes: self.removes, ..Self::changes(base, table, request)? };
        if request.mode == OutputMode::Complete {
            content.follow(winner, &table.name())?;
        }
        Ok(content)
    }

    /// The files to remove change with what others add and remove.
    fn follow(&mut self, winner: &Commit, table: &str) -> Result<(), DeltaError> {
        for removed in &winner.removes {
            self.removes.remove(&removed.path);
        }
        for added in &winner.adds {
            added.check_readable(table)?;
            self.removes.insert(added.path.clone(), added.clone());
        }
        Ok(())
    }

    /// What the request changes in the table's columns and protocol.
    fn changes(base: &Snapshot, table: &Table, request: &CommitRequest) -> Result<Self, DeltaError> {
        base.check(access(request.mode))?;
        let columns = new_columns(base.state(), table, request)?;
        let mut content = Self {
            state: base.state().clone(),
            writes_protocol: false,
            writes_metadata: false,
            removes: BTreeMap::new(),
        };
        if let Some(columns) = columns {
            content.change_columns(&columns, request).map_err(|reason| misfit(&table.name(), reason))?;
        }
        content.check_partitions(table, request)?;
        Ok(content)
    }

    /// Refuses files whose partition values are not those of the table's partition columns: readers could not place them.
    fn check_partitions(&self, table: &Table, request: &CommitRequest) -> Result<(), DeltaError> {
        let mut wanted: Vec<&String> = self.state.metadata.partition_columns.iter().collect();
        wanted.sort();
        let misplaced = |add: &&NewFile| !add.partition_values.keys().eq(wanted.iter().copied());
        match request.adds.iter().find(misplaced) {
            Some(add) => {
                let given: Vec<_> = add.partition_values.keys().collect();
                let reason =
                    format!("the table is partitioned by {wanted:?} and the file {} by {given:?}", add.path);
                Err(misfit(&table.name(), reason))
            }
            None => Ok(()),
        }
    }

    fn change_columns(&mut self, columns: &Schema, request: &CommitRequest) -> Result<(), String> {
        let State { protocol, metadata, .. } = &self.state;
        let schema_string = schema::to_text_after(columns, &metadata.schema_string)?;
        let mut metadata = Metadata { schema_string, ..metadata.clone() };
        if request.mode == OutputMode::Complete {
            metadata.partition_columns.clone_from(&request.definition.partition_columns);
        }
        let more = raised(protocol, columns);
        self.writes_protocol = more.is_some();
        self.writes_metadata = true;
        self.state = State::new(more.unwrap_or_else(|| protocol.clone()), metadata)?;
        Ok(())
    }

    /// The entry's bytes: one action a line, what the commit is about first.
    pub(super) fn entry(
        &self,
        table: &Table,
        version: u64,
        request: &CommitRequest,
    ) -> Result<Bytes, DeltaError> {
        let now = Utc::now().timestamp_millis();
        let mut actions =
            vec![Action { commit_info: Some(self.info(version, now, request)), ..Action::default() }];
        if self.writes_protocol {
            actions.push(Action { protocol: Some(self.state.protocol.clone()), ..Action::default() });
        }
        if self.writes_metadata {
            actions.push(Action { meta_data: Some(self.state.metadata.clone()), ..Action::default() });
        }
        let txn = Txn {
            app_id: request.app_id.clone(),
            version: request.batch.txn_version(),
            last_updated: Some(now),
        };
        actions.push(Action { txn: Some(txn), ..Action::default() });
        let removes = self.removes.values().map(|file| remove(file, now));
        actions.extend(removes.map(|remove| Action { remove: Some(remove), ..Action::default() }));
        let adds = request.adds.iter().map(|file| file.to_add());
        actions.extend(adds.map(|add| Action { add: Some(add), ..Action::default() }));
        encode(&table.name(), &actions)
    }

    fn info(&self, version: u64, now: i64, request: &CommitRequest) -> CommitInfo {
        let changes = usize::from(self.writes_protocol) + usize::from(self.writes_metadata);
        let actions = 2 + changes + self.removes.len() + request.adds.len();
        let commit_id = request.commit_id.to_string();
        CommitInfo {
            timestamp: Some(now),
            operation: Some("STREAMING UPDATE".to_owned()),
            operation_parameters: Some(parameters(request)),
            operation_metrics: Some(self.metrics(request)),
            read_version: version.checked_sub(1),
            isolation_level: Some("WriteSerializable".to_owned()),
            is_blind_append: Some(request.mode != OutputMode::Complete),
            user_metadata: (!request.user_metadata.is_empty())
                .then(|| json!(request.user_metadata).to_string()),
            engine_info: Some(crate::ENGINE.to_owned()),
            txn_id: Some(commit_id.clone()),
            lakesmith: Some(Mark { commit_id, flow: request.flow.clone(), actions: actions as u64 }),
        }
    }

    /// Spark writes these numbers as text.
    fn metrics(&self, request: &CommitRequest) -> Value {
        let rows: u64 = request.adds.iter().map(|add| add.num_records).sum();
        let bytes: u64 = request.adds.iter().map(|add| add.size).sum();
        json!({
            "numAddedFiles": request.adds.len().to_string(),
            "numRemovedFiles": self.removes.len().to_string(),
            "numOutputRows": rows.to_string(),
            "numOutputBytes": bytes.to_string(),
        })
    }

    /// What became of the commit, once it is there as `version`. Nothing is read back, so that nothing can fail now.
    pub(super) fn committed(
        self,
        base: Option<Snapshot>,
        version: u64,
        table: &Table,
        request: &CommitRequest,
    ) -> Committed {
        let removed_files = self.removes.len() as u64;
        let base = base.unwrap_or_else(|| Snapshot::first(table, self.state.clone(), 0));
        let note = (request.app_id.clone(), request.batch.txn_version());
        let snapshot = base.followed_by_own(version, Utc::now().timestamp_millis(), self.state, note);
        Committed { removed_files, ..Committed::at(snapshot, CommitOutcome::Written) }
    }
}

/// The columns that the table shall have where they, or its partitions, change.
fn new_columns(old: &State, table: &Table, request: &CommitRequest) -> Result<Option<SchemaRef>, DeltaError> {
    if request.mode != OutputMode::Complete {
        return schema::fit(&old.schema, &request.definition.schema, request.schema_policy)
            .map_err(|reason| misfit(&table.name(), reason));
    }
    let columns = request.definition.stored(&table.name())?;
    let same_partitions = old.metadata.partition_columns == request.definition.partition_columns;
    Ok((columns != old.schema || !same_partitions).then_some(columns))
}

fn parameters(request: &CommitRequest) -> Value {
    let mode = if request.mode == OutputMode::Complete { "Complete" } else { "Append" };
    let mut all = request.operation_parameters.clone();
    all.insert("outputMode".to_owned(), mode.to_owned());
    all.insert("queryId".to_owned(), request.app_id.clone());
    all.insert("epochId".to_owned(), request.batch.to_string());
    json!(all)
}

fn remove(file: &DataFile, now: i64) -> Remove {
    Remove {
        path: file.path.clone(),
        deletion_timestamp: Some(now),
        data_change: true,
        extended_file_metadata: Some(true),
        partition_values: Some(file.partition_values.clone()),
        size: Some(file.size),
    }
}
