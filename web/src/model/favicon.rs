//! The tab's icon: the newest block's hash as a square of cells, so that two tabs at the
//! same tip are seen to be so in the browser's own tab strip.

use std::fmt::Write;

use chain_wasm::primitives::Hash;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::cells::{COLOURS, cells};

/// The colours of cells in the light theme: an icon has no style sheet.
const INKS: [&str; COLOURS as usize] =
    ["#c9c6bd", "#d9694c", "#4a94c7", "#5aa97c", "#e0a63a", "#c8709c", "#9479c9", "#46484f"];

/// Cells in a row.
const ACROSS: u32 = 4;

/// The icon as the address of an image.
pub(crate) fn address(tip: &Hash) -> String {
    let mut svg = String::from(
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>\
         <rect width='32' height='32' rx='7' fill='#1d1f24'/>",
    );
    for (at, cell) in (0_u32..).zip(cells(tip)) {
        let (x, y) = (6 + at % ACROSS * 5, 6 + at / ACROSS * 5);
        let ink = INKS.get(usize::from(cell.colour)).copied().unwrap_or_default();
        // Writing into a `String` cannot fail.
        let _ = write!(svg, "<rect x='{x}' y='{y}' width='5' height='5' fill='{ink}'/>");
    }
    svg += "</svg>";
    format!("data:image/svg+xml,{}", utf8_percent_encode(&svg, NON_ALPHANUMERIC))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inks_are_those_of_the_style_sheet() {
        let style = include_str!("../../static/style.css");
        for (n, ink) in INKS.iter().enumerate() {
            assert!(style.contains(&format!("--c{n}: {ink};")), "{n}");
        }
    }

    #[test]
    fn another_tip_has_another_icon() {
        let icons = [1, 2].map(|n| address(&Hash::of(&[n])));
        assert_ne!(icons[0], icons[1]);
        assert!(icons[0].starts_with("data:image/svg+xml,%3Csvg"));
        assert_eq!(icons[0].matches("rect%20x").count(), 16);
    }
}
