//! The schema itself: schema.rs mirrors it, migrations go up and down, several replicas may start at once.

use std::collections::BTreeMap;
use std::fmt::Write;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sql_types::{Bool, Text};
use diesel::{QueryableByName, RunQueryDsl};
use masthead::db::{Db, migrate};

use crate::support::cluster;

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// An empty database, gone at the end.
struct Scratch(String);

impl Scratch {
    fn new() -> Self {
        Self(cluster().create_empty_database())
    }

    fn connect(&self) -> PgConnection {
        Db::connect(&cluster().url(&self.0)).unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        cluster().drop_database(&self.0);
    }
}

fn lines(conn: &mut PgConnection, query: &str) -> Vec<String> {
    diesel::sql_query(query).load::<Line>(conn).unwrap().into_iter().map(|row| row.line).collect()
}

/// Everything that migrations made and extensions did not.
fn everything(conn: &mut PgConnection) -> Vec<String> {
    lines(
        conn,
        "SELECT format('column %s.%s %s %s %s', c.table_name, c.column_name, c.udt_name, c.is_nullable, c.column_default) AS line
             FROM information_schema.columns c WHERE c.table_schema = 'public' AND c.table_name NOT LIKE '\\_\\_diesel%'
         UNION ALL SELECT format('constraint %s on %s: %s', conname, conrelid::regclass, pg_get_constraintdef(oid))
             FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid::regclass::text NOT LIKE '%diesel%'
         UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename NOT LIKE '\\_\\_diesel%'
         UNION ALL SELECT format('function %s', p.oid::regprocedure) FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
             AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
         UNION ALL SELECT format('type %s', typname) FROM pg_type WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
         UNION ALL SELECT format('sequence %s', sequencename) FROM pg_sequences WHERE schemaname = 'public'
         UNION ALL SELECT format('trigger %s on %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
         ORDER BY line",
    )
}

#[test]
fn migrations_go_up_and_down_and_up_again() {
    let scratch = Scratch::new();
    let conn = &mut scratch.connect();
    let ran = migrate::run(conn).unwrap();
    let first = everything(conn);
    assert!(first.len() > 100 && migrate::pending(conn).unwrap().is_empty());
    let mut back = migrate::revert_all(conn).unwrap();
    back.reverse();
    assert_eq!(back, ran);
    assert_eq!(everything(conn), Vec::<String>::new(), "a migration left something behind");
    migrate::run(conn).unwrap();
    assert_eq!(everything(conn), first);
    assert_eq!(migrate::run(conn).unwrap(), Vec::<String>::new(), "nothing is left to do");
}

#[test]
fn replicas_that_start_together_migrate_once() {
    let scratch = Scratch::new();
    let ran: Vec<_> = std::thread::scope(|scope| {
        let replicas: Vec<_> = (0..4).map(|_| scope.spawn(|| migrate::run(&mut scratch.connect()).unwrap().len())).collect();
        replicas.into_iter().map(|replica| replica.join().unwrap()).collect()
    });
    assert_eq!(ran.iter().filter(|count| **count > 0).count(), 1, "{ran:?}");
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
    #[diesel(sql_type = Text)]
    key: String,
}

/// How `diesel print-schema` calls a type.
fn diesel_type(column: &Column) -> String {
    let kind = match column.kind.as_str() {
        "_text" => "Array<Nullable<Text>>".to_owned(),
        "_uuid" => "Array<Nullable<Uuid>>".to_owned(),
        simple => simple[..1].to_uppercase() + &simple[1..],
    };
    if column.nullable { format!("Nullable<{kind}>") } else { kind }
}

/// What a table that has a type of our own begins with.
fn imports(columns: &[Column], table: &str) -> &'static str {
    let own = columns.iter().any(|column| column.table == table && column.kind == "tsvector");
    if own { "    use diesel::sql_types::*;\n    use crate::search_words::Tsvector;\n\n" } else { "" }
}

#[test]
fn schema_rs_mirrors_the_database() {
    let scratch = Scratch::new();
    let conn = &mut scratch.connect();
    migrate::run(conn).unwrap();
    let columns: Vec<Column> = diesel::sql_query(
        "SELECT c.table_name::text AS table, c.column_name::text AS name, c.udt_name::text AS kind, c.is_nullable = 'YES' AS nullable,
            (SELECT string_agg(k.column_name, ', ' ORDER BY k.ordinal_position) FROM information_schema.key_column_usage k
             JOIN information_schema.table_constraints t USING (constraint_schema, constraint_name, table_name)
             WHERE t.table_name = c.table_name AND t.constraint_type = 'PRIMARY KEY') AS key
         FROM information_schema.columns c JOIN information_schema.tables t USING (table_schema, table_name)
         WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' AND c.table_name NOT LIKE '\\_\\_diesel%' ORDER BY c.ordinal_position",
    )
    .load(conn)
    .unwrap();
    let mut expected: BTreeMap<String, String> = BTreeMap::new();
    for column in &columns {
        let block =
            expected.entry(column.table.clone()).or_insert_with(|| format!("diesel::table! {{\n{}    {} ({}) {{\n", imports(&columns, &column.table), column.table, column.key));
        writeln!(block, "        {} -> {},", column.name, diesel_type(column)).unwrap();
    }
    let (_generated, written) = include_str!("../../src/schema.rs").split_once("\n\n").unwrap();
    let found: Vec<_> = written.split("\n}\n").map(str::trim_start).filter(|part| part.starts_with("diesel::table!")).collect();
    let how = "src/schema.rs is not what the migrations make: run `diesel print-schema > src/schema.rs` on a migrated database";
    assert_eq!(found.len(), expected.len(), "{how}");
    for (block, found) in expected.into_values().zip(found) {
        assert_eq!(format!("{block}    }}"), found, "{how}");
    }
    let links = lines(
        conn,
        "SELECT format('diesel::joinable!(%s -> %s (%s));', conrelid::regclass, confrelid::regclass, a.attname) AS line
         FROM pg_constraint JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1] WHERE contype = 'f'",
    );
    for joinable in written.lines().filter(|line| line.starts_with("diesel::joinable!")) {
        assert!(links.iter().any(|link| link == joinable), "{joinable} stands on no foreign key: {how}");
    }
}

#[test]
fn what_refers_to_a_row_is_found_by_an_index() {
    let scratch = Scratch::new();
    let conn = &mut scratch.connect();
    migrate::run(conn).unwrap();
    conn.batch_execute("SET search_path = public").unwrap();
    let slow = lines(
        conn,
        "SELECT format('%s (%s)', conrelid::regclass, a.attname) AS line FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
         WHERE contype = 'f' AND confrelid::regclass::text IN ('articles', 'live_articles', 'authors', 'tags', 'media', 'media_credits')
         AND NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = conrelid AND i.indkey[0] = conkey[1]) ORDER BY line",
    );
    // The site is one row.
    assert_eq!(slow, ["site (logo_media_id)"], "a delete of what these refer to would read the whole table");
}
