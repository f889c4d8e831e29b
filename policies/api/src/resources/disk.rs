//! What distinguishes a disk from plain disk space (`spec/allocator.md` 1.4).

use super::Labels;
use std::sync::Arc;

/// What distinguishes a disk from plain disk space.
#[derive(Clone, Debug, Default)]
pub struct DiskInfo {
    pub source: Option<DiskSource>,
    pub persistence: Option<Persistence>,
    /// Where the volume appears in the container; not part of the identity.
    pub volume: Option<Volume>,
}

/// Where the space of a disk comes from. All of it is identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiskSource {
    pub kind: DiskSourceKind,
    /// The root of a PATH or MOUNT source; the others have none.
    pub root: Option<Arc<str>>,
    pub id: Option<Arc<str>>,
    pub profile: Option<Arc<str>>,
    pub vendor: Option<Arc<str>>,
    pub metadata: Labels,
}

/// In the order of Mesos's type numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DiskSourceKind {
    Path,
    Mount,
    Block,
    Raw,
}

/// A persistent volume. Its creator's principal is not part of the identity.
#[derive(Clone, Debug)]
pub struct Persistence {
    pub id: Arc<str>,
    pub principal: Option<Arc<str>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Volume {
    pub container_path: Arc<str>,
    pub host_path: Option<Arc<str>>,
    /// `RW` or `RO`.
    pub mode: Option<Arc<str>>,
}

impl DiskSource {
    /// A source of which nothing but its type is known.
    pub fn new(kind: DiskSourceKind) -> Self {
        let metadata = Labels::default();
        Self { kind, root: None, id: None, profile: None, vendor: None, metadata }
    }

    /// Whether space can be taken from it in parts: from a file system that others use too, or from
    /// storage of which nothing has been made yet.
    pub(super) fn is_divisible(&self) -> bool {
        match self.kind {
            DiskSourceKind::Path => true,
            DiskSourceKind::Mount | DiskSourceKind::Block => false,
            DiskSourceKind::Raw => self.id.is_none(),
        }
    }
}

impl DiskSourceKind {
    pub const ALL: [Self; 4] = [Self::Path, Self::Mount, Self::Block, Self::Raw];

    /// As the protocol writes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Path => "PATH",
            Self::Mount => "MOUNT",
            Self::Block => "BLOCK",
            Self::Raw => "RAW",
        }
    }
}

impl PartialEq for DiskInfo {
    fn eq(&self, other: &Self) -> bool {
        fn id(info: &DiskInfo) -> Option<&str> {
            info.persistence.as_ref().map(|volume| &*volume.id)
        }
        self.source == other.source && id(self) == id(other)
    }
}

impl Eq for DiskInfo {}
