// What the site itself says, in each of its languages, and how it writes dates and numbers.

const en = {
    skip: "Skip to the news",
    search: "Search",
    searchFor: "Search for",
    searchShort: "Search the news",
    searchHint: "Words, a “phrase”, -without, begin*",
    topics: "Sections",
    latest: "Latest news",
    editorsChoice: "Top stories",
    more: "Show more",
    loading: "Loading…",
    noMore: "You have seen it all.",
    failed: "That did not work.",
    retry: "Try again",
    byRead: "Read more",
    former: "Formerly at this newspaper",
    stories: "Stories",
    storiesBy: "Stories by",
    published: "Published",
    updated: "Updated",
    alsoIn: "Also in",
    related: "Related stories",
    corrections: "Corrections and clarifications",
    credit: "Picture",
    withheld: { withdrawn: "This picture has been withdrawn.", rights_expired: "The licence for this picture has ended." },
    results: "Results for",
    nothing: "Nothing was found.",
    nothingHint: "Try fewer words, or another spelling.",
    notFound: "This page is not here",
    notFoundText: "It may have moved, or it never was. The front page has today’s news.",
    gone: "This story was taken down",
    goneText: "It was published here and has been withdrawn. It will not come back under this address.",
    broken: "The news cannot be fetched just now",
    brokenText: "Something between you and the newsroom is not working. Nothing is lost.",
    reference: "Reference for the newsroom",
    front: "Front page",
    rss: "RSS feed",
    docs: "API documentation",
    about: "A sample site that reads Masthead, a headless CMS for news.",
    writesIn: "Writes in",
    from: "From",
    source: "First published by",
    done: "Done",
    toDo: "To do",
    otherLanguage: "Українською",
    kinds: { news: "News", brief: "In brief", analysis: "Analysis", opinion: "Opinion", feature: "Feature", interview: "Interview", live: "Live", video: "Video", gallery: "In pictures" },
    correctionKinds: { correction: "Correction", clarification: "Clarification", update: "Update", editors_note: "Editors’ note", retraction: "Retraction" },
    roles: { author: "", photographer: "Photographs", editor: "Edited by", contributor: "With", translator: "Translated by" },
    minutes: { one: "minute’s read", other: "minutes’ read" } as Partial<Record<Intl.LDMLPluralRule, string>>,
    fresh: { one: "new story", other: "new stories" } as Partial<Record<Intl.LDMLPluralRule, string>>,
    count: { one: "story", other: "stories" } as Partial<Record<Intl.LDMLPluralRule, string>>,
};

const uk: typeof en = {
    skip: "Перейти до новин",
    search: "Пошук",
    searchFor: "Шукати",
    searchShort: "Пошук у новинах",
    searchHint: "Слова, “фраза”, -без, почат*",
    topics: "Розділи",
    latest: "Останні новини",
    editorsChoice: "Головне",
    more: "Показати ще",
    loading: "Завантажуємо…",
    noMore: "Це все.",
    failed: "Не вдалося.",
    retry: "Спробувати ще раз",
    byRead: "Докладніше",
    former: "Раніше в цій газеті",
    stories: "Матеріали",
    storiesBy: "Матеріали:",
    published: "Опубліковано",
    updated: "Оновлено",
    alsoIn: "Також",
    related: "Читайте також",
    corrections: "Виправлення та уточнення",
    credit: "Зображення",
    withheld: { withdrawn: "Це зображення відкликано.", rights_expired: "Термін ліцензії на це зображення минув." },
    results: "Знайдено за запитом",
    nothing: "Нічого не знайдено.",
    nothingHint: "Спробуйте менше слів або інше написання.",
    notFound: "Такої сторінки тут немає",
    notFoundText: "Можливо, її перенесли, а можливо, її ніколи не було. Сьогоднішні новини — на головній.",
    gone: "Цей матеріал знято",
    goneText: "Його було тут опубліковано, а потім відкликано. За цією адресою він більше не з’явиться.",
    broken: "Зараз не вдається отримати новини",
    brokenText: "Щось між вами та редакцією не працює. Нічого не втрачено.",
    reference: "Номер для редакції",
    front: "Головна",
    rss: "RSS-стрічка",
    docs: "Документація API",
    about: "Зразок сайту, що читає Masthead, headless CMS для новин.",
    writesIn: "Мови:",
    from: "Місто:",
    source: "Першоджерело:",
    done: "Зроблено",
    toDo: "Зробити",
    otherLanguage: "English",
    kinds: { news: "Новини", brief: "Коротко", analysis: "Аналіз", opinion: "Думка", feature: "Нарис", interview: "Інтерв’ю", live: "Наживо", video: "Відео", gallery: "У знімках" },
    correctionKinds: { correction: "Виправлення", clarification: "Уточнення", update: "Оновлення", editors_note: "Від редакції", retraction: "Спростування" },
    roles: { author: "", photographer: "Фото:", editor: "Редакція:", contributor: "За участі:", translator: "Переклад:" },
    minutes: { one: "хвилина читання", few: "хвилини читання", many: "хвилин читання", other: "хвилини читання" },
    fresh: { one: "новий матеріал", few: "нові матеріали", many: "нових матеріалів", other: "нового матеріалу" },
    count: { one: "матеріал", few: "матеріали", many: "матеріалів", other: "матеріалу" },
};

export type Language = "en" | "uk";
export type Words = typeof en;

const ALL: Record<Language, Words> = { en, uk };

export const words = (language: Language): Words => ALL[language];

/** The interface for a story: its own language where the interface speaks it. */
export const interfaceFor = (language: string): Language => (language.split("-")[0] === "uk" ? "uk" : "en");

const locale = (language: Language) => (language === "uk" ? "uk-UA" : "en-GB");

export function counted(count: number, forms: Partial<Record<Intl.LDMLPluralRule, string>>, language: Language): string {
    return `${new Intl.NumberFormat(locale(language)).format(count)} ${forms[new Intl.PluralRules(language).select(count)] ?? forms.other ?? ""}`;
}

export function dateTime(time: string, language: Language): string {
    return new Intl.DateTimeFormat(locale(language), { dateStyle: "long", timeStyle: "short", timeZone: "UTC" }).format(new Date(time)) + " UTC";
}

export function shortTime(time: string, language: Language): string {
    return new Intl.DateTimeFormat(locale(language), { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(new Date(time));
}

export function day(time: string, language: Language): string {
    return new Intl.DateTimeFormat(locale(language), { dateStyle: "long", timeZone: "UTC" }).format(new Date(time));
}

export function languageName(language: string, inLanguage: Language): string {
    return new Intl.DisplayNames([inLanguage], { type: "language" }).of(language) ?? language;
}
