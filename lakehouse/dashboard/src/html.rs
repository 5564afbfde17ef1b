//! The only way text gets into the page.

use std::fmt::{self, Display, Write};

/// HTML under construction. Markup can only be a literal of this crate; everything else is escaped on its way in,
/// so no name or value of a table can become an element, an attribute or a script.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Markup(String);

impl Markup {
    /// Appends markup of our own.
    pub(crate) fn raw(&mut self, html: &'static str) -> &mut Self {
        self.0.push_str(html);
        self
    }

    /// Appends text, escaped; safe between tags and inside double quotes.
    pub(crate) fn text(&mut self, text: impl Display) -> &mut Self {
        // Writing to a String cannot fail.
        let _ = write!(Escaping(&mut self.0), "{text}");
        self
    }

    /// Appends ` name="value"` with the value escaped.
    pub(crate) fn attr(&mut self, name: &'static str, value: impl Display) -> &mut Self {
        self.raw(" ").raw(name).raw("=\"").text(value).raw("\"")
    }

    /// Appends a part that was built elsewhere.
    pub(crate) fn append(&mut self, part: &Self) -> &mut Self {
        self.0.push_str(&part.0);
        self
    }

    /// Appends a name that a table brought along: shortened, and isolated so that right-to-left text stays in its place.
    pub(crate) fn name(&mut self, name: &str) -> &mut Self {
        self.raw("<bdi>").text(shorten(name)).raw("</bdi>")
    }

    /// The finished HTML.
    pub(crate) fn finish(self) -> String {
        self.0
    }

    #[cfg(test)]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The longest name shown, in characters. Names are repeated in every table, and one of a megabyte would be the page.
const LONGEST_NAME: usize = 100;

/// A name cut to what a reader can take in.
pub(crate) fn shorten(name: &str) -> String {
    if name.chars().count() <= LONGEST_NAME {
        return name.to_owned();
    }
    name.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}

struct Escaping<'a>(&'a mut String);

impl Write for Escaping<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                // HTML has no way to write these; a browser would drop or misread them.
                c if c.is_control() && !matches!(c, '\t' | '\n') => self.0.push('\u{FFFD}'),
                c => self.0.push(c),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_leave_its_place() {
        let mut html = Markup::default();
        html.raw("<p").attr("title", "a\" onclick='x").raw(">").text("<script>&\0\u{9b}").raw("</p>");
        let expected = "<p title=\"a&quot; onclick=&#39;x\">&lt;script&gt;&amp;\u{FFFD}\u{FFFD}</p>";
        assert_eq!(html.finish(), expected);
    }

    #[test]
    fn long_names_are_cut_between_characters() {
        let name = "ä".repeat(500);
        assert_eq!(shorten(&name).chars().count(), LONGEST_NAME);
        assert!(shorten(&name).ends_with('…'));
        assert_eq!(shorten("short"), "short");
    }
}
