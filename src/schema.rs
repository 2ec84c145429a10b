// @generated automatically by Diesel CLI.

diesel::table! {
    api_keys (id) {
        id -> Uuid,
        name -> Text,
        role -> Text,
        prefix -> Text,
        secret_hash -> Bytea,
        created_by -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Nullable<Timestamptz>,
        revoked_at -> Nullable<Timestamptz>,
        last_used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    article_authors (article_id, author_id) {
        article_id -> Uuid,
        author_id -> Uuid,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    article_media (article_id, media_id) {
        article_id -> Uuid,
        media_id -> Uuid,
    }
}

diesel::table! {
    article_revisions (article_id, number) {
        article_id -> Uuid,
        number -> Int4,
        created_at -> Timestamptz,
        created_by -> Nullable<Uuid>,
        note -> Nullable<Text>,
        base -> Nullable<Int4>,
        content -> Bytea,
    }
}

diesel::table! {
    article_slugs (slug) {
        slug -> Text,
        article_id -> Uuid,
        was_live -> Bool,
    }
}

diesel::table! {
    article_tags (article_id, tag_id) {
        article_id -> Uuid,
        tag_id -> Uuid,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    articles (id) {
        id -> Uuid,
        status -> Text,
        version -> Int4,
        revision -> Int4,
        live_revision -> Nullable<Int4>,
        slug -> Text,
        kind -> Text,
        language -> Text,
        headline -> Text,
        publish_at -> Nullable<Timestamptz>,
        unpublish_at -> Nullable<Timestamptz>,
        embargo_until -> Nullable<Timestamptz>,
        assignee_id -> Nullable<Uuid>,
        notes -> Nullable<Text>,
        review_note -> Nullable<Text>,
        translation_group -> Uuid,
        first_published_at -> Nullable<Timestamptz>,
        published_at -> Nullable<Timestamptz>,
        schedule_failure -> Nullable<Jsonb>,
        lock_user_id -> Nullable<Uuid>,
        lock_since -> Nullable<Timestamptz>,
        lock_expires_at -> Nullable<Timestamptz>,
        created_by -> Nullable<Uuid>,
        updated_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    audit_events (id) {
        id -> Uuid,
        at -> Timestamptz,
        actor_id -> Nullable<Uuid>,
        actor -> Text,
        action -> Text,
        resource -> Text,
        target_id -> Nullable<Uuid>,
        request_id -> Nullable<Text>,
        address -> Nullable<Text>,
        before -> Nullable<Jsonb>,
        after -> Nullable<Jsonb>,
    }
}

diesel::table! {
    authors (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        sort_name -> Text,
        kind -> Text,
        job_title -> Nullable<Text>,
        former -> Bool,
        bio -> Nullable<Text>,
        bio_long -> Nullable<Text>,
        avatar_media_id -> Nullable<Uuid>,
        links -> Jsonb,
        location -> Nullable<Text>,
        languages -> Array<Nullable<Text>>,
        email -> Nullable<Text>,
        job_titles -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    bylines (article_id, author_id) {
        article_id -> Uuid,
        author_id -> Uuid,
        name -> Text,
        job_title -> Nullable<Text>,
    }
}

diesel::table! {
    changes (generation) {
        generation -> Int8,
        at -> Timestamptz,
        kind -> Text,
        article_id -> Uuid,
        slug -> Text,
        revision -> Nullable<Int4>,
        surrogate_keys -> Array<Nullable<Text>>,
    }
}

diesel::table! {
    collection_revisions (collection_id, number) {
        collection_id -> Uuid,
        number -> Int4,
        created_at -> Timestamptz,
        created_by -> Nullable<Uuid>,
        note -> Nullable<Text>,
        content -> Jsonb,
    }
}

diesel::table! {
    collections (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        version -> Int4,
        revision -> Int4,
        live_revision -> Nullable<Int4>,
        published_at -> Nullable<Timestamptz>,
        created_by -> Nullable<Uuid>,
        updated_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    corrections (id) {
        id -> Uuid,
        article_id -> Uuid,
        kind -> Text,
        text -> Text,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    demo_loads (name) {
        name -> Text,
        articles -> Int8,
        loaded_at -> Timestamptz,
    }
}

diesel::table! {
    generations (name) {
        name -> Text,
        value -> Int8,
    }
}

diesel::table! {
    idempotency_keys (caller, operation, key) {
        caller -> Text,
        operation -> Text,
        key -> Text,
        digest -> Bytea,
        status -> Int2,
        headers -> Jsonb,
        body -> Bytea,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    live_article_authors (article_id, author_id) {
        article_id -> Uuid,
        author_id -> Uuid,
        published_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    live_article_media (article_id, media_id) {
        article_id -> Uuid,
        media_id -> Uuid,
    }
}

diesel::table! {
    live_article_slugs (slug) {
        slug -> Text,
        article_id -> Uuid,
    }
}

diesel::table! {
    live_article_tags (article_id, tag_id) {
        article_id -> Uuid,
        tag_id -> Uuid,
        published_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    live_articles (id) {
        id -> Uuid,
        slug -> Text,
        kind -> Text,
        language -> Text,
        primary_tag_id -> Nullable<Uuid>,
        translation_group -> Uuid,
        revision -> Int4,
        published_at -> Timestamptz,
        first_published_at -> Timestamptz,
        updated_at -> Timestamptz,
        card -> Text,
        html -> Text,
        body -> Jsonb,
        searchable -> Bool,
    }
}

diesel::table! {
    live_authors (author_id) {
        author_id -> Uuid,
        article_count -> Int4,
        latest_published_at -> Timestamptz,
    }
}

diesel::table! {
    live_collections (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        description -> Nullable<Text>,
        slots -> Jsonb,
        fill -> Nullable<Jsonb>,
        size -> Int2,
        published_at -> Timestamptz,
    }
}

diesel::table! {
    live_corrections (id) {
        id -> Uuid,
        article_id -> Uuid,
        kind -> Text,
        text -> Text,
        at -> Timestamptz,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::search_words::Tsvector;

    live_search (article_id) {
        article_id -> Uuid,
        published_at -> Timestamptz,
        updated_at -> Timestamptz,
        words -> Tsvector,
    }
}

diesel::table! {
    live_tags (tag_id) {
        tag_id -> Uuid,
        article_count -> Int4,
        latest_published_at -> Timestamptz,
    }
}

diesel::table! {
    live_taken_down (slug) {
        slug -> Text,
        article_id -> Uuid,
    }
}

diesel::table! {
    media (id) {
        id -> Uuid,
        kind -> Text,
        filename -> Text,
        mime -> Text,
        bytes -> Int8,
        sha256 -> Bytea,
        width -> Nullable<Int4>,
        height -> Nullable<Int4>,
        blurhash -> Nullable<Text>,
        focal_x -> Nullable<Float4>,
        focal_y -> Nullable<Float4>,
        alt -> Nullable<Text>,
        caption -> Nullable<Text>,
        credit_id -> Uuid,
        credit_line -> Nullable<Text>,
        creators -> Array<Nullable<Text>>,
        taken_at -> Nullable<Timestamptz>,
        source_url -> Nullable<Text>,
        valid_from -> Nullable<Timestamptz>,
        valid_until -> Nullable<Timestamptz>,
        usage_terms -> Nullable<Text>,
        digital_source_type -> Nullable<Text>,
        extracted -> Jsonb,
        status -> Text,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    media_credits (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        kind -> Text,
        credit_line -> Text,
        credit_template -> Text,
        source -> Nullable<Text>,
        copyright_notice -> Nullable<Text>,
        licence_code -> Nullable<Text>,
        licence_name -> Nullable<Text>,
        licence_url -> Nullable<Text>,
        usage_terms -> Nullable<Text>,
        acquire_licence_url -> Nullable<Text>,
        url -> Nullable<Text>,
        valid_from -> Nullable<Timestamptz>,
        valid_until -> Nullable<Timestamptz>,
        status -> Text,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    password_resets (user_id) {
        user_id -> Uuid,
        hash -> Bytea,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    previews (id) {
        id -> Uuid,
        article_id -> Uuid,
        token_hash -> Bytea,
        created_by -> Uuid,
        created_at -> Timestamptz,
        expires_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    purges (id) {
        id -> Int8,
        keys -> Array<Nullable<Text>>,
        due_at -> Timestamptz,
        sent -> Bool,
        at -> Timestamptz,
    }
}

diesel::table! {
    refresh_tokens (hash) {
        hash -> Bytea,
        session_id -> Uuid,
        created_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sessions (id) {
        id -> Uuid,
        user_id -> Uuid,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
        expires_at -> Timestamptz,
        ended_at -> Nullable<Timestamptz>,
        user_agent -> Nullable<Text>,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    site (id) {
        id -> Int2,
        name -> Text,
        description -> Nullable<Text>,
        base_url -> Text,
        article_url_template -> Text,
        languages -> Array<Nullable<Text>>,
        logo_media_id -> Nullable<Uuid>,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    slug_redirects (resource, slug) {
        resource -> Text,
        slug -> Text,
        target_id -> Uuid,
        since -> Timestamptz,
    }
}

diesel::table! {
    tags (id) {
        id -> Uuid,
        slug -> Text,
        name -> Text,
        kind -> Text,
        description -> Nullable<Text>,
        parent_id -> Nullable<Uuid>,
        country_code -> Nullable<Text>,
        names -> Jsonb,
        external_ids -> Jsonb,
        version -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    takedown_articles (takedown_id, article_id) {
        takedown_id -> Uuid,
        article_id -> Uuid,
    }
}

diesel::table! {
    takedowns (id) {
        id -> Uuid,
        kind -> Text,
        target_id -> Uuid,
        subject -> Text,
        reason -> Text,
        legal_reference -> Nullable<Text>,
        earlier_status -> Nullable<Text>,
        articles -> Int4,
        pictures -> Int4,
        created_by -> Nullable<Uuid>,
        created_at -> Timestamptz,
        reversed_by -> Nullable<Uuid>,
        reversed_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    taken_down_articles (article_id) {
        article_id -> Uuid,
        status -> Text,
        live_revision -> Nullable<Int4>,
        live_updated_at -> Nullable<Timestamptz>,
        publish_at -> Nullable<Timestamptz>,
        unpublish_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    taken_down_uses (id) {
        id -> Int8,
        article_id -> Uuid,
        author_id -> Nullable<Uuid>,
        media_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    users (id) {
        id -> Uuid,
        email -> Text,
        email_key -> Nullable<Text>,
        name -> Text,
        role -> Text,
        password_hash -> Nullable<Text>,
        author_id -> Nullable<Uuid>,
        disabled_at -> Nullable<Timestamptz>,
        deleted_at -> Nullable<Timestamptz>,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::joinable!(api_keys -> users (created_by));
diesel::joinable!(article_authors -> articles (article_id));
diesel::joinable!(article_authors -> authors (author_id));
diesel::joinable!(article_media -> articles (article_id));
diesel::joinable!(article_media -> media (media_id));
diesel::joinable!(article_revisions -> articles (article_id));
diesel::joinable!(article_revisions -> users (created_by));
diesel::joinable!(article_slugs -> articles (article_id));
diesel::joinable!(article_tags -> articles (article_id));
diesel::joinable!(article_tags -> tags (tag_id));
diesel::joinable!(authors -> media (avatar_media_id));
diesel::joinable!(bylines -> articles (article_id));
diesel::joinable!(bylines -> authors (author_id));
diesel::joinable!(collection_revisions -> collections (collection_id));
diesel::joinable!(collection_revisions -> users (created_by));
diesel::joinable!(corrections -> articles (article_id));
diesel::joinable!(corrections -> users (created_by));
diesel::joinable!(live_article_authors -> authors (author_id));
diesel::joinable!(live_article_authors -> live_articles (article_id));
diesel::joinable!(live_article_media -> live_articles (article_id));
diesel::joinable!(live_article_media -> media (media_id));
diesel::joinable!(live_article_slugs -> live_articles (article_id));
diesel::joinable!(live_article_tags -> live_articles (article_id));
diesel::joinable!(live_article_tags -> tags (tag_id));
diesel::joinable!(live_articles -> articles (id));
diesel::joinable!(live_articles -> tags (primary_tag_id));
diesel::joinable!(live_authors -> authors (author_id));
diesel::joinable!(live_collections -> collections (id));
diesel::joinable!(live_corrections -> live_articles (article_id));
diesel::joinable!(live_search -> live_articles (article_id));
diesel::joinable!(live_tags -> tags (tag_id));
diesel::joinable!(live_taken_down -> taken_down_articles (article_id));
diesel::joinable!(media -> media_credits (credit_id));
diesel::joinable!(media -> users (created_by));
diesel::joinable!(media_credits -> users (created_by));
diesel::joinable!(password_resets -> users (user_id));
diesel::joinable!(previews -> articles (article_id));
diesel::joinable!(previews -> users (created_by));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(site -> media (logo_media_id));
diesel::joinable!(tags -> users (created_by));
diesel::joinable!(takedown_articles -> articles (article_id));
diesel::joinable!(takedown_articles -> takedowns (takedown_id));
diesel::joinable!(taken_down_articles -> articles (article_id));
diesel::joinable!(taken_down_uses -> authors (author_id));
diesel::joinable!(taken_down_uses -> media (media_id));
diesel::joinable!(taken_down_uses -> taken_down_articles (article_id));

diesel::allow_tables_to_appear_in_same_query!(
    api_keys,
    article_authors,
    article_media,
    article_revisions,
    article_slugs,
    article_tags,
    articles,
    authors,
    bylines,
    collection_revisions,
    collections,
    corrections,
    live_article_authors,
    live_article_media,
    live_article_slugs,
    live_article_tags,
    live_articles,
    live_authors,
    live_collections,
    live_corrections,
    live_search,
    live_tags,
    live_taken_down,
    media,
    media_credits,
    password_resets,
    previews,
    refresh_tokens,
    sessions,
    site,
    tags,
    takedown_articles,
    takedowns,
    taken_down_articles,
    taken_down_uses,
    users,
);
