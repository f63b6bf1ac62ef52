//! Who seals the blocks of the room, whose turn it is, and what this tab may do.

use chain_wasm::api::{AuthorityView, ConsensusChoice, DoubleSealView, MemberView};
use leptos::prelude::*;

use super::link::AuthorLink;
use super::strip::Strip;
use super::{Session, use_session};
use crate::model::format::short_hash;

/// What stands before the name of who sealed a block.
pub(super) fn sealer_label(session: Session) -> &'static str {
    let words = session.words();
    if session.members_seal() { words.sealed_by_member() } else { words.texts().sealed_by }
}

/// Whether members seal the room's blocks.
pub(super) fn members_seal(session: Session) -> Memo<bool> {
    Memo::new(move |_| session.members_seal())
}

impl Session {
    /// Whether members seal the room's blocks. Followed as it changes.
    pub(super) fn members_seal(self) -> bool {
        self.rules().is_some()
    }

    /// How long members wait for one another, in milliseconds, and whether only they may
    /// write; `None` where others seal. Followed as it changes.
    fn rules(self) -> Option<(u32, bool)> {
        self.room.with(|room| match room.as_ref().map(|room| &room.consensus) {
            Ok(ConsensusChoice::Authority { patience, members_write, .. }) => {
                Some((*patience, *members_write))
            }
            _ => None,
        })
    }
}

/// Whether only members may write here and this tab is known to be none.
pub(super) fn may_not_write(session: Session) -> Memo<bool> {
    let stranger =
        session.part(|node| node.authority.as_ref().is_some_and(|known| !known.is_member()));
    Memo::new(move |_| {
        stranger.get() == Some(true)
            && session.rules().is_some_and(|(_, members_write)| members_write)
    })
}

#[component]
pub(super) fn Members() -> impl IntoView {
    let session = use_session();
    let shown = members_seal(session);
    let authority = session.part(|node| node.authority.clone());
    let known = Memo::new(move |_| authority.get().flatten());
    let count = move || known.with(|known| known.as_ref().map(here_of));
    let rule = move || {
        let (patience, members_write) = session.rules()?;
        Some(session.words().members_rule(patience, members_write))
    };
    let of_this_tab = move || {
        let (_, members_write) = session.rules()?;
        let member = known.with(|known| known.as_ref().map(AuthorityView::is_member))?;
        Some(session.words().member_role(member, members_write))
    };
    let is_member =
        move || known.with(|known| known.as_ref().map(|known| known.is_member().to_string()));
    let waits = move || {
        let nobody = count().is_some_and(|(here, _)| here == 0);
        nobody.then(|| session.words().no_member_here())
    };
    let rows = move || {
        let Some(known) = known.get() else { return Vec::new() };
        let numbered = (0_u32..).zip(known.members);
        numbered.map(|(at, member)| (member, at == known.turn)).collect()
    };
    view! {
        <Show when=move || shown.get()>
            <section class="card members" aria-labelledby="members-title" data-testid="members">
                <div class="title-line">
                    <h2 id="members-title">{move || session.words().members_title()}</h2>
                    <span class="count">
                        {move || count().map(|(here, of)| session.words().members_here(here, of))}
                    </span>
                </div>
                <p class="hint">{rule}</p>
                <p class="role" role="status" data-testid="member-role" data-member=is_member>
                    {of_this_tab}
                </p>
                <p class="hint" role="status" data-testid="no-member">{waits}</p>
                <ol class="member-list">
                    <For each=rows key=|(member, next)| (member.key, member.own, member.here, *next) let:row>
                        <Member member=row.0 next=row.1/>
                    </For>
                </ol>
                <DoubleSeals known/>
            </section>
        </Show>
    }
}

/// How many members are here, and of how many.
fn here_of(known: &AuthorityView) -> (usize, usize) {
    (known.members.iter().filter(|member| member.here).count(), known.members.len())
}

#[component]
fn Member(
    /// The member.
    member: MemberView,
    /// Whether the next block is its to seal.
    next: bool,
) -> impl IntoView {
    let session = use_session();
    let MemberView { key, own, here } = member;
    let place = move || {
        let words = session.words();
        if here { words.member_here() } else { words.member_away() }
    };
    view! {
        <li
            class="member"
            class:here=here
            data-testid="member"
            data-key=key.to_string()
            data-here=here.to_string()
            data-next=next.to_string()
        >
            <span>
                <AuthorLink author=key/>
                {own.then(|| view! {
                    " "
                    <span class="tag">{session.text(|t| t.you)}</span>
                })}
            </span>
            <span class="remarks">
                {next.then(|| view! {
                    <span class="turn">{move || session.words().member_next()}</span>
                    " · "
                })}
                {place}
            </span>
        </li>
    }
}

#[component]
fn DoubleSeals(
    /// What is known of the members.
    known: Memo<Option<AuthorityView>>,
) -> impl IntoView {
    let session = use_session();
    let seals = Memo::new(move |_| {
        known.with(|known| known.as_ref().map(|known| known.double_seals.clone()))
    });
    let list = move || seals.get().unwrap_or_default().into_iter().rev().collect::<Vec<_>>();
    view! {
        <Show when=move || !list().is_empty()>
            <h3>{move || session.words().double_seals_title()}</h3>
            <ul class="double-seals">
                <For each=list key=|pair| (pair.member, pair.height, pair.blocks) let:pair>
                    <DoubleSeal pair/>
                </For>
            </ul>
        </Show>
    }
}

#[component]
fn DoubleSeal(
    /// The two blocks.
    pair: DoubleSealView,
) -> impl IntoView {
    let session = use_session();
    let blocks = pair.blocks.map(|hash| {
        view! {
            <p class="pair-block">
                <span class="code" title=hash.to_string()>{short_hash(&hash)}</span>
                <Strip hash/>
            </p>
        }
    });
    let one = pair.on_one_predecessor();
    view! {
        <li
            class="double-seal"
            class:fault=one
            data-testid="double-seal"
            data-height=pair.height
            data-one-predecessor=one.to_string()
        >
            <p>{move || said(session, &pair)}</p>
            {Vec::from(blocks)}
        </li>
    }
}

/// That a member sealed twice.
pub(super) fn said(session: Session, pair: &DoubleSealView) -> String {
    let member = session.called_now(&pair.member);
    session.words().double_seal(&member, pair.height, pair.on_one_predecessor())
}
