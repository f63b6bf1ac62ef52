// Loads the page. What fails before the page can say so itself is said here; that the
// browser is too old is said by support.js.
if (document.getElementById('page-unsupported').hidden) {
  try {
    const { default: init } = await import('./page.js');
    await init({ module_or_path: new URL('./page_bg.wasm', import.meta.url) });
  } catch (error) {
    document.getElementById('page-failed').hidden = false;
    throw error;
  }
}
