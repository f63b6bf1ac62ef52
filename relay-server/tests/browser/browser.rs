//! One Chromium with a profile of its own.

use std::path::{Path, PathBuf};

use chromiumoxide::browser::{Browser as Chromium, BrowserConfig};
use chromiumoxide::cdp::browser_protocol::browser::{
    SetDownloadBehaviorBehavior, SetDownloadBehaviorParams,
};
use chromiumoxide::cdp::browser_protocol::system_info::GetProcessInfoParams;
use chromiumoxide::cdp::browser_protocol::target::CloseTargetParams;
use futures_util::StreamExt;
use tempfile::TempDir;
use tokio::process::Command;
use tokio::task::JoinHandle;

use crate::tab::Tab;

/// What a browser says in its console when a relay is not there, and nobody can prevent.
const UNAVOIDABLE: &str = "WebSocket connection to 'ws://";

pub(crate) struct Browser {
    chromium: Chromium,
    events: JoinHandle<()>,
    profile: Profile,
}

/// A profile's folder; lives on while a browser is closed and started again.
pub(crate) struct Profile(TempDir);

impl Profile {
    pub(crate) fn new() -> Self {
        Self(tempfile::Builder::new().prefix("tabchain-profile-").tempdir().unwrap())
    }

    /// A profile whose user has forbidden pages to store anything.
    pub(crate) fn without_storage() -> Self {
        let profile = Self::new();
        let folder = profile.path().join("Default");
        std::fs::create_dir(&folder).unwrap();
        let forbidden = r#"{"profile":{"default_content_setting_values":{"cookies":2}}}"#;
        std::fs::write(folder.join("Preferences"), forbidden).unwrap();
        profile
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn log(&self) -> PathBuf {
        self.path().join("chrome_debug.log")
    }
}

impl Browser {
    pub(crate) async fn start() -> Self {
        Self::start_with(Profile::new(), &[]).await
    }

    pub(crate) async fn start_with(profile: Profile, arguments: &[&str]) -> Self {
        let executable = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
        let config = BrowserConfig::builder()
            .chrome_executable(executable)
            .no_sandbox()
            .new_headless_mode()
            .disable_default_args()
            .user_data_dir(profile.path())
            .viewport(None)
            .window_size(1280, 900)
            .enable_cache()
            .launch_timeout(crate::PATIENCE)
            .request_timeout(crate::PATIENCE)
            .args([
                "disable-gpu",
                "disable-quic",
                "no-first-run",
                "disable-background-networking",
                "disable-component-update",
                "disable-sync",
                "disable-dev-shm-usage",
                "enable-logging",
                "lang=en-US",
            ])
            .args(arguments.iter().copied())
            .build()
            .unwrap();
        let (chromium, mut handler) = Chromium::launch(config).await.unwrap();
        let events = tokio::spawn(async move { while handler.next().await.is_some() {} });
        Self { chromium, events, profile }
    }

    /// Saves without a question whatever a page gives to be saved.
    pub(crate) async fn save_downloads_in(&self, folder: &Path) {
        let behavior = SetDownloadBehaviorParams::builder()
            .behavior(SetDownloadBehaviorBehavior::Allow)
            .download_path(folder.display().to_string())
            .build()
            .unwrap();
        self.chromium.execute(behavior).await.unwrap();
    }

    /// Opens a tab and waits until its node has started.
    pub(crate) async fn open(&self, url: &str) -> Tab {
        let tab = self.open_page(url).await;
        tab.wait("the node starts", "tip() && data('wallet', 'author')").await;
        tab
    }

    /// Opens a tab, whatever comes of it.
    pub(crate) async fn open_page(&self, url: &str) -> Tab {
        Tab::new(self.chromium.new_page("about:blank").await.unwrap(), url).await
    }

    /// The process of the busiest tab.
    pub(crate) async fn busiest_process(&self) -> u32 {
        let answer = self.chromium.execute(GetProcessInfoParams::default()).await.unwrap();
        let processes = answer.process_info.iter().filter(|one| one.r#type == "renderer");
        let busiest = processes.max_by(|one, other| one.cpu_time.total_cmp(&other.cpu_time));
        u32::try_from(busiest.expect("a tab has a process").id).unwrap()
    }

    /// Ends the process of a tab, the busiest, as a crash or the system's want of memory
    /// would; the browser runs on.
    pub(crate) async fn kill_tab(&self, tab: Tab) {
        let process = self.busiest_process().await.to_string();
        let kill = Command::new("kill").args(["-KILL", &process]).status().await;
        assert!(kill.unwrap().success());
        // What stands in its place is closed, or the driver waits for it.
        let target = tab.page.target_id().clone();
        self.chromium.execute(CloseTargetParams::new(target)).await.unwrap();
    }

    /// Closes the browser with all its tabs.
    pub(crate) async fn close(mut self) -> Profile {
        self.chromium.close().await.unwrap();
        self.chromium.wait().await.unwrap();
        self.events.abort();
        self.profile
    }

    /// Ends the browser as a crash would.
    pub(crate) async fn kill(mut self) -> Profile {
        self.chromium.kill().await.unwrap().unwrap();
        self.chromium.wait().await.unwrap();
        self.events.abort();
        self.profile
    }

    /// Fails if a page or worker wrote anything to its console.
    #[track_caller]
    pub(crate) fn check_consoles(&self) {
        let log = std::fs::read(self.profile.log()).unwrap();
        let log = String::from_utf8_lossy(&log);
        let said: Vec<&str> = log
            .lines()
            .filter(|line| line.contains(":CONSOLE") && !line.contains(UNAVOIDABLE))
            .collect();
        assert!(said.is_empty(), "the consoles are not clean:\n{}", said.join("\n"));
    }
}
