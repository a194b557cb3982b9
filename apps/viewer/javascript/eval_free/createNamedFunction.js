function createNamedFunction(name, body) {
  return Object.defineProperty(
    function () {
      'use strict';
      return body.apply(this, arguments);
    },
    'name',
    { value: makeLegalFunctionName(name) }
  );
}
