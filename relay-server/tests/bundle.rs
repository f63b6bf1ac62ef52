//! How the build script makes files into a page.

#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "../build/bundle.rs"]
mod bundle;

use bundle::{BundleError, Bundled, File, bundle};

fn file(name: &str, text: &str) -> File {
    File { name: name.to_owned(), bytes: text.into(), by_hand: true }
}

fn generated(name: &str, text: &str) -> File {
    File { by_hand: false, ..file(name, text) }
}

fn page() -> Vec<File> {
    vec![
        file(
            "index.html",
            r#"<a href="./">don't</a><link href="./style.css"><link id="w" href="./worker.js">"#,
        ),
        file("style.css", "a { background: url(./img/dot.svg) } @import './more.css';"),
        file("more.css", "b {}"),
        file("img/dot.svg", "<svg/>"),
        file("worker.js", "import init from './node.js'; new URL('./node_bg.wasm', u);"),
        generated(
            "node.js",
            r#"import * as i1 from "./snippets/a-1/inline0.js"; new URL('node_bg.wasm', u);
            const imports = { "./node_bg.js": i0, "./snippets/a-1/inline0.js": i1 };"#,
        ),
        generated("node_bg.wasm", "\0asm"),
        generated("snippets/a-1/inline0.js", "export {}"),
    ]
}

fn find<'a>(files: &'a [Bundled], start: &str) -> &'a Bundled {
    files.iter().find(|file| file.path.starts_with(start)).unwrap()
}

fn text(file: &Bundled) -> String {
    String::from_utf8(file.bytes.clone()).unwrap()
}

#[test]
fn every_reference_leads_to_a_hashed_name() {
    let files = bundle(page()).unwrap();
    assert_eq!(files.len(), 8);
    let path = |start| format!(".{}", find(&files, start).path);
    let worker = text(find(&files, "/worker."));
    let expected =
        format!("import init from '{}'; new URL('{}', u);", path("/node."), path("/node_bg."));
    assert_eq!(worker, expected);
    let index = find(&files, "/");
    assert_eq!(index.path, "/");
    assert!(text(index).contains(&format!("\"{}\"", path("/worker."))));
    assert!(text(index).contains("href=\"./\""));
    let style = text(find(&files, "/style."));
    assert!(style.contains(&format!("url({})", path("/dot."))), "{style}");
    assert!(style.contains(&format!("'{}'", path("/more."))), "{style}");
    for file in files.iter().filter(|file| file.path != "/") {
        let (_, hash) = file.path.split_once('.').unwrap();
        assert!(hash.starts_with(&file.hash) && file.hash.len() == 12, "{}", file.path);
    }
}

#[test]
fn generated_code_keeps_the_names_of_its_imports() {
    let files = bundle(page()).unwrap();
    let node = text(find(&files, "/node."));
    assert!(node.contains(r#"{ "./node_bg.js": i0, "./snippets/a-1/inline0.js": i1 }"#), "{node}");
    assert!(node.contains(&format!("from \".{}\"", find(&files, "/inline0.").path)), "{node}");
    assert!(node.contains(&format!("URL('.{}'", find(&files, "/node_bg.").path)), "{node}");
}

#[test]
fn a_change_anywhere_below_changes_the_names_above() {
    let before = bundle(page()).unwrap();
    let mut files = page();
    files.iter_mut().find(|file| file.name == "node_bg.wasm").unwrap().bytes.push(1);
    let after = bundle(files).unwrap();
    for changed in ["/node_bg.", "/node.", "/worker."] {
        assert_ne!(find(&before, changed).path, find(&after, changed).path);
    }
    assert_ne!(find(&before, "/").hash, find(&after, "/").hash);
    assert_eq!(find(&before, "/style.").path, find(&after, "/style.").path);
}

#[test]
fn what_makes_no_page_is_refused_with_its_name() {
    let refused = |files: Vec<File>| bundle(files).unwrap_err();
    assert_eq!(refused(vec![]), BundleError::NoPage);
    let missing = refused(vec![file("index.html", "<script src=\"./gone.js\">")]);
    assert_eq!(missing, BundleError::Missing { from: "index.html".into(), to: "gone.js".into() });
    let missing = refused(vec![
        file("index.html", "<script src=\"./a.js\">"),
        file("a.js", "import './gone.js'"),
    ]);
    assert_eq!(missing, BundleError::Missing { from: "a.js".into(), to: "gone.js".into() });
    let cycle = refused(vec![
        file("index.html", ""),
        file("a.js", "import './b.js'"),
        file("b.js", "import './a.js'"),
    ]);
    assert_eq!(cycle, BundleError::Cycle("a.js".into()));
    let twice = refused(vec![file("index.html", ""), file("a.js", ""), file("a.js", "")]);
    assert_eq!(twice, BundleError::Twice("a.js".into()));
    let unknown = refused(vec![file("index.html", ""), file("a.exe", "")]);
    assert_eq!(unknown, BundleError::UnknownType("a.exe".into()));
    let mut files = vec![file("index.html", "")];
    files[0].bytes = vec![0xff];
    assert_eq!(refused(files), BundleError::NotText("index.html".into()));
}
