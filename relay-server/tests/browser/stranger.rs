//! A client that is no node: it registers or not, and sends what it likes.

use chain_wasm::chain::Chain;
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::node::room_of;
use chain_wasm::primitives::{Hash, Keypair, Signature, UnixMillis};
use chain_wasm::relay::{self, ClientFrame, MAX_FRAME, Refusal, RelayFrame, RoomId};
use chain_wasm::wire::{Message as Wire, Status};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::browser::Browser;
use crate::relay::Relay;
use crate::tab::wait_settled;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(relay: &Relay) -> (Socket, Hash) {
    let (mut socket, _) = connect_async(format!("ws://{}/ws", relay.address)).await.unwrap();
    let challenge = next(&mut socket).await.unwrap();
    match RelayFrame::decode(&challenge).unwrap() {
        RelayFrame::Challenge { nonce, .. } => (socket, nonce),
        other => panic!("no challenge: {other:?}"),
    }
}

/// Registers; gives the socket and the answer.
pub(crate) async fn register(
    relay: &Relay,
    session: &Keypair,
    room: RoomId,
    status: &[u8],
) -> (Socket, Vec<u8>) {
    let (mut socket, nonce) = connect(relay).await;
    let frame = relay::register(session, &nonce, room, status).encode();
    socket.send(Message::binary(frame)).await.unwrap();
    let answer = next(&mut socket).await.unwrap();
    (socket, answer)
}

/// The next binary message, or the code that the connection was closed with.
async fn next(socket: &mut Socket) -> Result<Vec<u8>, Option<u16>> {
    let message = async {
        loop {
            match socket.next().await {
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes.to_vec()),
                Some(Ok(Message::Close(frame))) => return Err(frame.map(|f| u16::from(f.code))),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(None),
            }
        }
    };
    tokio::time::timeout(crate::PATIENCE, message).await.expect("an answer in time")
}

/// Sends a frame and waits for the refusal and the close that must follow.
async fn refused(mut socket: Socket, message: Message, reason: Refusal) {
    // A relay that closes while a long message is still being sent is in its rights.
    drop(socket.send(message).await);
    let mut told = false;
    loop {
        match next(&mut socket).await {
            Ok(bytes) => {
                if let RelayFrame::Refused { reason: given } = RelayFrame::decode(&bytes).unwrap() {
                    assert_eq!(given, reason);
                    told = true;
                }
            }
            Err(code) => {
                assert!(
                    told || code == Some(reason.close_code()),
                    "{reason:?}: closed with {code:?}"
                );
                return;
            }
        }
    }
}

#[tokio::test]
async fn a_hostile_client_changes_nothing_and_gets_typed_errors() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("hostile");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    for tab in [&one, &two] {
        tab.wait_peers(1).await;
    }
    one.add("an honest entry").await;
    let tip = wait_settled(&[&one, &two], &["an honest entry".to_owned()]).await;
    let spec = Spec::work("hostile").unwrap();
    let (room, session) = (room_of(&spec), Keypair::from_seed([99; 32]));

    // Not registered: garbage, text, oversized, a wrong signature, another connection's.
    let (socket, _) = connect(&relay).await;
    refused(socket, Message::binary(vec![0xff; 100]), Refusal::Malformed).await;
    let (socket, _) = connect(&relay).await;
    refused(socket, Message::text("hello"), Refusal::Malformed).await;
    let (socket, _) = connect(&relay).await;
    refused(socket, Message::binary(vec![0; MAX_FRAME + 1]), Refusal::TooLarge).await;
    let (socket, _) = connect(&relay).await;
    let frame = ClientFrame::Register {
        version: relay::VERSION,
        room,
        peer: session.public(),
        signature: Signature::EMPTY,
        status: b"",
    };
    refused(socket, Message::binary(frame.encode()), Refusal::BadSignature).await;
    let (first, nonce) = connect(&relay).await;
    let replayed = relay::register(&session, &nonce, room, b"").encode();
    drop(first);
    let (socket, _) = connect(&relay).await;
    refused(socket, Message::binary(replayed), Refusal::BadSignature).await;

    // Registered: what the relay passes on, the tabs must refuse.
    let status = Status::new(session.public(), Hash::of(b"made up"), 1_000, u128::MAX).encode();
    for payload in hostile_payloads(&spec) {
        let session = Keypair::from_seed(*Hash::of(&payload).as_bytes());
        let (mut socket, _) = register(&relay, &session, room, &status).await;
        let frame = ClientFrame::Broadcast { payload: &payload }.encode();
        socket.send(Message::binary(frame)).await.unwrap();
        let peer = format!(".peer.faulty[data-peer=\"{}\"]", session.public());
        for tab in [&one, &two] {
            tab.wait("the liar is named", &format!("document.querySelector('{peer}')")).await;
        }
    }
    for tab in [&one, &two] {
        assert_eq!(tab.tip().await, tip, "nothing has changed");
    }
    two.add("another honest entry").await;
    let wanted = ["an honest entry", "another honest entry"];
    wait_settled(&[&one, &two], &wanted.map(str::to_owned)).await;
    browser.check_consoles();
}

/// A block on the genesis block without the work that it claims.
pub(crate) fn unmined_block(spec: &Spec) -> Vec<u8> {
    let author = Keypair::from_seed([98; 32]);
    let mut chain = Chain::new(spec.clone());
    let body = Body::Data { media_type: "text/plain".to_owned(), bytes: b"forged".to_vec() };
    let content = Content {
        chain: chain.id(),
        author: author.public(),
        timestamp: UnixMillis(0),
        salt: [1; 16],
        body,
    };
    chain.insert_transaction(Transaction::sign(content, &author)).unwrap();
    let mut block = chain.template(author.public(), UnixMillis(1_000_000)).unwrap();
    while block.header.difficulty.is_met_by(&block.header.hash()) {
        block.header.nonce += 1;
    }
    Wire::Block { block: block.encode() }.encode()
}

fn hostile_payloads(spec: &Spec) -> Vec<Vec<u8>> {
    let author = Keypair::from_seed([98; 32]);
    let mut chain = Chain::new(spec.clone());
    let content = |chain| Content {
        chain,
        author: author.public(),
        timestamp: UnixMillis(0),
        salt: [1; 16],
        body: Body::Data { media_type: "text/plain".to_owned(), bytes: b"forged".to_vec() },
    };
    let entry = Transaction::sign(content(chain.id()), &author);
    let mut forged_entry = entry.encode();
    *forged_entry.last_mut().unwrap() ^= 1;
    let foreign = Transaction::sign(content(Hash::of(b"another chain")), &author).encode();
    chain.insert_transaction(entry).unwrap();
    let mut other_body = chain.template(author.public(), UnixMillis(1_000_000)).unwrap();
    crate::native_peer::mine(&mut other_body);
    other_body.transactions.pop();
    vec![
        b"\x01garbage".to_vec(),
        Vec::new(),
        Wire::Transactions { transactions: vec![forged_entry.into()] }.encode(),
        Wire::Transactions { transactions: vec![foreign.into()] }.encode(),
        unmined_block(spec),
        Wire::Block { block: other_body.encode() }.encode(),
    ]
}
