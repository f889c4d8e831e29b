//! Colours and line styles that stay apart in print, for colour-blind readers and on dark pages.

/// A colour by its use, with its value on a light and on a dark ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour {
    /// Name of the variable that stands for it in the page's style sheet.
    pub(crate) name: &'static str,
    pub(crate) light: u32,
    pub(crate) dark: u32,
}

impl Colour {
    const fn new(name: &'static str, light: u32, dark: u32) -> Self {
        Self { name, light, dark }
    }

    pub(crate) fn light_rgb(self) -> (u8, u8, u8) {
        let [_, red, green, blue] = self.light.to_be_bytes();
        (red, green, blue)
    }
}

pub(crate) const GROUND: Colour = Colour::new("ground", 0xFF_FF_FF, 0x1B_1E_23);
pub(crate) const INK: Colour = Colour::new("ink", 0x1F_23_28, 0xE8_EA_ED);
pub(crate) const MUTED: Colour = Colour::new("muted", 0x5C_63_6B, 0xA3_AA_B3);
pub(crate) const AXIS: Colour = Colour::new("axis", 0x7A_80_87, 0x80_87_90);
pub(crate) const GRID: Colour = Colour::new("grid", 0xE2_E4_E7, 0x34_39_40);
pub(crate) const OTHERS: Colour = Colour::new("others", 0x9A_A0_A6, 0x8A_90_98);

/// Okabe and Ito's colours without yellow, which is too faint for a line on white, and black,
/// which is taken for axes.
pub(crate) const BLUE: Colour = Colour::new("blue", 0x00_72_B2, 0x45_A0_DC);
pub(crate) const VERMILION: Colour = Colour::new("vermilion", 0xD5_5E_00, 0xF2_80_33);
pub(crate) const GREEN: Colour = Colour::new("green", 0x00_9E_73, 0x1F_BF_93);
pub(crate) const PURPLE: Colour = Colour::new("purple", 0xCC_79_A7, 0xE0_97_C1);
pub(crate) const ORANGE: Colour = Colour::new("orange", 0xE6_9F_00, 0xF2_B7_3D);
pub(crate) const SKY: Colour = Colour::new("sky", 0x56_B4_E9, 0x9A_D6_FA);

/// All of them, for the style sheet.
pub(crate) const COLOURS: [Colour; 12] =
    [GROUND, INK, MUTED, AXIS, GRID, OTHERS, BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY];

const LINES: [Colour; 6] = [BLUE, VERMILION, GREEN, PURPLE, ORANGE, SKY];

/// How many series can be told apart: every colour solid, then every colour dashed.
pub(crate) const DISTINCT_STYLES: usize = 2 * LINES.len();

/// Lengths of stroke and gap.
const DASHES: (f64, f64) = (6.0, 3.5);

/// How a line is drawn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Style {
    pub(crate) colour: Colour,
    pub(crate) width: f64,
    pub(crate) dash: Option<(f64, f64)>,
}

impl Style {
    pub(crate) const fn solid(colour: Colour) -> Self {
        Self { colour, width: 1.75, dash: None }
    }

    /// The style of the series at `index`; they repeat after [`DISTINCT_STYLES`].
    pub(crate) fn of_series(index: usize) -> Self {
        let index = index % DISTINCT_STYLES;
        let dash = (index >= LINES.len()).then_some(DASHES);
        Self { dash, ..Self::solid(LINES[index % LINES.len()]) }
    }

    pub(crate) const fn thin(colour: Colour) -> Self {
        Self { colour, width: 1.0, dash: None }
    }
}
