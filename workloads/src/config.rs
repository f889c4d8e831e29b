//! The choice of a source in a scenario file, by the name of its table.

use crate::files::{FileNames, Needs, WithFiles};
use crate::google2011::Google2011Config;
use crate::machine::{Google2011MachinesConfig, OpenbMachinesConfig};
use crate::openb::OpenbConfig;
use crate::swf::SwfConfig;
use crate::synthetic::SyntheticConfig;
use crate::{Machine, Workload, WorkloadError, ensure_not_empty};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sim_core::Streams;
use std::path::PathBuf;

/// Where the work comes from, as in `[workload.swf]`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub enum WorkloadConfig {
    /// Generated: classes of jobs with distributions.
    #[serde(rename = "synthetic")]
    Synthetic(SyntheticConfig),
    /// Pods of the openb GPU cluster.
    #[serde(rename = "openb")]
    Openb(OpenbConfig),
    /// A parallel batch log in the Standard Workload Format.
    #[serde(rename = "swf")]
    Swf(SwfConfig),
    /// The Google cluster trace of 2011.
    #[serde(rename = "google_2011")]
    Google2011(Google2011Config),
}

impl WorkloadConfig {
    /// The files that are named, so that relative ones can be resolved.
    pub fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        match self {
            Self::Synthetic(_) => Vec::new(),
            Self::Openb(config) => config.paths_mut(),
            Self::Swf(config) => config.paths_mut(),
            Self::Google2011(config) => config.paths_mut(),
        }
    }

    /// Whether its tasks need files.
    pub fn has_uris(&self) -> bool {
        match self {
            Self::Synthetic(config) => config.has_uris(),
            Self::Openb(config) => !config.needs().is_empty(),
            Self::Swf(config) => !config.needs().is_empty(),
            Self::Google2011(config) => !config.needs().is_empty(),
        }
    }

    /// Who needs files, each with its key.
    pub fn needs(&self) -> Vec<(String, Needs<'_>)> {
        match self {
            Self::Synthetic(config) => config.needs(),
            Self::Openb(config) => vec![(String::new(), config.needs())],
            Self::Swf(config) => vec![(String::new(), config.needs())],
            Self::Google2011(config) => vec![(String::new(), config.needs())],
        }
    }

    /// Whether its tasks bring what they really used.
    pub const fn has_recorded_use(&self) -> bool {
        match self {
            Self::Swf(config) => config.recorded_use,
            Self::Synthetic(_) | Self::Openb(_) | Self::Google2011(_) => false,
        }
    }

    /// Starts the workload. Generators draw from the streams, and jobs of traces their files.
    ///
    /// # Errors
    ///
    /// Broken rules of the configuration, files that cannot be read, a workload without any job.
    pub fn open(&self, streams: &Streams) -> Result<Box<dyn Workload>, WorkloadError> {
        self.open_with(streams, &mut FileNames::default())
    }

    /// The same in a cluster where others need files too.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub fn open_with(
        &self,
        streams: &Streams,
        names: &mut FileNames,
    ) -> Result<Box<dyn Workload>, WorkloadError> {
        Ok(match self {
            Self::Synthetic(config) => {
                Box::new(ensure_not_empty(config.open_with(streams, names)?)?)
            }
            Self::Openb(config) => {
                let jobs = WithFiles::new(config.open()?, &config.needs(), *streams, names)?;
                Box::new(ensure_not_empty(jobs)?)
            }
            Self::Swf(config) => {
                let jobs = WithFiles::new(config.open()?, &config.needs(), *streams, names)?;
                Box::new(ensure_not_empty(jobs)?)
            }
            Self::Google2011(config) => {
                let jobs = WithFiles::new(config.open()?, &config.needs(), *streams, names)?;
                Box::new(ensure_not_empty(jobs)?)
            }
        })
    }
}

/// Which list the machines come from.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
pub enum MachineTraceConfig {
    /// Nodes of the openb GPU cluster.
    #[serde(rename = "openb")]
    Openb(OpenbMachinesConfig),
    /// Machines of the Google cluster of 2011.
    #[serde(rename = "google_2011")]
    Google2011(Google2011MachinesConfig),
}

impl MachineTraceConfig {
    /// The files that are named, so that relative ones can be resolved.
    pub fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        match self {
            Self::Openb(config) => vec![&mut config.path],
            Self::Google2011(config) => vec![&mut config.path],
        }
    }

    /// Reads the list; a sample is drawn by the stream `machines`.
    ///
    /// # Errors
    ///
    /// A list that cannot be read, with the line; a sample larger than the list.
    pub fn read(&self, streams: &Streams) -> Result<Vec<Machine>, WorkloadError> {
        match self {
            Self::Openb(config) => config.read(streams),
            Self::Google2011(config) => config.read(streams),
        }
    }
}
