//! What is said where members seal the blocks, in Korean.

use super::super::members::MembersWords;
use super::Korean;
use crate::model::format::{grouped, seconds};

impl MembersWords for Korean {
    fn members_title(&self) -> &'static str {
        "구성원"
    }

    fn members_rule(&self, patience: u32, members_write: bool) -> String {
        let writers = if members_write {
            "구성원만 쓸 수 있습니다."
        } else {
            "방에 있는 누구나 쓸 수 있습니다."
        };
        format!(
            "이 키들이 채굴 없이 차례대로 블록을 봉인합니다. 차례가 아닌 구성원은 앞 블록에서 {}초가 지나야 봉인할 수 있습니다. {writers}",
            seconds(patience)
        )
    }

    fn member_role(&self, member: bool, members_write: bool) -> &'static str {
        match (member, members_write) {
            (true, _) => "이 탭은 구성원입니다. 차례가 오면 블록을 봉인합니다.",
            (false, false) => {
                "이 탭은 구성원이 아니어서 봉인하지 않습니다. 이 탭의 항목은 구성원이 블록에 담습니다."
            }
            (false, true) => {
                "이 탭은 구성원이 아닙니다. 모든 블록을 확인하고 보관하지만 봉인하거나 쓸 수는 없습니다."
            }
        }
    }

    fn members_here(&self, here: usize, of: usize) -> String {
        format!("{}명 중 {}명 있음", grouped(of as u64), grouped(here as u64))
    }

    fn member_here(&self) -> &'static str {
        "있음"
    }

    fn member_away(&self) -> &'static str {
        "없음"
    }

    fn member_next(&self) -> &'static str {
        "다음 차례"
    }

    fn no_member_here(&self) -> &'static str {
        "지금은 구성원이 없습니다. 항목은 보관되며 구성원이 올 때까지 기다립니다."
    }

    fn sealed_by_member(&self) -> &'static str {
        "봉인한 구성원"
    }

    fn double_seals_title(&self) -> &'static str {
        "같은 높이에 봉인 두 개"
    }

    fn double_seal(&self, member: &str, height: u32, on_one_predecessor: bool) -> String {
        let height = grouped(height.into());
        if on_one_predecessor {
            format!(
                "{member}: 같은 블록 위에 서로 다른 {height}번 블록을 두 개 봉인했습니다. 정상인 탭은 그러지 않습니다. 속이려 했거나 저장해 둔 것을 잃은 것입니다."
            )
        } else {
            format!(
                "{member}: 두 분기에 {height}번 블록을 하나씩 봉인했습니다. 네트워크가 나뉘었다가 다시 이어지면 생기는 일이며, 그 자체로 속임수는 아닙니다."
            )
        }
    }

    fn seal_fits(&self, member: &str, fits: bool) -> String {
        if fits {
            format!("봉인은 구성원 {member}의 서명입니다.")
        } else {
            format!("봉인이 {member}의 서명이 아닙니다.")
        }
    }

    fn about_weight(&self) -> &'static str {
        "블록의 무게입니다. 봉인한 구성원의 차례였으면 2, 아니면 1입니다. 가장 무거운 분기가 체인이 됩니다."
    }

    fn about_sealer(&self) -> &'static str {
        "구성원 목록에서 봉인한 구성원의 자리이며 0부터 셉니다. 이 방에서는 채굴하지 않습니다."
    }
}
