-- The orders in which readers list tags and authors; by name, the indexes of the tables themselves serve.
CREATE INDEX live_tags_by_count ON live_tags (article_count DESC, tag_id DESC);
CREATE INDEX live_tags_by_latest ON live_tags (latest_published_at DESC, tag_id DESC);
CREATE INDEX live_authors_by_count ON live_authors (article_count DESC, author_id DESC);
CREATE INDEX live_authors_by_latest ON live_authors (latest_published_at DESC, author_id DESC);
