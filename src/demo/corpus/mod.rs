//! A large corpus to measure with, the same for the same seed: invented words, people, tags and pictures in the proportions of a real archive.
//! Adds to what a database has and changes nothing of it; every batch is whole or not there, so a load may be broken off at any time.

mod cast;
mod desk;
mod random;
mod stories;
mod words;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use uuid::Uuid;

use super::photos;
use crate::app::App;
use crate::db::statement::{Bind, Statement};
use crate::db::{self, Db};
use crate::error::{Code, Error, Result};
use crate::publishing::bulk::{self, Watch};
use crate::publishing::generation;
use crate::schema::demo_loads;
use cast::Cast;
use stories::{Made, World};

/// What to make.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Articles to add.
    pub articles: u64,
    /// Decides every word, name and number.
    pub seed: u64,
}

/// What was made.
#[derive(Debug, Clone, Copy, Default)]
pub struct Report {
    /// Articles in every state.
    pub articles: u64,
    /// Those of them that are live.
    pub live: u64,
    /// How long they took, with every index kept.
    pub loading: Duration,
    /// How long it took after that to gather what the planner goes by.
    pub tidying: Duration,
}

/// Articles that go in with one transaction.
const BATCH: u64 = 1_000;

/// What vacuum and the planner look at afterwards.
const TABLES: &[&str] = &[
    "articles",
    "article_slugs",
    "article_revisions",
    "article_authors",
    "article_tags",
    "article_media",
    "bylines",
    "live_articles",
    "live_search",
    "live_article_tags",
    "live_article_authors",
    "live_article_media",
    "live_tags",
    "live_authors",
    "changes",
    "media",
    "media_credits",
    "authors",
    "tags",
];

/// Adds a corpus. `done` is told how many articles each step has added. Blocks: for the command line.
///
/// # Errors
/// 409 when there is no administrator to own it, or something in this database has a slug of its; 503; ours.
pub async fn load(app: &App, url: &str, plan: Plan, done: &(dyn Fn(u64) + Sync)) -> Result<Report> {
    for file in cast::PHOTOS {
        photos::store(&*app.media, photos::bytes(file)?).await?;
    }
    let mut conn = connect(url)?;
    let started = Instant::now();
    let world = db::transaction(&mut conn, &|tx| begin(tx, plan))?;
    // Words of many stories go into the index together, which is the cheaper the more they are; vacuum, below, takes in the rest.
    conn.batch_execute("ALTER INDEX live_search_words SET (gin_pending_list_limit = 32768)")?;
    let live = load_stories(url, &world, done);
    conn.batch_execute("ALTER INDEX live_search_words SET (gin_pending_list_limit = 1024)")?;
    let live = live?;
    let loading = started.elapsed();
    for table in TABLES {
        conn.batch_execute(&format!("VACUUM (ANALYZE) {table}"))?;
    }
    Ok(Report { articles: plan.articles, live, loading, tidying: started.elapsed() - loading })
}

/// A session for bulk work: no statement is too long, and a power cut may cost the last batches, never half of one.
fn connect(url: &str) -> Result<PgConnection> {
    let mut conn = Db::connect(url).map_err(Error::unavailable)?;
    conn.batch_execute("SET statement_timeout = 0; SET lock_timeout = '60s'; SET synchronous_commit = off; SET gin_pending_list_limit = '32MB'; SET timezone = 'UTC'")?;
    Ok(conn)
}

/// Spares the database a look-up for each of some thirty references of an article, where this account may do that: what
/// they refer to is then held for a batch at once (see [`hold`]).
fn rest_triggers(conn: &mut PgConnection) -> Result<Watch> {
    let may: bool = Statement::<Bool>::new("SELECT current_setting('is_superuser')::boolean").get_result(conn)?;
    if may {
        conn.batch_execute("SET session_replication_role = replica")?;
    }
    Ok(if may { Watch::Together } else { Watch::RowByRow })
}

/// All that these articles refer to is there and stays until the transaction ends.
fn hold(tx: &mut PgConnection, owner: Uuid, made: &[Made]) -> Result<()> {
    let tags: BTreeSet<Uuid> = made.iter().flat_map(|m| m.content.tags.iter().copied()).collect();
    let people: BTreeSet<Uuid> = made.iter().flat_map(|m| m.content.authors.iter().map(|a| a.author_id)).collect();
    let pictures: BTreeSet<Uuid> = made.iter().flat_map(|m| m.content.media_ids()).collect();
    for (begin, ids) in [
        ("SELECT count(*) FROM (SELECT FROM users WHERE id = ANY(", BTreeSet::from([owner])),
        ("SELECT count(*) FROM (SELECT FROM tags WHERE id = ANY(", tags),
        ("SELECT count(*) FROM (SELECT FROM authors WHERE id = ANY(", people),
        ("SELECT count(*) FROM (SELECT FROM media WHERE id = ANY(", pictures),
    ] {
        let wanted = i64::try_from(ids.len()).map_err(Error::internal)?;
        let mut sql = Statement::<BigInt>::new(begin);
        sql.bind(Bind::Ids(ids.into_iter().collect())).sql(") ORDER BY id FOR KEY SHARE) AS held");
        if sql.get_result::<i64>(tx)? != wanted {
            return Err(Error::new(Code::Conflict, "Something that the corpus refers to was taken away meanwhile."));
        }
    }
    Ok(())
}

/// Reserves numbers for the articles and makes what they refer to. Numbers are never handed out twice, so a corpus can be
/// added to, also after a load that was broken off, and by two loads at once.
fn begin(tx: &mut PgConnection, plan: Plan) -> Result<World> {
    let (name, now) = (format!("corpus {}", plan.seed), crate::app::now());
    let count = i64::try_from(plan.articles).map_err(Error::internal)?;
    diesel::insert_into(demo_loads::table).values((demo_loads::name.eq(&name), demo_loads::articles.eq(0), demo_loads::loaded_at.eq(now))).on_conflict_do_nothing().execute(tx)?;
    let end: i64 = diesel::update(demo_loads::table.find(&name))
        .set((demo_loads::articles.eq(demo_loads::articles + count), demo_loads::loaded_at.eq(now)))
        .returning(demo_loads::articles)
        .get_result(tx)?;
    let first = u64::try_from(end - count).map_err(Error::internal)?;
    let owner = super::owner(tx, "Demo corpus")?.user_id;
    let world = World::new(plan, first, owner, now);
    let refused = |error: Error| Error { detail: format!("{} The corpus of this seed cannot be put beside what is here; choose another --seed.", error.detail), ..error };
    world.cast.insert(tx, Cast::pictures_for(first), owner).map_err(refused)?;
    generation::references_changed(tx)?;
    Ok(world)
}

fn load_stories(url: &str, world: &World, done: &(dyn Fn(u64) + Sync)) -> Result<u64> {
    let threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(1, 8);
    let (next, live, failure) = (AtomicU64::new(0), AtomicU64::new(0), Mutex::new(None));
    let work = || {
        let mut conn = connect(url)?;
        let watch = rest_triggers(&mut conn)?;
        loop {
            let from = next.fetch_add(BATCH, Ordering::Relaxed);
            if from >= world.count {
                return Ok(());
            }
            let batch = Batch::make(world, from, BATCH.min(world.count - from))?;
            db::transaction(&mut conn, &|tx| batch.write(tx, world, watch))?;
            live.fetch_add(batch.ready.len() as u64, Ordering::Relaxed);
            done(batch.made.len() as u64);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                if let Err(error) = work() {
                    // The others have nothing left to do.
                    next.store(world.count, Ordering::Relaxed);
                    failure.lock().unwrap_or_else(std::sync::PoisonError::into_inner).get_or_insert(error);
                }
            });
        }
    });
    match failure.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner) {
        Some(error) => Err(error),
        None => Ok(live.into_inner()),
    }
}

/// Articles that are ready to go in together.
struct Batch {
    made: Vec<Made>,
    rows: desk::Rows,
    ready: Vec<bulk::Ready>,
}

impl Batch {
    fn make(world: &World, from: u64, count: u64) -> Result<Self> {
        let made = (from..from + count).map(|number| world.article(number)).collect::<Result<Vec<_>>>()?;
        let rows = desk::Rows::of(&made, world.owner)?;
        let ready = made.iter().filter_map(|made| world.ready(made).transpose()).collect::<Result<_>>()?;
        Ok(Self { made, rows, ready })
    }

    fn write(&self, tx: &mut PgConnection, world: &World, watch: Watch) -> Result<()> {
        if watch == Watch::Together {
            hold(tx, world.owner, &self.made)?;
        }
        self.rows.write(tx)?;
        bulk::show(tx, &self.ready, watch)
    }
}
