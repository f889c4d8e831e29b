//! `--set key.path=value`: changes to a scenario from the command line.

use anyhow::{Context, bail};
use toml::{Table, Value};

/// The scenario's text with all changes applied. A key that is a number is a position in a list;
/// one behind the last appends. A value that is not TOML is taken as a string, so that
/// `--set until=2h` needs no quotes.
pub(super) fn apply(text: &str, sets: &[String]) -> anyhow::Result<String> {
    let mut document: Table = text.parse().context("the scenario is not TOML")?;
    for set in sets {
        let Some((path, value)) = set.split_once('=') else {
            bail!("--set '{set}': expected key.path=value, such as --set master.offer_timeout=30s");
        };
        let keys: Vec<&str> = path.trim().split('.').collect();
        if keys.len() > MOST_PARTS {
            bail!("--set: a key of {} parts: expected at most {MOST_PARTS}", keys.len());
        }
        insert(&mut document, &keys, parse_value(value.trim()))
            .with_context(|| format!("--set '{set}'"))?;
    }
    toml::to_string(&document).context("the changed scenario cannot be written as TOML")
}

/// Deeper than any scenario; tables are walked, written and dropped recursively.
const MOST_PARTS: usize = 32;

fn parse_value(text: &str) -> Value {
    let line = format!("value = {text}");
    line.parse::<Table>()
        .ok()
        .filter(|table| table.len() == 1) // a second line would be lost
        .and_then(|mut table| table.remove("value"))
        .unwrap_or_else(|| Value::String(text.to_owned()))
}

fn insert(table: &mut Table, keys: &[&str], value: Value) -> anyhow::Result<()> {
    let (key, rest) = keys.split_first().context("the key is empty")?;
    if key.is_empty() {
        bail!("the key has an empty part");
    }
    if rest.is_empty() {
        table.insert((*key).to_owned(), value);
        return Ok(());
    }
    let next = table.entry(*key).or_insert_with(|| Value::Table(Table::new()));
    descend(next, key, rest, value)
}

fn descend(place: &mut Value, name: &str, keys: &[&str], value: Value) -> anyhow::Result<()> {
    match place {
        Value::Table(table) => insert(table, keys, value),
        Value::Array(list) => {
            let (index, rest) = keys.split_first().context("the key is empty")?;
            let Ok(position) = index.parse::<usize>() else {
                bail!("'{name}' is a list: expected a position such as {name}.0, found '{index}'");
            };
            let length = list.len();
            if position > length {
                bail!("'{name}' has {length} entries: there is no position {position}");
            }
            if rest.is_empty() && position == length {
                list.push(value);
            } else if rest.is_empty() {
                list[position] = value;
            } else {
                if position == length {
                    list.push(Value::Table(Table::new()));
                }
                descend(&mut list[position], index, rest, value)?;
            }
            Ok(())
        }
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => bail!("'{name}' is a value, not a table"),
    }
}
