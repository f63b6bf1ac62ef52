//! What the page asks of the browser: address, language, clock, clipboard.
//!
//! Whatever a browser may refuse is an `Option` or a default here, never a panic.

pub(crate) mod file;
pub(crate) mod nicknames;
pub(crate) mod own_key;
pub(crate) mod persistence;
pub(crate) mod rooms;
pub(crate) mod tour;

use js_sys::{Date, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, HtmlElement, HtmlLinkElement, Storage, Window};

use chain_wasm::api::MiningMode;

use crate::i18n::Language;

const LANGUAGE_KEY: &str = "tabchain.language";

/// The names under which the choices are remembered.
const MINING: [(MiningMode, &str); 3] = [
    (MiningMode::OnDemand, "on-demand"),
    (MiningMode::Always, "always"),
    (MiningMode::Never, "never"),
];

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

/// The wall clock, in milliseconds since 1970.
pub(crate) fn now() -> u64 {
    // A date of today is a positive whole number far below 2^53.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    {
        Date::now().max(0.0) as u64
    }
}

/// The local time's offset from UTC at that time, in minutes, east positive.
pub(crate) fn offset_minutes(millis: u64) -> i32 {
    #[expect(clippy::cast_precision_loss, reason = "dates beyond 2^53 ms have no offset anyway")]
    let date = Date::new(&JsValue::from_f64(millis as f64));
    let offset = -date.get_timezone_offset();
    // A day at most; NaN for a date out of range becomes 0.
    #[expect(clippy::cast_possible_truncation, reason = "in range")]
    {
        offset as i32
    }
}

/// The address's fragment, with its `#`, or empty.
pub(crate) fn fragment() -> String {
    window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

/// Goes to another fragment of the page; `hashchange` follows.
pub(crate) fn set_fragment(fragment: &str) {
    if let Some(window) = window() {
        // Only an address that cannot be parsed fails; a fragment always can.
        drop(window.location().set_hash(fragment));
    }
}

/// The page's address with that fragment.
pub(crate) fn address_with(fragment: &str) -> String {
    let href = window().and_then(|window| window.location().href().ok()).unwrap_or_default();
    let base = href.split('#').next().unwrap_or_default();
    format!("{base}{fragment}")
}

/// Loads the page anew.
pub(crate) fn reload() {
    if let Some(window) = window() {
        drop(window.location().reload());
    }
}

/// The relay's WebSocket address: `/ws` where the page came from.
pub(crate) fn relay_url() -> String {
    let Some(location) = window().map(|window| window.location()) else { return String::new() };
    let scheme = match location.protocol().as_deref() {
        Ok("https:") => "wss",
        _ => "ws",
    };
    format!("{scheme}://{}/ws", location.host().unwrap_or_default())
}

/// The address of the worker's script, which the skeleton's link `node-worker`
/// names (its name changes with its content).
pub(crate) fn worker_url() -> String {
    document()
        .and_then(|document| document.get_element_by_id("node-worker"))
        .and_then(|element| element.dyn_into::<HtmlLinkElement>().ok())
        .map_or_else(|| "./worker.js".into(), |link| link.href())
}

/// Whether the browser has a network, as far as it knows.
pub(crate) fn online() -> bool {
    window().is_none_or(|window| window.navigator().on_line())
}

/// Whether the page is hidden.
pub(crate) fn hidden() -> bool {
    document().is_some_and(|document| document.hidden())
}

/// Whether the page is as narrow as a phone's: the style sheet says at which width.
pub(crate) fn is_narrow() -> bool {
    const NARROW: f64 = 640.0;
    let width = window().and_then(|window| window.inner_width().ok()?.as_f64());
    width.is_some_and(|width| width <= NARROW)
}

/// Calls `act` at each event of that name, of the window or (visibility) of the
/// document, as long as the page lives.
pub(crate) fn on(event: &str, act: impl Fn(JsValue) + 'static) {
    let Some(window) = window() else { return };
    let handler = Closure::<dyn Fn(JsValue)>::new(act);
    let target = match (event, window.document()) {
        ("visibilitychange", Some(document)) => document.into(),
        _ => web_sys::EventTarget::from(window),
    };
    if target.add_event_listener_with_callback(event, handler.as_ref().unchecked_ref()).is_ok() {
        handler.forget();
    }
}

/// Whether a `pageshow` event brings back a page that had been put aside.
pub(crate) fn is_brought_back(event: &JsValue) -> bool {
    Reflect::get(event, &"persisted".into()).is_ok_and(|persisted| persisted.is_truthy())
}

// Merely to touch `localStorage` throws where the browser refuses it.
fn storage() -> Option<Storage> {
    window()?.local_storage().ok()?
}

/// The language to begin with: the one chosen earlier, else the browser's first
/// that the page has, else English.
pub(crate) fn first_language() -> Language {
    let chosen = storage().and_then(|storage| storage.get_item(LANGUAGE_KEY).ok()?);
    let mut tags: Vec<String> = chosen.into_iter().collect();
    if let Some(navigator) = window().map(|window| window.navigator()) {
        tags.extend(navigator.languages().iter().filter_map(|tag| tag.as_string()));
        tags.extend(navigator.language());
    }
    tags.iter().find_map(|tag| Language::of_tag(tag)).unwrap_or(Language::English)
}

/// Remembers the language where the browser lets it.
pub(crate) fn remember_language(language: Language) {
    if let Some(storage) = storage() {
        drop(storage.set_item(LANGUAGE_KEY, language.tag()));
    }
}

/// When the tab of that number of this browser is to mine, as it was chosen last.
pub(crate) fn remembered_mining(slot: u32) -> MiningMode {
    let name = storage().and_then(|storage| storage.get_item(&mining_key(slot)).ok()?);
    let chosen = MINING.into_iter().find(|(_, known)| name.as_deref() == Some(known));
    chosen.map_or(MiningMode::OnDemand, |(mode, _)| mode)
}

/// Remembers when that tab is to mine, where the browser lets it.
pub(crate) fn remember_mining(slot: u32, mode: MiningMode) {
    if let (Some(storage), Some((_, name))) =
        (storage(), MINING.into_iter().find(|(known, _)| *known == mode))
    {
        drop(storage.set_item(&mining_key(slot), name));
    }
}

fn mining_key(slot: u32) -> String {
    format!("tabchain.mining.{slot}")
}

/// Tells screen readers and fonts which language the page is in.
pub(crate) fn set_document_language(language: Language) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        drop(root.set_attribute("lang", language.tag()));
    }
}

/// Sets the title of the tab.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Sets the icon of the tab.
pub(crate) fn set_icon(address: &str) {
    let link = document().and_then(|document| document.query_selector("link[rel=icon]").ok()?);
    if let Some(link) = link {
        drop(link.set_attribute("href", address));
    }
}

/// Lets the user print the page.
pub(crate) fn print() {
    if let Some(window) = window() {
        // Where a browser cannot print, nothing is printed.
        drop(window.print());
    }
}

/// How far down the page is scrolled, in pixels.
pub(crate) fn scrolled() -> f64 {
    window().and_then(|window| window.scroll_y().ok()).unwrap_or_default()
}

/// Scrolls the page so far down, in pixels.
pub(crate) fn scroll_to(pixels: f64) {
    if let Some(window) = window() {
        window.scroll_to_with_x_and_y(0.0, pixels);
    }
}

/// Copies a text. Returns whether that worked: over plain http there is no
/// clipboard, and a browser may refuse.
pub(crate) async fn copy(text: String) -> bool {
    let Some(promise) = window().and_then(|window| clipboard_write(&window, &text)) else {
        return false;
    };
    JsFuture::from(promise).await.is_ok()
}

fn clipboard_write(window: &Window, text: &str) -> Option<Promise> {
    let clipboard = Reflect::get(&window.navigator(), &"clipboard".into()).ok()?;
    if clipboard.is_undefined() {
        return None;
    }
    Some(window.navigator().clipboard().write_text(text))
}

/// Empties the element of that id and hands it out.
pub(crate) fn clear_place(id: &str) -> Option<HtmlElement> {
    let place = document()?.get_element_by_id(id)?;
    place.set_text_content(None);
    place.remove_attribute("aria-busy").ok()?;
    place.dyn_into().ok()
}

/// Shows that the page itself failed, next to what is still there of it, when it
/// panics.
pub(crate) fn report_panics() {
    std::panic::set_hook(Box::new(|info| {
        complain(&info.to_string());
        if let Some(element) =
            document().and_then(|document| document.get_element_by_id("page-failed"))
        {
            show(&element);
        }
    }));
}

fn show(element: &Element) {
    drop(element.remove_attribute("hidden"));
}

/// Writes an error to the console.
pub(crate) fn complain(message: &str) {
    web_sys::console::error_1(&message.into());
}

/// Puts the keyboard's focus on the element of that id.
pub(crate) fn focus(id: &str) {
    let element = document().and_then(|document| document.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        drop(element.focus());
    }
}
