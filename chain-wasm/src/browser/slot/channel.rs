//! Slots by messages on a `BroadcastChannel`: carries out a [`Claim`].

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{BroadcastChannel, MessageEvent};

use super::claim::{Claim, ClaimState};
use super::{SLOTS, SlotError};
use crate::browser::{page, scope};
use crate::primitives::ChainId;

/// A claim that answers other tabs until it is dropped.
pub(super) struct Channel {
    channel: BroadcastChannel,
    _on_message: Closure<dyn Fn(MessageEvent)>,
}

impl Drop for Channel {
    fn drop(&mut self) {
        self.channel.set_onmessage(None);
        self.channel.close();
    }
}

/// Takes the lowest slot to which no other tab objects.
///
/// # Errors
/// [`SlotError::Unsupported`] without channels, [`SlotError::Full`] if none is free.
pub(super) async fn claim(chain: &ChainId) -> Result<(u32, Channel), SlotError> {
    let channel = BroadcastChannel::new(&format!("tabchain/{chain}"))
        .map_err(|error| SlotError::Unsupported(scope::describe(&error)))?;
    let token = getrandom::u64()?;
    let claim = Rc::new(RefCell::new(Claim::new(token, SLOTS, scope::now().mono)));
    let on_message = {
        let (claim, channel) = (Rc::clone(&claim), channel.clone());
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            // Anything else on the channel is none of ours.
            if let Ok(message) = page::read(event.data()) {
                claim.borrow_mut().message(message);
                send(&claim, &channel);
            }
        })
    };
    channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let held = Channel { channel, _on_message: on_message };
    send(&claim, &held.channel);
    loop {
        let state = claim.borrow().state();
        match state {
            ClaimState::Held { slot } => return Ok((slot, held)),
            ClaimState::Full => return Err(SlotError::Full),
            ClaimState::Asking { until, .. } => {
                let wait = until.since(scope::now().mono);
                TimeoutFuture::new(u32::try_from(wait).unwrap_or(u32::MAX)).await;
                claim.borrow_mut().wakeup(scope::now().mono);
                send(&claim, &held.channel);
            }
        }
    }
}

fn send(claim: &RefCell<Claim>, channel: &BroadcastChannel) {
    while let Some(message) = claim.borrow_mut().poll_output() {
        let posted = page::write(&message)
            .map_err(|error| error.to_string())
            .and_then(|value| channel.post_message(&value).map_err(|e| scope::describe(&e)));
        if let Err(error) = posted {
            scope::log(&format!("a slot message was not sent: {error}"));
        }
    }
}
