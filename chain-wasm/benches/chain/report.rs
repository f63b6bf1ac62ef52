//! The table, and the figures as JSON.

use std::path::Path;

use serde_json::{Value, json};

/// What was measured.
#[derive(Debug, Default)]
pub(crate) struct Report {
    rows: Vec<(String, Vec<(&'static str, f64)>)>,
}

impl Report {
    /// One measurement: its name, and its figures with their units.
    pub(crate) fn row(&mut self, name: impl Into<String>, figures: &[(&'static str, f64)]) {
        let name = name.into();
        let shown: Vec<String> = figures
            .iter()
            .map(|(unit, figure)| format!("{:>12} {unit}", number(*figure)))
            .collect();
        println!("{name:<44}{}", shown.join("  "));
        self.rows.push((name, figures.to_vec()));
    }

    /// Says something about what follows.
    pub(crate) fn note(text: &str) {
        println!("# {text}");
    }

    fn figure(&self, name: &str, unit: &str) -> Option<f64> {
        let (_, figures) = self.rows.iter().find(|(row, _)| row == name)?;
        figures.iter().find(|(other, _)| *other == unit).map(|(_, figure)| *figure)
    }

    /// How figures of one unit compare.
    fn ratios(&self) -> Vec<(String, f64)> {
        let of = |a: &str, b: &str, unit: &str| {
            Some((format!("{a} / {b}"), self.figure(a, unit)? / self.figure(b, unit)?))
        };
        let mut ratios = vec![
            of("validate 1 entry a block", "article's chain in Python", "blocks/s"),
            of("sync 10000 blocks", "sync 1000 blocks", "s"),
            of("sync 100000 blocks", "sync 10000 blocks", "s"),
            of("start from 100000 blocks", "start from 10000 blocks", "s"),
            of("new block on 100000 blocks", "new block on 1000 blocks", "us"),
        ];
        for length in [1_000, 10_000, 100_000] {
            let whole = format!("whole chain as JSON, {length} blocks");
            ratios.push(of(&whole, &format!("new block on {length} blocks"), "us"));
        }
        ratios.into_iter().flatten().collect()
    }

    /// Prints the ratios and writes the file.
    pub(crate) fn finish(&self) {
        println!();
        let ratios = self.ratios();
        for (name, ratio) in &ratios {
            println!("{name:<72}{ratio:>12.2}");
        }
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|(name, figures)| {
                let figures: serde_json::Map<String, Value> =
                    figures.iter().map(|(unit, n)| ((*unit).to_owned(), json!(n))).collect();
                json!({ "name": name, "figures": figures })
            })
            .collect();
        let ratios: serde_json::Map<String, Value> =
            ratios.into_iter().map(|(name, ratio)| (name, json!(ratio))).collect();
        let all = json!({ "rows": rows, "ratios": ratios });
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("a target directory");
        let file = target.join("bench").join("chain.json");
        std::fs::create_dir_all(file.parent().expect("a directory")).expect("a directory");
        std::fs::write(&file, format!("{all:#}\n")).expect("a file");
        println!("\nwritten to {}", file.display());
    }
}

fn number(figure: f64) -> String {
    if figure >= 1_000.0 { format!("{figure:.0}") } else { format!("{figure:.3}") }
}

/// The median of what several runs gave.
pub(crate) fn median(mut runs: Vec<f64>) -> f64 {
    runs.sort_by(f64::total_cmp);
    runs.get(runs.len() / 2).copied().unwrap_or_default()
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "figures are rounded anyway")]
pub(crate) const fn float(count: usize) -> f64 {
    count as f64
}
