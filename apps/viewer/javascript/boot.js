// What OHIF's page defines inline. It is a file here, so that the pages need no script-src 'unsafe-inline'.
window.PUBLIC_URL = '$base';
console.time('scriptToView');
function browserImportFunction(module) {
  return import(module);
}
