//! Korean.

mod explorer;
mod lab;
mod members;
mod network;
mod paper;
mod rooms;
mod texts;

use chain_wasm::api::{
    ApiError, BranchView, ConsensusChoice, EntryState, HashRateView, LinkReason, LinkView,
    MAX_QUERY, MiningMode, PeerFault, ProofFault, ProofStanding, StorageReason, SyncView,
    ValidationReport,
};

use super::{ExplorerWords, Texts, Words};
use crate::model::Reorganisation;
use crate::model::confirmations;
use crate::model::file::percent;
use crate::model::form::FormFault;
use crate::model::format::{self, Ago, bytes, grouped};
use crate::model::name::Name;
use crate::model::peer::Relation;
use crate::model::route::RouteFault;
use crate::model::transfer::TransferFault;
use crate::node_link::{BOOT_TIMEOUT, CallError, Failure};
use chain_wasm::key_file::KeyFileFault;

/// Korean.
pub(super) struct Korean;

impl Words for Korean {
    fn texts(&self) -> &'static Texts {
        &texts::TEXTS
    }

    fn name(&self, name: &Name) -> String {
        name.korean()
    }

    fn consensus(&self, consensus: &ConsensusChoice) -> String {
        match consensus {
            ConsensusChoice::Work { .. } => "작업 증명",
            ConsensusChoice::Open => "작업 증명 없음",
            ConsensusChoice::Authority { .. } => "구성원이 봉인",
        }
        .into()
    }

    fn route_fault(&self, fault: RouteFault) -> String {
        match fault {
            RouteFault::Form => {
                "이 주소에는 방이 없습니다. 주소는 #/r/ 과 방 이름으로 끝나야 합니다."
            }
            RouteFault::Name => {
                "이 방 이름은 쓸 수 없습니다. 이름은 1~64바이트이고 제어 문자가 없어야 합니다."
            }
            RouteFault::Private => "이 비공개 방의 주소가 온전하지 않습니다.",
            RouteFault::Consensus => "이 페이지가 모르는 종류의 방을 가리키는 주소입니다.",
        }
        .into()
    }

    fn form_fault(&self, fault: FormFault) -> String {
        match fault {
            FormFault::Empty => "먼저 내용을 입력하세요. 한 글자 이상이어야 합니다.".into(),
            FormFault::NoFile => "아직 체인에 없는 파일을 선택하세요.".into(),
            FormFault::TooLarge { size, limit } => format!(
                "{}바이트입니다. 최대 {}바이트이니 {}바이트를 줄여 주세요.",
                grouped(size as u64),
                grouped(limit as u64),
                grouped(size.saturating_sub(limit) as u64)
            ),
            FormFault::Json { line, column, ends_early: true } => {
                format!("JSON이 {line}번째 줄 {column}번째 칸에서 덜 끝났습니다.")
            }
            FormFault::Json { line, column, ends_early: false } => {
                format!("올바른 JSON이 아닙니다. {line}번째 줄 {column}번째 칸을 확인하세요.")
            }
        }
    }

    fn typed(&self, size: usize, limit: usize) -> String {
        format!("{} / {}", bytes(size as u64), bytes(limit as u64))
    }

    fn link(&self, link: &LinkView) -> String {
        match link {
            LinkView::Connecting { attempt: 0 | 1 } => "연결하는 중…".into(),
            LinkView::Connecting { attempt } => format!("연결하는 중 ({attempt}번째 시도)…"),
            LinkView::Online { whole: true, .. } => "연결됨".into(),
            LinkView::Online { whole: false, .. } => "고립된 중계 서버에 연결됨".into(),
            LinkView::Waiting { .. } => "연결되지 않음".into(),
            LinkView::Offline { reason: LinkReason::Disconnected } => {
                "네트워크에서 나왔습니다".into()
            }
            LinkView::Offline { .. } => "오프라인".into(),
        }
    }

    fn link_reason(&self, reason: LinkReason) -> String {
        match reason {
            LinkReason::Unreachable => "중계 서버가 응답하지 않습니다.".into(),
            LinkReason::Lost => "연결이 끊어졌습니다.".into(),
            LinkReason::Silent => "중계 서버에서 오랫동안 소식이 없습니다.".into(),
            LinkReason::Refused { code } => refusal(code),
            LinkReason::RelayStopping => "중계 서버가 다시 시작하는 중입니다.".into(),
            LinkReason::Version => "중계 서버의 버전이 다릅니다.".into(),
            LinkReason::BrowserOffline => "이 기기가 네트워크에 연결되어 있지 않습니다.".into(),
            LinkReason::Disconnected => "아무것도 보내거나 받지 않습니다.".into(),
            LinkReason::InvalidAddress => "중계 서버 주소를 열 수 없습니다.".into(),
        }
    }

    fn link_next(&self, link: &LinkView) -> String {
        match link {
            LinkView::Connecting { .. } | LinkView::Waiting { .. } => {
                "계속 쓰셔도 됩니다. 항목은 보관했다가 연결되면 보냅니다."
            }
            LinkView::Online { whole: true, .. } => "항목이 이 방의 모든 탭에 전달됩니다.",
            LinkView::Online { whole: false, .. } => "이 중계 서버가 지금 다른 중계 서버들과 끊겨 있어, 이 서버의 탭만 보입니다. 잃는 것은 없습니다. 항목은 여기에 보관되고, 다시 연결되면 모두에게 전달됩니다.",
            LinkView::Offline { reason: LinkReason::Disconnected } => {
                "다시 들어갈 때까지 항목은 여기에서 기다립니다."
            }
            LinkView::Offline { reason: LinkReason::BrowserOffline } => {
                "네트워크가 돌아오면 저절로 다시 연결됩니다. 항목은 보관됩니다."
            }
            LinkView::Offline { reason: LinkReason::Version } => {
                "페이지를 새로고침하면 새 버전을 받습니다."
            }
            LinkView::Offline { reason: LinkReason::InvalidAddress } => {
                "중계 서버가 출력한 주소로 페이지를 여세요."
            }
            LinkView::Offline { .. } => "다시 들어가면 다시 시도합니다. 항목은 보관됩니다.",
        }
        .into()
    }

    fn retry(&self, seconds: u64, attempt: u32) -> String {
        match seconds {
            0 => format!("지금 다시 시도합니다 ({attempt}번째)."),
            _ => format!("{}초 뒤에 다시 시도합니다 ({attempt}번째).", grouped(seconds)),
        }
    }

    fn clock_offset(&self, seconds: i64) -> String {
        let by = grouped(seconds.unsigned_abs());
        let side = if seconds > 0 { "느립니다" } else { "빠릅니다" };
        format!("이 기기의 시계가 {by}초 {side}. 중계 서버의 시각을 씁니다.")
    }

    fn sync(&self, sync: SyncView) -> String {
        match sync {
            SyncView::Idle => "최신 상태".into(),
            SyncView::Headers { height, target } => {
                format!("헤더 확인 중: {} / {}", grouped(height.into()), grouped(target.into()))
            }
            SyncView::Blocks { done, total, rate } => format!(
                "블록 확인 중: {} / {} · 초당 {}개",
                grouped(done.into()),
                grouped(total.into()),
                grouped(rate.into())
            ),
        }
    }

    fn memory_only(&self, reason: StorageReason) -> String {
        let why = self.storage_reason(reason);
        format!(
            "{why} 이 탭은 메모리에서만 동작합니다. 이 탭에만 있는 것은 탭을 닫으면 사라집니다."
        )
    }

    fn storage_reason(&self, reason: StorageReason) -> String {
        match reason {
            StorageReason::Refused => {
                "브라우저가 저장 공간을 주지 않습니다(비공개 창이거나 설정 때문입니다)."
            }
            StorageReason::Full => "브라우저 저장 공간이 가득 찼습니다. 공간을 비워 주세요.",
            StorageReason::Lost => "브라우저 저장소가 닫혔거나 삭제되었습니다.",
            StorageReason::Failed => "브라우저 저장소에 문제가 생겼습니다.",
        }
        .into()
    }

    fn failure_title(&self, failure: &Failure) -> String {
        match failure {
            Failure::NoWorker { .. } | Failure::Load { .. } | Failure::BootTimeout => {
                "노드를 불러오지 못했습니다"
            }
            Failure::Version { .. } => "페이지와 노드의 버전이 다릅니다",
            Failure::Start(ApiError::NewerStore) => "저장된 체인이 이 페이지보다 새것입니다",
            Failure::Start(ApiError::NoSlot) => "이 방의 탭이 너무 많이 열려 있습니다",
            Failure::Start(_) => "노드가 시작되지 않았습니다",
            Failure::Crashed { .. } => "노드가 멈췄습니다",
            Failure::Unreadable { .. } => "페이지와 노드가 서로 이해하지 못합니다",
            Failure::Stopped => "노드가 정지되었습니다",
        }
        .into()
    }

    fn failure_text(&self, failure: &Failure) -> String {
        match failure {
            Failure::NoWorker { message } => {
                format!(
                    "이 브라우저에서는 모듈 워커를 시작할 수 없습니다. 브라우저 메시지: {message}"
                )
            }
            Failure::Load { message } if message.is_empty() => {
                "스크립트를 받지 못했습니다. 중계 서버가 켜져 있나요?".into()
            }
            Failure::Load { message } => format!("스크립트 오류: {message}"),
            Failure::BootTimeout => {
                format!("{}초 동안 아무 응답이 없었습니다.", BOOT_TIMEOUT / 1000)
            }
            Failure::Version { page, worker } => format!(
                "페이지는 버전 {page}, 노드는 버전 {worker}입니다. 새로고침하면 같은 버전을 받습니다."
            ),
            Failure::Start(error) => self.api_error(error),
            Failure::Crashed { message } if message.is_empty() => {
                "저장된 것은 안전합니다. 노드를 다시 시작하세요.".into()
            }
            Failure::Crashed { message } => {
                format!("저장된 것은 안전합니다. 노드를 다시 시작하세요. 메시지: {message}")
            }
            Failure::Unreadable { message } => {
                format!("메시지를 읽지 못했습니다. 페이지를 새로고침하세요. ({message})")
            }
            Failure::Stopped => "다시 시작하면 계속할 수 있습니다.".into(),
        }
    }

    fn api_error(&self, error: &ApiError) -> String {
        match error {
            ApiError::InvalidRoom => self.route_fault(RouteFault::Name),
            ApiError::AlreadyStarted => "노드가 이미 시작되었습니다.".into(),
            ApiError::NotStarted => {
                "노드가 아직 시작되지 않았습니다. 잠시 뒤에 다시 해 보세요.".into()
            }
            ApiError::NoSlot => "이 방의 다른 탭을 닫고 노드를 다시 시작하세요.".into(),
            ApiError::WrongSecret => "이 비공개 방의 비밀이 아닙니다.".into(),
            ApiError::NewerStore => {
                "더 새로운 버전이 저장했습니다. 페이지를 새로고침하세요.".into()
            }
            ApiError::EmptyEntry => self.form_fault(FormFault::Empty),
            ApiError::EntryTooLarge { size, limit } => self.form_fault(FormFault::TooLarge {
                size: usize::try_from(*size).unwrap_or(usize::MAX),
                limit: usize::try_from(*limit).unwrap_or(usize::MAX),
            }),
            ApiError::InvalidMediaType => "항목의 미디어 타입이 올바르지 않습니다.".into(),
            ApiError::InvalidAmount => "1코인 이상 보내야 합니다.".into(),
            ApiError::InsufficientBalance { balance } => {
                format!("코인이 부족합니다. {}까지 보낼 수 있습니다.", self.coins(*balance))
            }
            ApiError::NotAMember => {
                "이 방에는 구성원만 쓸 수 있는데 이 탭은 구성원이 아닙니다. 지갑에서 구성원의 키를 가져오면 그 구성원으로 쓸 수 있습니다.".into()
            }
            ApiError::MempoolFull => {
                "블록을 기다리는 항목이 너무 많습니다. 일부가 담긴 뒤에 다시 해 보세요.".into()
            }
            ApiError::StorageFailed(reason) => {
                format!("저장하지 못해 받아들이지 않았습니다. {}", self.storage_reason(*reason))
            }
            ApiError::PassphraseLength => self.texts().passphrase_short.into(),
            ApiError::KeyNotLocked => {
                "키를 잠글 메모리나 난수를 브라우저에서 얻지 못했습니다. 다른 탭을 닫고 다시 해 보세요.".into()
            }
            ApiError::KeyFile(fault) => self.key_file_fault(*fault),
            ApiError::TooManyKeys => {
                "이 탭은 키를 너무 많이 바꾸어 더 바꿀 수 없습니다. 새 탭을 여세요.".into()
            }
            ApiError::NotFound => "이 노드에는 더 이상 없습니다.".into(),
            ApiError::InvalidQuery => self.query_fault(MAX_QUERY),
            ApiError::Superseded => "검색이 중단되었습니다.".into(),
            ApiError::InvalidProof(fault) => self.proof_fault(*fault),
            ApiError::Busy => "같은 종류의 앞선 요청이 아직 끝나지 않았습니다. 잠시 후 다시 해 보세요.".into(),
            ApiError::NotLab => "이 방은 기록을 위한 곳이라 실험이 없습니다.".into(),
            ApiError::NeedsWork => "이 방에서는 아무도 채굴하지 않아 채굴할 것이 없습니다.".into(),
            ApiError::InvalidTampering => "이 필드는 그 값을 가질 수 없거나 이미 그 값입니다.".into(),
            ApiError::Offline => "이 탭은 연결되어 있지 않습니다. 먼저 다시 연결하세요.".into(),
            ApiError::OnlyCopy => "이 블록을 가진 다른 탭을 알지 못합니다. 하나뿐인 사본이라 그대로 둡니다.".into(),
            ApiError::Unreadable(what) => format!("노드가 요청을 읽지 못했습니다: {what}"),
        }
    }

    fn call_error(&self, error: &CallError) -> String {
        match error {
            CallError::Refused(error) => self.api_error(error),
            CallError::NotSent(what) => format!("요청을 보내지 못했습니다: {what}"),
            CallError::Gone(_) => {
                "노드가 응답하기 전에 멈췄습니다. 다시 하기 전에 체인을 확인하세요.".into()
            }
        }
    }

    fn entry_state(&self, state: EntryState, tip: u32) -> String {
        match state {
            EntryState::Stored => "저장됨, 아직 보내지 않음".into(),
            EntryState::Announced => "방에 보냄".into(),
            EntryState::Returned => "분기가 바뀌어 다시 기다림".into(),
            EntryState::InBlock { height, .. } => format!(
                "{}번 블록 · {}",
                grouped(height.into()),
                self.confirmations(confirmations(tip, height))
            ),
        }
    }

    fn last_entry(&self, state: Option<EntryState>, tip: u32) -> String {
        match state {
            None => "다른 전송이 먼저여서 항목을 더 이상 받아들일 수 없습니다.".into(),
            Some(EntryState::Stored) => "항목을 여기에 저장했습니다. 연결되면 보냅니다.".into(),
            Some(EntryState::Announced) => "항목을 보냈고 블록을 기다립니다…".into(),
            Some(EntryState::Returned) => {
                "다른 분기가 이겨서 항목이 다음 블록을 기다립니다.".into()
            }
            Some(state) => format!("내 항목: {}", self.entry_state(state, tip)),
        }
    }

    fn pending_count(&self, count: u32) -> String {
        match count {
            1 => "항목 1개".into(),
            _ => format!("항목 {}개", grouped(count.into())),
        }
    }

    fn and_more(&self, count: u32) -> String {
        format!("외 {}개", grouped(count.into()))
    }

    fn block(&self, height: u32) -> String {
        format!("{}번 블록", grouped(height.into()))
    }

    fn confirmations(&self, count: u32) -> String {
        match count {
            1 => "확인 1회".into(),
            _ => format!("확인 {}회", grouped(count.into())),
        }
    }

    fn entries(&self, count: u32) -> String {
        self.pending_count(count)
    }

    fn ago(&self, ago: Ago) -> String {
        match ago {
            Ago::Now => "방금".into(),
            Ago::Seconds(n) => format!("{n}초 전"),
            Ago::Minutes(n) => format!("{n}분 전"),
            Ago::Hours(n) => format!("{n}시간 전"),
            Ago::Days(1) => "하루 전".into(),
            Ago::Days(n) => format!("{}일 전", grouped(n)),
        }
    }

    fn coins(&self, count: u64) -> String {
        match count {
            1 => "1코인".into(),
            _ => format!("{}코인", grouped(count)),
        }
    }

    fn transfer(&self, amount: u64, to: &str) -> String {
        format!("{to}에게 {} 보냄", self.coins(amount))
    }

    fn reorganisation(&self, what: &Reorganisation) -> String {
        let Reorganisation { abandoned, adopted, returned } = what;
        let blocks = |n: u32| format!("블록 {}개", grouped(n.into()));
        let mut said = vec![format!(
            "작업량이 더 많은 분기가 이겼습니다: {} → {}.",
            blocks(*abandoned),
            blocks(*adopted)
        )];
        let entries = [
            (returned.waiting, "다시 블록을 기다리게 됨"),
            (returned.kept, "새 분기에도 있음"),
            (returned.refused, "코인이 이미 쓰여 거절됨"),
        ];
        for (count, what) in entries.into_iter().filter(|(count, _)| *count > 0) {
            said.push(format!("{what}: {}.", self.entries(count)));
        }
        said.join(" ")
    }

    fn entry_refused(&self, id: &str, winner: Option<&str>) -> String {
        match winner {
            Some(winner) => {
                format!("전송 {id}: 거절됨. {winner} 전송이 같은 코인을 먼저 썼습니다.")
            }
            None => format!("전송 {id}: 거절됨. 코인이 먼저 쓰였습니다."),
        }
    }

    fn peer_count(&self, count: usize) -> String {
        match count {
            0 => "다른 탭 없음".into(),
            1 => "다른 탭 1개".into(),
            _ => format!("다른 탭 {}개", grouped(count as u64)),
        }
    }

    fn relation(&self, relation: Relation) -> String {
        let blocks = |n: u32| format!("블록 {}개", grouped(n.into()));
        match relation {
            Relation::Same => "같은 체인".into(),
            Relation::Behind(n) => format!("{} 뒤처짐", blocks(n)),
            Relation::Ahead(n) => format!("{} 앞섬", blocks(n)),
            Relation::Branch => "다른 분기".into(),
            Relation::Unknown => "아직 소식 없음".into(),
        }
    }

    fn peer_fault(&self, fault: PeerFault) -> String {
        match fault {
            PeerFault::UnreadableMessage => "읽을 수 없는 메시지를 보냄",
            PeerFault::UnreadableStatus => "상태를 읽을 수 없음",
            PeerFault::InvalidHeader => "규칙에 어긋난 헤더를 보냄",
            PeerFault::InvalidBlock => "규칙에 어긋난 블록을 보냄",
            PeerFault::InvalidTransaction => "규칙에 어긋난 항목을 보냄",
            PeerFault::Unasked => "묻지 않은 답을 보냄",
        }
        .into()
    }

    fn fault_notice(&self, peer: &str, fault: PeerFault) -> String {
        format!("{peer}: {}. 이제 무시하며, 내 체인에는 영향이 없습니다.", self.peer_fault(fault))
    }

    fn mining_mode(&self, mode: MiningMode) -> String {
        match mode {
            MiningMode::OnDemand => "필요할 때",
            MiningMode::Always => "항상",
            MiningMode::Never => "안 함",
        }
        .into()
    }

    fn mining_hint(&self, mode: MiningMode, consensus: &ConsensusChoice) -> String {
        match (mode, consensus) {
            (MiningMode::Never, _) => "이 탭의 항목은 다른 탭이 블록에 담습니다.",
            (MiningMode::Always, ConsensusChoice::Work { .. }) => {
                "항목이 없는 블록도 쉬지 않고 찾습니다. 코어를 하나만 남기고 모두 쓰며 배터리를 소모합니다."
            }
            (MiningMode::Always, ConsensusChoice::Open) => {
                "이 방의 블록에는 작업이 필요 없으므로 ‘필요할 때’와 같습니다."
            }
            (MiningMode::Always, ConsensusChoice::Authority { .. }) => {
                "이 방에서는 구성원이 블록을 봉인하므로 요청할 때만 하는 것과 같습니다."
            }
            (MiningMode::OnDemand, _) => "블록을 기다리는 항목이 있을 때만 채굴합니다.",
        }
        .into()
    }

    fn hash_rate(&self, rate: HashRateView) -> String {
        let speed = format::hash_rate(rate.per_second);
        match rate.workers {
            0 => speed,
            workers => format!("{speed}, 워커 {workers}개"),
        }
    }

    fn validation_progress(&self, checked: u32, total: u32) -> String {
        match total {
            0 => "검증하는 중…".into(),
            _ => format!("블록 {} / {}", grouped(checked.into()), grouped(total.into())),
        }
    }

    fn validation(&self, report: &ValidationReport) -> String {
        format!(
            "블록 {}개, 트랜잭션 {}개, 서명 {}개, 해시 {}개를 {}ms에 확인했습니다. 총발행량: {}.",
            grouped(report.blocks.into()),
            grouped(report.transactions.into()),
            grouped(report.signatures.into()),
            grouped(report.hashes.into()),
            grouped(report.millis.into()),
            self.coins(report.supply)
        )
    }

    fn rule(&self, code: &str) -> Option<&'static str> {
        Some(match code {
            "encoding" => "읽을 수 없음",
            "version" => "버전이 규칙과 다름",
            "height" => "높이가 이어지지 않음",
            "previous-hash" => "앞 블록을 가리키지 않음",
            "hash" => "저장된 해시와 실제 해시가 다름",
            "history-root" => "이력 루트가 앞 블록들과 맞지 않음",
            "timestamp" => "시각이 앞 블록들보다 늦지 않음",
            "difficulty" => "난이도가 규칙과 다름",
            "work" => "해시가 난이도를 만족하지 않음",
            "sealer" => "봉인했다는 구성원이 없음",
            "patience" => "차례가 아닌데 앞 블록 뒤에 너무 빨리 봉인함",
            "seal" => "봉인이 블록이 밝힌 구성원의 것이 아님",
            "merkle-root" => "머클 루트가 트랜잭션과 맞지 않음",
            "size" => "너무 큼",
            "coinbase" => "보상이 규칙과 다름",
            "reward" => "보상이 봉인한 구성원에게 가지 않음",
            "transaction-writer" => "이 방에 쓸 수 없는 사람의 항목이 있음",
            "transaction-chain" => "다른 체인의 트랜잭션이 있음",
            "transaction-signature" => "트랜잭션 서명이 맞지 않음",
            "transaction-data-size" => "항목이 비었거나 너무 큼",
            "transaction-media-type" => "항목의 미디어 타입이 올바르지 않음",
            "transaction-amount" => "전송 금액이 올바르지 않음",
            "transaction-coinbase" => "있어서는 안 될 자리에 보상이 있음",
            "transaction-duplicate" => "같은 트랜잭션이 두 번 있음",
            "transaction-overdraft" => "전송이 잔액보다 많음",
            _ => return None,
        })
    }

    fn block_fault(&self, height: u32, code: &str) -> String {
        let height = grouped(height.into());
        match self.rule(code) {
            Some(rule) => format!("{height}번 블록이 규칙에 어긋납니다: {rule} ({code})."),
            None => format!("{height}번 블록이 규칙에 어긋납니다: {code}."),
        }
    }

    fn branch(&self, branch: &BranchView) -> String {
        format!(
            "{}번 블록 다음에서 블록 {}개짜리 분기가 갈라집니다. 그 작업량은 {}, 거기서부터 체인의 작업량은 {}입니다.",
            grouped(branch.fork_height.into()),
            grouped(branch.length.into()),
            format::difficulty(branch.work),
            format::difficulty(branch.chain_work)
        )
    }

    fn proof_saved(&self, name: &str) -> String {
        format!("저장한 파일: {name}")
    }

    fn proof_standing(&self, standing: ProofStanding) -> String {
        match standing {
            ProofStanding::InChain => "이 블록은 이 탭이 검증한 체인에 들어 있습니다.",
            ProofStanding::NotInChain => {
                "이 블록은 이 탭의 체인에 없습니다. 버려진 갈래의 것이거나, 지어낸 것이거나, 이 탭이 \
                 아직 받지 못한 새 블록입니다. 더 새로운 증명을 요청하세요."
            }
            ProofStanding::OtherRoom => {
                "다른 방의 증명입니다. 아래의 가장 새로운 블록 해시를 그 방의 탭이 보여 주는 것과 \
                 비교하세요. 증명을 만드는 사람은 체인도 지어낼 수 있습니다."
            }
        }
        .into()
    }

    fn proof_reach(&self, height: u32, confirmations: u32) -> String {
        format!("{}, {}", self.block(height), self.confirmations(confirmations))
    }

    fn proof_fault(&self, fault: ProofFault) -> String {
        match fault {
            ProofFault::Form => "증명 파일이 아닙니다.",
            ProofFault::Version => "버전이 다른 증명 파일입니다.",
            ProofFault::Contradiction => {
                "파일에 글로 적힌 내용이 실제 데이터와 다릅니다. 누군가 고친 파일입니다."
            }
            ProofFault::Entry => "작성자가 이 방에 이 내용 그대로 서명하지 않았습니다.",
            ProofFault::Block => "파일이 가리키는 블록에 이 항목이 없습니다.",
            ProofFault::History => "파일이 가리키는 가장 새로운 블록 아래에 이 블록이 없습니다.",
            ProofFault::Seal => "방의 구성원이 봉인하지 않은 블록이 들어 있습니다.",
            ProofFault::Opening => "들어 있는 키로 항목이 열리지 않습니다.",
            ProofFault::Work => "이 방이 요구하는 작업이 없는 블록이 들어 있습니다.",
        }
        .into()
    }
    fn hashing(&self, name: &str, done: u64, size: u64) -> String {
        format!("{name} 해시 계산 중: {} / {} ({}%)", bytes(done), bytes(size), percent(done, size))
    }

    fn file_unreadable(&self, why: &str) -> String {
        format!("파일을 읽지 못했습니다. 폴더는 추가할 수 없습니다. ({why})")
    }

    fn file_known(&self, height: u32, since: &str, author: &str) -> String {
        format!(
            "이 파일은 {since}부터 {}번 블록에 있습니다. 작성자: {author}",
            grouped(height.into())
        )
    }

    fn file_waits(&self, author: &str) -> String {
        format!("이 파일은 이미 블록을 기다리고 있습니다. 작성자: {author}")
    }

    fn key_file_fault(&self, fault: KeyFileFault) -> String {
        match fault {
            KeyFileFault::Foreign => "키 파일이 아닙니다.",
            KeyFileFault::Newer => {
                "더 새로운 버전의 Tabchain이 만든 키 파일입니다. 페이지를 새로고침한 뒤 다시 해 보세요."
            }
            KeyFileFault::Damaged => "키 파일이 손상되었습니다. 저장한 뒤에 내용이 바뀌었습니다.",
            KeyFileFault::WrongPassphrase => "이 키 파일의 암호가 아닙니다.",
        }
        .into()
    }

    fn import_warning(&self, old: &str, new: &str, balance: u64) -> String {
        format!(
            "이 탭의 키 {old} 대신 {new} 키를 씁니다. 이 탭은 전의 키를 잊으므로, 그 키의 {}은 \
             키 파일이 있어야만 쓸 수 있습니다. 먼저 저장해 두세요. 전의 키로 서명한 항목은 그대로 \
             남아 계속 전달됩니다.",
            self.coins(balance)
        )
    }

    fn sendable(&self, coins: u64) -> String {
        format!("보낼 수 있는 금액: {}", self.coins(coins))
    }

    fn transfer_fault(&self, fault: TransferFault) -> String {
        match fault {
            TransferFault::NoReceiver => "받는 사람을 고르거나 공개 키를 붙여 넣으세요.".into(),
            TransferFault::Key => "공개 키는 16진수 64자리입니다.".into(),
            TransferFault::Own => "내 키입니다. 다른 사람의 키를 넣으세요.".into(),
            TransferFault::Amount => "1 이상의 정수를 입력하세요.".into(),
            TransferFault::TooMuch { spendable: 0 } => {
                "보낼 코인이 없습니다. 이 탭이 블록을 채굴하면 코인을 받습니다.".into()
            }
            TransferFault::TooMuch { spendable } => {
                format!("최대 {}까지 보낼 수 있습니다.", self.coins(spendable))
            }
        }
    }

    fn transfer_accepted(&self, amount: u64, to: &str) -> String {
        format!("접수했습니다. 블록에 담기면 {to}에게 {}이 갑니다.", self.coins(amount))
    }

    fn history_known(&self, limit: usize) -> String {
        format!("이 페이지가 불러온 블록에서 최근 {limit}개까지 보여 줍니다.")
    }

    fn sent(&self, amount: u64, to: &str) -> String {
        format!("− {}, {to}에게 보냄", self.coins(amount))
    }

    fn received(&self, amount: u64, from: &str) -> String {
        format!("+ {}, {from}에게서 받음", self.coins(amount))
    }

    fn wrote(&self, id: &str) -> String {
        format!("항목 {id}")
    }

    fn wrote_file(&self, name: &str) -> String {
        format!("파일 {name}")
    }
}

fn refusal(code: u16) -> String {
    match code {
        0 => "중계 서버가 이 탭의 메시지를 읽지 못했습니다.",
        1 => "이 탭이 한 번에 너무 많이 보냈습니다.",
        2 => "중계 서버의 버전이 다릅니다. 페이지를 새로고침하세요.",
        3 => "중계 서버가 이 탭의 서명을 받아들이지 않았습니다.",
        4 => "등록 순서가 맞지 않습니다.",
        5 => "이 탭의 등록이 너무 늦었습니다.",
        6 => "방이 가득 찼습니다.",
        7 => "중계 서버에 방을 더 만들 수 없습니다.",
        8 => "중계 서버에 더 연결할 수 없습니다.",
        9 => "이 탭이 짧은 시간에 너무 많이 보냈습니다.",
        10 => "이 탭이 너무 느리게 읽었습니다. 놓친 것은 다시 가져옵니다.",
        11 => "더 새로운 연결이 이 탭을 대신했습니다.",
        12 => "이 탭이 중계 서버에 제때 답하지 않았습니다.",
        13 => "중계 서버가 멈추는 중입니다.",
        other => return format!("중계 서버가 연결을 거절했습니다 (코드 {other})."),
    }
    .into()
}
