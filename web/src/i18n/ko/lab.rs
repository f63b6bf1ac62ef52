//! What the experiments and the guided tour say, in Korean.

mod texts;
mod tour;

use chain_wasm::api::{LabPace, LabRule, SecretView, TamperField};

use super::super::{LabTexts, LabWords, Words};
use super::Korean;
use crate::model::format::{difficulty, grouped};
use crate::model::lab::{Happened, Taken};
use crate::model::tour::Step;

fn blocks(count: u32) -> String {
    format!("블록 {}개", grouped(count.into()))
}

fn verdict(words: &Korean, height: u32, code: Option<&str>) -> String {
    code.map_or_else(
        || "어긋난 규칙이 없습니다. 체인의 블록과 다를 뿐, 올바른 블록입니다.".into(),
        |code| words.block_fault(height, code),
    )
}

impl LabWords for Korean {
    fn lab(&self) -> &'static LabTexts {
        &texts::TEXTS
    }

    fn tamper_field(&self, field: TamperField) -> &'static str {
        match field {
            TamperField::EntryText => "항목: 내용",
            TamperField::EntryAuthor => "항목: 작성자",
            TamperField::EntrySignature => "항목: 서명",
            TamperField::EntryRemoved => "항목: 빼 버리기",
            TamperField::EntryOrder => "마지막 두 트랜잭션의 순서",
            TamperField::Reward => "채굴 보상",
            TamperField::Version => "헤더: 버전",
            TamperField::Height => "헤더: 높이",
            TamperField::Previous => "헤더: 이전 해시",
            TamperField::MerkleRoot => "헤더: 머클 루트",
            TamperField::HistoryRoot => "헤더: 이력 루트",
            TamperField::Time => "헤더: 시각",
            TamperField::Difficulty => "헤더: 난이도",
            TamperField::Nonce => "헤더: 논스",
        }
    }

    fn lab_rule(&self, rule: LabRule) -> &'static str {
        match rule {
            LabRule::Version => "버전이 규칙과 같다",
            LabRule::Previous => "앞 블록을 가리킨다",
            LabRule::Height => "높이가 이어진다",
            LabRule::HistoryRoot => "이력 루트가 앞의 모든 블록과 맞는다",
            LabRule::Time => "시각이 충분히 늦다",
            LabRule::Difficulty => "난이도가 규칙과 같다",
            LabRule::Work => "해시가 난이도를 만족한다",
            LabRule::MerkleRoot => "머클 루트가 트랜잭션과 맞는다",
            LabRule::Reward => "보상이 규칙과 같다",
            LabRule::Signatures => "모든 항목의 서명이 맞는다",
            LabRule::Next => "다음 블록이 이 블록을 가리킨다",
            LabRule::Other => "그 밖의 규칙",
        }
    }

    fn happened(&self, what: &Happened) -> String {
        match what {
            Happened::Changed(height, field, code) => format!(
                "{}번 블록 사본에서 하나를 바꿨습니다: “{}”. {}",
                grouped((*height).into()),
                self.tamper_field(*field),
                verdict(self, *height, code.as_deref()),
            ),
            Happened::RootFits(height, code) => format!(
                "머클 루트가 바뀐 트랜잭션과 맞습니다. 하지만 머클 루트는 헤더의 일부라 블록의 해시가 달라졌고, 작업 증명도 없으며, 다음 블록은 옛 해시에 걸려 있습니다. {}",
                verdict(self, *height, code.as_deref()),
            ),
            Happened::WorkDone(height, code) => format!(
                "새 블록처럼 다른 논스를 찾았습니다. 작업은 진짜지만 다음 블록은 여전히 옛 해시를 가리킵니다. 그 블록도, 그 뒤의 모든 블록도 다시 채굴해야 합니다. {}",
                verdict(self, *height, code.as_deref()),
            ),
            Happened::Sent(0) => "보냈지만 대답할 다른 탭이 없습니다. 이 주소를 두 번째 탭에서 여세요.".into(),
            Happened::Sent(_) => "사본을 새 블록인 것처럼 다른 모든 탭에 보냈습니다. 탭마다 스스로 검사합니다.".into(),
            Happened::Overwritten(height) => format!(
                "저장된 {}번 블록 기록이 이제 거짓입니다. “체인 검증”을 누르면 해시로 거짓 기록을 찾아내고, 노드가 다른 탭에서 참된 블록을 다시 받아 옵니다. 한 번 더 검증하면 고쳐진 것을 볼 수 있습니다.",
                grouped((*height).into()),
            ),
            Happened::CutOff => "이 탭은 이제 혼자입니다. 여기에 추가한 것은 다른 탭이 보지 못하고, 반대도 마찬가지입니다. 한 블록에서 두 체인이 자랍니다.".into(),
            Happened::Rejoined => "이 탭이 돌아왔습니다. 양쪽이 모두 나아갔다면 작업이 더 많은 쪽이 체인이 되고, 다른 쪽의 항목은 기다렸다가 다시 블록에 담깁니다.".into(),
            Happened::SecretBegan(height) => format!(
                "이 탭이 {}번 블록 위에서 혼자만의 갈래를 채굴하며 아무에게도 알리지 않습니다. 다른 탭은 전혀 볼 수 없습니다.",
                grouped((*height).into()),
            ),
            Happened::Released(count, replaced, true) => format!(
                "{}를 공개했습니다. 작업이 더 많으므로 모든 탭이 체인의 {}를 버리고 따라왔습니다. 그 안의 항목은 다시 기다렸다가 새 블록에 담깁니다.",
                blocks(*count),
                blocks(*replaced),
            ),
            Happened::Released(count, _, false) => format!(
                "{}를 공개했지만 체인보다 작업이 적습니다. 모두가 보았고 아무도 따르지 않습니다.",
                blocks(*count),
            ),
            Happened::SecretDropped => "비밀 갈래가 사라졌습니다. 아무도 그것을 알지 못했습니다.".into(),
            Happened::Paced(LabPace::Slow) => "이 탭은 쉬지 않고 채굴하되 블록마다 4초씩 쉽니다. 블록이 늦게 나오므로 난이도가 내려갑니다.".into(),
            Happened::Paced(LabPace::Normal) => "이 탭은 여느 방에서처럼 채굴합니다.".into(),
            Happened::Paced(LabPace::Fast) => "이 탭은 쉬지 않고 채굴합니다. 방이 바라는 간격이 될 때까지 블록마다 난이도가 올라갑니다.".into(),
            Happened::Reset => "모든 것이 처음과 같습니다. 다른 탭이 이 탭의 말을 다시 듣습니다.".into(),
            Happened::Forgotten => "이 탭이 체인 사본을 잊었고 키는 그대로입니다. 다른 탭에서 체인을 새로 받고, 다른 탭은 이 탭의 말을 다시 듣습니다.".into(),
            Happened::Refused(error) => self.call_error(error),
        }
    }

    fn answer(&self, name: &str, taken: Taken, height: u32, code: &str) -> String {
        match taken {
            Taken::Refused => format!(
                "{name}: 거부했고 이제부터 이 탭을 무시합니다. {}",
                self.block_fault(height, code)
            ),
            Taken::Beside => format!(
                "{name}: 체인 옆에 두었습니다. 올바른 블록이지만 체인의 작업이 더 많습니다."
            ),
            Taken::Known => format!(
                "{name}: 이 해시의 블록을 이미 가지고 있어 안을 보지 않았습니다. 헤더가 그대로면 무엇을 바꿔도 소용없습니다."
            ),
            Taken::Orphan => {
                format!("{name}: 밀어 두었습니다. 앞에 있다는 블록을 아무도 가지고 있지 않습니다.")
            }
            Taken::Ahead => format!("{name}: 밀어 두었습니다. 미래의 블록입니다."),
        }
    }

    fn answers(&self, answered: usize, peers: u32) -> String {
        format!("탭 {}개 중 {}개가 대답했습니다.", grouped(peers.into()), grouped(answered as u64))
    }

    fn secret_start(&self, back: u32) -> String {
        match back {
            0 => "가장 새 블록 위에서".into(),
            _ => format!("블록 {back}개 뒤에서"),
        }
    }

    fn secret(&self, secret: &SecretView) -> String {
        let own = blocks(u32::try_from(secret.blocks.len()).unwrap_or(u32::MAX));
        let (work, chain_work) = (difficulty(secret.work), difficulty(secret.chain_work));
        let verdict = if secret.wins {
            "작업이 더 많습니다. 지금 공개하면 체인이 됩니다."
        } else {
            "체인의 작업이 더 많거나 같습니다. 지금 공개하면 아무도 따르지 않습니다."
        };
        let full = if secret.full { " 더 길어질 수 없습니다." } else { "" };
        format!(
            "내 갈래: {own}, 작업 {work}. 갈라진 뒤의 체인: {}, 작업 {chain_work}. {verdict}{full}",
            blocks(secret.chain_blocks),
        )
    }

    fn pace(&self, pace: LabPace) -> &'static str {
        match pace {
            LabPace::Slow => self.lab().pace_slow,
            LabPace::Normal => self.lab().pace_normal,
            LabPace::Fast => self.lab().pace_fast,
        }
    }

    fn beat(&self, seconds: &str, difficulty: &str) -> String {
        format!("최근 블록 간격은 {seconds}초, 가장 새 블록의 난이도는 {difficulty}입니다.")
    }

    fn step_title(&self, step: Step) -> &'static str {
        tour::texts(step)[0]
    }

    fn step_about(&self, step: Step) -> &'static str {
        tour::texts(step)[1]
    }

    fn step_task(&self, step: Step) -> &'static str {
        tour::texts(step)[2]
    }

    fn step_seen(&self, step: Step) -> &'static str {
        tour::texts(step)[3]
    }

    fn step_of(&self, step: usize, of: usize) -> String {
        format!("{of}단계 중 {step}단계")
    }

    fn nth_entry(&self, at: usize, said: &str) -> String {
        format!("{at}번째: {said}")
    }
}
