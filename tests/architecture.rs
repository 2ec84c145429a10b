//! Rules of the house that the compiler does not keep: who imports whom, how long files are, what delivery may read,
//! which errors exist, which inputs are closed. Reads the sources as text; knows nothing of what they do.

#![expect(clippy::unwrap_used, reason = "a test that cannot read the sources fails, and says where")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A source file: its path below `src/`, and its text without tests and comments.
struct Source {
    path: String,
    code: String,
    lines: usize,
}

impl Source {
    /// The room it stands in: the first part of its path.
    fn room(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|extension| extension == "rs") {
                found.push(read(&root, &entry));
            }
        }
    }
    assert!(found.len() > 100, "the sources were not found");
    found
}

fn read(root: &Path, file: &PathBuf) -> Source {
    let text = fs::read_to_string(file).unwrap();
    let product = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let code = product.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    Source { path: file.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/"), code, lines: text.lines().count() }
}

/// The words that stand in the text, with where each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    text.split(move |c| !part_of_word(c)).filter(|word| !word.is_empty()).map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

/// The rooms that a file names: `crate::room`, also in `use crate::{room, …}`.
fn imports(code: &str) -> Vec<&str> {
    let mut rooms = Vec::new();
    for after in code.split("crate::").skip(1) {
        let group = after.strip_prefix('{').map(|list| list.split('}').next().unwrap_or_default());
        match group {
            Some(list) => rooms.extend(list.split(',').filter_map(|item| words(item).next()).map(|(_, word)| word)),
            None => rooms.extend(words(after).next().map(|(_, word)| word)),
        }
    }
    rooms
}

/// What every feature stands on. `text_column` holds the macro `words`.
const KERNEL: &[&str] = &["app", "config", "darkroom", "db", "error", "http", "media_files", "schema", "search_words", "text_column", "words", "timestamp", "text"];
/// What the desk and the world share: shapes and how they are written. No room of these imports a feature.
const SHARED: &[&str] = &["body", "card", "imaging", "pictures", "rendering", "renditions", "vocabulary"];
/// Everybody else, from the bottom up, with what they may import besides the kernel and what is shared.
const FEATURES: &[(&str, &[&str])] = &[
    ("identity", &[]),
    ("publishing", &[]),
    ("delivery", &[]),
    ("operations", &[]),
    ("editorial", &["publishing", "identity"]),
    ("preview", &["editorial", "publishing", "delivery", "identity"]),
    ("demo", &["editorial", "publishing", "identity"]),
    ("worker", &["editorial", "publishing", "delivery", "identity"]),
    ("routes", &["editorial", "delivery", "identity", "operations", "preview"]),
    ("server", &["routes", "identity", "operations"]),
    ("cli", &["routes", "server", "worker", "demo", "identity", "editorial", "publishing", "delivery"]),
    ("main", &["cli"]),
];
/// Parts of the kernel that name a feature, and why.
const EXCEPTIONS: &[(&str, &str, &str)] = &[("app", "delivery", "App holds what delivery keeps in memory"), ("app", "identity", "App holds the signing keys and the throttle")];

fn may_import(room: &str, other: &str) -> bool {
    let listed = |list: &[&str]| list.contains(&other);
    match room {
        // Pure: they know each other and nothing else.
        "body" | "imaging" | "text" => listed(&["body", "imaging", "text"]),
        _ if EXCEPTIONS.iter().any(|(r, o, _)| *r == room && *o == other) => true,
        _ if KERNEL.contains(&room) => listed(KERNEL),
        _ if SHARED.contains(&room) => listed(KERNEL) || listed(SHARED),
        _ => listed(KERNEL) || listed(SHARED) || FEATURES.iter().any(|(r, others)| *r == room && listed(others)),
    }
}

#[test]
fn rooms_import_only_what_the_map_allows() {
    let mut faults = Vec::new();
    let all: Vec<_> = KERNEL.iter().chain(SHARED).copied().chain(FEATURES.iter().map(|(room, _)| *room)).collect();
    for source in sources().iter().filter(|source| source.room() != "lib") {
        assert!(all.contains(&source.room()), "{} is in no room of the map: add it to this test and to src/lib.rs", source.path);
        for other in imports(&source.code) {
            if other != source.room() && !may_import(source.room(), other) {
                faults.push(format!("{} imports crate::{other}", source.path));
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn files_are_short() {
    const LONGEST: usize = 400;
    /// Longer files, and why they are not two.
    const LONGER: &[(&str, usize, &str)] = &[
        ("schema.rs", usize::MAX, "generated"),
        ("delivery/shapes.rs", 460, "the members of everything that the world is shown, each with its sentence"),
        ("editorial/articles/model.rs", 520, "one resource's members, each with its sentence, for input, patch and output"),
        ("editorial/media/model.rs", 520, "one resource's members, each with its sentence, for input, patch and output"),
    ];
    let limit = |source: &Source| LONGER.iter().find(|(path, _, _)| *path == source.path).map_or(LONGEST, |(_, limit, _)| *limit);
    let long: Vec<_> = sources().into_iter().filter(|source| source.lines > limit(source)).map(|source| format!("{}: {} lines", source.path, source.lines)).collect();
    assert!(long.is_empty(), "split by subject: {long:#?}");
}

#[test]
fn every_file_says_what_it_owns() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let silent: Vec<_> =
        sources().into_iter().map(|source| source.path).filter(|path| path != "schema.rs" && !fs::read_to_string(root.join(path)).unwrap().starts_with("//! ")).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn no_room_is_a_drawer() {
    const DRAWERS: &[&str] = &["utils", "util", "helpers", "common", "misc", "types", "manager", "service"];
    let names = |path: &str| path.trim_end_matches(".rs").split('/').map(ToOwned::to_owned).collect::<Vec<_>>();
    let drawers: Vec<_> = sources().into_iter().map(|s| s.path).filter(|path| names(path).iter().any(|name| DRAWERS.contains(&name.as_str()))).collect();
    assert!(drawers.is_empty(), "{drawers:?}");
}

#[test]
fn handlers_hold_no_sql_and_stores_no_http() {
    let all = sources();
    let named = |name: &str, word: &str| -> Vec<String> {
        let fits = |s: &&Source| s.path.ends_with(&format!("/{name}.rs")) && (s.path.starts_with("editorial/") || s.path.starts_with("identity/"));
        all.iter().filter(fits).filter(|s| words(&s.code).any(|(_, w)| w == word)).map(|s| s.path.clone()).collect()
    };
    assert_eq!(named("api", "diesel"), Vec::<String>::new());
    assert_eq!(named("store", "actix_web"), Vec::<String>::new());
}

#[test]
fn every_error_code_is_used() {
    let all = sources();
    let table = &all.iter().find(|source| source.path == "error.rs").unwrap().code;
    let table = table.split("codes! {").nth(1).unwrap().split("\n}").next().unwrap();
    let codes: Vec<_> = table.lines().filter_map(|line| words(line).next()).map(|(_, word)| word).collect();
    assert!(codes.len() > 20);
    let unused: Vec<_> = codes.iter().filter(|code| !all.iter().any(|source| source.code.contains(&format!("Code::{code}")))).collect();
    assert!(unused.is_empty(), "{unused:?}");
}

/// What delivery may read besides `live_*`: what stories refer to, and where the world stands.
const PUBLIC_TABLES: &[&str] = &["authors", "tags", "media", "media_credits", "site", "slug_redirects", "generations", "changes"];
/// Words that would only be there to read what is the desk's own.
const PRIVATE: &[&str] = &[
    "article_revisions",
    "article_slugs",
    "users",
    "sessions",
    "api_keys",
    "audit_events",
    "idempotency_keys",
    "refresh_tokens",
    "email",
    "created_by",
    "updated_by",
    "notes",
    "extracted",
    "embargo_until",
];

#[test]
fn delivery_reads_only_what_is_live() {
    let public = |table: &str| table.starts_with("live_") || PUBLIC_TABLES.contains(&table);
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| source.room() == "delivery") {
        let fault = |what: &str| format!("{}: {what}", source.path);
        for list in source.code.split("use crate::schema::").skip(1) {
            let list = list.split(';').next().unwrap_or_default();
            // `live_x as y` names the table first.
            let tables = list.split(',').filter_map(|item| words(item).next()).map(|(_, word)| word);
            faults.extend(tables.filter(|table| !public(table)).map(|table| fault(&format!("schema::{table}"))));
        }
        for keyword in ["FROM ", "JOIN ", "INTO ", "UPDATE "] {
            let tables = source.code.split(keyword).skip(1).filter(|after| after.starts_with(|c: char| c.is_ascii_lowercase()));
            faults
                .extend(tables.filter_map(|after| words(after).next()).filter(|(_, word)| !public(word) && *word != "unnest").map(|(_, word)| fault(&format!("{keyword}{word}"))));
        }
        faults.extend(words(&source.code).filter(|(_, word)| PRIVATE.contains(word)).map(|(_, word)| fault(word)));
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn inputs_are_closed() {
    /// Structs that are read, and not from requests.
    const NOT_INPUT: &[(&str, &str)] = &[
        ("TagRef", "read back from where we wrote it"),
        ("FieldError", "an answer; read by tests"),
        ("Problem", "an answer; read by tests"),
        ("Claims", "inside a token that we signed"),
        ("PageInfo", "an answer; read by tests"),
        ("BodyOut", "an answer; read by tests"),
        ("RevisionPath", "a path, whose parts the route names"),
        ("PreviewPath", "a path, whose parts the route names"),
        ("PreviewPicturePath", "a path, whose parts the route names"),
        ("Card", "read back from where we wrote it"),
        ("CardAuthor", "read back from where we wrote it"),
        ("CardTag", "read back from where we wrote it"),
        ("CardCorrection", "read back from where we wrote it"),
        ("CollectionRevisionPath", "a path, whose parts the route names"),
    ];
    let mut open = Vec::new();
    let mut seen = 0;
    for source in sources().iter().filter(|source| !matches!(source.room(), "demo" | "body" | "imaging")) {
        for declared in source.code.split("#[derive(").skip(1) {
            let derives = declared.split(')').next().unwrap_or_default();
            let head = declared.split('{').next().unwrap_or_default();
            let Some(name) = head.split("struct ").nth(1).and_then(|after| words(after).next()).map(|(_, name)| name) else { continue };
            // Tuple structs end before any brace, and have no members to be unknown.
            if !words(derives).any(|(_, word)| word == "Deserialize") || head.contains(';') {
                continue;
            }
            seen += 1;
            if !head.contains("deny_unknown_fields") && !NOT_INPUT.iter().any(|(known, _)| *known == name) {
                open.push(format!("{}: {name}", source.path));
            }
        }
    }
    assert!(seen > 10 && open.is_empty(), "{open:#?}");
}

#[test]
fn the_map_names_every_room() {
    let map = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let rooms: BTreeMap<_, _> = FEATURES.iter().map(|(room, _)| (*room, format!("| `{room}`"))).filter(|(room, _)| *room != "main").collect();
    let missing: Vec<_> = rooms.iter().filter(|(_, entry)| !map.contains(entry.as_str())).map(|(room, _)| room).collect();
    assert!(missing.is_empty(), "src/lib.rs does not tell of {missing:?}");
}
