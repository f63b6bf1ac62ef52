//! Tables for people, JSON for programs.

use std::path::Path;

use serde_json::{Map, Value, json};

use crate::browser::Browser;

/// What was measured, in its order.
pub(crate) struct Report {
    machine: Value,
    rows: Vec<Row>,
}

struct Row {
    table: &'static str,
    figures: Vec<(&'static str, f64)>,
}

impl Report {
    /// An empty report that says what it is measured on.
    pub(crate) async fn new() -> Self {
        let browser = Browser::start().await;
        let tab = browser.open_page("about:blank").await;
        let agent: String = tab.eval("navigator.userAgent").await.unwrap();
        browser.close().await;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let machine = json!({ "cores": cores, "browser": agent });
        println!("{cores} processors, {agent}");
        Self { machine, rows: Vec::new() }
    }

    /// Adds a row to a table: each figure under its name, with its unit.
    pub(crate) fn add(&mut self, table: &'static str, figures: Vec<(&'static str, f64)>) {
        let is_new = self.rows.last().is_none_or(|last| last.table != table);
        let width = |name: &str| name.len().max(9);
        if is_new {
            let names: Vec<_> =
                figures.iter().map(|(name, _)| format!("{name:>0$}", width(name))).collect();
            println!("\n{table}\n{}", names.join("  "));
        }
        let values: Vec<_> = figures
            .iter()
            .map(|(name, value)| format!("{:>1$}", shown(*value), width(name)))
            .collect();
        println!("{}", values.join("  "));
        self.rows.push(Row { table, figures });
    }

    /// Writes all rows.
    pub(crate) fn write(&self, path: &Path) {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|row| {
                let mut object = Map::new();
                object.insert("table".to_owned(), json!(row.table));
                for (name, value) in &row.figures {
                    object.insert((*name).to_owned(), json!(value));
                }
                Value::Object(object)
            })
            .collect();
        let all = json!({ "machine": self.machine, "rows": rows });
        std::fs::write(path, serde_json::to_string_pretty(&all).unwrap()).unwrap();
        println!("\nwritten to {}", path.canonicalize().unwrap().display());
    }
}

/// Three digits that count, or all before the point.
fn shown(value: f64) -> String {
    if value.abs() >= 100.0 || value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

/// A count as a figure.
#[expect(clippy::cast_precision_loss, reason = "nothing here is counted that far")]
pub(crate) fn figure(count: usize) -> f64 {
    count as f64
}

/// The value below which this share of all is.
pub(crate) fn percentile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index into a short list"
    )]
    let at = ((figure(values.len()) * share).ceil() as usize).clamp(1, values.len());
    values[at - 1]
}
