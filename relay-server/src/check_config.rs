//! What is wrong with how a relay would be run, found without running it.

use std::fs::{self, OpenOptions};
use std::path::Path;

use crate::archive::ArchiveConfig;
use crate::archive::folder::Folder;
use crate::server::Config;
use crate::tls::Tls;

/// The file that is made and removed to see whether files can be made.
const PROBE: &str = ".tabchain-check";

/// All problems, each in one line. Nothing is started, and nothing stays changed; what a relay
/// that runs has open is not opened.
pub fn problems(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    if let Err(error) = config.limits.check() {
        problems.push(error.to_string());
    }
    if let Some(files) = config.tls.clone()
        && let Err(error) = Tls::load(files)
    {
        problems.push(error.to_string());
    }
    if let Some(archive) = &config.archive {
        check_archive(archive, &mut problems);
    }
    problems
}

fn check_archive(archive: &ArchiveConfig, problems: &mut Vec<String>) {
    let path = &archive.folder;
    let usable = match fs::metadata(path) {
        Ok(metadata) if metadata.is_dir() => can_write(path, problems),
        Ok(_) => {
            problems.push(format!("{}: it is not a folder", path.display()));
            false
        }
        // It is made at the start, in the nearest folder that is there.
        Err(_) => {
            let mut above = path.ancestors().skip(1).filter(|path| path.is_dir());
            let here = Path::new(".");
            can_write(above.next().unwrap_or(here), problems);
            false
        }
    };
    match archive.rooms() {
        Err(error) => problems.push(error.to_string()),
        Ok(rooms) if usable => {
            let folder = Folder::at(path);
            let keys = rooms.keys().filter_map(|room| folder.check_key(room).err());
            problems.extend(keys.map(|error| error.to_string()));
        }
        Ok(_) => {}
    }
}

fn can_write(folder: &Path, problems: &mut Vec<String>) -> bool {
    let probe = folder.join(PROBE);
    let made = OpenOptions::new().write(true).create(true).truncate(true).open(&probe);
    let removed = made.and_then(|_| fs::remove_file(&probe));
    if let Err(error) = &removed {
        problems.push(format!("{}: no file can be made there: {error}", folder.display()));
    }
    removed.is_ok()
}
