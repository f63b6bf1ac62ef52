//! What the explorer says with parts, in Korean.

use chain_wasm::api::BlockAt;

use super::super::network::NetworkWords;
use super::super::{ExplorerWords, LabWords, RoomWords, Words};
use super::Korean;
use crate::model::format::{self, grouped, short_hash};
use crate::model::name::Name;
use crate::model::route::Place;

impl ExplorerWords for Korean {
    fn place_title(&self, place: &Place) -> Option<String> {
        Some(match place {
            Place::Chain => return None,
            Place::Block(BlockAt::Height(height)) => self.block(*height),
            Place::Block(BlockAt::Hash(hash)) => format!("블록 {}", short_hash(hash)),
            Place::Entry(id) => format!("항목 {}", short_hash(id)),
            Place::Author(author) => self.name(&Name::of(author)),
            Place::Network => self.network().title.into(),
            Place::Log => self.network().log_title.into(),
            Place::Search(text) => self.search_title(text),
            Place::NewRoom => self.rooms().new_room_title.into(),
            Place::Lab => self.lab().lab_title.into(),
            Place::Tour => self.lab().tour_title.into(),
            Place::Nowhere => self.texts().nowhere_title.into(),
        })
    }

    fn search_title(&self, text: &str) -> String {
        format!("찾기: {text}")
    }

    fn query_fault(&self, limit: usize) -> String {
        format!("찾을 내용을 1~{}바이트로 입력하세요.", grouped(limit as u64))
    }

    fn search_progress(&self, searched: u32, total: u32) -> String {
        match total {
            0 => "찾는 중…".into(),
            _ => {
                format!("블록 {} / {} 확인함", grouped(searched.into()), grouped(total.into()))
            }
        }
    }

    fn found(&self, count: usize, all: bool) -> String {
        let found = match count {
            0 => "찾은 것이 없습니다.".into(),
            _ => format!("{}개를 찾았습니다.", grouped(count as u64)),
        };
        let how_far = if all {
            "체인 전체를 살펴보았습니다."
        } else {
            "더 있을 수 있습니다."
        };
        format!("{found} {how_far}")
    }

    fn hits_passed(&self, count: usize) -> String {
        format!("먼저 찾은 {}개는 더 이상 표시하지 않습니다.", grouped(count as u64))
    }

    fn newer_blocks(&self, count: u32) -> String {
        format!("더 새로운 블록 {}개가 숨겨져 있습니다.", grouped(count.into()))
    }

    fn show_more(&self, count: u32) -> String {
        format!("더 보기 ({}개)", grouped(count.into()))
    }

    fn byte_range(&self, first: usize, count: usize) -> String {
        match count {
            1 => format!("{first}번 바이트"),
            _ => format!("{first}~{}번 바이트", first + count - 1),
        }
    }

    fn difficulty_met(&self, meets: bool, zeros: u32, difficulty: f64) -> String {
        let wanted = format::difficulty(difficulty);
        let verdict = if meets { "만족합니다" } else { "만족하지 않습니다" };
        format!(
            "난이도 조건({wanted})을 {verdict}. 수로 읽었을 때 2^256 ÷ {wanted}보다 작아야 하며, 해시 \
             {wanted}개 중 약 하나가 그렇습니다. 이 해시는 0인 비트 {zeros}개로 시작합니다."
        )
    }

    fn merkle_tree(&self, leaves: u32, root: &str) -> String {
        format!("트랜잭션 {}개의 머클 트리. 루트는 {root}", grouped(leaves.into()))
    }

    fn merkle_cut(&self, leaves: u32, levels: usize, limit: usize) -> String {
        format!(
            "이 트리의 잎은 {}개입니다. 한 단계에 해시가 {limit}개를 넘지 않는 위쪽 {levels}단계만 \
             그렸습니다.",
            grouped(leaves.into())
        )
    }

    fn place_in_block(&self, at: u32, of: u32) -> String {
        format!(
            "블록의 트랜잭션 {}개 중 {}번째입니다.",
            grouped(of.into()),
            grouped(u64::from(at) + 1)
        )
    }

    fn counted_to(&self, height: u32) -> String {
        format!("{}까지 센 결과이며, 그 뒤로 새 블록이 나왔습니다.", self.block(height))
    }
}
