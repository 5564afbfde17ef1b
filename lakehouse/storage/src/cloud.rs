//! Clients of the cloud stores, from the usual environment variables.
//!
//! The variables are those of the vendors' own tools (`AWS_*`, `AZURE_*`, `GOOGLE_*`). Their values are secrets until
//! shown otherwise: nothing here prints one, and the builders are never shown with `{:?}`.

use std::sync::Arc;

use object_store::ObjectStore;
use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;

use crate::{Location, StorageError};

/// The environment, as pairs; tests hand in their own.
pub(crate) type Settings = Vec<(String, String)>;

/// The variables of this process that are valid text.
pub(crate) fn environment() -> Settings {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// Builds the client of the store that `location` lies in. No request is made.
pub(crate) fn open(location: &Location, settings: &Settings) -> Result<Arc<dyn ObjectStore>, StorageError> {
    settings.iter().try_for_each(|(name, value)| check(name, value))?;
    let built = match location.as_url().scheme() {
        "s3" => s3(location, settings),
        "gs" => gcs(location, settings),
        _ => azure(location, settings),
    };
    built.map_err(|source| StorageError::store("open", location.clone(), source))
}

fn s3(location: &Location, settings: &Settings) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = AmazonS3Builder::new().with_url(location.as_url().as_str());
    for (name, value) in named(settings, "AWS_") {
        if let Ok(key) = name.to_ascii_lowercase().parse() {
            builder = builder.with_config(key, value);
        }
    }
    Ok(Arc::new(builder.with_conditional_put(S3ConditionalPut::ETagMatch).build()?))
}

fn azure(location: &Location, settings: &Settings) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = MicrosoftAzureBuilder::new();
    for (name, value) in named(settings, "AZURE_") {
        if let Ok(key) = name.to_ascii_lowercase().parse() {
            builder = builder.with_config(key, value);
        }
    }
    for (_, endpoint) in settings.iter().filter(|(name, _)| name == "IDENTITY_ENDPOINT") {
        builder = builder.with_msi_endpoint(endpoint);
    }
    Ok(Arc::new(builder.with_url(location.as_url().as_str()).build()?))
}

fn gcs(location: &Location, settings: &Settings) -> object_store::Result<Arc<dyn ObjectStore>> {
    let mut builder = GoogleCloudStorageBuilder::new().with_url(location.as_url().as_str());
    for (name, value) in named(settings, "GOOGLE_") {
        if let Ok(key) = name.to_ascii_lowercase().parse() {
            builder = builder.with_config(key, value);
        }
    }
    Ok(Arc::new(builder.build()?))
}

fn named<'a>(settings: &'a Settings, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let pairs = settings.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    pairs.filter(move |(name, _)| name.starts_with(prefix))
}

/// Refuses what would make commits unsafe (a rename instead of a conditional write, a lock table that delta-rs no
/// longer reads) and what would carry a password into error texts.
fn check(name: &str, value: &str) -> Result<(), StorageError> {
    let refuse = |reason| Err(StorageError::Setting { name: name.to_owned(), reason });
    let upper = name.to_ascii_uppercase();
    let off = matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off");
    match upper.as_str() {
        "AWS_S3_ALLOW_UNSAFE_RENAME" if !off => refuse("two runs could commit the same version"),
        "AWS_S3_LOCKING_PROVIDER" | "DELTA_DYNAMO_TABLE_NAME" if !off => {
            refuse("a DynamoDB lock table is not used; commits are conditional writes")
        }
        "AWS_CONDITIONAL_PUT" if !value.trim().eq_ignore_ascii_case("etag") => {
            refuse("commits need conditional writes by etag")
        }
        _ if upper.starts_with("DYNAMO_LOCK_") && !off => {
            refuse("a DynamoDB lock table is not used; commits are conditional writes")
        }
        _ if is_endpoint(&upper) && has_user_info(value) => {
            refuse("its URL holds credentials, which errors would show")
        }
        _ => Ok(()),
    }
}

fn is_endpoint(name: &str) -> bool {
    let ours = ["AWS_", "AZURE_", "AZURITE_", "GOOGLE_"].iter().any(|prefix| name.starts_with(prefix));
    ours && ["ENDPOINT", "_URL", "_HOST"].iter().any(|part| name.contains(part))
}

fn has_user_info(value: &str) -> bool {
    url::Url::parse(value).is_ok_and(|url| url.password().is_some() || !url.username().is_empty())
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use model::{Classify, ErrorKind};
    use object_store::path::Path;
    use object_store::{ObjectStoreExt, RetryConfig};

    use super::*;

    const CANARY: &str = "hunter2Canary";

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn at(text: &str) -> Location {
        Location::parse(text).unwrap()
    }

    #[test]
    fn refuses_unsafe_settings_without_showing_them() {
        let cases = [
            ("AWS_S3_ALLOW_UNSAFE_RENAME", "true"),
            ("aws_s3_allow_unsafe_rename", "1"),
            ("AWS_S3_LOCKING_PROVIDER", "dynamodb"),
            ("DYNAMO_LOCK_TABLE_NAME", CANARY),
            ("AWS_CONDITIONAL_PUT", "disabled"),
            ("AWS_ENDPOINT_URL", "http://me:hunter2Canary@127.0.0.1:1"),
            ("AZURITE_BLOB_STORAGE_URL", "http://hunter2Canary@127.0.0.1:1"),
        ];
        for (name, value) in cases {
            let error = open(&at("s3://bucket/x"), &settings(&[(name, value)])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::User);
            let text = format!("{error} {error:?}");
            assert!(text.contains(name) && !text.contains(CANARY), "{text}");
        }
        assert!(open(&at("s3://bucket/x"), &settings(&[("AWS_S3_ALLOW_UNSAFE_RENAME", "false")])).is_ok());
    }

    #[test]
    fn opens_each_kind_of_store_without_a_request() {
        let key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
        let azure = [("AZURE_STORAGE_ACCOUNT_NAME", "acc"), ("AZURE_STORAGE_ACCOUNT_KEY", key)];
        assert!(open(&at("az://container/x"), &settings(&azure)).is_ok());
        assert!(open(&at("abfss://c@acc.dfs.core.windows.net/x"), &settings(&azure[1..])).is_ok());
        assert!(open(&at("az://container/x"), &settings(&[("AZURE_STORAGE_USE_EMULATOR", "true")])).is_ok());
        assert!(open(&at("gs://bucket/x"), &settings(&[("GOOGLE_SKIP_SIGNATURE", "true")])).is_ok());
    }

    /// A server on loopback that gives one answer to everybody; it ends with the test process.
    fn server(answer: &'static str) -> String {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut asked = [0; 4096];
                let _ = stream.read(&mut asked);
                let _ = stream.write_all(answer.as_bytes());
            }
        });
        url
    }

    async fn answer_of(answer: &'static str) -> StorageError {
        let builder = AmazonS3Builder::new()
            .with_endpoint(server(answer))
            .with_bucket_name("bucket")
            .with_allow_http(true);
        let builder = builder.with_access_key_id("AKIA").with_secret_access_key(CANARY).with_token(CANARY);
        let retry = RetryConfig { max_retries: 0, ..RetryConfig::default() };
        let store = builder.with_retry(retry).build().unwrap();
        let source = store.get(&Path::from("x")).await.unwrap_err();
        StorageError::store("read", at("s3://bucket/x"), source)
    }

    #[tokio::test]
    async fn a_status_tells_the_kind_and_no_text_holds_the_secret() {
        const END: &str = "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let answers = [
            (
                "HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                ErrorKind::Transient,
            ),
            ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ErrorKind::User),
            ("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ErrorKind::User),
            ("not http", ErrorKind::Transient),
        ];
        assert!(answers[0].0.ends_with(END));
        for (answer, kind) in answers {
            let error = answer_of(answer).await;
            assert_eq!(error.kind(), kind, "{answer}: {error:?}");
            let text = format!("{error} {error:?} {:?}", error.hint());
            assert!(!text.contains(CANARY), "{text}");
        }
    }
}
