//! Object stores by URL, made durable on local disks.
//!
//! A [`Location`] says where something is, [`Stores`] opens the store it lies in, a [`Directory`] is a place in that
//! store. What the rest of the house relies on:
//!
//! - **Atomic**: a reader of an object sees all of it or none.
//! - **Create-if-absent**: of several concurrent [`Directory::create`] of one name at most one answers
//!   [`Created::Yes`]. A store where that does not hold is found by [`probe`] and refused.
//! - **Durable**: on a local disk, and unless [`Durability::None`] is asked for, an object that was written is still
//!   there after a power cut, with its name and its whole content, and so is everything that was written before it.
//! - **Quiet**: no error text holds a credential, and the client of a cloud store is built only when one is opened.
//! - **One at a time**: a [`RunLock`] has one holder; what died is no holder.

#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::print_stdout,
        clippy::print_stderr
    )
)]

mod cloud;
mod directory;
mod durability;
mod error;
mod lease;
mod local;
mod location;
mod lock;
mod owner;
mod probe;
mod stores;

pub use directory::{Created, Directory};
pub use durability::Durability;
pub use error::{StorageError, kind_of_store_error_in};
pub use local::DurableLocal;
pub use location::Location;
pub use lock::RunLock;
pub use owner::Owner;
pub use probe::probe;
pub use stores::{Stores, Wrapper};
