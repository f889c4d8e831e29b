//! Reservations and volumes, from the scenario's tables to the operations of an operator.

use super::Known;
use super::hosts::disk_source;
use crate::scenario::{Problem, ReservationCall, ResizeCall, VolumeConfig};
use policy_api::resources::{DiskInfo, Labels, Persistence, Reservation, Value, Volume};
use policy_api::{Operation, Resource, Resources};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Who calls; also who reserves and who makes volumes, unless it is said.
#[derive(Clone, Copy)]
pub(super) struct Caller<'a>(pub(super) Option<&'a str>);

impl Caller<'_> {
    fn reservation(
        self,
        role: Arc<str>,
        reserver: Option<&str>,
        labels: &BTreeMap<String, String>,
    ) -> Reservation {
        let label = |(key, value): (&String, &String)| {
            (Arc::from(key.as_str()), Some(Arc::from(value.as_str())))
        };
        let labels = Labels::new(labels.iter().map(label).collect());
        Reservation { labels, ..Reservation::dynamic(role, reserver.or(self.0)) }
    }

    /// What the resources of a call are once they are reserved.
    fn reserved(
        self,
        call: &ReservationCall,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
    ) -> Resources {
        let role = known.role(&call.role, problems);
        let reservation = self.reservation(role, call.reserver.as_deref(), &call.labels);
        let resources = match call.resources.get_ref().parse::<Resources>() {
            Ok(resources) => resources,
            Err(error) => {
                problems.push(Problem::at(call.resources.span(), error.to_string()));
                Resources::EMPTY
            }
        };
        let reserve = |(resource, _): (std::borrow::Cow<'_, Resource>, u32)| {
            let mut resource = resource.into_owned();
            resource.reservations.push(reservation.clone());
            resource
        };
        resources.iter().map(reserve).collect()
    }

    pub(super) fn reserve(
        self,
        call: &ReservationCall,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
    ) -> Operation {
        Operation::Reserve { resources: self.reserved(call, known, problems), source: None }
    }

    pub(super) fn unreserve(
        self,
        call: &ReservationCall,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
    ) -> Operation {
        Operation::Unreserve(self.reserved(call, known, problems))
    }

    /// The disk that a volume is made of.
    fn disk(
        self,
        config: &VolumeConfig,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
    ) -> Resource {
        let role = known.role(&config.role, problems);
        let mut disk = Resource::plain("disk", Value::Scalar(config.size.amount()));
        disk.reservations.push(if config.static_reservation {
            Reservation::fixed(role)
        } else {
            self.reservation(role, config.reserver.as_deref(), &config.labels)
        });
        disk.disk = config.disk.as_ref().map(|name| {
            let mut source = disk_source(name.source);
            source.root = Some(name.root.as_str().into());
            Arc::new(DiskInfo { source: Some(source), ..DiskInfo::default() })
        });
        disk
    }

    fn volume(
        self,
        config: &VolumeConfig,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
    ) -> Resource {
        let mut volume = self.disk(config, known, problems);
        let source = volume.disk.as_ref().and_then(|disk| disk.source.clone());
        let id = config.id.as_str().into();
        let persistence = Some(Persistence { id, principal: self.0.map(Arc::from) });
        let container_path = config.container_path.as_str().into();
        let mode = Some("RW".into());
        let place = Some(Volume { container_path, host_path: None, mode });
        volume.disk = Some(Arc::new(DiskInfo { source, persistence, volume: place }));
        volume.shared = config.shared;
        volume
    }

    pub(super) fn volumes(
        self,
        configs: &[VolumeConfig],
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
    ) -> Resources {
        configs.iter().map(|config| self.volume(config, known, problems)).collect()
    }

    pub(super) fn grow(
        self,
        call: &ResizeCall,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
    ) -> Operation {
        let volume = self.volume(&call.volume, known, problems);
        let mut addition = self.disk(&call.volume, known, &mut Vec::new());
        addition.value = Value::Scalar(call.by.amount());
        Operation::GrowVolume { volume, addition }
    }

    pub(super) fn shrink(
        self,
        call: &ResizeCall,
        known: &Known<'_>,
        problems: &mut Vec<Problem>,
    ) -> Operation {
        let volume = self.volume(&call.volume, known, problems);
        Operation::ShrinkVolume { volume, subtract: call.by.amount() }
    }
}
