// Says so when the browser lacks what the page is made of. A classic script in old
// syntax, before the modules: it runs where those do not even parse.
(function () {
  // A module of one function that uses a vector instruction.
  var vectors = [
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253,
    15, 253, 98, 11
  ];
  var supported = false;
  try {
    supported = WebAssembly.validate(new Uint8Array(vectors));
  } catch (error) {
    // There is no WebAssembly at all.
  }
  if (!supported) {
    document.getElementById('page-unsupported').removeAttribute('hidden');
    document.getElementById('app').setAttribute('hidden', '');
  }
})();
