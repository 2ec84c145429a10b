-- Lists of the desk at a million articles: those of a tag or an author are sorted where they are found, and what is often
-- asked for together is found together.

-- When the article was last written. The triggers below keep it: whoever writes rows need not know of it.
ALTER TABLE article_tags ADD COLUMN updated_at timestamptz;
ALTER TABLE article_authors ADD COLUMN updated_at timestamptz;
UPDATE article_tags r SET updated_at = a.updated_at FROM articles a WHERE a.id = r.article_id;
UPDATE article_authors r SET updated_at = a.updated_at FROM articles a WHERE a.id = r.article_id;
ALTER TABLE article_tags ALTER COLUMN updated_at SET NOT NULL;
ALTER TABLE article_authors ALTER COLUMN updated_at SET NOT NULL;

CREATE FUNCTION take_time_of_article() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT updated_at INTO NEW.updated_at FROM articles WHERE id = NEW.article_id;
    RETURN NEW;
END
$$;
CREATE FUNCTION pass_time_of_article_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE article_tags SET updated_at = NEW.updated_at WHERE article_id = NEW.id;
    UPDATE article_authors SET updated_at = NEW.updated_at WHERE article_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE TRIGGER article_tags_time BEFORE INSERT ON article_tags FOR EACH ROW WHEN (NEW.updated_at IS NULL) EXECUTE FUNCTION take_time_of_article();
CREATE TRIGGER article_authors_time BEFORE INSERT ON article_authors FOR EACH ROW WHEN (NEW.updated_at IS NULL) EXECUTE FUNCTION take_time_of_article();
CREATE TRIGGER articles_time AFTER UPDATE OF updated_at ON articles FOR EACH ROW WHEN (NEW.updated_at IS DISTINCT FROM OLD.updated_at) EXECUTE FUNCTION pass_time_of_article_on();

-- In the place of those without the time.
CREATE INDEX article_tags_by_update ON article_tags (tag_id, updated_at DESC, article_id DESC);
CREATE INDEX article_authors_by_update ON article_authors (author_id, updated_at DESC, article_id DESC);
DROP INDEX article_tags_by_tag;
DROP INDEX article_authors_by_author;

CREATE INDEX articles_by_language_and_kind ON articles (language, kind, updated_at DESC, id DESC);
CREATE INDEX articles_by_status_and_language ON articles (status, language, updated_at DESC, id DESC);
