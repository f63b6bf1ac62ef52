//! Tabchain's page.
//!
//! It shows what the node says and sends what the user does; it holds no chain
//! logic. Four rooms, each with its own entry rule:
//!
//! - `node_link`: the wire to the node's worker; knows the protocol, not the page;
//! - `model`: what the page knows; pure, natively tested, no browser and no Leptos;
//! - `i18n`: every word; the only place that has any;
//! - `view`: one component a file; decides nothing.
//!
//! `browser` is what the page asks of the browser itself, `session` ties the link
//! to the model.

mod browser;
mod i18n;
mod model;
mod node_link;
mod session;
mod view;

/// Puts the page in the place of the skeleton, the element `app` of `index.html`.
///
/// Without that element there is no place for it, which the console is told.
pub fn run() {
    browser::report_panics();
    let Some(place) = browser::clear_place("app") else {
        return browser::complain("no element with the id `app`");
    };
    leptos::mount::mount_to(place, view::App).forget();
}
