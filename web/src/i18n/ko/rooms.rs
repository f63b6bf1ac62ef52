//! What is said of rooms, in Korean.

use chain_wasm::api::{ConsensusChoice, MAX_MEMBERS, RoomChoice};

use super::super::rooms::{RoomTexts, RoomWords};
use super::Korean;
use crate::model::new_room::MemberFault;

static TEXTS: RoomTexts = RoomTexts {
    new_room: "새 방",
    new_room_title: "새 방 만들기",
    new_room_hint: "방마다 체인이 따로 있습니다. 여기서 고른 것은 첫 블록에 들어가므로 나중에 아무도 바꿀 수 없고, 참여하는 데 필요한 것은 모두 링크에 담깁니다.",
    rule: "블록에 합의하는 방법",
    rule_work: "작업 증명",
    rule_work_hint: "어느 탭이든 드문 해시를 찾아 블록을 봉인합니다. 과거를 바꾸려면 그 작업을 모두 다시 해야 합니다.",
    rule_authority: "구성원",
    rule_authority_hint: "지정한 구성원만 차례로, 채굴 없이 바로 블록을 봉인합니다.",
    rule_open: "증명 없음",
    rule_open_hint: "블록에 비용이 들지 않아 누구나 마음대로 더 긴 체인을 만들 수 있습니다. 처음 살펴볼 때 좋습니다.",
    target: "블록 간격",
    target_hint: "항목이 이어질 때 난이도가 맞추려는 간격입니다. 길수록 포크가 줄어듭니다.",
    patience: "자리에 없는 구성원을 기다리는 시간",
    patience_hint: "이 시간이 지나면 다른 구성원이 차례를 넘겨받아 블록을 봉인합니다.",
    members: "구성원",
    member_me: "이 탭",
    member_me_hint: "방에 들어갈 때 새 키를 받습니다.",
    member_keys: "키로 추가하는 구성원",
    member_keys_hint: "64자리 16진수 공개 키 또는 작성자 페이지의 링크입니다. 다른 방의 키는 주인이 이 방에서 키 파일을 가져와야 쓸 수 있습니다.",
    member_links: "초대하는 구성원",
    member_links_hint: "한 사람마다 키를 여기서 만들어 그 사람만의 링크에 넣습니다. 이 키들은 당신도 보게 됩니다. 그래도 되는 사람만 초대하거나, 대신 공개 키를 받으세요.",
    writers: "쓸 수 있는 사람",
    writers_anyone: "방에 있는 모두",
    writers_members: "구성원만",
    purpose: "용도",
    purpose_records: "기록",
    purpose_records_hint: "오래 남길 항목을 위한 방입니다.",
    purpose_lab: "실험실",
    purpose_lab_hint: "실험용입니다. 사본을 변조하고, 탭을 끊고, 몰래 채굴해 볼 수 있습니다.",
    readers: "읽을 수 있는 사람",
    readers_all: "이름을 아는 모두",
    readers_all_hint: "항목이 공개됩니다.",
    readers_members: "비공개: 링크를 가진 사람",
    readers_members_hint: "항목은 탭 안에서 암호화되어 릴레이는 암호문만 봅니다. 누가 언제 얼마나 썼는지와 전송의 키와 금액은 릴레이에 보입니다. 링크를 가진 사람은 모든 것을 읽을 수 있고, 이는 되돌릴 수 없습니다.",
    summary: "만들 방",
    create: "방 만들기",
    creating: "만드는 중…",
    no_randomness: "브라우저가 난수를 주지 않아 비밀을 만들 수 없습니다.",
    created: "방이 준비되었습니다",
    created_hint: "다른 사람에게는 이 링크만 있으면 됩니다. 누군가 열면 그때 방이 생깁니다.",
    created_keys_hint: "초대한 구성원마다 키가 든 링크가 하나씩 있습니다. 보관되지 않으니 지금 복사하세요. 링크 하나는 한 사람 몫이고, 여는 사람이 구성원이 됩니다.",
    own_key_kept: "이 탭의 키는 여기서 또는 링크로 방에 들어갈 때까지 이 브라우저에 보관됩니다.",
    own_key_not_kept: "이 브라우저는 아무것도 저장하지 않고, 이 탭의 키는 다른 누구에게도 없습니다. 탭을 닫기 전에 아래 링크를 복사하세요. 키가 들어 있습니다.",
    own_link: "이 탭의 키가 든 나만의 링크",
    own_key_failed: "이 탭은 아직 구성원이 아닙니다",
    own_key_failed_hint: "이 탭의 키와 함께 방을 만들었지만 노드가 키를 받지 못했습니다. 키는 사라지지 않았습니다. 다시 시도하고, 그래도 안 되면 페이지를 새로 고치세요.",
    own_key_only_here: "이 탭의 키와 함께 방을 만들었지만 노드가 키를 받지 못했습니다. 키는 이 탭에만 있습니다. 다시 시도하고, 그 전에는 탭을 닫거나 새로 고치지 마세요.",
    enter: "방에 들어가기",
    invite: "초대",
    invite_hint: "이 링크를 여는 사람은 또 하나의 노드로 방에 참여합니다.",
    invite_private_hint: "이 링크에는 방의 비밀이 들어 있어, 가진 사람은 모든 것을 읽을 수 있습니다. 비밀은 # 뒤에 있어 릴레이로 보내지지 않습니다.",
    link: "링크",
    select_and_copy: "선택됨: 직접 복사하세요",
    share: "공유…",
    without_secret: "비밀 없이 복사",
    without_secret_hint: "공지나 함께 쓰는 기기의 즐겨찾기용입니다. 페이지가 비밀을 물어봅니다.",
    loopback: "이 주소는 ‘이 기기’를 뜻하므로 다른 기기에서는 쓸 수 없습니다. 릴레이가 시작할 때 보여 주는 주소로 페이지를 열고 거기서 초대하세요.",
    bases: "이 페이지는 ‘이 기기’를 뜻하는 주소로 열려 있습니다. 다른 기기는 다음 주소 중 하나로 릴레이에 접속합니다. 그 기기가 있는 네트워크를 고르세요",
    close: "닫기",
    locked: "연결되지 않음: 방의 비밀이 없습니다",
    secret_title: "비공개 방입니다",
    secret_hint: "방의 비밀이나 링크 전체를 붙여 넣으세요. 이 탭 안에서만 확인하고 어디로도 보내지 않습니다.",
    secret: "비밀 또는 링크",
    secret_missing: "먼저 비밀이나 링크를 붙여 넣으세요.",
    secret_wrong: "이 방의 비밀이 아닙니다. 링크의 일부가 빠졌을 수 있습니다.",
    secret_open: "방 열기",
    invited_title: "당신만의 키와 함께 초대되었습니다",
    invited_hint: "이 키로 이 탭은 초대된 구성원으로 서명합니다. 지금 탭의 키를 대신하게 됩니다. 링크를 보낸 사람은 이 키를 보았으므로 당신처럼 서명할 수 있습니다.",
    invited_take: "이 키 사용",
    invited_decline: "나중에",
    private: "비공개",
    readable: "읽을 수 있는 사람",
    readable_sealed: "방의 비밀을 가진 사람. 체인에는 암호화되어 있습니다.",
    readable_all: "릴레이를 포함한 모두. 암호화되지 않았고, 작성자가 방의 비밀을 모를 수도 있습니다.",
    readable_unknown: "이 탭은 아님. 다른 비밀로 암호화되었거나 손상되었습니다.",
    not_sealed: "암호화되지 않음",
    unreadable: "다른 비밀로 암호화되었거나 손상되어 여기서는 읽을 수 없습니다.",
    opened: "체인에는 암호화되어 있고, 여기 보이려고 풀었습니다.",
    opening: "증명을 가진 사람이 항목을 읽게 하기",
    opening_hint: "이 항목 하나의 키를 넣습니다. 다른 항목은 열 수 없습니다. 없으면 항목이 있다는 것만 보이고 내용은 보이지 않습니다.",
    add_private_hint: "서명하기 전에 암호화되어 이 방의 비밀을 가진 사람만 읽을 수 있습니다. 누가 언제 얼마나 썼는지는 보입니다.",
    writers_closed: "이 방에는 구성원만 쓸 수 있고 이 탭은 구성원이 아니므로 여기에 쓴 것은 거절됩니다. 구성원에게 키가 든 초대를 받거나 대신 써 달라고 하세요.",
    transfers_visible: "전송은 암호화되지 않습니다. 키와 금액이 체인을 나르는 모두에게 보입니다.",
};

impl RoomWords for Korean {
    fn rooms(&self) -> &'static RoomTexts {
        &TEXTS
    }

    fn interval(&self, millis: u32) -> String {
        match millis {
            0..1_000 => format!("{millis}밀리초"),
            60_000.. if millis.is_multiple_of(60_000) => format!("{}분", millis / 60_000),
            _ => format!("{}초", millis / 1_000),
        }
    }

    fn room_summary(&self, room: &RoomChoice, members: usize) -> String {
        let rule = match &room.consensus {
            ConsensusChoice::Work { target } => {
                format!("작업 증명으로 약 {}마다 블록을 만듭니다", self.interval(*target))
            }
            ConsensusChoice::Open => "블록에 비용이 들지 않습니다".into(),
            ConsensusChoice::Authority { members_write, .. } => {
                let writers =
                    if *members_write { " 구성원만 쓸 수 있습니다." } else { "" };
                let kind = kind(room);
                return format!("{kind}: 구성원 {members}명이 블록을 봉인합니다.{writers}");
            }
        };
        format!("{}: {rule}.", kind(room))
    }

    fn member_fault(&self, fault: &MemberFault) -> String {
        match fault {
            MemberFault::Nobody => {
                "구성원을 한 명 이상 정하세요. 없으면 아무도 블록을 봉인할 수 없습니다.".into()
            }
            MemberFault::TooMany { count } => {
                format!("구성원이 {count}명입니다. 방에는 {MAX_MEMBERS}명까지 있을 수 있습니다.")
            }
            MemberFault::Unreadable { part } => {
                format!("‘{part}’은(는) 64자리 16진수 공개 키도, 작성자 링크도 아닙니다.")
            }
        }
    }

    fn member_link(&self, n: usize) -> String {
        format!("초대한 구성원 {n}의 링크")
    }

    fn qr_code(&self, room: &str) -> String {
        format!("방 {room}의 링크가 담긴 QR 코드")
    }
}

fn kind(room: &RoomChoice) -> &'static str {
    match (room.private.is_some(), room.lab) {
        (true, true) => "비공개 실험실",
        (true, false) => "기록용 비공개 방",
        (false, true) => "공개 실험실",
        (false, false) => "기록용 공개 방",
    }
}
