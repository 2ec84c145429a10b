CREATE OR REPLACE FUNCTION name_surrogate_keys() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP INDEX media_credits_by_end;
DROP INDEX media_by_end;
DROP TABLE live_taken_down;
DROP TABLE taken_down_uses;
DROP TABLE taken_down_articles;
DROP TABLE takedown_articles;
DROP TABLE takedowns;
