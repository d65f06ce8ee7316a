//! The project's own files.

use std::fs;
use std::path::{Path, PathBuf};

use strongroom_tests::workspace;

/// One text file of the project.
pub(crate) struct Source {
    /// Its path from the project's folder, with slashes.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl Source {
    /// Whether it is test code: a `tests.rs` beside a module, or below a package's or a module's `tests` folder.
    pub(crate) fn is_test(&self) -> bool {
        let below_tests_package = self.path.strip_prefix("tests/").unwrap_or(&self.path);
        self.path.ends_with("/tests.rs")
            || below_tests_package.contains("/tests/")
            || below_tests_package.starts_with("tests/")
    }

    /// Code that must not compile has no house style.
    fn is_compile_failure(&self) -> bool {
        self.path.contains("/tests/fail/")
    }
}

/// Every Rust file, sorted by path.
pub(crate) fn rust() -> Vec<Source> {
    let mut sources = with_extension("rs");
    sources.retain(|source| !source.is_compile_failure());
    assert!(
        sources.len() > 30,
        "the project's files were not found: {} files",
        sources.len()
    );
    sources
}

/// Every file with this extension, sorted by path.
pub(crate) fn with_extension(extension: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    collect(workspace::root(), &mut paths);
    paths.retain(|path| path.extension().is_some_and(|found| found == extension));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

/// One file by its path from the project's folder.
pub(crate) fn file(path: &str) -> Source {
    read(&workspace::root().join(path))
}

fn read(path: &Path) -> Source {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let relative = path.strip_prefix(workspace::root()).unwrap();
    Source {
        path: relative.to_str().unwrap().to_owned(),
        text,
    }
}

fn collect(directory: &Path, paths: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let hidden = name.starts_with('.') && !matches!(name, ".cargo" | ".ci" | ".rustfmt.toml" | ".clippy.toml");
        if hidden || name == "target" || path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            collect(&path, paths);
        } else {
            paths.push(path);
        }
    }
}

/// The value at `percent` of a list.
pub(crate) fn percentile(mut values: Vec<usize>, percent: usize) -> usize {
    values.sort_unstable();
    values[(values.len() * percent / 100).min(values.len() - 1)]
}
