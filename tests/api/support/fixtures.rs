//! Things that stories need, made through the public API. What a test is about, it says itself.

use diesel::prelude::*;
use masthead::schema::media;
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
    #[track_caller]
    pub fn writer(&self, name: &str) -> Answer {
        self.editor.post("/v1/editorial/authors", &json!({ "name": name, "kind": "staff", "job_title": "Reporter" })).expect(201)
    }

    /// A media credit.
    #[track_caller]
    pub fn credit(&self, name: &str) -> Answer {
        self.editor.post("/v1/editorial/media-credits", &json!({ "name": name, "kind": "agency" })).expect(201)
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
