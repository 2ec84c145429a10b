//! Hand-written SQL that is prepared once and kept, which `diesel::sql_query` never is (half the throughput).
//! The text must come from the program alone; what a caller sends is always bound.

use std::marker::PhantomData;

use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Array, BigInt, Integer, Nullable, Text, Timestamptz};
use uuid::Uuid;

use crate::timestamp::Timestamp;

/// A value bound into a statement.
#[derive(Debug, Clone)]
pub enum Bind {
    /// `uuid`
    Id(Uuid),
    /// `uuid[]`
    Ids(Vec<Uuid>),
    /// `uuid[]` in which some may be null
    MaybeIds(Vec<Option<Uuid>>),
    /// `uuid` or null
    MaybeId(Option<Uuid>),
    /// `timestamptz`
    Time(Timestamp),
    /// `timestamptz` or null
    MaybeTime(Option<Timestamp>),
    /// `timestamptz[]`
    Times(Vec<Timestamp>),
    /// `text`
    Text(String),
    /// `text` or null
    MaybeText(Option<String>),
    /// `text[]`
    Texts(Vec<String>),
    /// `integer`
    Int(i32),
    /// `integer[]`
    Ints(Vec<i32>),
    /// `bigint`
    Big(i64),
}

impl Bind {
    /// Says what an array holds: `unnest` asks for it wherever the statement is prepared without types, as by hand.
    const fn cast(&self) -> &'static str {
        match self {
            Self::Ids(_) | Self::MaybeIds(_) => "::uuid[]",
            Self::Times(_) => "::timestamptz[]",
            Self::Texts(_) => "::text[]",
            Self::Ints(_) => "::integer[]",
            Self::Id(_) | Self::MaybeId(_) | Self::Time(_) | Self::MaybeTime(_) | Self::Text(_) | Self::MaybeText(_) | Self::Int(_) | Self::Big(_) => "",
        }
    }
}

#[derive(Debug, Clone)]
enum Part {
    Sql(&'static str),
    Number(i64),
    Bind(Bind),
}

/// SQL in parts, with the SQL types of its columns as `S`.
#[derive(Debug, Clone)]
pub struct Statement<S> {
    parts: Vec<Part>,
    columns: PhantomData<S>,
}

impl<S> Statement<S> {
    /// Begins with this text.
    #[must_use]
    pub fn new(sql: &'static str) -> Self {
        Self { parts: vec![Part::Sql(sql)], columns: PhantomData }
    }

    /// Goes on with this text.
    pub fn sql(&mut self, sql: &'static str) -> &mut Self {
        self.parts.push(Part::Sql(sql));
        self
    }

    /// Goes on with a bound value.
    pub fn bind(&mut self, value: Bind) -> &mut Self {
        self.parts.push(Part::Bind(value));
        self
    }

    /// Goes on with a number written as a literal: for `LIMIT`, where a bound one makes Postgres plan worse.
    pub fn literal(&mut self, number: i64) -> &mut Self {
        self.parts.push(Part::Number(number));
        self
    }
}

impl<S: 'static> QueryId for Statement<S> {
    type QueryId = ();
    // Cached by its text, not by its type.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<S> Query for Statement<S> {
    type SqlType = S;
}

impl<S> diesel::RunQueryDsl<PgConnection> for Statement<S> {}

impl<S> QueryFragment<Pg> for Statement<S> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        for part in &self.parts {
            match part {
                Part::Sql(sql) => out.push_sql(sql),
                Part::Number(number) => out.push_sql(&number.to_string()),
                Part::Bind(bind) => {
                    push(&mut out, bind)?;
                    out.push_sql(bind.cast());
                }
            }
        }
        Ok(())
    }
}

fn push<'b>(out: &mut AstPass<'_, 'b, Pg>, bind: &'b Bind) -> QueryResult<()> {
    match bind {
        Bind::Id(v) => out.push_bind_param::<diesel::sql_types::Uuid, _>(v),
        Bind::MaybeId(v) => out.push_bind_param::<Nullable<diesel::sql_types::Uuid>, _>(v),
        Bind::Ids(v) => out.push_bind_param::<Array<diesel::sql_types::Uuid>, _>(v),
        Bind::MaybeIds(v) => out.push_bind_param::<Array<Nullable<diesel::sql_types::Uuid>>, _>(v),
        Bind::Time(v) => out.push_bind_param::<Timestamptz, _>(v),
        Bind::MaybeTime(v) => out.push_bind_param::<Nullable<Timestamptz>, _>(v),
        Bind::Times(v) => out.push_bind_param::<Array<Timestamptz>, _>(v),
        Bind::Text(v) => out.push_bind_param::<Text, _>(v),
        Bind::MaybeText(v) => out.push_bind_param::<Nullable<Text>, _>(v),
        Bind::Texts(v) => out.push_bind_param::<Array<Text>, _>(v),
        Bind::Int(v) => out.push_bind_param::<Integer, _>(v),
        Bind::Ints(v) => out.push_bind_param::<Array<Integer>, _>(v),
        Bind::Big(v) => out.push_bind_param::<BigInt, _>(v),
    }
}

/// A pattern for `LIKE` that finds the text anywhere, its own wildcards taken literally.
#[must_use]
pub fn containing(text: &str) -> String {
    let escaped = text.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}
