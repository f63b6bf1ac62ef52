//! What has to do with the wallet and with files: coins, keys, names, and what is kept.

use chain_wasm::api::{Command, NotarisedView, Outcome, Passphrase, StorageView};
use chain_wasm::primitives::{Hash, PublicKey};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::browser;
use crate::model::persistence::Persistence;
use crate::node_link::{CallError, Failure};

impl Session {
    /// Sends coins.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn transfer(self, to: PublicKey, amount: u64) -> Result<(), CallError> {
        self.submit(Command::Transfer { to, amount }).await
    }

    /// Asks the browser to keep what is stored, once there is something of the user's own
    /// to keep: earlier the question, which some browsers show, would be about nothing.
    pub(super) fn ask_to_keep(self) {
        let durable = self.model.with_untracked(|model| {
            model.node.as_ref().is_some_and(|node| node.storage == StorageView::Durable)
        });
        if durable && self.persistence.get_untracked() == Persistence::MayGo {
            // Once a visit: the answer replaces what would bring us here again.
            self.persistence.set(Persistence::Unknown);
            spawn_local(async move {
                self.persistence.set(browser::persistence::persist().await);
            });
        }
    }

    /// The entry about a file, if there is one.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn find_file(
        self,
        sha256: Hash,
    ) -> Result<Option<Box<NotarisedView>>, CallError> {
        match self.call(Command::FindFile { sha256 }).await? {
            Outcome::File(file) => Ok(file),
            _ => Ok(None),
        }
    }

    /// This tab's key as a file's text, locked with a passphrase.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn export_key(self, passphrase: String) -> Result<String, CallError> {
        match self.call(Command::ExportKey { passphrase: Passphrase(passphrase) }).await? {
            Outcome::KeyFile(text) => Ok(text),
            _ => Err(CallError::Gone(Failure::Stopped)),
        }
    }

    /// Puts the key of a file in the place of this tab's, then shows all anew: what is
    /// whose has changed.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn import_key(
        self,
        file: String,
        passphrase: String,
    ) -> Result<(), CallError> {
        self.call(Command::ImportKey { file, passphrase: Passphrase(passphrase) }).await?;
        self.show_anew().await
    }

    /// Shows all anew: what is whose has changed.
    pub(super) async fn show_anew(self) -> Result<(), CallError> {
        // Blocks that stay are not drawn again, so for one turn there are none.
        self.model.update(|model| model.node = None);
        gloo_timers::future::TimeoutFuture::new(0).await;
        if let Outcome::Node(view) = self.call(Command::GetNode).await? {
            self.model.update(|model| model.started(*view, browser::now()));
            self.fill_window();
        }
        Ok(())
    }

    /// Gives a key a nickname, or takes it away.
    pub(crate) fn set_nickname(self, key: PublicKey, typed: &str) {
        self.nicknames.update(|names| browser::nicknames::keep(&key, names.set(key, typed)));
    }
}
