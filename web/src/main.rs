//! Tabchain's page: mounts it.

fn main() {
    web::run();
}
