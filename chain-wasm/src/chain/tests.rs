//! The rules as a whole; what one file alone can show is tested in that file.

mod advance;
mod authority;
mod branches;
mod convergence;
mod encoding;
mod evidence;
mod forge;
mod intake;
mod ledger;
mod mempool;
mod pack;
mod proof;
mod reorg;
mod rules;
mod tamper;
mod tree;
