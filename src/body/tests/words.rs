//! Words and minutes.

use super::markdown;
use crate::body::{reading_minutes, words};

#[test]
fn words_are_counted_in_every_script() {
    let cases = [
        ("", 0),
        ("   \n ", 0),
        ("one", 1),
        ("one two  three\nfour", 4),
        ("don't — well-known", 2),
        ("word—word", 2),
        ("3.5 million", 2),
        ("e.g. https://a.b/c", 4),
        ("п'ятниця об’єднання", 2),
        ("Київ, Львів та Одеса", 4),
        ("新华社北京", 5),
        ("東京タワー", 5),
        ("中文 and English", 4),
        ("שלום עולם", 2),
        ("السلام عليكم", 2),
        ("สวัสดีชาวโลก", 3),
        ("😀 🇺🇦", 0),
        ("- * #", 0),
        ("नमस्ते दुनिया", 2),
        ("한국어 단어", 2),
    ];
    for (text, expected) in cases {
        assert_eq!(words::count(text), expected, "{text:?}");
    }
}

#[test]
fn minutes_are_rounded_and_at_least_one() {
    let cases = [(0, 1), (1, 1), (238, 1), (356, 1), (357, 2), (595, 3), (2_380, 10), (u32::MAX, 18_046_081)];
    for (words, minutes) in cases {
        assert_eq!(reading_minutes(words), minutes, "{words}");
    }
}

#[test]
fn a_body_counts_what_is_read() {
    let body = markdown("# One two\n\nThree **four** [five](https://six.seven)\n\n- eight\n- nine\n\n| ten | eleven |\n| - | - |\n| twelve | |");
    assert_eq!(body.word_count(), 10);
    assert_eq!(body.to_text(), "One two\n\nThree four five\n\neight\nnine\n\nten\televen\ntwelve\t");
}
