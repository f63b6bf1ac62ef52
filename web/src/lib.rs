//! Tabchain's page.
