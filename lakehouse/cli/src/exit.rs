//! How a job ends, for the shell.

use std::process::ExitCode;

use lakehouse::model::ErrorKind;

/// How a job ends. The numbers are a contract with orchestrators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: done; also when there was nothing new.
    Done,
    /// 1: failed; running it again gives the same.
    Failed,
    /// 2: the arguments are wrong.
    Usage,
    /// 3: an expectation failed the run.
    Expectation,
    /// 75 (EX_TEMPFAIL): try again later; a lock is held, a conflict did not resolve, a store did not answer.
    TryAgain,
    /// 130: stopped by SIGINT at a batch boundary.
    Interrupted,
    /// 143: stopped by SIGTERM at a batch boundary.
    Terminated,
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Expectation => 3,
            Self::TryAgain => 75,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<ErrorKind> for Exit {
    fn from(kind: ErrorKind) -> Self {
        match kind {
            ErrorKind::User | ErrorKind::Internal => Self::Failed,
            ErrorKind::Data => Self::Expectation,
            ErrorKind::Conflict | ErrorKind::Transient => Self::TryAgain,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
