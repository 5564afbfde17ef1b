use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, SystemTime};

use model::{Classify, ErrorKind};
use storage::Durability;
use tempfile::TempDir;

use super::*;

fn options(given: &[(&str, &str)]) -> Options {
    let given: BTreeMap<_, _> = given.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Options::new(&given)
}

fn listing(path: &str, given: &[(&str, &str)]) -> Listing {
    Listing::new(&Stores::new(Durability::None), path, &options(given)).unwrap()
}

/// A directory with these files, each a second younger than the one before.
fn directory(files: &[&str]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    for (age, name) in files.iter().enumerate() {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, name).unwrap();
        fs::File::open(&path).unwrap().set_modified(start + Duration::from_secs(age as u64)).unwrap();
    }
    directory
}

async fn names(directory: &TempDir, pattern: &str, given: &[(&str, &str)]) -> Vec<String> {
    let path = directory.path().join(pattern);
    let listed = listing(path.to_str().unwrap(), given).list().await.unwrap();
    let root = directory.path().canonicalize().unwrap();
    let below = |file: &Arc<SourceFile>| {
        LocalPath::new(&*file.display).strip_prefix(&root).unwrap().display().to_string()
    };
    listed.iter().map(below).collect()
}

#[tokio::test]
async fn files_come_in_the_order_of_their_change() {
    let there = directory(&[
        "z.json",
        "a/y.json",
        "a/b/x.json",
        "_SUCCESS",
        "a/.hidden",
        "w.json.tmp",
        "_day=1/v.json",
    ]);
    fs::write(there.path().join("empty.json"), "").unwrap();
    assert_eq!(names(&there, "", &[]).await, ["z.json", "a/y.json", "a/b/x.json", "_day=1/v.json"]);
    assert_eq!(names(&there, "", &[("recursiveFileLookup", "false")]).await, ["z.json"]);
    assert_eq!(names(&there, "a", &[]).await, ["a/y.json", "a/b/x.json"]);
    assert_eq!(names(&there, "**/[xy].json", &[]).await, ["a/y.json", "a/b/x.json"]);
    assert_eq!(names(&there, "{a,_day=1}/*.json", &[]).await, ["a/y.json", "_day=1/v.json"]);
    assert_eq!(
        names(&there, "", &[("modifiedAfter", "2023-11-14T22:13:21Z")]).await,
        ["a/b/x.json", "_day=1/v.json"]
    );
    assert_eq!(names(&there, "a/b/x.json", &[]).await, ["a/b/x.json"]);
}

#[tokio::test]
async fn a_name_that_looks_like_a_pattern_is_found() {
    let there = directory(&["a[1].json", "a1.json"]);
    assert_eq!(names(&there, "a[1].json", &[]).await, ["a[1].json"]);
    assert_eq!(names(&there, "a[1].*", &[]).await, ["a1.json"]);
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_not_followed() {
    let (there, elsewhere) = (directory(&["a.json"]), directory(&["b.json"]));
    std::os::unix::fs::symlink(elsewhere.path(), there.path().join("linked")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("b.json"), there.path().join("c.json")).unwrap();
    assert_eq!(names(&there, "", &[]).await, ["a.json"]);
}

#[tokio::test]
async fn a_path_that_does_not_exist_is_an_error_and_an_empty_one_is_not() {
    let there = directory(&[]);
    assert_eq!(names(&there, "", &[]).await, Vec::<String>::new());
    assert_eq!(names(&there, "*.json", &[]).await, Vec::<String>::new());
    let error = listing(there.path().join("gone").to_str().unwrap(), &[]).list().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::User);
    assert!(error.to_string().contains("no such file or directory") && error.hint().is_some(), "{error}");
}

#[tokio::test]
async fn a_listed_file_is_found_again_and_read() {
    let there = directory(&["ü #%41?.json", "b.json"]);
    let listing = listing(there.path().to_str().unwrap(), &[]);
    for file in listing.list().await.unwrap() {
        let modified = file.meta.last_modified.timestamp_millis();
        let again = listing.find(file.display.to_string(), file.meta.size, modified).await.unwrap();
        assert_eq!(again.meta.location, file.meta.location);
        assert_eq!(again.meta.last_modified, file.meta.last_modified);
        let content = file.store.get(&file.meta.location).await.unwrap().bytes().await.unwrap();
        assert!(file.display.ends_with(str::from_utf8(&content).unwrap()), "{}", file.display);
        let other = listing.find(file.display.to_string(), file.meta.size + 1, modified).await;
        assert!(matches!(other, Err(SourceError::FileChanged { .. })));
    }
}

#[tokio::test]
async fn objects_are_listed_like_files() {
    let stores = Stores::new(Durability::None);
    let root = stores.directory(&Location::parse("memory://m/in").unwrap()).unwrap();
    for name in ["a.json", "x/b.json", "x/_c.json", "x/y/d.csv", "empty.json"] {
        let content = if name.starts_with("empty") { "" } else { name };
        root.write(name, content.into()).await.unwrap();
    }
    let names = async |path: &str| -> Vec<String> {
        let listing = Listing::new(&stores, path, &options(&[])).unwrap();
        let mut names: Vec<_> =
            listing.list().await.unwrap().iter().map(|file| file.display.to_string()).collect();
        names.sort();
        names
    };
    assert_eq!(
        names("memory://m/in").await,
        ["memory://m/in/a.json", "memory://m/in/x/b.json", "memory://m/in/x/y/d.csv"]
    );
    assert_eq!(names("memory://m/in/*/*.json").await, ["memory://m/in/x/b.json"]);
    assert_eq!(names("memory://m/in/a.json").await, ["memory://m/in/a.json"]);
    assert_eq!(names("memory://m/nothing").await, Vec::<String>::new());
    let listing = Listing::new(&stores, "memory://m/in/**/d.*", &options(&[])).unwrap();
    let file = &listing.list().await.unwrap()[0];
    let modified = file.meta.last_modified.timestamp_millis();
    assert_eq!(
        listing.find(file.display.to_string(), 9, modified).await.unwrap().meta.location,
        file.meta.location
    );
}

/// `LISTING_FILES=1000000 cargo test --release -p lakesmith-connectors --lib many_files -- --nocapture` measures.
#[tokio::test]
async fn many_files_are_listed() {
    let count: usize = std::env::var("LISTING_FILES").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let there = tempfile::tempdir().unwrap();
    for n in 0..count {
        let parent = there.path().join((n / 1000).to_string());
        if n % 1000 == 0 {
            fs::create_dir(&parent).unwrap();
        }
        fs::write(parent.join(format!("{n}.json")), "x").unwrap();
    }
    let start = std::time::Instant::now();
    let listed = listing(there.path().to_str().unwrap(), &[]).list().await.unwrap();
    println!("{count} files in {:?}", start.elapsed());
    assert_eq!(listed.len(), count);
}
