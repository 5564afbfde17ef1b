//! A section with what all its parts on the page need to know.

use chrono::{DateTime, Utc};

use crate::grain::period_name;
use crate::html::Markup;
use crate::kpis::Section;
use crate::ranking::Ranking;

/// One section, ready to be shown.
#[derive(Debug, Clone)]
pub(crate) struct View<'a> {
    pub(crate) section: &'a Section,
    /// The section's number on the page; ids begin with it.
    pub(crate) number: usize,
    pub(crate) ranking: Ranking,
    /// The name of every period on the axis.
    pub(crate) periods: Vec<String>,
    /// Whether the newest period had not ended when the page was made.
    pub(crate) open: bool,
}

/// The pointer can rest on this many periods; of longer tables it meets every second, third ... one.
const HOVERED: usize = 400;

impl<'a> View<'a> {
    pub(crate) fn new(section: &'a Section, number: usize, now: DateTime<Utc>) -> Self {
        let grain = section.axis.grain();
        let periods = section.axis.periods().iter().map(|at| period_name(grain, *at)).collect();
        let end = section.axis.periods().last().and_then(|last| grain?.end_of(*last));
        let begun = section.axis.periods().last().is_some_and(|last| *last <= now);
        let open = begun && end.is_some_and(|end| end > now);
        Self { section, number, ranking: Ranking::of(section), periods, open }
    }

    /// The place of the newest period on the axis. A section has at least one.
    pub(crate) fn newest(&self) -> usize {
        self.periods.len().saturating_sub(1)
    }

    /// The newest period's name, with a warning where it is not over.
    pub(crate) fn newest_name(&self) -> String {
        let name = self.period(self.newest());
        if self.open { format!("{name}, so far") } else { name.to_owned() }
    }

    pub(crate) fn period(&self, at: usize) -> &str {
        self.periods.get(at).map_or("", String::as_str)
    }

    /// What the groups are called in running text: `carrier`, or `group` where the table does not say.
    pub(crate) fn dimension(&self) -> &str {
        self.section.dimension.as_deref().unwrap_or("group")
    }

    /// ` per day`, or nothing where the table names no grain.
    pub(crate) fn per(&self, html: &mut Markup) {
        if !self.section.grain.is_empty() {
            html.raw(" per ").name(&self.grain());
        }
    }

    /// The grain's name as the page writes it.
    pub(crate) fn grain(&self) -> String {
        self.section.axis.grain().map_or(self.section.grain.clone(), |grain| grain.as_str().to_owned())
    }

    /// The periods that the pointer can rest on, always with the newest.
    pub(crate) fn hovered(&self) -> impl Iterator<Item = usize> {
        let stride = self.periods.len().div_ceil(HOVERED).max(1);
        let newest = self.newest();
        (0..self.periods.len()).filter(move |at| (newest - at).is_multiple_of(stride))
    }

    /// Where those periods lie and what they are called, for the script: once per section, not once per plot.
    pub(crate) fn hover_axis(&self) -> Markup {
        let shares = self.hovered().map(|at| format!("{}", (self.section.axis.share(at) * 10_000.0).round()));
        let names = self.hovered().map(|at| self.period(at));
        let mut html = Markup::default();
        html.raw("<div hidden").attr("id", format_args!("axis-{}", self.number));
        html.attr("data-x", shares.collect::<Vec<_>>().join(" "));
        html.attr("data-names", names.collect::<Vec<_>>().join("|")).raw("></div>");
        html
    }
}
