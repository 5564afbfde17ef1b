//! What can go wrong with a store, and whether it may pass.

use std::error::Error;
use std::io;

use model::{Classify, ErrorKind};
use object_store::client::{HttpError, HttpErrorKind};
use thiserror::Error;

use crate::{Location, Owner};

/// What can go wrong with a store.
#[derive(Debug, Error)]
pub enum StorageError {
    /// The text is no location. It is shown without what may be a password.
    #[error("location `{text}` is not valid: {reason}")]
    Location {
        /// The location, without user names, passwords and queries.
        text: String,
        /// What is wrong with it and which forms are accepted.
        reason: String,
    },
    /// A setting in the environment would make the store unsafe or leak a secret. Its value is never shown.
    #[error("the setting {name} is refused: {reason}")]
    Setting {
        /// The name of the environment variable.
        name: String,
        /// Why it is refused.
        reason: &'static str,
    },
    /// Another run holds the lock.
    #[error("{location} is locked by {}", owner.as_ref().map_or("another run".to_owned(), |owner| owner.to_string()))]
    Locked {
        /// The lock's file or object.
        location: Location,
        /// Its holder, where it could be read.
        owner: Option<Owner>,
    },
    /// The lock was ours and is not any more: it could not be renewed in time.
    #[error("the lock {location} was lost: it could not be renewed in time")]
    LockLost {
        /// The lock's object.
        location: Location,
    },
    /// The store does not keep the promise of create-if-absent.
    #[error("{location} cannot create an object only where there is none: {reason}")]
    NoCreateIfAbsent {
        /// The directory that was probed.
        location: Location,
        /// What the probe saw.
        reason: String,
    },
    /// The store answered with an error.
    #[error("cannot {operation} {location}")]
    Store {
        /// What was tried, such as `read`.
        operation: &'static str,
        /// The object or directory.
        location: Location,
        /// The store's answer.
        source: Box<object_store::Error>,
    },
}

impl StorageError {
    /// The store's answer `source` to `operation` (a verb) on `location`.
    pub fn store(operation: &'static str, location: Location, source: object_store::Error) -> Self {
        Self::Store { operation, location, source: Box::new(source) }
    }
}

impl Classify for StorageError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Location { .. } | Self::Setting { .. } | Self::NoCreateIfAbsent { .. } => ErrorKind::User,
            Self::Locked { .. } | Self::LockLost { .. } => ErrorKind::Conflict,
            Self::Store { source, .. } => kind_of(source),
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::Location { .. } => return None,
            Self::Setting { name, .. } => return Some(format!("unset {name}")),
            Self::Locked { owner: Some(_), .. } => {
                "wait until that run has ended; the lock of a run that died is given up by itself"
            }
            Self::Locked { location, owner: None } => {
                return Some(format!("wait until that run has ended; if none is running, delete {location}"));
            }
            Self::LockLost { .. } => "start the run again; it goes on where the last finished batch ended",
            Self::NoCreateIfAbsent { .. } => {
                "use a local disk with hard links, or a store with conditional writes such as S3, Azure or GCS"
            }
            Self::Store { source, .. } => return hint_of(source),
        };
        Some(hint.to_owned())
    }
}

fn kind_of(error: &object_store::Error) -> ErrorKind {
    use object_store::Error as E;
    match error {
        E::JoinError { .. } => ErrorKind::Internal,
        E::AlreadyExists { .. } | E::Precondition { .. } | E::NotModified { .. } => ErrorKind::Conflict,
        E::NotFound { .. }
        | E::InvalidPath { .. }
        | E::NotSupported { .. }
        | E::NotImplemented { .. }
        | E::PermissionDenied { .. }
        | E::Unauthenticated { .. }
        | E::UnknownConfigurationKey { .. } => ErrorKind::User,
        other => kind_by_cause(other),
    }
}

/// What a store's error means that lies somewhere among the causes of another library's; nothing where there is none.
///
/// Some libraries keep only the text of the store's error; `object_store`'s own wording has to do then.
pub fn kind_of_store_error_in(error: &(dyn Error + 'static)) -> Option<ErrorKind> {
    const GENERIC: [&str; 2] = ["Object Store error: Generic", "interacting with object store: Generic"];
    let typed = causes(error).find_map(|cause| cause.downcast_ref::<object_store::Error>());
    let told = || causes(error).any(|cause| GENERIC.iter().any(|text| cause.to_string().contains(text)));
    typed.map(kind_of).or_else(|| told().then_some(ErrorKind::Transient))
}

/// The kind of an error that only its causes can tell: a refusal that will be repeated is the user's, the rest may pass.
fn kind_by_cause(error: &(dyn Error + 'static)) -> ErrorKind {
    for cause in causes(error) {
        if let Some(http) = cause.downcast_ref::<HttpError>() {
            let repeated = matches!(http.kind(), HttpErrorKind::Decode);
            return if repeated { ErrorKind::Internal } else { ErrorKind::Transient };
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            return if io_is_permanent(io.kind()) { ErrorKind::User } else { ErrorKind::Transient };
        }
    }
    let refused = status_of(error)
        .is_some_and(|status| (400..500).contains(&status) && !matches!(status, 408 | 425 | 429));
    if refused { ErrorKind::User } else { ErrorKind::Transient }
}

fn io_is_permanent(kind: io::ErrorKind) -> bool {
    use io::ErrorKind as K;
    matches!(
        kind,
        K::NotFound
            | K::PermissionDenied
            | K::NotADirectory
            | K::IsADirectory
            | K::ReadOnlyFilesystem
            | K::InvalidFilename
            | K::InvalidInput
            | K::Unsupported
    )
}

/// The HTTP status in an error of a cloud store; its type is private to `object_store`, so its text has to do.
fn status_of(error: &(dyn Error + 'static)) -> Option<u16> {
    causes(error).find_map(|cause| {
        let text = cause.to_string();
        let (_, after) = text.split_once("status code: ")?;
        after.get(..3)?.parse().ok()
    })
}

fn hint_of(error: &object_store::Error) -> Option<String> {
    use object_store::Error as E;
    let hint = match error {
        // A listing reports a missing bucket by the status alone.
        error if matches!(error, E::NotFound { .. }) || status_of(error) == Some(404) => {
            "check that the bucket or container exists and is spelt right"
        }
        E::PermissionDenied { .. } | E::Unauthenticated { .. } => {
            "check the credentials in the environment (AWS_*, AZURE_*, GOOGLE_*) and what they permit"
        }
        other => match causes(other).find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
        {
            Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => "free some space on the disk",
            Some(io::ErrorKind::PermissionDenied) => "check the owner and mode of the directory",
            Some(io::ErrorKind::ReadOnlyFilesystem) => "the file system is mounted read-only",
            _ => return None,
        },
    };
    Some(hint.to_owned())
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        next = error.source();
        Some(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store_error(source: impl Error + Send + Sync + 'static) -> StorageError {
        let source = object_store::Error::Generic { store: "test", source: Box::new(source) };
        StorageError::store("read", Location::parse("memory://t/x").unwrap(), source)
    }

    #[test]
    fn what_may_pass_is_transient_and_what_will_not_is_the_users() {
        let transient = [io::ErrorKind::TimedOut, io::ErrorKind::StorageFull, io::ErrorKind::ConnectionReset];
        for kind in transient {
            assert_eq!(store_error(io::Error::from(kind)).kind(), ErrorKind::Transient, "{kind}");
        }
        for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem] {
            assert_eq!(store_error(io::Error::from(kind)).kind(), ErrorKind::User, "{kind}");
        }
        assert_eq!(
            store_error(io::Error::other("status code: 403 Forbidden: x")).kind(),
            ErrorKind::Transient
        );
    }

    #[test]
    fn the_status_decides_where_there_is_one() {
        #[derive(Debug, Error)]
        #[error("Server returned non-2xx status code: {0} Some Words: body")]
        struct Status(u16);
        for (status, kind) in
            [(503, ErrorKind::Transient), (429, ErrorKind::Transient), (400, ErrorKind::User)]
        {
            assert_eq!(store_error(Status(status)).kind(), kind, "{status}");
        }
        assert!(store_error(Status(404)).hint().unwrap().contains("bucket"));
    }
}
