//! The run as one JSON document, `lakesmith.run.v1`.

use lakehouse::engine::FlowReport;
use serde_json::{Value, json as value};

/// The document, with a line end.
pub(crate) fn json(reports: &[FlowReport]) -> String {
    let flows: Vec<Value> = reports.iter().map(flow).collect();
    let mut text = value!({ "schema": "lakesmith.run.v1", "flows": flows }).to_string();
    text.push('\n');
    text
}

fn flow(report: &FlowReport) -> Value {
    let total = &report.total;
    let expectations: Vec<Value> = total
        .expectations
        .iter()
        .map(|rule| {
            value!({
                "name": rule.name,
                "action": rule.on_violation.as_str(),
                "passed_records": rule.passed,
                "failed_records": rule.failed,
            })
        })
        .collect();
    value!({
        "flow": report.flow.as_str(),
        "outcome": report.outcome,
        "output_mode": report.mode,
        "table": report.location,
        "quarantine": report.quarantine,
        "version": (report.batches > 0).then_some(total.version),
        "batches": report.batches,
        "input_files": total.input_files,
        "input_bytes": total.input_bytes,
        "input_rows": total.input_rows,
        "output_rows": total.output_rows,
        "output_files": total.output_files,
        "output_bytes": total.output_bytes,
        "quarantined_rows": total.quarantined_rows,
        "expectations": expectations,
        "seconds": total.duration.as_secs_f64(),
    })
}
