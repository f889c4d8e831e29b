use crate::helpers::{all, assert_apart, entries, minus, object, one, plus, provided};

#[test]
fn c97_addition() {
    let plain = object("disk:1");
    let of_provider = provided("disk:1", "P");
    let both = all([&plain, &of_provider]);
    assert_eq!((entries(&both), both.disk()), (2, Some(2)));
    let twice = all([&of_provider, &of_provider]);
    assert_eq!((entries(&twice), twice.disk()), (1, Some(2)));
}

#[test]
fn c98_subtraction() {
    let (plain, of_provider) = (one(&object("disk:1")), one(&provided("disk:1", "P")));
    assert!(minus(&of_provider, &of_provider).is_empty());
    assert_eq!(minus(&of_provider, &plain), of_provider);
    assert_eq!(minus(&plain, &of_provider), plain);
    let twice = one(&provided("disk:2", "P"));
    assert_eq!(minus(&plus(&plain, &twice), &of_provider), plus(&plain, &of_provider));
}

#[test]
fn c99_equals() {
    let (plain, p, q) = (object("disk:1"), provided("disk:1", "P"), provided("disk:1", "Q"));
    assert_eq!(one(&p), one(&provided("disk:1", "P")));
    assert_ne!(one(&p), one(&plain));
    assert_ne!(one(&p), one(&q));
}

#[test]
fn c100_contains() {
    let (plain, p) = (one(&object("disk:1")), one(&provided("disk:1", "P")));
    assert_apart(&plain, &p);
    assert!(one(&provided("disk:2", "P")).contains(&p));
    assert!(plus(&plain, &p).contains(&plain) && plus(&plain, &p).contains(&p));
}
