//! What the operator reads on standard output once the service is ready.

use super::first_admin::SignIn;
use crate::app::App;

/// Prints it.
pub fn print(app: &App, sign_in: &SignIn) {
    let base = &app.base;
    println!("\nMasthead is ready.\n");
    if app.reader.is_there() {
        println!("  News      {base}/");
    }
    println!("  API       {base}/v1/articles");
    println!("  Docs      {base}/docs/");
    println!("  Sign in   {sign_in}");
    println!("  Try       curl '{base}/v1/articles?limit=3'");
    println!("  Stop      Ctrl-C\n");
}
