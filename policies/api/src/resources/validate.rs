//! Which objects are resources at all (`spec/allocator.md` 1.8).

use super::reservation::check_stack;
use super::{DiskSourceKind, Resource, Value};
use crate::role::InvalidRole;
use std::sync::Arc;

/// Why an object is not a resource.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidResource {
    #[error("the name of a resource must not be empty")]
    NoName,
    #[error("the amount of {0} must not be negative")]
    Negative(Arc<str>),
    #[error("DiskInfo should not be set for {0} resource")]
    DiskInfo(Arc<str>),
    #[error("a {0} source has neither a path nor a mount")]
    SourceRoot(&'static str),
    #[error(transparent)]
    Role(#[from] InvalidRole),
    #[error("nothing can be reserved for *")]
    ReservedForAll,
    #[error("only the first reservation may be static")]
    StaticAbove,
    #[error("'{above}' does not lie below '{below}'")]
    NotRefined { above: Arc<str>, below: Arc<str> },
    #[error("role and reservation do not say what the stack of reservations says")]
    FormsDisagree,
    #[error("only persistent volumes may be shared")]
    Shared,
}

impl InvalidResource {
    /// The field of a message that is to blame.
    pub(super) const fn field(&self) -> &'static str {
        match self {
            Self::NoName => "name",
            Self::Negative(_) => "scalar",
            Self::DiskInfo(_) | Self::SourceRoot(_) => "disk",
            Self::Role(_)
            | Self::ReservedForAll
            | Self::StaticAbove
            | Self::NotRefined { .. }
            | Self::FormsDisagree => "reservations",
            Self::Shared => "shared",
        }
    }
}

impl Resource {
    /// Checks what the types leave open. An empty resource is valid.
    ///
    /// # Errors
    /// Says which rule of Mesos the object breaks.
    pub fn validate(&self) -> Result<(), InvalidResource> {
        if self.name.is_empty() {
            return Err(InvalidResource::NoName);
        }
        match self.value {
            Value::Scalar(amount) if amount < 0 => {
                return Err(InvalidResource::Negative(Arc::clone(&self.name)));
            }
            Value::Scalar(_) | Value::Ranges(_) | Value::Set(_) => {}
        }
        if let Some(disk) = &self.disk {
            if &*self.name != "disk" {
                return Err(InvalidResource::DiskInfo(Arc::clone(&self.name)));
            }
            if let Some(source) = &disk.source
                && matches!(source.kind, DiskSourceKind::Block | DiskSourceKind::Raw)
                && source.root.is_some()
            {
                return Err(InvalidResource::SourceRoot(source.kind.name()));
            }
        }
        check_stack(&self.reservations)?;
        if self.shared && !self.is_persistent_volume() {
            return Err(InvalidResource::Shared);
        }
        Ok(())
    }
}
