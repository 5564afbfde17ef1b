//! The whole of Lakesmith as one library: a thin facade that re-exports its crates by name.
//!
//! | crate | holds |
//! |---|---|
//! | [`model`] | the words: values and their text forms |
//! | [`storage`] | object stores by URL, durable local disks, locks |
//! | [`functions`] | SQL functions that mean what they mean in Spark |
//! | [`delta`] | Delta tables: snapshots, the log, data files, idempotent commits |
//! | [`checkpoints`] | what a stream intends and what it has done |
//! | [`plan`] | from a flow's query to a physical plan |
//! | [`connectors`] | sources and file formats |
//! | [`engine`] | runs dataflow graphs in micro-batches |
//! | [`dashboard`] | a KPI table as one self-contained HTML page |

pub use {checkpoints, connectors, dashboard, delta, engine, functions, model, plan, storage};
