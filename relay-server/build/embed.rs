//! Compresses the page's files and writes the table that the server includes.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::bundle::Bundled;

/// How hard to compress.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Effort {
    /// For an edit loop.
    Quick,
    /// For everything else.
    Best,
}

/// Brotli's window, as a power of two: as large as browsers take.
const BROTLI_WINDOW: u32 = 22;

/// Writes the files and `site.rs` to `out_dir`. With a directory for it, what was
/// compressed is kept there for the next build, and the sizes are written to
/// `sizes.txt` in it.
pub(crate) fn embed(
    files: &[Bundled],
    out_dir: &Path,
    kept: Option<(&Path, Effort)>,
) -> Result<()> {
    let site = out_dir.join("site");
    if site.exists() {
        fs::remove_dir_all(&site).context("the last build's files")?;
    }
    fs::create_dir_all(&site)?;
    let mut table = String::from("static ASSETS: &[Asset] = &[\n");
    let mut sizes = format!("{:>10} {:>10} {:>10}  file\n", "raw", "brotli", "gzip");
    for (n, file) in files.iter().enumerate() {
        let brotli = compressed(file, kept, "br", brotli)?;
        let gzip = compressed(file, kept, "gz", gzip)?;
        let include = |suffix: &str, bytes: &[u8]| -> Result<String> {
            let name = format!("{n}{suffix}");
            fs::write(site.join(&name), bytes)?;
            Ok(format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/site/{name}\"))"))
        };
        let option = |suffix: &str, bytes: &[u8]| -> Result<String> {
            if bytes.len() < file.bytes.len() {
                Ok(format!("Some({})", include(suffix, bytes)?))
            } else {
                Ok("None".to_owned())
            }
        };
        writeln!(
            table,
            "Asset {{ path: {:?}, content_type: {:?}, hash: {:?}, immutable: {}, identity: {}, \
             brotli: {}, gzip: {} }},",
            file.path,
            file.content_type,
            file.hash,
            file.path != "/",
            include("", &file.bytes)?,
            option(".br", &brotli)?,
            option(".gz", &gzip)?,
        )?;
        let (raw, brotli, gzip) = (file.bytes.len(), brotli.len(), gzip.len());
        writeln!(sizes, "{raw:>10} {brotli:>10} {gzip:>10}  {}", file.path)?;
    }
    table.push_str("];\n");
    fs::write(out_dir.join("site.rs"), table)?;
    if let Some((directory, _)) = kept {
        fs::write(directory.join("sizes.txt"), sizes)?;
    }
    Ok(())
}

/// Compresses a file, or finds it compressed by an earlier build.
fn compressed(
    file: &Bundled,
    kept: Option<(&Path, Effort)>,
    format: &str,
    compress: fn(&[u8], Effort) -> Result<Vec<u8>>,
) -> Result<Vec<u8>> {
    let Some((directory, effort)) = kept else {
        return compress(&file.bytes, Effort::Quick);
    };
    let directory = directory.join("compressed");
    fs::create_dir_all(&directory)?;
    let path = directory.join(format!("{}-{effort:?}.{format}", file.hash));
    if let Ok(bytes) = fs::read(&path) {
        return Ok(bytes);
    }
    let bytes = compress(&file.bytes, effort)?;
    // Written aside and renamed, so that a build that is cut off leaves no half.
    let aside = path.with_extension("part");
    fs::write(&aside, &bytes)?;
    fs::rename(&aside, &path)?;
    Ok(bytes)
}

fn brotli(bytes: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let quality = match effort {
        Effort::Quick => 4,
        Effort::Best => 11,
    };
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, quality, BROTLI_WINDOW);
    encoder.write_all(bytes)?;
    encoder.flush()?;
    Ok(encoder.into_inner())
}

fn gzip(bytes: &[u8], effort: Effort) -> Result<Vec<u8>> {
    let level = match effort {
        Effort::Quick => Compression::fast(),
        Effort::Best => Compression::best(),
    };
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
