//! Builds the wasm parts and embeds the page, so that one cargo command builds
//! everything.
//!
//! 1. `build/wasm.rs` compiles the node's worker and the page to wasm and makes
//!    their JavaScript glue; `build/split.rs` takes out of the page what is fetched later.
//! 2. `build/bundle.rs` puts them together with `web/static`, and gives each file
//!    a name that carries its content's hash.
//! 3. `build/embed.rs` compresses them and writes the table that `src/site.rs`
//!    includes.
//!
//! Environment: `SKIP_WASM_BUILD=1` embeds a page that says that nothing was built
//! (for editors and linters); `TABCHAIN_WASM_PROFILE` names the cargo profile of
//! both wasm parts (`wasm-dev` for a quick edit loop).

#[path = "build/bundle.rs"]
mod bundle;
#[path = "build/embed.rs"]
mod embed;
#[path = "build/progress.rs"]
mod progress;
#[path = "build/split.rs"]
mod split;
#[path = "build/wasm.rs"]
mod wasm;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use bundle::File;
use progress::Progress;

/// What is served when the wasm build was skipped.
const SKIPPED_PAGE: &str = "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n\
    <title>Tabchain</title>\n<h1>The page was not built</h1>\n<p>This relay was built with \
    SKIP_WASM_BUILD=1. Build it again without, and the page is here.</p>\n</html>\n";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, as cargo reads lines.
            println!("cargo::error={}", format!("{error:#}").replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").context("cargo sets no OUT_DIR")?);
    let package = env::var_os("CARGO_MANIFEST_DIR").context("cargo sets no CARGO_MANIFEST_DIR")?;
    let package = PathBuf::from(package);
    let workspace = package.parent().context("the package lies in no workspace")?;
    for variable in ["SKIP_WASM_BUILD", wasm::PROFILE_VARIABLE] {
        println!("cargo::rerun-if-env-changed={variable}");
    }
    watch(&package.join("build.rs"));
    watch(&package.join("build"));
    if env::var_os("SKIP_WASM_BUILD").is_some_and(|value| !value.is_empty() && value != "0") {
        let page = File { name: "index.html".into(), bytes: SKIPPED_PAGE.into(), by_hand: true };
        return embed::embed(&bundle::bundle(vec![page])?, &out_dir, None);
    }

    watch_sources(workspace)?;
    let parts_dir = target_dir(&out_dir, workspace).join("wasm-parts");
    let mut progress = Progress::new();
    let mut files = wasm::build(workspace, &parts_dir, &mut progress)?;
    files.extend(read_files(&workspace.join("web/static"), true)?);
    progress.say("Bundling", "the page");
    let bundled = bundle::bundle(files).context("web/static")?;
    progress.say("Compressing", "the page");
    let quality = if wasm::is_quick() { embed::Effort::Quick } else { embed::Effort::Best };
    embed::embed(&bundled, &out_dir, Some((&parts_dir, quality)))
}

/// Tells cargo what the wasm parts are made of: sources only, never what is
/// generated, so that a second build has nothing to do.
fn watch_sources(workspace: &Path) -> Result<()> {
    for file in ["Cargo.toml", "Cargo.lock", ".cargo", "rust-toolchain.toml"] {
        watch(&workspace.join(file));
    }
    for package in ["chain-wasm", "web"] {
        for entry in fs::read_dir(workspace.join(package)).context(package)? {
            let path = entry?.path();
            let aside = ["tests", "benches", "examples", "fuzz", "target", "node_modules"];
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !aside.contains(&name.as_ref()) && !name.starts_with('.') && !name.ends_with(".md") {
                watch(&path);
            }
        }
    }
    Ok(())
}

/// Cargo runs the script on every build if a watched path does not exist.
fn watch(path: &Path) {
    if path.exists() {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// The target directory this build runs in: the one that cargo has tagged.
fn target_dir(out_dir: &Path, workspace: &Path) -> PathBuf {
    let tagged = out_dir.ancestors().find(|dir| dir.join("CACHEDIR.TAG").exists());
    tagged.map_or_else(|| workspace.join("target"), Path::to_path_buf)
}

/// Reads all files under a directory, named by their paths in it.
fn read_files(root: &Path, by_hand: bool) -> Result<Vec<File>> {
    let mut files = Vec::new();
    let mut directories = vec![root.to_path_buf()];
    while let Some(directory) = directories.pop() {
        let context = || directory.display().to_string();
        for entry in fs::read_dir(&directory).with_context(context)? {
            let path = entry?.path();
            let name = path.strip_prefix(root)?.to_string_lossy().replace('\\', "/");
            if path.is_dir() {
                directories.push(path);
            } else if !name.split('/').any(|part| part.starts_with('.')) {
                files.push(File { name, bytes: fs::read(&path).with_context(context)?, by_hand });
            }
        }
    }
    Ok(files)
}
