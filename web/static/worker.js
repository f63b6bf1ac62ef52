// The node's worker. What fails here reaches the page as the worker's error event.
import init from './node.js';

await init({ module_or_path: new URL('./node_bg.wasm', import.meta.url) });
