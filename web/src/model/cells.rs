//! A hash as a strip of cells: colour and pattern, so that two equal hashes are
//! seen to be equal at a glance, also by those who do not see the colours.

use std::fmt::Write;

use chain_wasm::primitives::Hash;

/// How many cells a strip has; each shows two bytes of the hash.
pub(crate) const CELLS: usize = 16;

/// How many colours there are: classes `c0` to `c7` of the style sheet.
pub(crate) const COLOURS: u8 = 8;

/// Width and height of a cell, in the strip's own units.
pub(crate) const CELL: u32 = 10;

/// One cell of a strip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    /// Less than [`COLOURS`].
    pub(crate) colour: u8,
    /// Index into the patterns.
    pub(crate) pattern: u8,
}

/// What is drawn over the colour, in a cell of 10 by 10 units.
const PATTERNS: [&str; 8] = [
    "",
    "m0 0h5v10h-5z",
    "m0 0h10v5h-10z",
    "m0 0l10 10h-10z",
    "m0 10l10 -10h-10z",
    "m5 1l4 4l-4 4l-4 -4z",
    "m2 0h2v10h-2zm4 0h2v10h-2z",
    "m0 2h10v2h-10zm0 4h10v2h-10z",
];

/// The cells of a hash.
pub(crate) fn cells(hash: &Hash) -> [Cell; CELLS] {
    let mut cells = [Cell { colour: 0, pattern: 0 }; CELLS];
    let (pairs, _) = hash.as_bytes().as_chunks::<2>();
    for (cell, [a, b]) in cells.iter_mut().zip(pairs) {
        // All bits of the two bytes take part; two zeros make the plain first colour.
        let mixed = u16::from_be_bytes([*a, *b]).wrapping_mul(0x9e37);
        let [high, _] = mixed.to_be_bytes();
        *cell = Cell { colour: (high >> 5) % COLOURS, pattern: (high >> 2) & 7 };
    }
    cells
}

/// What a strip is drawn with, as SVG: numbers and the patterns above, whatever the hash. One
/// piece of markup, since a page has hundreds of strips, and most change with each block.
pub(crate) fn markup(hash: &Hash) -> String {
    let cells = cells(hash);
    let mut svg = String::new();
    for (at, cell) in (0_u32..).zip(&cells) {
        let (class, x) = (cell.colour, at * CELL);
        // Writing into a `String` cannot fail.
        let _ = write!(svg, "<rect class='c{class}' x='{x}' width='{CELL}' height='{CELL}'/>");
    }
    let _ = write!(svg, "<path d='{}'/>", pattern_path(&cells));
    svg
}

/// The patterns of a strip as one SVG path.
fn pattern_path(cells: &[Cell]) -> String {
    let placed = (0_u32..).zip(cells).filter_map(|(at, cell)| {
        let pattern = PATTERNS.get(usize::from(cell.pattern)).filter(|p| !p.is_empty())?;
        // Each pattern begins with a relative move: from its cell's corner.
        Some(format!("M{} 0{pattern}", at * CELL))
    });
    placed.collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn equal_hashes_have_equal_strips_and_others_do_not() {
        let strips: BTreeSet<_> = (0_u8..=255)
            .map(|n| cells(&Hash::of(&[n])).map(|cell| (cell.colour, cell.pattern)))
            .collect();
        assert_eq!(strips.len(), 256);
        assert_eq!(cells(&Hash::of(b"a")), cells(&Hash::of(b"a")));
    }

    #[test]
    fn the_markup_draws_each_cell_in_its_colour_and_its_pattern() {
        let hash = Hash::of(b"a");
        let svg = markup(&hash);
        let drawn: Vec<_> = svg.match_indices("<rect class='c").collect();
        assert_eq!(drawn.len(), CELLS);
        for ((at, (from, _)), cell) in (0..).zip(drawn).zip(cells(&hash)) {
            let rect = format!("<rect class='c{}' x='{}' width='10'", cell.colour, at * CELL);
            assert!(svg[from..].starts_with(&rect), "{svg}");
        }
        assert!(svg.ends_with(&format!("<path d='{}'/>", pattern_path(&cells(&hash)))));
    }

    #[test]
    fn a_hash_of_zeros_is_plain() {
        assert_eq!(cells(&Hash::ZERO), [Cell { colour: 0, pattern: 0 }; CELLS]);
        assert_eq!(pattern_path(&cells(&Hash::ZERO)), "");
    }

    #[test]
    fn every_colour_and_pattern_is_in_use() {
        let all: Vec<_> = (0_u8..=255).flat_map(|n| cells(&Hash::of(&[n]))).collect();
        let colours: BTreeSet<_> = all.iter().map(|cell| cell.colour).collect();
        let patterns: BTreeSet<_> = all.iter().map(|cell| cell.pattern).collect();
        assert_eq!(colours.len(), usize::from(COLOURS));
        assert_eq!(patterns.len(), PATTERNS.len());
    }

    #[test]
    fn patterns_stand_in_their_cells() {
        let cells = [Cell { colour: 1, pattern: 0 }, Cell { colour: 1, pattern: 2 }];
        assert_eq!(pattern_path(&cells), "M10 0m0 0h10v5h-10z");
    }
}
