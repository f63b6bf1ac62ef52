//! Where the parts of a drawn Merkle tree stand: its root on the left, each level below
//! it in a column of its own to the right.

use chain_wasm::primitives::Hash;

/// Width and height of a node's box, in the drawing's own units.
pub(crate) const NODE: (u32, u32) = (78, 30);

/// From one column to the next, and from one node of the last column to the next.
const STEP: (u32, u32) = (100, 38);

/// Room around the drawing, for the lines' own width.
const MARGIN: u32 = 2;

/// A drawn tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// Its size.
    pub(crate) width: u32,
    /// Its size.
    pub(crate) height: u32,
    /// Its nodes.
    pub(crate) nodes: Vec<Node>,
    /// The lines from each node to what it is made of, as an SVG path.
    pub(crate) lines: String,
}

/// A node's box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    /// Its hash.
    pub(crate) hash: Hash,
    /// Its left edge.
    pub(crate) x: u32,
    /// Its upper edge.
    pub(crate) y: u32,
}

/// Draws the upper levels of a tree, the root's first. A hash that stands alone goes up
/// as it is: it is drawn where it is a leaf of what is shown, and a line leads there.
pub(crate) fn draw(levels: &[Vec<Hash>]) -> Drawing {
    let widest = levels.last().map_or(0, Vec::len);
    let columns = count(levels.len());
    let (mut nodes, mut lines) = (Vec::new(), Vec::new());
    // The middles of the nodes of the level below.
    let mut below: Vec<u32> = Vec::new();
    for (column, level) in (0..columns).rev().zip(levels.iter().rev()) {
        let x = MARGIN + column * STEP.0;
        let middles: Vec<u32> = if column + 1 == columns {
            (0..count(widest)).map(|at| MARGIN + at * STEP.1 + NODE.1 / 2).collect()
        } else {
            below.chunks(2).map(|pair| pair.iter().sum::<u32>() / count(pair.len())).collect()
        };
        let mut children = below.chunks(2);
        for (hash, middle) in level.iter().zip(&middles) {
            let children = children.next().unwrap_or_default();
            // One that goes up as it is stands further right already.
            if children.len() == 1 {
                lines.push(format!("M{x} {middle}h{}", STEP.0));
                continue;
            }
            nodes.push(Node { hash: *hash, x, y: middle - NODE.1 / 2 });
            for child in children {
                let (from, bend) = (x + NODE.0, (STEP.0 - NODE.0) / 2);
                lines.push(format!("M{from} {middle}h{bend}V{child}h{bend}"));
            }
        }
        below = middles;
    }
    let width = if columns == 0 { 0 } else { (columns - 1) * STEP.0 + NODE.0 + 2 * MARGIN };
    let height = if widest == 0 { 0 } else { (count(widest) - 1) * STEP.1 + NODE.1 + 2 * MARGIN };
    Drawing { width, height, nodes, lines: lines.concat() }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn level(depth: u8, width: u8) -> Vec<Hash> {
        (0..width).map(|n| Hash::of(&[depth, n])).collect()
    }

    #[test]
    fn a_leaf_alone_is_the_whole_tree() {
        let drawing = draw(&[level(0, 1)]);
        assert_eq!(drawing.nodes, [Node { hash: Hash::of(&[0, 0]), x: MARGIN, y: MARGIN }]);
        assert_eq!(drawing.lines, "");
        assert_eq!((drawing.width, drawing.height), (82, 34));
    }

    #[test]
    fn a_parent_stands_in_the_middle_of_its_children() {
        let drawing = draw(&[level(0, 1), level(1, 2), level(2, 4)]);
        assert_eq!(drawing.nodes.len(), 7);
        let y = |hash: Hash| drawing.nodes.iter().find(|node| node.hash == hash).map(|node| node.y);
        assert_eq!(y(Hash::of(&[1, 0])), Some(MARGIN + STEP.1 / 2));
        assert_eq!(y(Hash::of(&[0, 0])), Some(MARGIN + STEP.1 * 3 / 2));
        assert!(drawing.nodes.iter().all(|node| node.x + NODE.0 <= drawing.width));
        assert!(drawing.nodes.iter().all(|node| node.y + NODE.1 <= drawing.height));
    }

    #[test]
    fn a_hash_without_a_sibling_is_drawn_once() {
        let mut levels = [level(0, 1), level(1, 2), level(2, 3)];
        levels[1][1] = levels[2][2];
        let drawing = draw(&levels);
        assert_eq!(drawing.nodes.len(), 5);
        let alone: Vec<u32> = drawing
            .nodes
            .iter()
            .filter(|node| node.hash == levels[2][2])
            .map(|node| node.x)
            .collect();
        assert_eq!(alone, [MARGIN + 2 * STEP.0]);
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        let nothing = Drawing { width: 0, height: 0, nodes: vec![], lines: String::new() };
        assert_eq!(draw(&[]), nothing);
    }
}
