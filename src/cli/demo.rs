//! `masthead demo`.

use std::io::IsTerminal;
use std::sync::atomic::{AtomicU64, Ordering};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::database::Database;
use super::{first_admin, prepare, secrets};
use crate::app::App;
use crate::config::Config;
use crate::demo::corpus::{self, Plan};
use crate::demo::newsroom;

#[derive(Debug, Args)]
pub struct Arguments {
    /// Instead of the newsroom, add so many invented articles to what is there: a corpus to measure with.
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    articles: Option<u64>,
    /// Decides every word of the corpus: the same seed makes the same one, and goes on where an earlier load ended.
    #[arg(long, default_value_t = 1, requires = "articles")]
    seed: u64,
}

/// Loads the demo newsroom, unless it is or was there; or adds a corpus.
///
/// # Errors
/// A sentence.
pub fn run(config: Config, arguments: &Arguments) -> Result<(), String> {
    let wanted = first_admin::wanted(&config)?;
    let keys = secrets::signing_keys(&config)?;
    let database = Database::open(&config)?;
    let app = App::build(config, database.url.clone(), &keys)?;
    prepare::foundations(&mut database.connect()?, &app, wanted.as_ref())?;
    match arguments.articles {
        Some(articles) => corpus(&app, &database.url, Plan { articles, seed: arguments.seed }),
        None => newsroom(&app),
    }
}

fn newsroom(app: &App) -> Result<(), String> {
    let report = actix_web::rt::System::new().block_on(newsroom::load(app)).map_err(|error| format!("The demo newsroom could not be loaded: {error}"))?;
    if report.is_new() {
        println!("The demo newsroom is here: {} articles, {} of them live, with {} pictures.", report.articles, report.live, report.pictures);
    } else {
        println!("The demo newsroom has been loaded before.");
    }
    Ok(())
}

fn corpus(app: &App, url: &str, plan: Plan) -> Result<(), String> {
    let progress = Progress::of(plan.articles);
    let done = |more| progress.add(more);
    let report = actix_web::rt::System::new().block_on(corpus::load(app, url, plan, &done)).map_err(|error| format!("The corpus could not be loaded: {error}"))?;
    progress.end();
    let seconds = report.loading.as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
    let rate = report.articles as f64 / seconds.max(0.001);
    println!("{} articles, {} of them live, in {seconds:.1} s: {rate:.0} a second. Tidying took {:.1} s.", report.articles, report.live, report.tidying.as_secs_f64());
    Ok(())
}

/// A bar on a terminal, a line every tenth of the way elsewhere.
struct Progress {
    bar: Option<ProgressBar>,
    total: u64,
    done: AtomicU64,
}

impl Progress {
    fn of(total: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} articles, {per_sec}, {eta} left");
            ProgressBar::new(total).with_style(style.unwrap_or_else(|_template| ProgressStyle::default_bar()))
        });
        Self { bar, total, done: AtomicU64::new(0) }
    }

    fn add(&self, more: u64) {
        let before = self.done.fetch_add(more, Ordering::Relaxed);
        let tenth = |count: u64| count * 10 / self.total.max(1);
        match &self.bar {
            Some(bar) => bar.inc(more),
            None if tenth(before + more) > tenth(before) => eprintln!("{} of {} articles", before + more, self.total),
            None => {}
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
