//! The guided tour: its seven steps, how far one is, and when a step is done: once the real
//! node has shown what the step is about.

/// The steps, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// A hash.
    Hash,
    /// A block.
    Block,
    /// A chain of blocks.
    Chain,
    /// A network of tabs.
    Network,
    /// A fork that heals.
    Fork,
    /// A changed block that is refused.
    Tampering,
    /// A proof that holds.
    Proof,
}

impl Step {
    /// All of them.
    pub(crate) const ALL: [Self; 7] = [
        Self::Hash,
        Self::Block,
        Self::Chain,
        Self::Network,
        Self::Fork,
        Self::Tampering,
        Self::Proof,
    ];

    /// Its place, from 0.
    pub(crate) const fn index(self) -> usize {
        match self {
            Self::Hash => 0,
            Self::Block => 1,
            Self::Chain => 2,
            Self::Network => 3,
            Self::Fork => 4,
            Self::Tampering => 5,
            Self::Proof => 6,
        }
    }

    /// Its name for tests and style sheets.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Hash => "hash",
            Self::Block => "block",
            Self::Chain => "chain",
            Self::Network => "network",
            Self::Fork => "fork",
            Self::Tampering => "tampering",
            Self::Proof => "proof",
        }
    }
}

/// How far one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Progress {
    /// The step that is shown.
    pub(crate) step: Step,
    /// Which steps are done.
    done: [bool; 7],
}

impl Default for Progress {
    fn default() -> Self {
        Self { step: Step::Hash, done: [false; 7] }
    }
}

impl Progress {
    /// Whether a step is done.
    pub(crate) fn is_done(self, step: Step) -> bool {
        self.done.get(step.index()).copied().unwrap_or_default()
    }

    /// A step is done. Gives whether that is new.
    pub(crate) fn tick(&mut self, step: Step) -> bool {
        let Some(done) = self.done.get_mut(step.index()) else { return false };
        !std::mem::replace(done, true)
    }

    /// How many are done.
    pub(crate) fn count(self) -> usize {
        self.done.iter().filter(|done| **done).count()
    }

    /// The step so many places on.
    pub(crate) fn beside(self, by: isize) -> Option<Step> {
        let at = self.step.index().checked_add_signed(by)?;
        Step::ALL.get(at).copied()
    }

    /// Writes it down, to be remembered.
    pub(crate) fn write(self) -> String {
        let marks = self.done.map(|done| if done { 'x' } else { '-' });
        marks.into_iter().chain([' ']).chain(self.step.name().chars()).collect()
    }

    /// Reads what [`Self::write`] wrote; anything else is a new beginning.
    pub(crate) fn read(text: &str) -> Self {
        let (marks, name) = text.split_once(' ').unwrap_or(("", ""));
        let step = Step::ALL.into_iter().find(|step| step.name() == name);
        let mut progress = Self { step: step.unwrap_or(Step::Hash), ..Self::default() };
        for (done, mark) in progress.done.iter_mut().zip(marks.chars()) {
            *done = mark == 'x';
        }
        progress
    }
}

/// What is seen of the node at one time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Texts of which a hash was seen.
    pub(crate) hashed: usize,
    /// The height of the highest block with an own entry; 0 if there is none.
    pub(crate) own: u32,
    /// The tip's height.
    pub(crate) height: u32,
    /// Whether the whole chain was checked and is valid.
    pub(crate) validated: bool,
    /// Whether this tab is connected.
    pub(crate) online: bool,
    /// How many other tabs there are, and how many of them are at the same tip.
    pub(crate) peers: usize,
    /// See [`Self::peers`].
    pub(crate) agreeing: usize,
    /// The height of the highest block with an entry by somebody else; 0 if there is none.
    pub(crate) foreign: u32,
    /// How many reorganisations there were.
    pub(crate) reorganisations: u32,
    /// Whether some peer refused a changed block.
    pub(crate) refused: bool,
    /// How many proofs were checked that hold.
    pub(crate) proofs: u32,
}

/// A cut that is being watched: what the tab had when it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cut {
    height: u32,
    reorganisations: u32,
    /// Whether it sealed a block of its own meanwhile.
    grew: bool,
}

/// Watches the node for the tour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Watch {
    cut: Option<Cut>,
    healed: bool,
}

impl Watch {
    /// Takes note of what is seen now; gives the steps that it shows to be done.
    pub(crate) fn see(&mut self, seen: &Seen) -> impl Iterator<Item = Step> {
        self.see_fork(seen);
        let healed = self.healed;
        let shown = Step::ALL.map(|step| match step {
            Step::Hash => seen.hashed >= 3,
            Step::Block => seen.own > 0,
            Step::Chain => seen.height >= 2 && seen.validated,
            Step::Network => seen.online && seen.agreeing > 0 && seen.height > 0,
            Step::Fork => healed,
            Step::Tampering => seen.refused,
            Step::Proof => seen.proofs > 0,
        });
        Step::ALL.into_iter().zip(shown).filter_map(|(step, shown)| shown.then_some(step))
    }

    /// Two tabs went on without each other, met again, and agree: on both sides entries were
    /// added, for a reorganisation is seen, or an entry of the other above the fork.
    fn see_fork(&mut self, seen: &Seen) {
        match &mut self.cut {
            None if !seen.online && seen.height > 0 => {
                let (height, reorganisations) = (seen.height, seen.reorganisations);
                self.cut = Some(Cut { height, reorganisations, grew: false });
            }
            Some(cut) if !seen.online => cut.grew |= seen.height > cut.height,
            Some(cut) if seen.peers > 0 && seen.agreeing == seen.peers => {
                let moved = seen.reorganisations > cut.reorganisations;
                if cut.grew && (moved || seen.foreign > cut.height) {
                    self.healed = true;
                    self.cut = None;
                } else if !cut.grew {
                    self.cut = None;
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(watch: &mut Watch, seen: &Seen) -> Vec<Step> {
        watch.see(seen).collect()
    }

    #[test]
    fn steps_are_in_order_and_named() {
        for (at, step) in Step::ALL.into_iter().enumerate() {
            assert_eq!(step.index(), at);
        }
        let names: std::collections::BTreeSet<_> = Step::ALL.map(Step::name).into();
        assert_eq!(names.len(), Step::ALL.len());
    }

    #[test]
    fn progress_is_remembered_and_anything_else_is_a_beginning() {
        let mut progress = Progress::default();
        assert!(progress.tick(Step::Block));
        assert!(!progress.tick(Step::Block));
        progress.tick(Step::Proof);
        progress.step = Step::Fork;
        assert_eq!(Progress::read(&progress.write()), progress);
        assert_eq!(progress.count(), 2);
        for text in ["", "x", "yyyyyyy nowhere", " "] {
            assert_eq!(Progress::read(text), Progress::default(), "{text}");
        }
        assert_eq!(Progress::read("xxxxxxxxxxxx hash").count(), 7);
    }

    #[test]
    fn one_can_go_on_and_back_to_both_ends() {
        let mut progress = Progress::default();
        assert_eq!(progress.beside(-1), None);
        while let Some(next) = progress.beside(1) {
            progress.step = next;
        }
        assert_eq!(progress.step, Step::Proof);
        assert_eq!(progress.beside(-1), Some(Step::Tampering));
    }

    #[test]
    fn each_step_is_ticked_by_what_it_is_about() {
        let nothing = Seen::default();
        let cases = [
            (Step::Hash, Seen { hashed: 3, ..nothing.clone() }),
            (Step::Block, Seen { own: 1, ..nothing.clone() }),
            (Step::Chain, Seen { height: 2, validated: true, ..nothing.clone() }),
            (Step::Tampering, Seen { refused: true, ..nothing.clone() }),
            (Step::Proof, Seen { proofs: 1, ..nothing.clone() }),
        ];
        for (step, seen) in cases {
            assert_eq!(steps(&mut Watch::default(), &seen), [step]);
        }
        let network = Seen { online: true, peers: 2, agreeing: 1, height: 1, ..nothing.clone() };
        assert_eq!(steps(&mut Watch::default(), &network), [Step::Network]);
        assert_eq!(steps(&mut Watch::default(), &nothing), []);
    }

    #[test]
    fn a_fork_is_seen_on_either_side_of_it_but_not_without_blocks_on_both() {
        let together =
            Seen { online: true, peers: 1, agreeing: 1, height: 3, foreign: 2, ..Seen::default() };
        let alone = Seen { online: false, peers: 0, agreeing: 0, ..together.clone() };
        let grown = Seen { height: 4, ..alone.clone() };
        let back = Seen { height: 4, agreeing: 0, ..together.clone() };
        // This tab's branch won: the other's entry comes in above it.
        let won = Seen { height: 5, foreign: 5, ..together.clone() };
        // The other's won.
        let lost = Seen { height: 4, foreign: 4, reorganisations: 1, ..together.clone() };
        for end in [won, lost] {
            let mut watch = Watch::default();
            for seen in [&together, &alone, &grown, &back] {
                assert!(!steps(&mut watch, seen).contains(&Step::Fork));
            }
            assert!(steps(&mut watch, &end).contains(&Step::Fork));
        }
        // Nothing was added while it was away, or only here.
        for path in [[&together, &alone, &together], [&alone, &grown, &together]] {
            let mut watch = Watch::default();
            let seen = path.map(|seen| steps(&mut watch, seen).contains(&Step::Fork));
            assert_eq!(seen, [false; 3]);
        }
    }
}
