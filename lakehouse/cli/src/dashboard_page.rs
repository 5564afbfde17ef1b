//! The page of `gold dashboard`, made from the table that was just written.

use chrono::{DateTime, Utc};
use lakehouse::dashboard::{Page, render};
use lakehouse::engine::{FlowReport, Outcome, read_table};
use lakehouse::storage::Stores;

use crate::args::DashboardArgs;
use crate::{CliError, Environment, Layer, Layout};

/// Writes the page, unless nothing is new and it is there.
pub(crate) async fn write(
    args: &DashboardArgs,
    reports: &[FlowReport],
    layout: &Layout,
    stores: &Stores,
    environment: &Environment,
) -> Result<(), CliError> {
    let folder = layout.lakehouse().child(Layer::Gold.as_str());
    let table = &args.target.table;
    let (place, name) = match &args.html {
        None => (folder.clone(), format!("{table}.html")),
        Some(file) => match file.rsplit_once('/') {
            Some((place, name)) => (layout.location(place)?, name.to_owned()),
            None => (layout.location(".")?, file.clone()),
        },
    };
    let dir = stores.directory(&place)?;
    let nothing_new = reports.iter().all(|report| report.outcome == Outcome::NothingNew);
    if nothing_new && dir.exists(&name).await? {
        return Ok(());
    }
    let Some(kpis) = read_table(stores, &folder.child(table.as_str())).await? else {
        return Ok(());
    };
    let page = Page {
        title: args.title.clone().unwrap_or_else(|| table.to_string()),
        subtitle: format!("{} by {}", Layout::input_name(&args.source), args.grain),
        generated_at: DateTime::<Utc>::from_timestamp_millis(environment.clock.now_ms()).unwrap_or_default(),
        sources: vec![(format!("gold.{table}"), kpis.version)],
        metrics: args.metrics.iter().map(|metric| metric.name.clone()).collect(),
    };
    let html = render(&page, &kpis.batches)?;
    dir.write(&name, html.into()).await?;
    if !args.target.shared.quiet {
        environment.console.line(&format!("  page        {}", place.child(&name)));
    }
    Ok(())
}
