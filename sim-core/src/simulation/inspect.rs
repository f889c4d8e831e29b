//! The event that was handled last, for checks from outside.

use super::disturbances::Repair;
use super::{Event, Simulation};
use crate::agent::HostFault;
use crate::protocol::{HostId, ToAgent};
use std::fmt;

/// All of these are `None` where the run is not checked.
impl<A, F, W: Iterator> Simulation<A, F, W> {
    /// The last event, to be shown.
    pub fn last_event(&self) -> Option<&(impl fmt::Debug + use<A, F, W>)> {
        self.handled.as_ref()
    }

    /// The message, if the last event was one for an agent. It may have come too late to be heard.
    pub fn last_message_to_agent(&self) -> Option<(HostId, &ToAgent)> {
        match self.handled.as_ref()? {
            Event::ToAgent(host, _, message) => Some((*host, message)),
            Event::Master(..)
            | Event::ToMaster(..)
            | Event::Connection(..)
            | Event::Agent(..)
            | Event::Framework(..)
            | Event::ToFramework(..)
            | Event::HealthTick(_)
            | Event::HealthWait(_)
            | Event::Ping(..)
            | Event::Pong(_)
            | Event::Fault(_)
            | Event::Repair(_)
            | Event::Network(_)
            | Event::Operator(_) => None,
        }
    }

    /// The host that the last event has replaced by one with empty disks.
    pub fn last_replacement(&self) -> Option<HostId> {
        let Some(Event::Repair(repair)) = &self.handled else { return None };
        let Repair::Host(_, host, HostFault::Replace) = **repair else { return None };
        Some(host)
    }
}
