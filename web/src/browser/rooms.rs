//! What rooms ask of the browser: randomness, an address that is not gone back to, and
//! ways to hand a link on.

use js_sys::{Array, Reflect};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Response, ShareData};

use super::window;

/// 32 random bytes; over plain http, too.
pub(crate) fn random() -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    let crypto = window()?.crypto().ok()?;
    crypto.get_random_values_with_u8_array(&mut bytes).ok()?;
    Some(bytes)
}

/// Puts another fragment in the place of the address's, which is then in no history. No
/// `hashchange` follows.
pub(crate) fn replace_fragment(fragment: &str) {
    let history = window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        let state = history.state().unwrap_or_default();
        drop(history.replace_state_with_url(&state, "", Some(fragment)));
    }
}

/// Whether other devices cannot use this page's address.
pub(crate) fn is_loopback() -> bool {
    let host = window().and_then(|window| window.location().hostname().ok()).unwrap_or_default();
    host == "localhost" || host == "[::1]" || host.starts_with("127.")
}

/// Where other devices find the relay, as it tells: URLs. Empty if it knows of none, or does
/// not answer.
pub(crate) async fn addresses() -> Vec<String> {
    asked_addresses().await.unwrap_or_default()
}

async fn asked_addresses() -> Option<Vec<String>> {
    let answer = JsFuture::from(window()?.fetch_with_str("./addresses")).await.ok()?;
    let answer: Response = answer.dyn_into().ok().filter(Response::ok)?;
    let list = JsFuture::from(answer.json().ok()?).await.ok()?;
    let list = list.dyn_into::<Array>().ok()?;
    Some(list.iter().filter_map(|url| url.as_string()).collect())
}

/// Whether the browser hands links to other programs.
pub(crate) fn can_share() -> bool {
    window().is_some_and(|window| {
        Reflect::get(&window.navigator(), &"share".into()).is_ok_and(|share| share.is_function())
    })
}

/// Hands a link to another program, which the user chooses.
pub(crate) async fn share(title: &str, address: &str) {
    let Some(window) = window() else { return };
    let data = ShareData::new();
    data.set_title(title);
    data.set_url(address);
    // Whoever gives it up does not need to be told so.
    drop(JsFuture::from(window.navigator().share_with_data(&data)).await);
}
