//! Getting what others have.
