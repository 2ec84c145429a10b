-- Which answers a change makes stale, by their surrogate keys, and what is still to be purged from the caches in front.
-- The database names the keys itself, in the transaction that changes the world: nobody who writes can forget to.

ALTER TABLE changes ADD COLUMN surrogate_keys text[] NOT NULL DEFAULT '{}';

CREATE TABLE purges (
    id     bigint      GENERATED ALWAYS AS IDENTITY CONSTRAINT purges_pkey PRIMARY KEY,
    keys   text[]      NOT NULL,
    -- When it is to be sent; put off while somebody is at it, and after the first time for the second.
    due_at timestamptz NOT NULL DEFAULT now(),
    sent   boolean     NOT NULL DEFAULT false,
    at     timestamptz NOT NULL DEFAULT now()
);

-- What answers show of a story now, what they showed of it after its last change, and where it stands besides.
CREATE FUNCTION name_surrogate_keys() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text[] := (SELECT surrogate_keys FROM changes WHERE article_id = NEW.article_id ORDER BY generation DESC LIMIT 1);
BEGIN
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
CREATE TRIGGER changes_keyed BEFORE INSERT ON changes FOR EACH ROW EXECUTE FUNCTION name_surrogate_keys();

-- What stories refer to: the key is the trigger's argument, with the row's id.
CREATE FUNCTION purge_reference() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO purges (keys) VALUES (ARRAY[TG_ARGV[0] || '-' || CASE TG_OP WHEN 'DELETE' THEN OLD.id ELSE NEW.id END]);
    RETURN NULL;
END
$$;
CREATE TRIGGER authors_purged AFTER UPDATE OR DELETE ON authors FOR EACH ROW EXECUTE FUNCTION purge_reference('author');
CREATE TRIGGER media_purged AFTER UPDATE OR DELETE ON media FOR EACH ROW EXECUTE FUNCTION purge_reference('media');
CREATE TRIGGER media_credits_purged AFTER UPDATE OR DELETE ON media_credits FOR EACH ROW EXECUTE FUNCTION purge_reference('credit');
CREATE TRIGGER tags_purged AFTER UPDATE OR DELETE ON tags FOR EACH ROW EXECUTE FUNCTION purge_reference('tag');
CREATE TRIGGER live_collections_purged AFTER INSERT OR UPDATE OR DELETE ON live_collections FOR EACH ROW EXECUTE FUNCTION purge_reference('collection');

CREATE FUNCTION purge_site() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO purges (keys) VALUES (ARRAY['site']);
    RETURN NULL;
END
$$;
CREATE TRIGGER site_purged AFTER UPDATE ON site FOR EACH ROW EXECUTE FUNCTION purge_site();
