use crate::helpers::{dynamic, labelled, mount, object, one, plus, res, shared, sourced, volume};
use policy_api::Resources;
use policy_api::resources::json::{read_resources, write_resources};
use policy_api::resources::{
    DynamicReservation, InvalidResource, Reservation, ReservationFields, ReservationKind,
};

type Stack = Result<Vec<Reservation>, InvalidResource>;

/// The older form: a role and the principal of a dynamic reservation.
fn pair(role: Option<&str>, principal: Option<&str>) -> ReservationFields {
    let reservation = principal.map(|principal| DynamicReservation {
        principal: Some(principal.into()),
        ..DynamicReservation::default()
    });
    ReservationFields { role: role.map(Into::into), reservation, reservations: Vec::new() }
}

fn stack(reservations: &[Reservation]) -> ReservationFields {
    ReservationFields::from(reservations)
}

fn fixed(role: &str) -> Reservation {
    Reservation::fixed(role)
}

fn moved(role: &str) -> Reservation {
    Reservation::dynamic(role, Some("principal1"))
}

#[test]
fn c14_pre_reservation_refinement() {
    assert_eq!(pair(None, None).into_stack(), Ok(vec![]));
    assert_eq!(pair(Some("*"), None).into_stack(), Ok(vec![]));
    assert_eq!(pair(Some("foo"), None).into_stack(), Ok(vec![fixed("foo")]));
    assert_eq!(pair(Some("foo"), Some("principal1")).into_stack(), Ok(vec![moved("foo")]));
    assert_eq!(pair(None, Some("p")).into_stack(), Err(InvalidResource::ReservedForAll));
}

#[test]
fn c15_post_reservation_refinement() {
    for valid in [
        vec![],
        vec![fixed("foo")],
        vec![moved("foo")],
        vec![fixed("foo"), moved("foo/bar")],
        vec![moved("foo"), moved("foo/bar")],
    ] {
        assert_eq!(stack(&valid).into_stack(), Ok(valid));
    }
    let invalid: Stack = stack(&[fixed("foo"), fixed("foo/bar")]).into_stack();
    assert_eq!(invalid, Err(InvalidResource::StaticAbove));
    assert!(stack(&[fixed("foo"), moved("bar")]).into_stack().is_err());
    assert!(stack(&[fixed("*")]).into_stack().is_err());
}

#[test]
fn c16_endpoint() {
    let both = |reservations: &[Reservation]| ReservationFields {
        reservations: reservations.to_vec(),
        ..pair(Some("r1"), Some("principal1"))
    };
    assert_eq!(both(&[moved("r1")]).into_stack(), Ok(vec![moved("r1")]));
    let other_principal = Reservation::dynamic("r1", Some("principal2"));
    let other_type = Reservation { kind: ReservationKind::Static, ..moved("r1") };
    for invalid in [
        vec![moved("r2")],
        vec![other_type],
        vec![other_principal],
        vec![moved("r1"), moved("r1/r2")],
    ] {
        assert_eq!(both(&invalid).into_stack(), Err(InvalidResource::FormsDisagree));
    }
}

#[test]
fn c17_downgrade_without_resources() {
    assert_eq!(ReservationFields::downgrade_all(&mut []), Ok(()));
}

#[test]
fn c18_downgrade_without_refined_reservations() {
    let mut message = [stack(&[]), stack(&[fixed("foo")]), stack(&[moved("bar")])];
    assert_eq!(ReservationFields::downgrade_all(&mut message), Ok(()));
    let expected =
        [pair(Some("*"), None), pair(Some("foo"), None), pair(Some("bar"), Some("principal1"))];
    assert_eq!(message, expected);
}

#[test]
fn c19_downgrade_with_refined_reservations() {
    let refined = stack(&[fixed("foo"), moved("foo/bar")]);
    let mut message = [stack(&[]), stack(&[fixed("foo")]), refined.clone()];
    assert!(ReservationFields::downgrade_all(&mut message).is_err());
    assert_eq!(message, [pair(Some("*"), None), pair(Some("foo"), None), refined]);
}

/// Mesos's conversion to its other protocol version is one to JSON and back here.
#[test]
fn c20_json_round_trip_keeps_equality() {
    let labels = [("b", None), ("a", Some("1"))];
    let disk = volume(&object("disk(role):10"), "id", "path");
    let mut all = res("cpus:45.55;ports:[10000-20000, 30000-50000];disks(role):{sda1,sda2}");
    all.add(&dynamic(&res("mem(role):5"), "role/sub", "principal"));
    all.add(&labelled(&res("gpus:1"), "role", "principal", &labels));
    all.add(&plus(&one(&shared(&disk)), &one(&shared(&disk))));
    all.add(&one(&sourced(&disk, mount("/mnt \"1\""))));
    all.add(&res("cpus:1").allocate("role"));
    let mut text = String::new();
    write_resources(&all, &mut text);
    let read: Resources = read_resources(&serde_json::from_str(&text).unwrap()).unwrap();
    assert_eq!(read, all);
    let mut again = String::new();
    write_resources(&read, &mut again);
    assert_eq!(again, text);
}
