-- Takedowns: what was withdrawn by one request, why, and how it stood before.

CREATE TABLE takedowns (
    id              uuid        CONSTRAINT takedowns_pkey PRIMARY KEY,
    -- What was chosen. No foreign keys: the record outlives what it tells of.
    kind            text        NOT NULL CONSTRAINT takedowns_kind CHECK (kind IN ('credit', 'media', 'author', 'article')),
    target_id       uuid        NOT NULL,
    -- What it was called then.
    subject         text        NOT NULL,
    reason          text        NOT NULL CONSTRAINT takedowns_reason_length CHECK (char_length(reason) BETWEEN 1 AND 2000),
    legal_reference text        CONSTRAINT takedowns_legal_reference_length CHECK (char_length(legal_reference) BETWEEN 1 AND 500),
    -- The status of a picture or credit before.
    earlier_status  text,
    articles        integer     NOT NULL,
    pictures        integer     NOT NULL,
    created_by      uuid        CONSTRAINT takedowns_created_by_fkey REFERENCES users,
    created_at      timestamptz NOT NULL,
    reversed_by     uuid        CONSTRAINT takedowns_reversed_by_fkey REFERENCES users,
    reversed_at     timestamptz
);
CREATE INDEX takedowns_by_creation ON takedowns (created_at DESC, id DESC);
CREATE INDEX takedowns_by_target ON takedowns (target_id, created_at DESC, id DESC);
-- Standing takedowns of one thing: one, so that a reversal is one too.
CREATE UNIQUE INDEX takedowns_standing_key ON takedowns (kind, target_id) WHERE reversed_at IS NULL;

-- The articles that a takedown took down; several may have taken down the same.
CREATE TABLE takedown_articles (
    takedown_id uuid NOT NULL CONSTRAINT takedown_articles_takedown_fkey REFERENCES takedowns,
    article_id  uuid NOT NULL CONSTRAINT takedown_articles_article_fkey REFERENCES articles ON DELETE CASCADE,
    CONSTRAINT takedown_articles_pkey PRIMARY KEY (takedown_id, article_id)
);
CREATE INDEX takedown_articles_by_article ON takedown_articles (article_id);

-- How articles stood before the first takedown of those that stand.
CREATE TABLE taken_down_articles (
    article_id      uuid        CONSTRAINT taken_down_articles_pkey PRIMARY KEY CONSTRAINT taken_down_articles_article_fkey REFERENCES articles ON DELETE CASCADE,
    status          text        NOT NULL,
    live_revision   integer,
    live_updated_at timestamptz,
    publish_at      timestamptz,
    unpublish_at    timestamptz
);

-- What their live revision refers to and their head does not: it must still be there at a reversal.
CREATE TABLE taken_down_uses (
    id         bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT taken_down_uses_pkey PRIMARY KEY,
    article_id uuid   NOT NULL CONSTRAINT taken_down_uses_article_fkey REFERENCES taken_down_articles ON DELETE CASCADE,
    author_id  uuid   CONSTRAINT taken_down_uses_author_fkey REFERENCES authors,
    media_id   uuid   CONSTRAINT taken_down_uses_media_fkey REFERENCES media,
    CONSTRAINT taken_down_uses_one CHECK (num_nonnulls(author_id, media_id) = 1)
);
CREATE INDEX taken_down_uses_by_article ON taken_down_uses (article_id);
CREATE INDEX taken_down_uses_by_author ON taken_down_uses (author_id) WHERE author_id IS NOT NULL;
CREATE INDEX taken_down_uses_by_media ON taken_down_uses (media_id) WHERE media_id IS NOT NULL;

-- What the world is told of them: that they are gone, by every slug they were live under.
CREATE TABLE live_taken_down (
    slug       text CONSTRAINT live_taken_down_pkey PRIMARY KEY,
    article_id uuid NOT NULL CONSTRAINT live_taken_down_article_fkey REFERENCES taken_down_articles ON DELETE CASCADE
);
CREATE INDEX live_taken_down_by_article ON live_taken_down (article_id);

-- Rights by their end, for the report of what ends soon.
CREATE INDEX media_by_end ON media (valid_until, id) WHERE valid_until IS NOT NULL;
CREATE INDEX media_credits_by_end ON media_credits (valid_until, id) WHERE valid_until IS NOT NULL;

-- Whoever takes away very many stories at once names what is to be purged in one go, and says so for its own transaction.
CREATE OR REPLACE FUNCTION name_surrogate_keys() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text[];
BEGIN
    IF current_setting('masthead.purges_named', true) = 'on' THEN
        RETURN NEW;
    END IF;
    before := (SELECT surrogate_keys FROM changes WHERE article_id = NEW.article_id ORDER BY generation DESC LIMIT 1);
    NEW.surrogate_keys := ARRAY(
        SELECT 'author-' || author_id FROM live_article_authors WHERE article_id = NEW.article_id
        UNION SELECT 'media-' || media_id FROM live_article_media WHERE article_id = NEW.article_id
        UNION SELECT 'tag-' || tag_id FROM live_article_tags WHERE article_id = NEW.article_id
        ORDER BY 1);
    INSERT INTO purges (keys) SELECT ARRAY(
        SELECT unnest(ARRAY['article-' || NEW.article_id, 'changes', 'corrections', 'feed'])
        UNION SELECT unnest(NEW.surrogate_keys)
        UNION SELECT unnest(before)
        UNION SELECT 'article-' || l.id FROM articles a JOIN live_articles l ON l.translation_group = a.translation_group WHERE a.id = NEW.article_id
        UNION SELECT 'collection-' || c.id FROM live_collections c WHERE c.slots @> jsonb_build_array(jsonb_build_object('article_id', NEW.article_id))
        ORDER BY 1);
    RETURN NEW;
END
$$;
