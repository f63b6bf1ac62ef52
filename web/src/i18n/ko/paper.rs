//! What is said on paper, in Korean.

use super::super::paper::{PaperTexts, PaperWords};
use super::Korean;
use crate::model::format;

const TEXTS: PaperTexts = PaperTexts {
    print: "증명과 함께 인쇄",
    print_hint: "항목과 블록, QR 코드로 된 증명을 한 장에 인쇄합니다.",
    heading: "Tabchain 항목",
    block_hash: "블록 해시",
    tip_hash: "최신 블록 해시",
    link: "링크",
    proof: "증명",
    how_to_check: "확인하려면 증명의 모든 코드를 스캔해 그 텍스트를 한 파일에 담고, 아무 Tabchain 페이지의 ‘증명 확인’에서 그 파일을 고르세요. 최신 블록 해시는 다른 곳에서 알게 된 것과 같아야 합니다.",
};

impl PaperWords for Korean {
    fn paper(&self) -> &'static PaperTexts {
        &TEXTS
    }

    fn code_of(&self, at: usize, of: usize) -> String {
        format!("코드 {at} / {of}")
    }

    fn proof_too_large(&self, bytes: usize) -> String {
        format!(
            "증명이 {}여서 한 장의 QR 코드에 담을 수 없습니다. 파일로 저장하세요.",
            format::bytes(bytes as u64)
        )
    }
}
