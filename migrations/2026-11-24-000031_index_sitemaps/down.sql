DROP INDEX live_articles_sitemap;
