//! Sending coins to another key.

use chain_wasm::api::ApiError;
use chain_wasm::primitives::PublicKey;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::super::{Session, use_session};
use crate::browser;
use crate::model::transfer::{TransferFault, amount, receiver, receivers};
use crate::node_link::CallError;

/// Why nothing was sent, by the field that it is about.
#[derive(Clone, Default, PartialEq)]
struct Refusal {
    receiver: Option<TransferFault>,
    amount: Option<TransferFault>,
    call: Option<CallError>,
}

/// What the form holds.
#[derive(Clone, Copy)]
struct Form {
    session: Session,
    wallet: Memo<Option<PublicKey>>,
    /// Coins that can be sent.
    sendable: Memo<Option<u64>>,
    running: Memo<bool>,
    /// A peer's key in hex; empty while another key is typed.
    chosen: RwSignal<String>,
    typed: RwSignal<String>,
    count: RwSignal<String>,
    refusal: RwSignal<Refusal>,
    sending: RwSignal<bool>,
    sent: RwSignal<Option<(u64, PublicKey)>>,
}

impl Form {
    fn submit(self) {
        let (Some(own), Some(sendable)) =
            (self.wallet.get_untracked(), self.sendable.get_untracked())
        else {
            return;
        };
        if self.sending.get_untracked() || !self.running.get_untracked() {
            return;
        }
        let by_hand = self.chosen.with_untracked(String::is_empty);
        let text = if by_hand { self.typed } else { self.chosen };
        let to = text.with_untracked(|text| receiver(text, &own));
        let coins = self.count.with_untracked(|text| amount(text, sendable));
        self.sent.set(None);
        self.refusal.set(Refusal { receiver: to.err(), amount: coins.err(), call: None });
        match (to, coins) {
            (Ok(to), Ok(coins)) => self.send(to, coins),
            (Err(_), _) => browser::focus("transfer-receiver"),
            (Ok(_), Err(_)) => browser::focus("transfer-amount"),
        }
    }

    fn send(self, to: PublicKey, coins: u64) {
        self.sending.set(true);
        spawn_local(async move {
            let refused = match self.session.transfer(to, coins).await {
                Ok(()) => {
                    self.sent.try_set(Some((coins, to)));
                    self.count.try_set(String::new());
                    Refusal::default()
                }
                // What waits is not all in the page's list; the node knows.
                Err(CallError::Refused(ApiError::InsufficientBalance { balance })) => {
                    let amount = Some(TransferFault::TooMuch { spendable: balance });
                    Refusal { amount, ..Refusal::default() }
                }
                Err(error) => Refusal { call: Some(error), ..Refusal::default() },
            };
            self.refusal.try_set(refused);
            self.sending.try_set(false);
        });
    }

    /// What is said below the form.
    fn said(self) -> Option<String> {
        let words = self.session.words();
        let refused = |refusal: &Refusal| refusal.call.as_ref().map(|e| words.call_error(e));
        self.refusal.with(refused).or_else(|| {
            let (coins, to) = self.sent.get()?;
            Some(words.transfer_accepted(coins, &self.session.called_now(&to)))
        })
    }

    fn fault(self, which: fn(&Refusal) -> Option<TransferFault>) -> Option<String> {
        self.refusal.with(which).map(|fault| self.session.words().transfer_fault(fault))
    }
}

#[component]
pub(super) fn Transfer(
    /// Coins that can be sent.
    sendable: Memo<Option<u64>>,
) -> impl IntoView {
    let session = use_session();
    let form = Form {
        session,
        wallet: session.part(|node| node.wallet.author),
        sendable,
        running: session.running(),
        chosen: RwSignal::new(String::new()),
        typed: RwSignal::new(String::new()),
        count: RwSignal::new(String::new()),
        refusal: RwSignal::new(Refusal::default()),
        sending: RwSignal::new(false),
        sent: RwSignal::new(None),
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit();
    };
    view! {
        <form class="rows" novalidate on:submit=submit>
            {move || session.private_room().map(|_| view! {
                <p class="hint">{session.room_text(|t| t.transfers_visible)}</p>
            })}
            <Receiver form/>
            <Amount form/>
            <button
                type="submit"
                data-testid="transfer-send"
                disabled=move || !form.running.get()
                // Truly disabled, it would lose the keyboard's focus.
                aria-disabled=move || form.sending.get().then_some("true")
            >
                {session.text(|t| t.send)}
            </button>
            <p
                class="said"
                class:error=move || form.refusal.with(|refusal| refusal.call.is_some())
                role="status"
                data-testid="transfer-said"
            >
                {move || form.said()}
            </p>
        </form>
    }
}

#[component]
fn Receiver(form: Form) -> impl IntoView {
    let session = form.session;
    let peers = session.part(|node| receivers(&node.peers, &node.wallet.author));
    let options = move || {
        let keys = peers.get().unwrap_or_default();
        keys.into_iter()
            .map(|key| {
                let value = key.to_string();
                let is_chosen = form.chosen.with_untracked(|chosen| *chosen == value);
                view! { <option value=value selected=is_chosen>{session.called(key)}</option> }
            })
            .collect_view()
    };
    view! {
        <label for="transfer-peer">{session.text(|t| t.receiver)}</label>
        <select
            id="transfer-peer"
            data-testid="transfer-peer"
            on:change=move |event| {
                form.chosen.set(event_target_value(&event));
                form.refusal.update(|refusal| refusal.receiver = None);
            }
        >
            <option value="">{session.text(|t| t.another_key)}</option>
            {options}
        </select>
        <input
            type="text"
            id="transfer-receiver"
            class="code"
            data-testid="transfer-receiver"
            autocomplete="off"
            autocapitalize="none"
            spellcheck="false"
            hidden=move || !form.chosen.with(String::is_empty)
            aria-label=move || session.words().texts().receiver_key
            placeholder=move || session.words().texts().receiver_key
            aria-describedby="transfer-receiver-error"
            aria-invalid=move || form.refusal.with(|r| r.receiver.is_some()).then_some("true")
            prop:value=form.typed
            on:input=move |event| {
                form.typed.set(event_target_value(&event));
                form.refusal.update(|refusal| refusal.receiver = None);
            }
        />
        <p id="transfer-receiver-error" class="error" aria-live="polite" data-testid="receiver-error">
            {move || form.fault(|refusal| refusal.receiver)}
        </p>
    }
}

#[component]
fn Amount(form: Form) -> impl IntoView {
    let session = form.session;
    view! {
        <label for="transfer-amount">{session.text(|t| t.amount)}</label>
        <input
            type="text"
            id="transfer-amount"
            data-testid="transfer-amount"
            inputmode="numeric"
            autocomplete="off"
            aria-describedby="transfer-amount-error transfer-sendable"
            aria-invalid=move || form.refusal.with(|r| r.amount.is_some()).then_some("true")
            prop:value=form.count
            on:input=move |event| {
                form.count.set(event_target_value(&event));
                form.refusal.update(|refusal| refusal.amount = None);
            }
        />
        <p id="transfer-amount-error" class="error" aria-live="polite" data-testid="amount-error">
            {move || form.fault(|refusal| refusal.amount)}
        </p>
        <p id="transfer-sendable" class="hint">
            {move || form.sendable.get().map(|coins| session.words().sendable(coins))}
        </p>
    }
}
