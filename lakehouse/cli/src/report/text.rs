//! The run in a few lines for people.

use std::fmt::Write;

use lakehouse::engine::{FlowReport, Outcome};
use lakehouse::model::{ByteSize, Classify};

use crate::{CliError, Console};

/// A line a flow, then where its table is and how to open it.
pub(crate) fn text(reports: &[FlowReport], console: &Console) {
    for report in reports {
        console.line(&headline(report));
        if report.batches > 0 {
            details(report).iter().for_each(|line| console.line(line));
        }
    }
}

/// `error: ...`, and the hint on a line of its own.
pub(crate) fn error(error: &CliError) -> String {
    let mut text = format!("error: {error}");
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        // Many errors already say what their cause says.
        if !said.contains(&inner.to_string()) {
            write!(text, ": {inner}").ok();
            said.push_str(&inner.to_string());
        }
        cause = inner.source();
    }
    if let Some(hint) = error.hint() {
        write!(text, "\nhint: {hint}").ok();
    }
    text
}

fn headline(report: &FlowReport) -> String {
    let (flow, mode, total) = (&report.flow, report.mode, &report.total);
    match report.outcome {
        Outcome::NothingNew => format!("{flow}  {mode}  nothing new"),
        Outcome::Stopped if report.batches == 0 => format!("{flow}  {mode}  stopped before a batch"),
        Outcome::Dry => format!(
            "{flow}  {mode}  dry run: {} {} would be read, nothing was written",
            files(total.input_files),
            ByteSize(total.input_bytes)
        ),
        Outcome::Written | Outcome::Stopped => {
            let stopped =
                if report.outcome == Outcome::Stopped { "  stopped at a batch boundary" } else { "" };
            let quarantined = match total.quarantined_rows {
                0 => String::new(),
                rows => format!(", {} quarantined", grouped(rows)),
            };
            format!(
                "{flow}  {mode}  {} rows in, {} out{quarantined}  {} {}  v{}  {:.2} s{stopped}",
                grouped(total.input_rows),
                grouped(total.output_rows),
                files(total.output_files),
                ByteSize(total.output_bytes),
                total.version,
                total.duration.as_secs_f64()
            )
        }
    }
}

fn details(report: &FlowReport) -> Vec<String> {
    let mut lines: Vec<String> = report
        .total
        .expectations
        .iter()
        .filter(|rule| rule.failed > 0)
        .map(|rule| {
            format!("  {} rows broke {} ({})", grouped(rule.failed), rule.name, rule.on_violation.as_str())
        })
        .collect();
    lines.push(format!("  table       {}", report.location));
    if report.total.quarantined_rows > 0 {
        lines.push(format!("  quarantine  {}", report.quarantine));
    }
    lines.push(format!("  open it     DuckDB: SELECT * FROM delta_scan('{}')", report.location));
    lines.push(format!(
        "              Python: deltalake.DeltaTable('{}').to_pyarrow_table()",
        report.location
    ));
    lines
}

fn files(count: u64) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{} files", grouped(count)) }
}

/// 1234567 as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
    }
}
