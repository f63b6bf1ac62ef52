//! Takes a module apart into what is needed at once and what is fetched later, by the marks
//! that its source has (`wasm_split`).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use wasm_split_cli_support::{Options, transform};

use crate::bundle::File;

/// What the parts are linked by, as wasm-bindgen's glue calls it.
const LINK: &str = "./__wasm_split.js";

/// A module taken apart.
pub(crate) struct Split {
    /// What is needed at once, for wasm-bindgen.
    pub(crate) main: PathBuf,
    /// The others.
    pub(crate) later: Vec<File>,
    /// What loads those.
    link: String,
}

/// Takes a module apart that was linked with `--emit-relocs`. `name` is its glue's, without
/// the extension.
pub(crate) fn split(name: &str, wasm: &Path, directory: &Path) -> Result<Split> {
    if directory.exists() {
        fs::remove_dir_all(directory).context("the last build's parts")?;
    }
    fs::create_dir_all(directory)?;
    let input = fs::read(wasm).with_context(|| wasm.display().to_string())?;
    let (main, glue) = (directory.join("main.wasm"), format!("./{name}.js"));
    let mut options = Options::new(&input);
    options.output_dir = directory;
    options.main_out_path = &main;
    options.link_name = LINK;
    options.main_module = &glue;
    let parts = transform(options).map_err(|error| anyhow!("{error:#}"))?;
    let mut later = Vec::new();
    for path in parts.split_modules {
        let name = path.file_name().context("a part without a name")?.to_string_lossy();
        let bytes = without_names(&fs::read(&path)?).with_context(|| format!("{name} is cut"))?;
        later.push(File { name: name.into(), bytes, by_hand: false });
    }
    let link = fs::read_to_string(directory.join(LINK)).context("what links the parts")?;
    let link = without_line(&link, &format!("import {{ initSync }} from \"{glue}\";"))?.1;
    Ok(Split { main, later, link })
}

impl Split {
    /// Puts what loads the others into the glue: the two would import each other, and then
    /// neither could have a name that depends on its content.
    pub(crate) fn link_into(&self, name: &str, files: &mut [File]) -> Result<()> {
        let glue = files.iter_mut().find(|file| file.name == name);
        let glue = glue.with_context(|| format!("there is no {name}"))?;
        let text = std::str::from_utf8(&glue.bytes).with_context(|| name.to_owned())?;
        glue.bytes = link(text, &self.link)?.into_bytes();
        Ok(())
    }
}

/// Glue with what it imports from [`LINK`] in it.
fn link(glue: &str, link: &str) -> Result<String> {
    let (import, rest) = without_line(glue, &format!("from \"{LINK}\""))?;
    let imported = import.split_whitespace().nth(3).context("the glue's import of the link")?;
    let exported = link.lines().filter_map(|line| line.strip_prefix("export const "));
    let exported = exported.filter_map(|line| line.split_whitespace().next());
    let exported = exported.collect::<Vec<_>>().join(", ");
    Ok(format!("{rest}\n{link}\nconst {imported} = {{ {exported} }};\n"))
}

/// A module without its custom sections: names of functions are two fifths of its size.
/// `None` if a section is longer than what is there.
fn without_names(wasm: &[u8]) -> Option<Vec<u8>> {
    const HEADER: usize = 8;
    const CUSTOM: u8 = 0;
    let (header, mut rest) = wasm.split_at_checked(HEADER)?;
    let mut kept = header.to_vec();
    while let Some((id, sized)) = rest.split_first() {
        let (mut size, mut digits) = (0_usize, 0_u32);
        // LEB128: seven bits a byte, the lowest first.
        for byte in sized {
            size |= usize::from(byte & 0x7f).checked_shl(7 * digits)?;
            digits += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let end = size.checked_add(1 + digits as usize)?;
        let (section, after) = rest.split_at_checked(end)?;
        if *id != CUSTOM {
            kept.extend_from_slice(section);
        }
        rest = after;
    }
    Some(kept)
}

/// The first line with that in it, and the rest.
fn without_line(text: &str, wanted: &str) -> Result<(String, String)> {
    let at = text.lines().position(|line| line.contains(wanted));
    let at = at.with_context(|| format!("no line with {wanted}"))?;
    let mut lines: Vec<&str> = text.lines().collect();
    let line = lines.remove(at).to_owned();
    Ok((line, lines.join("\n")))
}
