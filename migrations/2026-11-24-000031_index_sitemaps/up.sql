-- Sitemaps: stories that search engines may list, by when they first went live, which never changes; all that an entry
-- needs is in the index. Inside JSON text a quote that somebody wrote is escaped, so only the member itself can match.
CREATE INDEX live_articles_sitemap ON live_articles (first_published_at, id) INCLUDE (slug, language, updated_at)
    WHERE strpos(card, '"noindex":true') = 0;
