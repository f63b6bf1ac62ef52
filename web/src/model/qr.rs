//! A QR code as one path of an SVG.

use std::fmt::Write as _;

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around it, so that it is found (ISO/IEC 18004).
const MARGIN: i32 = 4;

/// A QR code, in modules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// Its width and height, margin counted.
    pub(crate) size: i32,
    /// Its dark modules.
    pub(crate) path: String,
}

/// Draws a text; `None` if it is longer than any QR code takes. What fits is drawn so that
/// a seventh of it may be unreadable, the longest so that a fourteenth may.
pub(crate) fn draw(text: &str) -> Option<Drawing> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok();
    code.as_ref().map(draw_code).or_else(|| draw_densely(text))
}

/// Draws a text as small as it goes: a fourteenth of it may be unreadable, more where that
/// makes it no larger. For what is printed sharply.
pub(crate) fn draw_densely(text: &str) -> Option<Drawing> {
    QrCode::encode_text(text, QrCodeEcc::Low).ok().as_ref().map(draw_code)
}

fn draw_code(code: &QrCode) -> Drawing {
    let mut path = String::new();
    for y in 0..code.size() {
        let mut x = 0;
        while x < code.size() {
            let run = (x..code.size()).take_while(|x| code.get_module(*x, y)).count();
            let run = i32::try_from(run).unwrap_or_default();
            if run > 0 {
                // Writing to a `String` cannot fail.
                let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + MARGIN, y + MARGIN);
            }
            x += run.max(1);
        }
    }
    Drawing { size: code.size() + 2 * MARGIN, path }
}

#[cfg(test)]
mod tests {
    use chain_wasm::api::{ConsensusChoice, MAX_MEMBERS, MAX_ROOM_NAME, PrivateRoom, RoomChoice};
    use chain_wasm::primitives::{PublicKey, Seed};
    use chain_wasm::private::RoomSecret;

    use super::*;
    use crate::model::route::write_invitation;

    /// The modules of a drawing: its runs, painted.
    fn painted(drawing: &Drawing) -> Vec<Vec<bool>> {
        let size = usize::try_from(drawing.size).expect("a size");
        let mut modules = vec![vec![false; size]; size];
        for run in drawing.path.split('M').skip(1) {
            let (at, length) = run.split_once('h').expect("a run");
            let (x, y) = at.split_once(' ').expect("a place");
            let [x, y]: [usize; 2] = [x, y].map(|n| n.parse().expect("a number"));
            let length: usize = length.split_once('v').expect("a run").0.parse().expect("a number");
            modules[y][x..x + length].fill(true);
        }
        modules
    }

    #[test]
    fn the_path_paints_the_very_modules() {
        let text = "http://192.168.0.7:8080/#/r/lobby";
        let drawing = draw(text).expect("it is short");
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("it is short");
        let modules = painted(&drawing);
        for (y, row) in modules.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let [x, y] = [x, y].map(|n| i32::try_from(n).expect("small") - MARGIN);
                // Outside of the code all modules are light.
                assert_eq!(*dark, code.get_module(x, y), "{x}, {y}");
            }
        }
        assert!(modules[4][4..11].iter().all(|dark| *dark), "a finder's upper edge");
    }

    #[test]
    fn the_longest_invitation_fits() {
        let members = (0..u8::try_from(MAX_MEMBERS).expect("small"))
            .map(|n| PublicKey::from_bytes([n; 32]))
            .collect();
        let room = RoomChoice {
            consensus: ConsensusChoice::Authority {
                members,
                patience: 3_600_000,
                members_write: true,
            },
            lab: true,
            private: Some(PrivateRoom::of(RoomSecret::from_bytes([4; 32]))),
            ..RoomChoice::named("?".repeat(MAX_ROOM_NAME))
        };
        let host = "a".repeat(253);
        let link = format!("https://{host}:65535/{}", write_invitation(&room, &Seed([6; 32])));
        assert!(link.len() > 2_000 && draw(&link).is_some(), "{}", link.len());
        assert_eq!(draw(&"x".repeat(3_000)), None);
    }
}
