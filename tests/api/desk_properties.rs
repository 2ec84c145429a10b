//! Random sequences of what a desk does to three stories, and what must hold after every step: the world shows what was
//! published last and nothing else, no revision changes or goes, and everything that is kept twice agrees.

use std::collections::HashMap;

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Timestamptz};
use masthead::editorial::articles::schedule;
use masthead::publishing::content;
use masthead::timestamp::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Answer, TestApp};
use crate::world;

const STORIES: usize = 3;
const CASES: u32 = 24;

/// One thing that somebody does; the number is the story.
#[derive(Debug, Clone)]
enum Step {
    Edit(usize, Edit),
    Publish { story: usize, hours_ago: Option<i64> },
    Schedule { story: usize, ends: bool },
    PlannedTimesPass,
    Move(usize, &'static str),
    Correct(usize),
    GoBack { story: usize, share: f64 },
}

#[derive(Debug, Clone)]
enum Edit {
    Text,
    Slug(u8),
    Tags(Vec<bool>),
    Authors(Vec<bool>),
    Language(bool),
    TranslationOf(Option<usize>),
    Embargo(bool),
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        4 => Just(Edit::Text),
        3 => (0..5_u8).prop_map(Edit::Slug),
        2 => prop::collection::vec(any::<bool>(), 3).prop_map(Edit::Tags),
        1 => prop::collection::vec(any::<bool>(), 2).prop_map(Edit::Authors),
        1 => any::<bool>().prop_map(Edit::Language),
        2 => prop::option::weighted(0.7, 0..STORIES).prop_map(Edit::TranslationOf),
        1 => prop::bool::weighted(0.2).prop_map(Edit::Embargo),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let story = 0..STORIES;
    prop_oneof![
        8 => (story.clone(), edit()).prop_map(|(story, edit)| Step::Edit(story, edit)),
        6 => (story.clone(), prop::option::weighted(0.3, 1..100_i64)).prop_map(|(story, hours_ago)| Step::Publish { story, hours_ago }),
        3 => (story.clone(), any::<bool>()).prop_map(|(story, ends)| Step::Schedule { story, ends }),
        3 => Just(Step::PlannedTimesPass),
        7 => (story.clone(), prop::sample::select(vec!["unpublish", "unpublish", "archive", "restore", "restore", "submit", "return", "unschedule"]))
            .prop_map(|(story, name)| Step::Move(story, name)),
        2 => story.clone().prop_map(Step::Correct),
        2 => (story, 0.0..1.0).prop_map(|(story, share)| Step::GoBack { story, share }),
    ]
}

/// What the world must show of a story.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    revision: i32,
    slug: String,
    language: String,
    headline: String,
    body: Value,
    tags: Vec<Uuid>,
    authors: Vec<Uuid>,
}

#[derive(QueryableByName)]
struct LiveRow {
    #[diesel(sql_type = Integer)]
    revision: i32,
    #[diesel(sql_type = Text)]
    slug: String,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    card: String,
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    body: Value,
    #[diesel(sql_type = diesel::sql_types::Array<diesel::sql_types::Uuid>)]
    tags: Vec<Uuid>,
    #[diesel(sql_type = diesel::sql_types::Array<diesel::sql_types::Uuid>)]
    authors: Vec<Uuid>,
}

#[derive(QueryableByName)]
struct Stand {
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Integer)]
    revision: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    publish_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    unpublish_at: Option<Timestamp>,
    #[diesel(sql_type = Bool)]
    embargoed: bool,
}

#[derive(QueryableByName)]
struct Kept {
    #[diesel(sql_type = Integer)]
    number: i32,
    #[diesel(sql_type = Text)]
    row: String,
}

#[derive(QueryableByName)]
struct Companions {
    #[diesel(sql_type = BigInt)]
    missing: i64,
}

/// Three stories, what is known of them, and what they are made of.
struct Desk<'a> {
    app: &'a TestApp,
    conn: PgConnection,
    ids: Vec<Uuid>,
    tags: Vec<Uuid>,
    authors: Vec<Uuid>,
    prefix: String,
    edits: u32,
    shown: Vec<Option<Shown>>,
    revisions: HashMap<(usize, i32), String>,
    once_live: HashMap<String, usize>,
}

fn id(answer: &Answer) -> Uuid {
    answer.id().parse().unwrap()
}

fn sorted(mut ids: Vec<Uuid>) -> Vec<Uuid> {
    ids.sort_unstable();
    ids
}

impl<'a> Desk<'a> {
    fn new(app: &'a TestApp, tags: &[Uuid], authors: &[Uuid]) -> Self {
        let prefix = format!("p{}", &Uuid::now_v7().simple().to_string()[16..]);
        let story = |n| app.draft(&json!({ "headline": "Story", "slug": format!("{prefix}-start-{n}"), "tags": [tags[0]], "authors": [{ "author_id": authors[0] }] }));
        let ids = (0..STORIES).map(|n| id(&story(n))).collect();
        let (tags, authors) = (tags.to_vec(), authors.to_vec());
        Self { app, conn: app.connect(), ids, tags, authors, prefix, edits: 0, shown: vec![None; STORIES], revisions: HashMap::new(), once_live: HashMap::new() }
    }

    fn url(&self, story: usize, rest: &str) -> String {
        format!("/v1/editorial/articles/{}{rest}", self.ids[story])
    }

    fn stand(&mut self, story: usize) -> Stand {
        let query = "SELECT status, revision, publish_at, unpublish_at, coalesce(embargo_until > now(), false) AS embargoed FROM articles WHERE id = $1";
        diesel::sql_query(query).bind::<diesel::sql_types::Uuid, _>(self.ids[story]).get_result(&mut self.conn).unwrap()
    }

    /// What the head revision would show, and whether it may.
    fn head(&mut self, story: usize) -> (Shown, bool) {
        let stand = self.stand(story);
        let content = content::load(&mut self.conn, self.ids[story], stand.revision).unwrap();
        let may = !stand.embargoed && !content.tags.is_empty() && !content.authors.is_empty();
        let authors = content.authors.iter().map(|a| a.author_id).collect();
        let (body, tags) = (serde_json::to_value(&content.body).unwrap(), sorted(content.tags));
        (Shown { revision: stand.revision, slug: content.slug, language: content.language, headline: content.headline, body, tags, authors: sorted(authors) }, may)
    }

    fn goes_live(&mut self, story: usize, head: Shown) {
        self.once_live.insert(head.slug.clone(), story);
        self.shown[story] = Some(head);
    }

    fn play(&mut self, step: &Step) {
        match step {
            Step::Edit(story, edit) => self.edit(*story, edit),
            Step::Publish { story, hours_ago } => self.publish(*story, *hours_ago),
            Step::Schedule { story, ends } => {
                let at = |hours| masthead::app::now().plus(chrono::Duration::hours(hours)).to_string();
                let plan = json!({ "publish_at": at(1), "unpublish_at": ends.then(|| at(2)) });
                let answer = self.app.editor.call("POST", &self.url(*story, "/schedule")).if_match("*").json(&plan).send();
                assert!(matches!(answer.status, 200 | 409 | 422), "{}", answer.text());
            }
            Step::PlannedTimesPass => self.let_pass(),
            Step::Move(story, name) => {
                let answer = self.app.editor.act(&self.url(*story, &format!("/{name}")), "*");
                assert!(matches!(answer.status, 200 | 409), "{}", answer.text());
                if *name == "unpublish" && answer.status == 200 {
                    self.shown[*story] = None;
                }
            }
            Step::Correct(story) => {
                let correction = json!({ "kind": "correction", "text": "It was the other bridge." });
                let answer = self.app.editor.call("POST", &self.url(*story, "/corrections")).if_match("*").json(&correction).send();
                assert!(matches!(answer.status, 201 | 409), "{}", answer.text());
            }
            Step::GoBack { story, share } => {
                let last = self.stand(*story).revision;
                let number = 1 + (f64::from(last) * share) as i32;
                let answer = self.app.editor.act(&self.url(*story, &format!("/revisions/{number}/restore")), "*");
                assert!(matches!(answer.status, 200 | 409), "{}", answer.text());
            }
        }
    }

    fn edit(&mut self, story: usize, edit: &Edit) {
        self.edits += 1;
        let chosen = |from: &[Uuid], mask: &[bool]| from.iter().zip(mask).filter(|(_, on)| **on).map(|(id, _)| *id).collect::<Vec<_>>();
        let patch = match edit {
            Edit::Text => json!({ "headline": format!("Headline {}", self.edits), "body": { "markdown": format!("Text number {}.", self.edits) } }),
            Edit::Slug(n) => json!({ "slug": format!("{}-{n}", self.prefix) }),
            Edit::Tags(mask) => json!({ "tags": chosen(&self.tags, mask) }),
            Edit::Authors(mask) => json!({ "authors": chosen(&self.authors, mask).iter().map(|id| json!({ "author_id": id })).collect::<Vec<_>>() }),
            Edit::Language(ukrainian) => json!({ "language": if *ukrainian { "uk" } else { "en" } }),
            Edit::TranslationOf(original) => json!({ "translation_of": original.filter(|original| *original != story).map(|original| self.ids[original]) }),
            Edit::Embargo(on) => json!({ "embargo_until": on.then_some("2099-01-01T00:00:00Z") }),
        };
        let answer = self.app.editor.patch(&self.url(story, ""), "*", &patch);
        assert!(matches!(answer.status, 200 | 409), "{}", answer.text());
    }

    fn publish(&mut self, story: usize, hours_ago: Option<i64>) {
        let (head, may) = self.head(story);
        let unchanged = hours_ago.is_none() && self.shown[story].as_ref() == Some(&head);
        let at = hours_ago.map(|hours| masthead::app::now().plus(chrono::Duration::hours(-hours)).to_string());
        let answer = self.app.editor.call("POST", &self.url(story, "/publish")).if_match("*").json(&json!({ "published_at": at })).send();
        match answer.status {
            200 => {
                assert!(may || unchanged, "went live in spite of an obstacle: {}", answer.text());
                self.goes_live(story, head);
            }
            422 => assert!(!may, "{}", answer.text()),
            _ => assert!(answer.status == 409 && self.stand(story).status == "archived", "{}", answer.text()),
        }
    }

    /// What is planned for later becomes due, and is done as the worker does it.
    fn let_pass(&mut self) {
        let before: Vec<_> = (0..STORIES).map(|story| (self.stand(story), self.head(story))).collect();
        let past = "UPDATE articles SET publish_at = publish_at - interval '3 hours', unpublish_at = unpublish_at - interval '3 hours'";
        self.conn.batch_execute(past).unwrap();
        while masthead::db::transaction(&mut self.conn, &|tx| schedule::run_due(tx)).unwrap() > 0 {}
        for (story, (stand, (head, may))) in before.into_iter().enumerate() {
            if stand.publish_at.is_some() && may {
                self.goes_live(story, head);
            }
            if stand.unpublish_at.is_some() {
                self.shown[story] = None;
            }
        }
    }

    fn check(&mut self) {
        for story in 0..STORIES {
            let row = self.live_row(story);
            let shown = row.as_ref().map(|row| Shown {
                revision: row.revision,
                slug: row.slug.clone(),
                language: row.language.clone(),
                headline: self.shown[story].as_ref().map(|shown| shown.headline.clone()).unwrap_or_default(),
                body: row.body.clone(),
                tags: sorted(row.tags.clone()),
                authors: sorted(row.authors.clone()),
            });
            assert_eq!(shown, self.shown[story], "the world shows what was not published last");
            if let (Some(row), Some(shown)) = (row, &self.shown[story]) {
                assert!(row.card.contains(&format!("\"headline\":{}", json!(shown.headline))), "{} without {}", row.card, shown.headline);
            }
            self.check_revisions(story);
        }
        // Each live story names all live stories of its group in the order of the languages, and no others.
        let names_others = "SELECT count(*) AS missing FROM live_articles l WHERE position('\"translations\":' || coalesce((
                SELECT '[' || string_agg('{\"language\":\"' || o.language || '\",\"slug\":\"' || o.slug || '\",\"id\":\"' || o.id || '\"}', ',' ORDER BY o.language, o.id) || ']'
                FROM live_articles o WHERE o.translation_group = l.translation_group AND o.id <> l.id), '[]') IN l.card) = 0";
        let companions: Companions = diesel::sql_query(names_others).get_result(&mut self.conn).unwrap();
        assert_eq!(companions.missing, 0, "a live story does not name its live translations");
        world::assert_agrees(&mut self.conn);
    }

    fn live_row(&mut self, story: usize) -> Option<LiveRow> {
        let query = "SELECT revision, slug, language, card, body, ARRAY(SELECT tag_id FROM live_article_tags WHERE article_id = id) AS tags,
                     ARRAY(SELECT author_id FROM live_article_authors WHERE article_id = id) AS authors FROM live_articles WHERE id = $1";
        diesel::sql_query(query).bind::<diesel::sql_types::Uuid, _>(self.ids[story]).get_result(&mut self.conn).optional().unwrap()
    }

    /// Every revision is as it was when it was first seen, to the byte, and says what it said.
    fn check_revisions(&mut self, story: usize) {
        let query = "SELECT number, md5(content) || ' ' || row(created_at, created_by, note, base)::text AS row FROM article_revisions WHERE article_id = $1";
        let kept: Vec<Kept> = diesel::sql_query(query).bind::<diesel::sql_types::Uuid, _>(self.ids[story]).load(&mut self.conn).unwrap();
        let known = self.revisions.keys().filter(|(of, _)| *of == story).count();
        assert!(kept.len() >= known, "a revision is lost");
        for Kept { number, row } in kept {
            let earlier = self.revisions.entry((story, number)).or_insert_with(|| row.clone());
            assert_eq!(*earlier, row, "revision {number} has changed");
        }
    }

    /// Over HTTP: what was ever live under a slug is found there, or nothing is.
    fn check_slugs(&self) {
        for (slug, story) in &self.once_live {
            let answer = self.app.anon.get(&format!("/v1/articles/{slug}"));
            match &self.shown[*story] {
                None => assert_eq!(answer.status, 404, "{}", answer.text()),
                Some(shown) if shown.slug == *slug => assert_eq!(answer.expect(200).id(), self.ids[*story].to_string()),
                Some(shown) => assert!(answer.clone().expect(308).header("location").ends_with(&format!("/v1/articles/{}", shown.slug)), "{:?}", answer.headers),
            }
        }
    }
}

#[test]
fn whatever_a_desk_does_the_world_shows_what_was_published_last_and_nothing_is_lost() {
    let app = TestApp::start();
    let tags: Vec<_> = ["Rail", "Sea", "Air"].iter().map(|name| id(&app.tag(name))).collect();
    let authors: Vec<_> = ["Ann One", "Bob Two"].iter().map(|name| id(&app.writer(name))).collect();
    let config = Config { cases: CASES, max_shrink_iters: 200, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&prop::collection::vec(step(), 10..30), |steps| {
        let mut desk = Desk::new(&app, &tags, &authors);
        desk.check();
        for step in &steps {
            desk.play(step);
            desk.check();
        }
        desk.check_slugs();
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}
