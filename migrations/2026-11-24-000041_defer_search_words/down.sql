ALTER INDEX live_search_words RESET (gin_pending_list_limit);
ALTER INDEX live_search_words SET (fastupdate = off);
SELECT gin_clean_pending_list('live_search_words');
