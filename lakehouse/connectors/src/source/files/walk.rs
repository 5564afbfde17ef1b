//! Looking through directories of this machine.

use std::fs::{DirEntry, Metadata, read_dir};
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::pattern::Filter;

/// A file that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Its path, without the slash at the front.
    pub(super) path: String,
    pub(super) size: u64,
    pub(super) modified: DateTime<Utc>,
}

/// A directory to look through. `below` is its path below the root, with a slash at the end unless it is empty.
struct Place {
    path: PathBuf,
    below: String,
    depth: usize,
}

/// The files at or below `root` that `filter` takes. Regular files only: links are not followed.
///
/// What vanishes meanwhile is passed over, but not a root that does not exist.
pub(super) fn walk(root: &Path, filter: &Filter) -> io::Result<Vec<Found>> {
    let metadata = root.metadata()?;
    let mut found = Vec::new();
    if metadata.is_file() {
        found.extend(found_at(root, &metadata)?);
        return Ok(found);
    }
    let mut places = vec![Place { path: root.to_owned(), below: String::new(), depth: 0 }];
    while let Some(place) = places.pop() {
        match read_dir(&place.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            entries => {
                for entry in entries.map_err(|error| at(&place.path, &error))? {
                    look(&entry?, &place, filter, &mut places, &mut found)?;
                }
            }
        }
    }
    found.retain(|file| filter.takes_changed(file.modified));
    Ok(found)
}

fn look(
    entry: &DirEntry,
    place: &Place,
    filter: &Filter,
    places: &mut Vec<Place>,
    found: &mut Vec<Found>,
) -> io::Result<()> {
    let kind = entry.file_type()?;
    if !kind.is_dir() && !kind.is_file() {
        return Ok(());
    }
    let name = entry.file_name();
    let name = name.to_str().ok_or_else(|| not_text(&entry.path()))?;
    let below = [place.below.as_str(), name].concat();
    if kind.is_dir() {
        if filter.enters(&below, place.depth + 1) {
            places.push(Place { path: entry.path(), below: below + "/", depth: place.depth + 1 });
        }
    } else if filter.takes(&below) {
        match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            metadata => found.extend(found_at(&entry.path(), &metadata?)?),
        }
    }
    Ok(())
}

/// The file at `path`, unless it is empty: it holds nothing, and may be about to be written.
fn found_at(path: &Path, metadata: &Metadata) -> io::Result<Option<Found>> {
    let text = path.to_str().ok_or_else(|| not_text(path))?;
    let modified = metadata.modified()?.into();
    let found = Found { path: text.trim_start_matches('/').to_owned(), size: metadata.len(), modified };
    Ok((found.size > 0).then_some(found))
}

fn not_text(path: &Path) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, format!("{}: the name is not valid UTF-8", path.display()))
}

fn at(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}
