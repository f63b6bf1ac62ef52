//! Which compression a request accepts (RFC 9110, section 12.5.3).

/// The encodings that files are kept in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The shortest that is accepted by the values of `Accept-Encoding`.
    pub(super) fn choose<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let (mut brotli, mut gzip, mut any) = (None, None, None);
        for (name, wanted) in values.flat_map(|value| value.split(',')).filter_map(parse) {
            match name.to_ascii_lowercase().as_str() {
                "br" => brotli = Some(wanted),
                "gzip" | "x-gzip" => gzip = Some(wanted),
                "*" => any = Some(wanted),
                _ => {}
            }
        }
        let wants = |named: Option<bool>| named.or(any).unwrap_or(false);
        if wants(brotli) {
            Self::Brotli
        } else if wants(gzip) {
            Self::Gzip
        } else {
            Self::Identity
        }
    }
}

/// One element: the encoding's name, and whether its weight is above zero.
fn parse(element: &str) -> Option<(&str, bool)> {
    let mut parts = element.split(';').map(str::trim);
    let name = parts.next().filter(|name| !name.is_empty())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let wanted = weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|q| q > 0.0));
    Some((name, wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_shortest_that_is_accepted() {
        let choose = |value: &'static str| Encoding::choose([value].into_iter());
        assert_eq!(choose("gzip, deflate, br, zstd"), Encoding::Brotli);
        assert_eq!(choose("GZIP"), Encoding::Gzip);
        assert_eq!(choose("br;q=0, gzip;q=0.5"), Encoding::Gzip);
        assert_eq!(choose("*"), Encoding::Brotli);
        assert_eq!(choose("*;q=1, br;q=0"), Encoding::Gzip);
        assert_eq!(choose("*;q=0"), Encoding::Identity);
        assert_eq!(choose("br;q=junk"), Encoding::Identity);
        assert_eq!(choose("deflate, identity"), Encoding::Identity);
        assert_eq!(choose(""), Encoding::Identity);
        assert_eq!(Encoding::choose(["deflate", "br"].into_iter()), Encoding::Brotli);
        assert_eq!(Encoding::choose(std::iter::empty()), Encoding::Identity);
    }
}
