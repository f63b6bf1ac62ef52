//! An entry is printed with its proof, which is checked again from the codes on the paper.

use chromiumoxide::cdp::browser_protocol::page::PrintToPdfParams;

use crate::browser::Browser;
use crate::relay::Relay;
use crate::tab::{Tab, wait_settled};

impl Tab {
    /// Notes from now on what is on the sheet when the page is printed.
    async fn watch_paper(&self) {
        let watch = "(() => { new MutationObserver(() => { const sheet = byId('paper'); \
            if (sheet) window.sheet = { text: sheet.textContent, \
                link: byId('paper-link-code')?.dataset.text ?? null, \
                codes: all('paper-code').map(code => code.dataset.text), \
                tooLarge: !!byId('paper-too-large') }; }) \
            .observe(document, { subtree: true, childList: true }); return true; })()";
        assert!(self.eval::<bool>(watch).await.unwrap());
    }

    /// Prints the page as the browser's own command does; gives the PDF.
    async fn print(&self) -> Vec<u8> {
        let options =
            PrintToPdfParams::builder().prefer_css_page_size(true).print_background(false).build();
        self.page.pdf(options).await.unwrap()
    }
}

fn pages(pdf: &[u8]) -> usize {
    let page = b"/Type /Page";
    pdf.windows(page.len() + 1)
        .filter(|part| part.starts_with(page) && part[page.len()] != b's')
        .count()
}

#[tokio::test]
async fn an_entry_is_printed_with_its_proof_which_is_checked_from_the_paper() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let folder = tempfile::tempdir().unwrap();
    let url = relay.room("paper");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    one.wait_peers(1).await;
    one.add("Sample 7 arrived, sealed, 4.1 C").await;
    one.wait_entry("Sample 7").await;
    let long = "x".repeat(9_000);
    one.add(&long).await;
    wait_settled(&[&one, &two], &["Sample 7 arrived".to_owned()]).await;

    let ids = "all('entry').map(e => e.dataset.id)";
    let [large, small] = one.eval::<[String; 2]>(ids).await.unwrap();
    let open = |id: &str| format!("(location.hash = '#/r/paper/entry/{id}', true)");
    assert!(one.eval::<bool>(&open(&small)).await.unwrap());
    one.wait("the entry's page", "byId('print')").await;
    one.watch_paper().await;
    let proven = "window.sheet?.codes.length > 0";
    let pdf = crate::until("the proof is printed", || async {
        let pdf = one.print().await;
        let ready = one.eval::<bool>(proven).await?;
        if ready { Ok(pdf) } else { Err("no codes".to_owned()) }
    })
    .await;
    assert_eq!(pages(&pdf), 1, "the sheet is one page");
    if let Some(folder) = std::env::var_os("SCREENSHOTS") {
        std::fs::write(std::path::Path::new(&folder).join("paper.pdf"), &pdf).unwrap();
    }
    let text = one.eval::<String>("window.sheet.text").await.unwrap();
    let tip = one.tip().await;
    for said in ["Sample 7 arrived, sealed, 4.1 C", &small, &tip, "Code 1 of"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    let link = one.eval::<String>("window.sheet.link").await.unwrap();
    assert_eq!(link, one.eval::<String>("location.href").await.unwrap());
    one.wait("the page is as it was", "!byId('paper')").await;

    // As scanned, one after the other.
    let mut codes = one.eval::<Vec<String>>("window.sheet.codes").await.unwrap();
    codes.reverse();
    let scanned = folder.path().join("scanned.txt");
    std::fs::write(&scanned, codes.join("\n")).unwrap();
    two.give_file("proof-file", &scanned).await;
    two.wait("the proof holds", "data('proof-result', 'standing') === 'in-chain'").await;
    assert_eq!(two.data("proof-result", "id").await, small);
    std::fs::write(&scanned, &codes[0][..codes[0].len() - 2]).unwrap();
    two.give_file("proof-file", &scanned).await;
    two.wait("a part is refused", "data('proof-result', 'holds') === 'false'").await;

    // What does not fit is said in words.
    assert!(one.eval::<bool>(&open(&large)).await.unwrap());
    one.wait("the entry's page", &format!("data('entry-content', 'id') === '{large}'")).await;
    crate::until("the proof is too large", || async {
        one.print().await;
        let said = one.eval::<bool>("window.sheet.tooLarge").await?;
        if said { Ok(()) } else { Err("not yet".to_owned()) }
    })
    .await;
    browser.check_consoles();
}
