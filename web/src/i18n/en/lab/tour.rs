//! The steps of the tour: title, what it is about, what to do, what one has seen.

use crate::model::tour::Step;

pub(super) const fn texts(step: Step) -> [&'static str; 4] {
    match step {
        Step::Hash => [
            "A hash",
            "A hash is a fingerprint of data. Whatever you put in, SHA-256 gives 256 bits, and the smallest change gives entirely others. This page draws each hash as a strip of cells, so that you see at a glance whether two are the same.",
            "Type something below, change one letter, then change it back. Watch the strip.",
            "The same text always has the same strip; one letter changes all of it. Nobody can find another text for a given strip. That is all a blockchain needs to notice any change.",
        ],
        Step::Block => [
            "A block",
            "A block is a sealed page of entries. Its header says which entries it holds (by one hash over all of them, the Merkle root), when it was made, and which block comes before it. To seal it, this tab searches a number, the nonce, until the block's hash is small enough: that is mining, and it costs work.",
            "Write an entry in the form below and press “Add block”. See it wait, and then appear in a block.",
            "Your entry was signed with this tab's key, put into a block, and the block was sealed by work. The strip on top of the card is the block's hash: its fingerprint.",
        ],
        Step::Chain => [
            "A chain",
            "Each block holds the hash of the one before it. On the page the strip at the bottom of a card is the strip on top of the card below: that is how they hang together.",
            "Add a second entry, compare the strips where two cards meet, then press “Validate the chain” here.",
            "Your tab has just computed every hash, signature and balance again from the first block on. Change an old block and its strip changes: the card above no longer fits.",
        ],
        Step::Network => [
            "A network",
            "No server keeps this chain. Each open tab is a full node: it holds all blocks and checks each by itself. A small relay only passes messages on.",
            "Open this room in a second tab, with the button here or on another device. Put the two side by side and wait until both show the same newest block.",
            "Two nodes that trust nobody have the same chain, because both check the same rules. Add an entry in either: it appears in both.",
        ],
        Step::Fork => [
            "A fork, and a reorg",
            "When tabs cannot hear each other, both go on, and two chains grow from one block. When they meet again, the one with more work becomes the chain of both. The other side's blocks are left: that is a reorganisation, a reorg. Its entries are not lost; they wait and are sealed again.",
            "Cut this tab off. Add an entry here and another one in your second tab. Wait until both are in blocks, then reconnect.",
            "Both tabs agree again, on all entries of both. Under “Forks” the tab that gave way shows the branch it left.",
        ],
        Step::Tampering => [
            "Tampering",
            "Nobody can stop you from changing your own copy: it is your device. But can you make others believe it?",
            "Change something in a block's copy below, look at the checks, then repair what can be repaired, and send it anyway. Your second tab must be open. Try the entry's text: repair the Merkle root, then send.",
            "The other tab checked your block, found the broken rule and refused it. It even ignores this tab now; once you go on, it is asked to listen again, which only a lab room allows. No trust was needed, only rules.",
        ],
        Step::Proof => [
            "A proof",
            "You can show somebody that an entry is in the chain without giving them the chain. A proof is a small file: the entry, and the few hashes that lead from it to the newest block.",
            "Save the proof of an entry of yours, then check it here. Also check it with one byte altered.",
            "The file alone was enough: anybody can check it, even offline, and a single altered byte makes it fail. You have now seen a hash, a block, a chain, a network, a fork, tampering and a proof.",
        ],
    }
}
