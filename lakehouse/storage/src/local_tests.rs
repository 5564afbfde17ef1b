use std::process::Command;

use futures::TryStreamExt;
use object_store::{ObjectStoreExt, WriteMultipart};

use super::*;

const ROOT: &str = "LAKESMITH_TEST_ROOT";

fn at(root: &FsPath, name: &str) -> Path {
    Path::from_absolute_path(root.join(name)).unwrap()
}

fn names(root: &FsPath) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[tokio::test]
async fn leaves_nothing_staged_behind() {
    let root = tempfile::tempdir().unwrap();
    let store = DurableLocal::new();
    let create = || PutOptions::from(PutMode::Create);
    store.put_opts(&at(root.path(), "f"), "1".into(), create()).await.unwrap();
    let second = store.put_opts(&at(root.path(), "f"), "2".into(), create()).await.unwrap_err();
    assert!(matches!(second, Error::AlreadyExists { .. }));
    let mut upload = store.put_multipart(&at(root.path(), "g")).await.unwrap();
    upload.put_part("half".into()).await.unwrap();
    upload.abort().await.unwrap();
    drop(store.put_multipart(&at(root.path(), "h")).await.unwrap());
    assert_eq!(names(root.path()), ["f"]);
    assert!(upload.complete().await.is_err());
}

#[tokio::test]
async fn an_upload_is_whole_and_appears_at_its_end() {
    let root = tempfile::tempdir().unwrap();
    let store = DurableLocal::new();
    let path = at(root.path(), "new/dir/f");
    let mut upload = WriteMultipart::new_with_chunk_size(store.put_multipart(&path).await.unwrap(), 7);
    let content: Vec<u8> = (0..1000_u32).flat_map(u32::to_le_bytes).collect();
    upload.write(&content);
    assert!(matches!(store.head(&path).await, Err(Error::NotFound { .. })));
    upload.finish().await.unwrap();
    assert_eq!(store.get(&path).await.unwrap().bytes().await.unwrap(), content);
}

#[tokio::test]
async fn tags_agree_between_write_and_read() {
    let root = tempfile::tempdir().unwrap();
    let store = DurableLocal::new();
    let path = at(root.path(), "f");
    let written = store.put(&path, "1".into()).await.unwrap();
    assert_eq!(store.head(&path).await.unwrap().e_tag, written.e_tag);
}

#[tokio::test]
async fn what_a_dead_run_staged_is_never_listed() {
    let root = tempfile::tempdir().unwrap();
    let store = DurableLocal::new();
    std::mem::forget(Staged::beside(&root.path().join("f")).unwrap());
    assert_eq!(names(root.path()).len(), 1);
    let prefix = Path::from_absolute_path(root.path()).unwrap();
    assert!(store.list(Some(&prefix)).try_collect::<Vec<_>>().await.unwrap().is_empty());
    assert!(store.list_with_delimiter(Some(&prefix)).await.unwrap().objects.is_empty());
    store.put(&at(root.path(), "f"), "1".into()).await.unwrap();
}

#[tokio::test]
async fn a_full_or_forbidden_place_is_an_error_not_a_panic() {
    let store = DurableLocal::new();
    let error = store.put(&Path::from("proc/nowhere/f"), "1".into()).await.unwrap_err();
    assert!(matches!(error, Error::Generic { .. }), "{error:?}");
}

/// Not a test by itself: what the next one watches from outside.
#[tokio::test]
async fn write_under_watch() {
    let Some(root) = std::env::var_os(ROOT).map(PathBuf::from) else { return };
    let store = DurableLocal::new();
    let create = PutOptions::from(PutMode::Create);
    store.put_opts(&at(&root, "made/create"), "1".into(), create).await.unwrap();
    store.put(&at(&root, "made/write"), "2".into()).await.unwrap();
    let mut upload = store.put_multipart(&at(&root, "made/upload")).await.unwrap();
    upload.put_part("3".into()).await.unwrap();
    upload.complete().await.unwrap();
}

/// The system calls of one thread pool, in order, as `strace` saw them; none where it cannot run.
fn watched(root: &FsPath) -> Option<Vec<String>> {
    let log = root.join("calls");
    let calls = "trace=mkdir,openat,write,fsync,fdatasync,link,linkat,rename,renameat,renameat2";
    let status = Command::new("strace")
        .args(["-f", "-y", "-e", calls, "-o"])
        .arg(&log)
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "local::tests::write_under_watch"])
        .env(ROOT, root)
        .output()
        .ok()?;
    let calls = std::fs::read_to_string(log).ok()?;
    let root = root.to_str().unwrap();
    status
        .status
        .success()
        .then(|| calls.lines().filter(|line| line.contains(root)).map(str::to_owned).collect())
}

#[test]
fn content_is_synced_before_its_name_and_the_name_before_the_answer() {
    let root = tempfile::tempdir().unwrap();
    let root = root.path().canonicalize().unwrap();
    let Some(calls) = watched(&root) else {
        eprintln!("skipped: strace is not available");
        return;
    };
    let mut rest = calls.iter();
    let mut then = |call: &str, object: String| {
        let found = rest.any(|line| line.contains(&format!(" {call}")) && line.contains(&object));
        assert!(found, "no {call} of {object} in its turn:\n{}", calls.join("\n"));
    };
    let made = root.join("made");
    let made = made.display();
    then("mkdir", format!("\"{made}\""));
    then("fsync", format!("<{}>", root.display()));
    for (publish, name) in [("link", "create"), ("rename", "write"), ("rename", "upload")] {
        then("write", format!("<{made}/.staged-"));
        then("fsync", format!("<{made}/.staged-"));
        then(publish, format!("\"{made}/{name}\""));
        then("fsync", format!("<{made}>"));
    }
}
