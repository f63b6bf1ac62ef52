//! Compiles the wasm parts, in a target directory of their own, and makes the
//! JavaScript that loads them.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::bundle::File;
use crate::progress::Progress;
use crate::split;

/// Names another cargo profile for the wasm parts.
pub(crate) const PROFILE_VARIABLE: &str = "TABCHAIN_WASM_PROFILE";

/// The profile of the quick edit loop.
const QUICK_PROFILE: &str = "wasm-dev";

const TARGET: &str = "wasm32-unknown-unknown";

/// What of this build's environment must not reach the build inside it: flags and
/// wrappers meant for this machine's target and this build's directory.
const NOT_INHERITED: [&str; 12] = [
    "CARGO_ENCODED_RUSTFLAGS",
    "RUSTFLAGS",
    "RUSTC_WRAPPER",
    "RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTC_WRAPPER",
    "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_BUILD_TARGET",
    "CARGO_BUILD_TARGET_DIR",
    "CARGO_BUILD_BUILD_DIR",
    "CARGO_TARGET_DIR",
    "CLIPPY_ARGS",
];

/// A wasm module of the page: `<name>.js` and `<name>_bg.wasm`.
struct Part {
    name: &'static str,
    bin: &'static str,
    /// Whether a part of it is fetched later, see [`split`].
    split: bool,
}

const PARTS: [Part; 2] = [
    Part { name: "node", bin: "worker", split: false },
    Part { name: "page", bin: "web", split: true },
];

/// Whether the build is one of an edit loop.
pub(crate) fn is_quick() -> bool {
    env::var(PROFILE_VARIABLE).is_ok_and(|profile| profile == QUICK_PROFILE)
}

/// Builds all parts and gives their files.
pub(crate) fn build(
    workspace: &Path,
    parts_dir: &Path,
    progress: &mut Progress,
) -> Result<Vec<File>> {
    require_target(progress)?;
    let modules = compile(workspace, parts_dir, progress)?;
    let mut files = Vec::new();
    for part in &PARTS {
        let wasm = modules.join(part.bin).with_extension("wasm");
        if part.split {
            let split = split::split(part.name, &wasm, &parts_dir.join("split"))
                .with_context(|| format!("taking {} apart", part.name))?;
            let mut glued = bind(part, &split.main, parts_dir)?;
            split.link_into(&format!("{}.js", part.name), &mut glued)?;
            files.extend(glued);
            files.extend(split.later);
        } else {
            files.extend(bind(part, &wasm, parts_dir)?);
        }
    }
    Ok(files)
}

/// Sees to it that the compiler can compile to wasm.
fn require_target(progress: &mut Progress) -> Result<()> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(&rustc)
        .args(["--print", "sysroot"])
        .output()
        .with_context(|| format!("cannot run {}", rustc.display()))?;
    let sysroot = String::from_utf8(output.stdout).context("the sysroot's path")?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(TARGET).exists() {
        return Ok(());
    }
    progress.say("Installing", "the compiler's wasm target");
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]);
    if run(&mut rustup, progress).is_ok_and(|succeeded| succeeded) {
        return Ok(());
    }
    bail!("the compiler's wasm target is missing; type: rustup target add {TARGET}")
}

/// Compiles the parts, and gives the folder of their modules. One call of cargo, so
/// that what both are made of is compiled once.
fn compile(workspace: &Path, parts_dir: &Path, progress: &mut Progress) -> Result<PathBuf> {
    let profile = env::var(PROFILE_VARIABLE).ok().filter(|profile| !profile.is_empty());
    let profile = profile.unwrap_or_else(|| "wasm".to_owned());
    let cargo = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    progress.say("Building", &format!("the node and the page for the browser ({profile})"));
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace)
        .args(["build", "--locked", "--package", "chain-wasm", "--package", "web", "--bins"])
        .args(["--features", "chain-wasm/browser"])
        .args(["--target", TARGET, "--profile", &profile, "--target-dir"])
        .arg(parts_dir)
        // The bar would be drawn over the outer cargo's.
        .env("CARGO_TERM_PROGRESS_WHEN", "never");
    for variable in NOT_INHERITED {
        command.env_remove(variable);
    }
    if !run(&mut command, progress)? {
        bail!("the wasm parts do not compile; cargo's messages are below");
    }
    // Cargo's `dev` profile is the only one whose directory has another name.
    let directory = if profile == "dev" { "debug" } else { &profile };
    Ok(parts_dir.join(TARGET).join(directory))
}

/// Runs a command and passes on what it says; whether it succeeded.
fn run(command: &mut Command, progress: &mut Progress) -> Result<bool> {
    let name = command.get_program().display().to_string();
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot run {name}"))?;
    if let Some(stderr) = child.stderr.take() {
        for line in BufReader::new(stderr).split(b'\n') {
            progress.line(&String::from_utf8_lossy(&line?));
        }
    }
    Ok(child.wait()?.success())
}

/// Makes the JavaScript that loads a module.
fn bind(part: &Part, wasm: &Path, parts_dir: &Path) -> Result<Vec<File>> {
    let directory = parts_dir.join("glue").join(part.name);
    if directory.exists() {
        fs::remove_dir_all(&directory).context("the last build's glue")?;
    }
    Bindgen::new()
        .input_path(wasm)
        .out_name(part.name)
        .web(true)?
        .typescript(false)
        // The path is what `init()` falls back to.
        .omit_default_module_path(false)
        // Names of functions are a quarter of the size.
        .remove_name_section(true)
        // The parts that come later are linked by the table of functions.
        .keep_lld_exports(part.split)
        .generate(&directory)
        .with_context(|| format!("making the glue of {}", part.name))?;
    let files = crate::read_files(&directory, false)?;
    for wanted in [format!("{}.js", part.name), format!("{}_bg.wasm", part.name)] {
        ensure!(files.iter().any(|file| file.name == wanted), "the glue has no {wanted}");
    }
    Ok(files)
}
