//! Scenarios with random damage are understood or refused; the program never falls over.

use crate::support::{Sandbox, TINY};
use rand::RngExt;
use sim_core::Streams;

const EMBEDDED: &str = include_str!("../../scenarios/contention.toml");
const MUTATIONS: usize = 240;

#[test]
fn damaged_scenarios() {
    let sandbox = Sandbox::new();
    let mut stream = Streams::new(1).stream("garbage");
    let mut understood = 0;
    for round in 0..MUTATIONS {
        let mut text = if round % 2 == 0 { EMBEDDED } else { TINY }.as_bytes().to_vec();
        for _ in 0..stream.random_range(1..4) {
            damage(&mut text, &mut stream);
        }
        sandbox.write("damaged.toml", &text);
        let ran = sandbox.run(&["check", "damaged.toml"]);
        let shown = || format!("round {round}: {ran:?}\n{}", String::from_utf8_lossy(&text));
        assert!(matches!(ran.code, Some(0 | 2)), "{}", shown());
        assert!(!ran.stderr.contains("panicked"), "{}", shown());
        assert_eq!(ran.code == Some(2), ran.stderr.starts_with("error: "), "{}", shown());
        understood += usize::from(ran.code == Some(0));
    }
    assert!((1..MUTATIONS).contains(&understood), "{understood} of {MUTATIONS} understood");
}

/// Inserts, overwrites, deletes, doubles or moves some bytes.
fn damage(text: &mut Vec<u8>, stream: &mut impl RngExt) {
    const PIECES: [&[u8]; 16] = [
        b"\"",
        b"[",
        b"]]",
        b"=",
        b"\n",
        b"\r\n",
        b"{",
        b"}",
        b"-",
        b"0",
        b"999999999999",
        b"'''",
        b"\xff",
        b"\x00",
        "\u{feff}".as_bytes(),
        "\u{1f980}".as_bytes(),
    ];
    let at = stream.random_range(0..text.len());
    let end = (at + stream.random_range(1..20)).min(text.len());
    match stream.random_range(0..6) {
        0 => drop(text.drain(at..end)),
        1 => {
            let piece = PIECES[stream.random_range(0..PIECES.len())];
            text.splice(at..at, piece.iter().copied());
        }
        2 => text[at] = stream.random_range(0..=u8::MAX),
        3 => text.truncate(end),
        4 => {
            let piece = text[at..end].to_vec();
            text.splice(at..at, piece);
        }
        _ => {
            let piece: Vec<u8> = text.drain(at..end).collect();
            let to = stream.random_range(0..=text.len());
            text.splice(to..to, piece);
        }
    }
}
