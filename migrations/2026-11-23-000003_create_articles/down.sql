DROP TABLE article_media, article_tags, article_authors, article_revisions, article_slugs, articles;
