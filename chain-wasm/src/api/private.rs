//! A private room, as the page opens it.

use serde::{Deserialize, Serialize};

use crate::primitives::Hash;
use crate::private::RoomSecret;

/// What is known of a private room's secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrivateRoom {
    /// What the room's spec says of it.
    pub commitment: Hash,
    /// The secret that was given, right or wrong. A node never tells it.
    pub secret: Option<RoomSecret>,
}

/// Whether a private room can be entered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// No secret was given.
    Missing,
    /// The secret that was given is another room's.
    Wrong,
    /// The secret is the room's.
    Granted(RoomSecret),
}

impl PrivateRoom {
    /// A room of whose secret this is.
    pub fn of(secret: RoomSecret) -> Self {
        Self { commitment: secret.commitment(), secret: Some(secret) }
    }

    /// Whether the room can be entered: the secret is the one that the room's spec speaks
    /// of.
    pub fn access(&self) -> Access {
        match self.secret {
            None => Access::Missing,
            Some(secret) if secret.commitment() == self.commitment => Access::Granted(secret),
            Some(_) => Access::Wrong,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_rooms_own_secret_opens_it() {
        let [right, wrong] = [1, 2].map(|n| RoomSecret::from_bytes([n; 32]));
        let room = PrivateRoom::of(right);
        assert_eq!(room.access(), Access::Granted(right));
        assert_eq!(PrivateRoom { secret: Some(wrong), ..room }.access(), Access::Wrong);
        assert_eq!(PrivateRoom { secret: None, ..room }.access(), Access::Missing);
    }
}
