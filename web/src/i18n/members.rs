//! What is said where members seal the blocks.

/// What is said where members seal the blocks.
pub(crate) trait MembersWords {
    /// The title of the list of members.
    fn members_title(&self) -> &'static str;
    /// How the blocks are sealed, and who may write; the patience in milliseconds.
    fn members_rule(&self, patience: u32, members_write: bool) -> String;
    /// What this tab may do.
    fn member_role(&self, member: bool, members_write: bool) -> &'static str;
    /// How many of the members are here.
    fn members_here(&self, here: usize, of: usize) -> String;
    /// That a member is in the room.
    fn member_here(&self) -> &'static str;
    /// That a member is not.
    fn member_away(&self) -> &'static str;
    /// That the next block is a member's to seal.
    fn member_next(&self) -> &'static str;
    /// That nobody is here who can seal what waits.
    fn no_member_here(&self) -> &'static str;
    /// Who sealed a block, before the name.
    fn sealed_by_member(&self) -> &'static str;
    /// The title of the list of double seals.
    fn double_seals_title(&self) -> &'static str;
    /// That a member sealed two blocks of a height, and what that means.
    fn double_seal(&self, member: &str, height: u32, on_one_predecessor: bool) -> String;
    /// Whether a header's seal is the member's it names.
    fn seal_fits(&self, member: &str, fits: bool) -> String;
    /// What a block's difficulty is where members seal.
    fn about_weight(&self) -> &'static str;
    /// What a header's nonce is where members seal.
    fn about_sealer(&self) -> &'static str;
}
