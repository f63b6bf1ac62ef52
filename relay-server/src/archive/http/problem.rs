//! What is answered when something is wrong: RFC 9457, `application/problem+json`.

use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use chain_wasm::api::{ApiError, StorageReason};
use serde::Serialize;
use utoipa::ToSchema;

use super::token::Denied;
use crate::archive::keeper::{KeeperError, RegisterError};

/// Why a request was refused. A refused request has changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the status says what kind of problem it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What is wrong, for people.
    detail: String,
}

/// What is wrong, in words.
#[derive(Debug)]
pub struct Detail(String);

impl<T: ToString> From<T> for Detail {
    fn from(detail: T) -> Self {
        Self(detail.to_string())
    }
}

/// The media type.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// When to try again, in seconds, if the archive is busy.
const RETRY: &str = "1";

impl Problem {
    /// A problem of a status.
    pub fn new(status: StatusCode, detail: impl Into<Detail>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem"),
            status: status.as_u16(),
            detail: detail.into().0,
        }
    }

    /// The request cannot be understood.
    pub fn bad(detail: impl Into<Detail>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// There is no such thing.
    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, what)
    }

    /// Too much is asked at once.
    pub fn busy(detail: impl Into<Detail>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// Nothing more is stored.
    pub fn stopped(reason: StorageReason) -> Self {
        match reason {
            StorageReason::Full => Self::new(
                StatusCode::INSUFFICIENT_STORAGE,
                "The archive is full: it takes nothing more, and goes on answering.",
            ),
            _ => Self::busy("The archive's store has failed: it takes nothing more."),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = (status, axum::Json(self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY));
        }
        response
    }
}

impl From<KeeperError> for Problem {
    fn from(error: KeeperError) -> Self {
        Self::busy(error)
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Off => Self::new(
                StatusCode::FORBIDDEN,
                "Nobody may write through this archive: its operator gave it no --api-token.",
            ),
            Denied::Missing => Self::new(
                StatusCode::UNAUTHORIZED,
                "Writing takes the archive's token: Authorization: Bearer TOKEN.",
            ),
            Denied::Wrong => Self::new(StatusCode::UNAUTHORIZED, "That is not the token."),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::TooMany => Self::new(StatusCode::CONFLICT, error),
            RegisterError::Storage(reason) => Self::stopped(reason),
            RegisterError::Random => Self::busy(error),
        }
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::EntryTooLarge { .. } => Self::new(StatusCode::PAYLOAD_TOO_LARGE, error),
            ApiError::EmptyEntry | ApiError::InvalidMediaType => Self::bad(error),
            ApiError::NotFound => Self::not_found("There is no such thing in the chain."),
            ApiError::NotAMember => Self::new(
                StatusCode::FORBIDDEN,
                "Only the room's members may write in it, and the archive is none.",
            ),
            ApiError::WrongSecret => Self::new(
                StatusCode::FORBIDDEN,
                "The room is private, and the archive has no secret to write with.",
            ),
            ApiError::StorageFailed(reason) => Self::stopped(reason),
            ApiError::MempoolFull | ApiError::Busy => Self::busy(error),
            other => Self::new(StatusCode::CONFLICT, other),
        }
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::bad(rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad(rejection.body_text())
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}
