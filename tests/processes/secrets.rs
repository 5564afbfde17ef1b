//! Secrets in the environment appear nowhere.

use std::fs;
use std::path::Path;

use crate::lake::Lake;

const CANARY: &str = "c4n4ry-never-to-be-seen";

#[test]
fn no_secret_is_printed_or_stored() {
    let lake = Lake::new();
    lake.land("a.json", "{\"id\":1}\n");
    let lines = [
        "bronze landing --table t -vv",
        // Nothing listens there: the store fails, and says so without its credentials.
        "bronze s3://bucket/landing --table u -vv",
        "bronze abfss://box@account.dfs.core.windows.net/landing --table u --dry-run -v --lakehouse s3://u:c4n4ry-never-to-be-seen@bucket/x",
    ];
    for line in lines {
        let mut job = lake.job(line);
        job.env("AWS_ACCESS_KEY_ID", CANARY)
            .env("AWS_SECRET_ACCESS_KEY", CANARY)
            .env("AWS_SESSION_TOKEN", CANARY);
        job.env("AZURE_STORAGE_ACCOUNT_KEY", CANARY).env("AWS_ENDPOINT_URL", "http://127.0.0.1:1");
        job.env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "us-east-1")
            .env("RUST_LOG", "lakesmith=trace,info");
        let output = job.output().expect("the job can be started");
        for stream in [&output.stdout, &output.stderr] {
            let text = String::from_utf8_lossy(stream);
            assert!(!text.contains(CANARY), "{line}: {text}");
        }
    }
    assert_eq!(files_with_canary(lake.path("").as_path()), Vec::<String>::new());
}

fn files_with_canary(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder can be read").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with_canary(&path));
        } else if fs::read(&path)
            .is_ok_and(|bytes| bytes.windows(CANARY.len()).any(|part| part == CANARY.as_bytes()))
        {
            found.push(path.display().to_string());
        }
    }
    found
}
