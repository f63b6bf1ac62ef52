//! What is said of the network and of what happened in it, in Korean.

use chain_wasm::api::{EntryState, StorageView};

use super::super::Words;
use super::super::network::{NetworkTexts, NetworkWords};
use super::Korean;
use crate::model::format::{bytes, grouped, short_hash};
use crate::model::log::{Happening, Kind, Who};

const TEXTS: NetworkTexts = NetworkTexts {
    title: "네트워크",
    hint: "이 방의 모든 탭을 각자 알린 최신 블록별로 보여 줍니다. 줄무늬가 같으면 체인이 같습니다. 메시지는 중계 서버를 거치지만, 몰래 바꿀 수는 없습니다.",
    to_network: "네트워크 보기",
    to_log: "일어난 일",
    relay: "중계 서버",
    relay_row: "연결",
    answers_in: "응답 시간",
    not_measured: "아직 재지 않음",
    sent: "보냄",
    received: "받음",
    room_rows: "방의 모든 탭",
    column_tab: "탭",
    column_chain: "체인",
    column_newest: "최신 블록",
    column_state: "상태",
    column_answer: "응답 시간",
    column_waiting: "대기 항목",
    legend: "표시",
    this_tab: "이 탭",
    another_tab: "다른 탭",
    other_branches: "다른 체인",
    no_peers: "다른 탭이 없습니다.",
    log_title: "일어난 일",
    log_filter: "보기",
    log_empty: "아직 없습니다.",
    log_none_of_these: "고른 종류의 일이 없습니다.",
    save_text: "텍스트로 저장",
    save_json: "JSON으로 저장",
    not_saved: "브라우저가 파일을 저장하지 않았습니다.",
};

impl NetworkWords for Korean {
    fn network(&self) -> &'static NetworkTexts {
        &TEXTS
    }

    fn millis(&self, millis: u32) -> String {
        if millis == 0 {
            "1ms 미만".into()
        } else {
            format!("{}밀리초", grouped(millis.into()))
        }
    }

    fn messages(&self, count: u64, size: u64) -> String {
        format!("메시지 {}개, {}", grouped(count), bytes(size))
    }

    fn picture(&self, tabs: usize, same: usize) -> String {
        format!(
            "방의 그림: {}, 그중 {}개가 이 탭과 같은 최신 블록에 있습니다. 아래 목록에도 같은 내용이 있습니다.",
            self.tabs(tabs),
            grouped(same as u64)
        )
    }

    fn group(&self, height: u32, size: usize) -> String {
        format!("{} · {}", self.block(height), self.tabs(size))
    }

    fn tabs(&self, count: usize) -> String {
        format!("탭 {}개", grouped(count as u64))
    }

    fn not_drawn(&self, count: usize) -> String {
        format!("{}는 목록에만 있습니다.", self.tabs(count))
    }

    fn kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Blocks => "블록",
            Kind::Forks => "분기",
            Kind::Entries => "항목",
            Kind::Peers => "탭",
            Kind::Faults => "위조",
            Kind::Relay => "중계 서버",
            Kind::Tab => "이 탭",
        }
    }

    fn log_limit(&self, limit: usize, count: u64) -> String {
        format!(
            "이 페이지가 열려 있는 동안 최근 {}건을 보관합니다. 지금까지 {}건.",
            grouped(limit as u64),
            grouped(count)
        )
    }

    fn happening(&self, what: &Happening, called: &dyn Fn(&Who) -> String) -> String {
        match what {
            Happening::Started { height } => {
                format!("이 탭이 {}번 블록에서 시작했습니다.", grouped((*height).into()))
            }
            Happening::Failed => "이 탭의 노드가 멈췄습니다.".into(),
            Happening::Block { height, added, entries, from, own, .. } => {
                let block = format!("{}번 블록", grouped((*height).into()));
                let within = self.entries(*entries);
                let more = added.saturating_sub(1);
                match (from, own) {
                    (_, true) => format!("이 탭이 {block}을 만들었습니다: {within}."),
                    (Some(who), _) if more > 0 => format!(
                        "{block}이 왔습니다. 보낸 탭: {}. 함께 온 블록 {}개.",
                        called(who),
                        grouped(more.into())
                    ),
                    (Some(who), _) => {
                        format!("{block}이 왔습니다. 보낸 탭: {}. {within}.", called(who))
                    }
                    (None, _) => format!("{block}이 최신 블록입니다: {within}."),
                }
            }
            Happening::CaughtUp { height, blocks } => format!(
                "블록 {}개를 받아 확인했습니다. 이제 {}번 블록까지 있습니다.",
                grouped((*blocks).into()),
                grouped((*height).into())
            ),
            Happening::Reorganised(what) => self.reorganisation(what),
            Happening::Entry { id, state } => {
                let entry = format!("내 항목 {}", short_hash(id));
                match state {
                    EntryState::Stored => format!("{entry}: 여기에 저장했고 보내기를 기다립니다."),
                    EntryState::Announced => format!("{entry}: 방에 보냈습니다."),
                    EntryState::Returned => {
                        format!("{entry}: 다른 분기가 이겨서 다시 블록을 기다립니다.")
                    }
                    EntryState::InBlock { height, .. } => {
                        format!("{entry}: {}번 블록에 들어갔습니다.", grouped((*height).into()))
                    }
                }
            }
            Happening::EntryRefused { id, winner } => {
                let winner = winner.map(|winner| short_hash(&winner));
                self.entry_refused(&short_hash(id), winner.as_deref())
            }
            Happening::Joined(who) => format!("방에 들어옴: {}.", called(who)),
            Happening::Left(who) => format!("방에서 나감: {}.", called(who)),
            Happening::ManyJoined(count) => format!("방에 들어옴: {}.", self.tabs(*count)),
            Happening::ManyLeft(count) => format!("방에서 나감: {}.", self.tabs(*count)),
            Happening::Fault { who, fault, rule } => {
                let why = match rule {
                    Some(code) => {
                        let rule = self.rule(code).unwrap_or("규칙에 어긋남");
                        format!(" — {rule} ({code})")
                    }
                    None => String::new(),
                };
                format!(
                    "{}: {}{why}. 거절했고, 이 탭을 이제 무시합니다.",
                    called(who),
                    self.peer_fault(*fault)
                )
            }
            Happening::Connected => "중계 서버에 연결되었습니다.".into(),
            Happening::Disconnected(reason) => {
                format!("중계 서버와 끊어졌습니다. {} 다시 시도합니다.", self.link_reason(*reason))
            }
            Happening::Offline(reason) => {
                format!("이 탭은 연결되어 있지 않습니다. {}", self.link_reason(*reason))
            }
            Happening::Storage(StorageView::Durable) => "받아들인 것을 다시 저장합니다.".into(),
            Happening::Storage(StorageView::Memory { reason }) => self.memory_only(*reason),
            Happening::Mining(mode) => {
                format!("이제부터 이 탭의 채굴: {}.", self.mining_mode(*mode))
            }
        }
    }
}
