//! Numbers and times as text, where both languages write them alike.

use chain_wasm::primitives::Hash;

/// A whole number, its digits in groups of three.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number of bytes: `812 B`, `1.4 KiB`, `3.0 MiB`.
pub(crate) fn bytes(size: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if size < 1024 {
        return format!("{size} B");
    }
    // In tenths of the unit, rounded down, so that nothing is called larger than it is.
    let mut tenths = u128::from(size) * 10 / 1024;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while tenths >= 10_240 {
        let Some(next) = units.next() else { break };
        unit = Some(next);
        tenths /= 1024;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, unit.unwrap_or(&""))
}

/// An expected number of hashes: whole and grouped where that can be read, else as
/// a power of ten.
pub(crate) fn difficulty(hashes: f64) -> String {
    if !hashes.is_finite() || hashes < 0.0 {
        return "?".into();
    }
    if hashes < 1e12 {
        // Below 10^12, not negative: the cast is exact but for the fraction.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        return grouped(hashes.round() as u64);
    }
    format!("{hashes:.2e}").replace('e', " × 10^")
}

/// Milliseconds as seconds, with one digit behind the point unless it is 0.
pub(crate) fn seconds(millis: u32) -> String {
    let tenths = (u64::from(millis) + 50) / 100;
    match tenths % 10 {
        0 => grouped(tenths / 10),
        tenth => format!("{}.{tenth}", grouped(tenths / 10)),
    }
}

/// A number of hashes a second: `812 H/s`, `1.4 kH/s`, `36.2 MH/s`.
pub(crate) fn hash_rate(per_second: f64) -> String {
    let units = [(1e9, "GH/s"), (1e6, "MH/s"), (1e3, "kH/s")];
    match units.into_iter().find(|(size, _)| per_second >= *size) {
        Some((size, unit)) => format!("{:.1} {unit}", per_second / size),
        None => format!("{per_second:.0} H/s"),
    }
}

/// A chain's work, given in decimal digits: grouped where that can be read, else as
/// a power of ten.
pub(crate) fn work(digits: &str) -> String {
    match digits.parse::<u64>() {
        Ok(number) if digits.len() <= 12 => grouped(number),
        _ => digits.parse::<f64>().map_or_else(|_| digits.to_owned(), difficulty),
    }
}

/// The head and the tail of a hash or key in hex.
pub(crate) fn short(hex: &str) -> String {
    match (hex.get(..8), hex.len().checked_sub(6).and_then(|at| hex.get(at..))) {
        (Some(head), Some(tail)) if hex.len() > 16 => format!("{head}…{tail}"),
        _ => hex.to_owned(),
    }
}

/// The head and the tail of a hash.
pub(crate) fn short_hash(hash: &Hash) -> String {
    short(&hash.to_string())
}

/// `2026-11-24 21:35:06`, for milliseconds since 1970 and an offset from UTC in
/// minutes, east positive.
pub(crate) fn date_time(millis: u64, offset_minutes: i32) -> String {
    // A clock of the far future stays in range: 10^14 s is the year 3,170,843.
    let seconds = i64::try_from(millis / 1000).unwrap_or(i64::MAX).min(100_000_000_000_000);
    let local = seconds + i64::from(offset_minutes) * 60;
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// The same time in UTC as RFC 3339 has it, for machines.
pub(crate) fn rfc_3339(millis: u64) -> String {
    date_time(millis, 0).replace(' ', "T") + "Z"
}

/// Year, month and day of a day since 1970-01-01 (Howard Hinnant's algorithm).
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + (month <= 2) as i64, month, day)
}

/// How long ago something was, in the coarsest unit that says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ago {
    /// Less than ten seconds ago, or a little ahead of this clock.
    Now,
    /// Whole seconds, in tens.
    Seconds(u64),
    /// Whole minutes.
    Minutes(u64),
    /// Whole hours.
    Hours(u64),
    /// Whole days.
    Days(u64),
}

/// How long before `now` a time was, both in milliseconds since 1970.
pub(crate) const fn ago(now: u64, then: u64) -> Ago {
    let seconds = now.saturating_sub(then) / 1000;
    match seconds {
        0..10 => Ago::Now,
        10..60 => Ago::Seconds(seconds / 10 * 10),
        60..3600 => Ago::Minutes(seconds / 60),
        3600..86_400 => Ago::Hours(seconds / 3600),
        _ => Ago::Days(seconds / 86_400),
    }
}

/// Whole seconds left of `span` milliseconds that began at `since`; rounded up.
pub(crate) const fn seconds_left(span: u32, since: u64, now: u64) -> u64 {
    (span as u64).saturating_sub(now.saturating_sub(since)).div_ceil(1000)
}

/// `part` of `whole` in percent, 0 to 100; 0 of nothing.
pub(crate) fn percent(part: u32, whole: u32) -> u32 {
    let percent = u64::from(part.min(whole)) * 100;
    percent.checked_div(u64::from(whole)).and_then(|p| u32::try_from(p).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits_by_three() {
        let cases =
            [(0, "0"), (999, "999"), (1000, "1,000"), (u64::MAX, "18,446,744,073,709,551,615")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn sizes_are_never_called_larger_than_they_are() {
        let cases = [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (32_769, "32.0 KiB")];
        for (size, text) in cases {
            assert_eq!(bytes(size), text);
        }
        assert_eq!(bytes(3 * 1024 * 1024), "3.0 MiB");
        assert_eq!(bytes(u64::MAX), "16777215.9 TiB");
    }

    #[test]
    fn difficulties_are_whole_or_powers_of_ten() {
        assert_eq!(difficulty(1.0), "1");
        assert_eq!(difficulty(65_536.0), "65,536");
        assert_eq!(difficulty(1.5e24), "1.50 × 10^24");
        assert_eq!(difficulty(f64::NAN), "?");
        assert_eq!(work("1234567"), "1,234,567");
        assert_eq!(work("340282366920938463463374607431768211455"), "3.40 × 10^38");
        assert_eq!(work("what"), "what");
    }

    #[test]
    fn cuts_long_hex_only() {
        assert_eq!(short("abcd"), "abcd");
        assert_eq!(short(&Hash::of(b"abc").to_string()), "ba7816bf…0015ad");
        assert_eq!(
            short("가나다라마바사아자차카타파하가나다라"),
            "가나다라마바사아자차카타파하가나다라"
        );
    }

    #[test]
    fn dates_are_the_calendars() {
        assert_eq!(date_time(0, 0), "1970-01-01 00:00:00");
        assert_eq!(date_time(951_782_400_000, 0), "2000-02-29 00:00:00");
        assert_eq!(date_time(1_795_556_106_999, 0), "2026-11-24 21:35:06");
        assert_eq!(date_time(1_795_556_106_999, 540), "2026-11-25 06:35:06");
        assert_eq!(date_time(0, -60), "1969-12-31 23:00:00");
        assert_eq!(rfc_3339(1_795_556_106_999), "2026-11-24T21:35:06Z");
        assert!(!date_time(u64::MAX, 840).is_empty());
    }

    #[test]
    fn ages_use_the_coarsest_unit() {
        assert_eq!(ago(5_000, 9_000), Ago::Now);
        assert_eq!(ago(47_000, 0), Ago::Seconds(40));
        assert_eq!(ago(60_000, 0), Ago::Minutes(1));
        assert_eq!(ago(7_200_000, 0), Ago::Hours(2));
        assert_eq!(ago(86_400_000 * 3, 0), Ago::Days(3));
    }

    #[test]
    fn hash_rates_use_the_greatest_unit() {
        assert_eq!(hash_rate(0.0), "0 H/s");
        assert_eq!(hash_rate(999.0), "999 H/s");
        assert_eq!(hash_rate(1_450.0), "1.4 kH/s");
        assert_eq!(hash_rate(12_340_000.0), "12.3 MH/s");
        assert_eq!(hash_rate(2.5e9), "2.5 GH/s");
    }

    #[test]
    fn counts_down_to_zero_and_not_below() {
        assert_eq!(seconds_left(3000, 1000, 1000), 3);
        assert_eq!(seconds_left(3000, 1000, 1001), 3);
        assert_eq!(seconds_left(3000, 1000, 9000), 0);
    }

    #[test]
    fn percentages_stay_between_0_and_100() {
        assert_eq!(percent(0, 0), 0);
        assert_eq!(percent(1, 3), 33);
        assert_eq!(percent(9, 3), 100);
    }
}
