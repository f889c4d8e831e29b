//! How Mesos prints resources:
//! `disk(allocated: eng)(reservations: [(STATIC,eng)])[MOUNT:/mnt1,v1:data]{REV}<SHARED>:64<1>`.

use super::{
    DiskInfo, DiskSource, Entry, Items, Labels, Ranges, Reservation, Resource, Resources, Value,
    Volume,
};
use crate::quantities::DisplayAmount;
use std::fmt;

/// `cpus:4; mem:1024; ports:[31000-32000]`, plain scalars first; `{}` for nothing.
impl fmt::Display for Resources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("{}");
        }
        let plain = self
            .plain_amounts()
            .iter()
            .map(|(scalar, amount)| format!("{}:{}", scalar.name(), DisplayAmount(amount)));
        write_list(f, plain.chain(self.others().iter().map(Entry::to_string)), "; ")
    }
}

/// A shared resource ends with the number of its copies.
impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.resource.fmt(f)?;
        if self.resource.shared { write!(f, "<{}>", self.copies) } else { Ok(()) }
    }
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        if let Some(role) = &self.allocation {
            write!(f, "(allocated: {role})")?;
        }
        if !self.reservations.is_empty() {
            f.write_str("(reservations: [")?;
            write_list(f, &self.reservations, ",")?;
            f.write_str("])")?;
        }
        if let Some(disk) = &self.disk {
            write!(f, "[{disk}]")?;
        }
        if self.revocable {
            f.write_str("{REV}")?;
        }
        if self.shared {
            f.write_str("<SHARED>")?;
        }
        write!(f, ":{}", self.value)
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scalar(amount) => DisplayAmount(*amount).fmt(f),
            Self::Ranges(ranges) => ranges.fmt(f),
            Self::Set(items) => items.fmt(f),
        }
    }
}

/// `[1-5, 9-9]`.
impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        let intervals = self.intervals().iter();
        write_list(f, intervals.map(|(begin, end)| format!("{begin}-{end}")), ", ")?;
        f.write_str("]")
    }
}

/// `{a, b}`.
impl fmt::Display for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        write_list(f, self.as_slice(), ", ")?;
        f.write_str("}")
    }
}

/// `(DYNAMIC,eng/web,principal,{key: value})`.
impl fmt::Display for Reservation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({},{}", self.kind.name(), self.role)?;
        if let Some(principal) = &self.principal {
            write!(f, ",{principal}")?;
        }
        if !self.labels.is_empty() {
            write!(f, ",{}", self.labels)?;
        }
        f.write_str(")")
    }
}

/// `{key: value, key}`.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let labels = self.as_slice().iter().map(|(key, value)| match value {
            Some(value) => format!("{key}: {value}"),
            None => key.to_string(),
        });
        f.write_str("{")?;
        write_list(f, labels, ", ")?;
        f.write_str("}")
    }
}

/// `MOUNT:/mnt1,id:/data`.
impl fmt::Display for DiskInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(source) = &self.source {
            source.fmt(f)?;
        }
        if let Some(persistence) = &self.persistence {
            let separator = if self.source.is_some() { "," } else { "" };
            write!(f, "{separator}{}", persistence.id)?;
        }
        match &self.volume {
            Some(volume) => write!(f, ":{volume}"),
            None => Ok(()),
        }
    }
}

/// `PATH:/mnt2`; where storage is identified, `RAW(vendor,id,profile)`.
impl fmt::Display for DiskSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        let Self { vendor, id, profile, metadata, .. } = self;
        if vendor.is_some() || id.is_some() || profile.is_some() || !metadata.is_empty() {
            let [vendor, id, profile] =
                [vendor, id, profile].map(|text| text.as_deref().unwrap_or(""));
            return write!(f, "({vendor},{id},{profile})");
        }
        match &self.root {
            Some(root) => write!(f, ":{root}"),
            None => Ok(()),
        }
    }
}

/// `/host:/container:rw`; the mode is shown beside a path on the host only.
impl fmt::Display for Volume {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(host_path) = &self.host_path else { return f.write_str(&self.container_path) };
        write!(f, "{host_path}:{}", self.container_path)?;
        match &self.mode {
            Some(mode) => write!(f, ":{}", mode.to_ascii_lowercase()),
            None => Ok(()),
        }
    }
}

fn write_list<T: fmt::Display>(
    f: &mut fmt::Formatter<'_>,
    items: impl IntoIterator<Item = T>,
    separator: &str,
) -> fmt::Result {
    for (index, item) in items.into_iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        item.fmt(f)?;
    }
    Ok(())
}
