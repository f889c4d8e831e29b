//! What a script leads to is written line by line, as it happens.

use policy_allocators::replay::{Replay, ReplayError};
use std::fmt;

/// The pieces that a replay writes; there is room for so many.
struct Pieces {
    taken: Vec<String>,
    room: usize,
}

impl fmt::Write for Pieces {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if self.taken.len() == self.room {
            return Err(fmt::Error);
        }
        self.taken.push(piece.to_owned());
        Ok(())
    }
}

/// The pieces, and how the last line ended.
fn replay(lines: &[&str], room: usize) -> (Vec<String>, Result<(), ReplayError>) {
    let (mut replay, mut pieces) = (Replay::default(), Pieces { taken: Vec::new(), room });
    let (last, others) = lines.split_last().expect("a script");
    for line in others {
        replay.line(line, &mut pieces).expect("written by hand");
    }
    let result = replay.line(last, &mut pieces);
    (pieces.taken, result)
}

/// The guarantee of `a` is out of reach, and each tick frees as much of the headroom for it as the
/// tick before charged.
const AN_OFFER_EACH_TICK: [&str; 5] = [
    r#"{"op":"addAgent","id":"s1","resources":"cpus:1000000000"}"#,
    r#"{"op":"updateQuota","role":"a","guarantees":"cpus:900000000","limits":""}"#,
    r#"{"op":"addFramework","id":"f1","roles":["z"]}"#,
    r#"{"op":"addFramework","id":"f2","roles":["a/b"]}"#,
    r#"{"op":"addAgent","id":"s2","resources":"cpus(a):2"}"#,
];

#[test]
fn each_line_is_one_piece() {
    let script = [&AN_OFFER_EACH_TICK[..], &[r#"{"op":"advance","seconds":50}"#]].concat();
    let (pieces, result) = replay(&script, usize::MAX);
    assert_eq!(result, Ok(()));
    assert_eq!(pieces.len(), 52);
    for piece in pieces {
        assert!(piece.ends_with("}\n") && piece.lines().count() == 1, "{piece:?}");
    }
}

/// A billion ticks with an offer each would take hours, and the text of the offers all the memory.
#[test]
fn a_sink_that_is_full_ends_an_advance() {
    let script = [&AN_OFFER_EACH_TICK[..], &[r#"{"op":"advance","seconds":4e8}"#]].concat();
    let (pieces, result) = replay(&script, 1_000);
    assert_eq!(result, Err(ReplayError::Output { line: 6 }));
    assert_eq!(pieces.len(), 1_000);
    assert!(pieces[999].starts_with(r#"{"event":6,"t":998,"#), "{}", pieces[999]);
}

#[test]
fn inverse_offers_follow_all_offers_of_their_event() {
    let (pieces, result) = replay(
        &[
            r#"{"op":"addAgent","id":"s1","resources":"cpus:1"}"#,
            r#"{"op":"addAgent","id":"s2","resources":"cpus:1"}"#,
            r#"{"op":"addFramework","id":"f1","roles":["a"]}"#,
            r#"{"op":"recoverResources","framework":"f1","role":"a","agent":"s2","resources":"cpus:1","refuse_seconds":3}"#,
            r#"{"op":"pause"}"#,
            r#"{"op":"updateUnavailability","agent":"s1","unavailability":{"start":9}}"#,
            r#"{"op":"resume"}"#,
            r#"{"op":"advance","seconds":5}"#,
        ],
        usize::MAX,
    );
    assert_eq!(result, Ok(()));
    let beginnings: Vec<String> = pieces[2..]
        .iter()
        .map(|piece| piece.split(',').take(4).collect::<Vec<_>>().join(","))
        .collect();
    assert_eq!(
        beginnings,
        [
            r#"{"event":8,"t":3,"cycle":6,"framework":"f1""#,
            r#"{"event":8,"t":1,"cycle":4,"inverse":true"#
        ]
    );
}
