//! URIs in scripts: `uri=http://host/file@30,cache,executable,no-extract,as=dir/name,claims=20`. The
//! number is the size; without it there is no such file. `␣` is a blank.

use super::words::number;
use policy_api::DenseId;
use sim_core::protocol::{CommandInfo, Origin, Uri, UriClass, UriId, User, UserId};
use sim_core::stable_hash;
use std::sync::Arc;

pub(crate) fn uri_id(value: &str) -> UriId {
    UriId::from_index(usize::try_from(stable_hash(value) % 1_000_000_007).unwrap())
}

fn uri(text: &str) -> Uri {
    let text = text.replace('␣', " ");
    let mut parts = text.split(',');
    let place = parts.next().unwrap();
    let (value, size) = match place.split_once('@') {
        Some((value, size)) => (value, Some(size.parse().unwrap())),
        None => (place, None),
    };
    let mut origin = Origin {
        id: uri_id(value),
        value: value.into(),
        class: UriClass::of(value),
        size,
        claimed: None,
    };
    let (mut executable, mut extract, mut cache, mut output_file) = (false, true, false, None);
    for part in parts {
        match part.split_once('=') {
            Some(("as", name)) => output_file = Some(name.into()),
            Some(("claims", bytes)) => origin.claimed = Some(bytes.parse().unwrap()),
            None if part == "executable" => executable = true,
            None if part == "no-extract" => extract = false,
            None if part == "cache" => cache = true,
            Some(_) | None => panic!("unknown option of a URI: {part}"),
        }
    }
    Uri { origin: Arc::new(origin), executable, extract, cache, output_file }
}

/// What the words with `uri=` ask for, as the user of `user=U1`, or `user=nobody` whom no host knows;
/// `None` where there is no such word.
pub(crate) fn command(words: &[&str]) -> Option<Arc<CommandInfo>> {
    let uris: Vec<Uri> =
        words.iter().filter_map(|word| word.strip_prefix("uri=")).map(uri).collect();
    let user = words.iter().find_map(|word| word.strip_prefix("user=")).map(|user| match user {
        "nobody" => User { id: UserId::from_index(99), exists: false },
        user => {
            let id = UserId::from_index(number(user));
            User { id, exists: true }
        }
    });
    (!uris.is_empty()).then(|| Arc::new(CommandInfo::new(user, uris)))
}
