DROP TABLE changes, live_authors, live_tags, live_article_media, live_article_authors, live_article_tags, live_article_slugs, live_articles;
