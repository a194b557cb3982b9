function craftInvokerFunction(humanName, argTypes, classType, cppInvokerFunc, cppTargetFunc) {
  var argCount = argTypes.length;
  if (argCount < 2) {
    throwBindingError("argTypes array size mismatch! Must at least get return value and 'this' types!");
  }
  var isMethod = argTypes[1] !== null && classType !== null;
  var needsStack = argTypes.slice(1).some(type => type !== null && type.destructorFunction === undefined);
  var returnType = argTypes[0];
  // The types of what is passed on: of `this` first for a method.
  var passedTypes = argTypes.slice(isMethod ? 1 : 2);
  return function (...given) {
    if (given.length !== argCount - 2) {
      throwBindingError(`function ${humanName} called with ${given.length} arguments, expected ${argCount - 2} args!`);
    }
    var destructors = needsStack ? [] : null;
    var values = isMethod ? [this, ...given] : given;
    var wired = passedTypes.map((type, i) => type.toWireType(destructors, values[i]));
    var result = cppInvokerFunc(cppTargetFunc, ...wired);
    if (needsStack) {
      runDestructors(destructors);
    } else {
      passedTypes.forEach((type, i) => type.destructorFunction !== null && type.destructorFunction(wired[i]));
    }
    return returnType.name === 'void' ? undefined : returnType.fromWireType(result);
  };
}
