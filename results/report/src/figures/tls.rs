//! What encryption costs: processor time by who spends it, in parts.

use super::Figure;
use super::axis::{Axis, Scale, Tick};
use super::chart::Chart;
use super::drawing::Drawing;
use super::legend::Entry;
use super::palette::{BLUE, Colour, GREEN, ORANGE, VERMILION};
use crate::format;
use crate::tables::{Run, TlsTime};

const TITLE: &str = "Processor time for encryption";

/// By [`TlsTime::PARTS`], from the bottom up.
const COLOURS: [Colour; TlsTime::PARTS.len()] = [BLUE, VERMILION, GREEN, ORANGE];

/// Of the room that a bar has.
const BAR: f64 = 0.6;

pub(super) fn figure(run: &Run) -> Figure {
    let caption = "Seconds of processor time that encryption takes in the whole run: of the master, of all \
         agents together and of all frameworks together for their connections, and of the agents for the \
         files that they fetch. Handshakes are operations with keys, verification is checks of \
         certificates; records and bytes are what goes over the connections then."
        .to_owned();
    let drawing = draw(&TlsTime::of(&run.summary));
    Figure { name: "tls_time", title: TITLE, caption, drawing }
}

fn draw(parties: &[TlsTime]) -> Drawing {
    let legend: Vec<Entry> = std::iter::zip(TlsTime::PARTS, COLOURS)
        .map(|(part, colour)| Entry::area(part, colour, 1.0))
        .collect();
    let most = parties.iter().map(TlsTime::sum).fold(0.0, f64::max);
    let y = Axis::from_zero("processor time (s)".to_owned(), most);
    let mut chart = Chart::new(TITLE, &parties_axis(parties), &y, &legend, &[]);
    for (place, party) in parties.iter().enumerate() {
        let middle = place as f64 + 0.5;
        let mut low = 0.0;
        for (seconds, colour) in std::iter::zip(party.parts, COLOURS) {
            let high = low + seconds;
            chart.band(&[(middle - BAR / 2.0, middle + BAR / 2.0, low, high)], colour, 1.0);
            low = high;
        }
    }
    chart.finish()
}

/// A place for each, with what all its parts come to.
fn parties_axis(parties: &[TlsTime]) -> Axis {
    let tick = |(place, party): (usize, &TlsTime)| {
        let sum = format::number(party.sum());
        let label = format!("{} ({sum}{}s)", party.party, format::THIN);
        Tick { at: place as f64 + 0.5, label: Some(label) }
    };
    Axis {
        title: "who spends it".to_owned(),
        scale: Scale::Linear { low: 0.0, high: parties.len() as f64 },
        ticks: parties.iter().enumerate().map(tick).collect(),
    }
}
