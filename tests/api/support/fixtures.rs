//! Things that stories need, made through the public API. What a test is about, it says itself.

use diesel::prelude::*;
use masthead::schema::{authors, media, media_credits};
use serde_json::{Value, json};
use uuid::Uuid;

use super::answer::Answer;
use super::service::TestApp;

impl TestApp {
    /// A topic with this name.
    #[track_caller]
    pub fn tag(&self, name: &str) -> Answer {
        self.editor.post("/v1/editorial/tags", &json!({ "name": name, "kind": "topic" })).expect(201)
    }

    /// A draft by the editor: these members over those of a story that could be published.
    #[track_caller]
    pub fn draft(&self, members: &Value) -> Answer {
        self.editor.post("/v1/editorial/articles", &self.story(members)).expect(201)
    }

    /// A live story: these members over those of a story that can be published.
    #[track_caller]
    pub fn published(&self, members: &Value) -> Answer {
        self.publish(&self.draft(members))
    }

    /// Puts a draft before the world.
    #[track_caller]
    pub fn publish(&self, article: &Answer) -> Answer {
        self.editor.act(&format!("/v1/editorial/articles/{}/publish", article.id()), article.etag()).expect(200)
    }

    /// The body of a request for a story that could be published, with these members over it.
    pub fn story(&self, members: &Value) -> Value {
        let author = self.default_author.get_or_init(|| self.writer("Maria Bondar"));
        let tag = self.default_tag.get_or_init(|| self.tag("Harbours"));
        let mut story = json!({
            "headline": "Harbour reopens after storm",
            "authors": [{ "author_id": author.id(), "role": "author" }],
            "tags": [tag.id()],
            "body": { "markdown": "The harbour **reopened** on Monday." },
        });
        for (member, value) in members.as_object().unwrap() {
            story[member] = value.clone();
        }
        story
    }

    /// An author of stories, as against an account.
    pub fn writer(&self, name: &str) -> Answer {
        let (id, now) = (Uuid::now_v7(), masthead::app::now());
        let slug = name.to_lowercase().replace(' ', "-");
        diesel::insert_into(authors::table)
            .values((
                authors::id.eq(id),
                authors::slug.eq(&slug),
                authors::name.eq(name),
                authors::sort_name.eq(name),
                authors::kind.eq("staff"),
                authors::job_title.eq("Reporter"),
                authors::created_at.eq(now),
                authors::updated_at.eq(now),
            ))
            .execute(&mut self.connect())
            .unwrap();
        stand_in(json!({ "id": id, "slug": slug, "name": name }))
    }

    /// A media credit.
    pub fn credit(&self, name: &str) -> Answer {
        let (id, now) = (Uuid::now_v7(), masthead::app::now());
        let slug = name.to_lowercase().replace(' ', "-");
        diesel::insert_into(media_credits::table)
            .values((
                media_credits::id.eq(id),
                media_credits::slug.eq(&slug),
                media_credits::name.eq(name),
                media_credits::kind.eq("agency"),
                media_credits::credit_line.eq(name),
                media_credits::credit_template.eq("({name})"),
                media_credits::status.eq("active"),
                media_credits::created_at.eq(now),
                media_credits::updated_at.eq(now),
            ))
            .execute(&mut self.connect())
            .unwrap();
        stand_in(json!({ "id": id, "slug": slug, "name": name }))
    }

    /// A picture with this credit and alt text (none where it is empty).
    pub fn picture(&self, credit: &Answer, alt: &str) -> Answer {
        let (id, now) = (Uuid::now_v7(), masthead::app::now());
        diesel::insert_into(media::table)
            .values((
                (media::id.eq(id), media::kind.eq("image"), media::filename.eq("picture.png"), media::mime.eq("image/png"), media::bytes.eq(100)),
                (
                    media::sha256.eq([id.as_bytes().as_slice(), id.as_bytes()].concat()),
                    media::width.eq(640),
                    media::height.eq(480),
                    media::alt.eq((!alt.is_empty()).then_some(alt)),
                ),
                (media::credit_id.eq(credit.id().parse::<Uuid>().unwrap()), media::status.eq("ready"), media::created_at.eq(now), media::updated_at.eq(now)),
            ))
            .execute(&mut self.connect())
            .unwrap();
        stand_in(json!({ "id": id, "alt": alt }))
    }
}

/// A row that no API makes yet, in the form in which one would answer.
fn stand_in(json: Value) -> Answer {
    Answer { request: "a row".to_owned(), status: 201, headers: reqwest::header::HeaderMap::new(), bytes: Vec::new(), json }
}
