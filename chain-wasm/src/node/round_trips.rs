//! How long another takes to answer: measured on questions that are asked anyway, and on
//! empty ones while somebody wants to know.

use std::collections::VecDeque;

use crate::primitives::Instant;

/// Answers of which the median is told: the newest.
pub const MAX_ANSWERS: usize = 5;

/// Questions that are remembered until they are answered: the newest.
pub const MAX_ASKED: usize = 8;

/// What one other was asked, and how long its last answers took.
#[derive(Debug, Clone, Default)]
pub struct RoundTrips {
    asked: VecDeque<(u32, Instant)>,
    /// In milliseconds, oldest first.
    answers: VecDeque<u32>,
}

impl RoundTrips {
    /// A question of this number was sent.
    pub fn asked(&mut self, question: u32, now: Instant) {
        if self.asked.len() >= MAX_ASKED {
            self.asked.pop_front();
        }
        self.asked.push_back((question, now));
    }

    /// The question of this number was answered. Whether that says anything new; an answer
    /// to what was not asked does not.
    pub fn answered(&mut self, question: u32, now: Instant) -> bool {
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == question) else {
            return false;
        };
        let Some((_, since)) = self.asked.remove(at) else { return false };
        let before = self.median();
        if self.answers.len() >= MAX_ANSWERS {
            self.answers.pop_front();
        }
        self.answers.push_back(u32::try_from(now.since(since)).unwrap_or(u32::MAX));
        self.median() != before
    }

    /// The oldest question that is not answered.
    pub fn oldest(&self) -> Option<u32> {
        self.asked.front().map(|(question, _)| *question)
    }

    /// No answer will come to what was asked.
    pub fn forget_questions(&mut self) {
        self.asked.clear();
    }

    /// Whether an answer is due that was asked for after `since`.
    pub fn awaits(&self, since: Instant) -> bool {
        self.asked.back().is_some_and(|(_, asked)| *asked > since)
    }

    /// How many answers are known.
    pub fn known(&self) -> usize {
        self.answers.len()
    }

    /// The median of the last answers' times in milliseconds, the lower of two middle ones;
    /// `None` before the first.
    pub fn median(&self) -> Option<u32> {
        let mut sorted: Vec<u32> = self.answers.iter().copied().collect();
        sorted.sort_unstable();
        sorted.get(sorted.len().saturating_sub(1) / 2).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(times: &[u64]) -> RoundTrips {
        let mut trips = RoundTrips::default();
        for (number, time) in (0..).zip(times) {
            trips.asked(number, Instant(1_000));
            trips.answered(number, Instant(1_000 + time));
        }
        trips
    }

    #[test]
    fn tells_the_median_of_the_newest_answers() {
        assert_eq!(measured(&[]).median(), None);
        assert_eq!(measured(&[7]).median(), Some(7));
        assert_eq!(measured(&[9, 3]).median(), Some(3));
        assert_eq!(measured(&[9, 3, 5]).median(), Some(5));
        let trips = measured(&[900, 900, 900, 1, 2, 3, 4, 5]);
        assert_eq!((trips.known(), trips.median()), (MAX_ANSWERS, Some(3)));
    }

    #[test]
    fn an_answer_counts_once_and_only_to_a_question() {
        let mut trips = RoundTrips::default();
        trips.asked(1, Instant(10));
        assert!(trips.awaits(Instant(9)) && !trips.awaits(Instant(10)));
        assert!(!trips.answered(2, Instant(11)));
        assert!(trips.answered(1, Instant(12)));
        assert!(!trips.answered(1, Instant(13)));
        assert_eq!((trips.known(), trips.median()), (1, Some(2)));
        trips.asked(3, Instant(20));
        trips.forget_questions();
        assert!(!trips.answered(3, Instant(21)));
    }

    #[test]
    fn the_oldest_of_too_many_questions_is_forgotten() {
        let mut trips = RoundTrips::default();
        let most = u32::try_from(MAX_ASKED).expect("a small number");
        for number in 0..=most {
            trips.asked(number, Instant(0));
        }
        assert!(!trips.answered(0, Instant(1)));
        assert!(trips.answered(1, Instant(1)));
        assert_eq!(trips.asked.len(), MAX_ASKED - 1);
    }
}
