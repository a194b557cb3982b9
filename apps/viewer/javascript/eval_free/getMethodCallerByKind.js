var __emval_get_method_caller = (argCount, argTypes, kind) => {
  var [returnType, ...passedTypes] = emval_lookupTypes(argCount, argTypes);
  return emval_addMethodCaller((object, callee, destructorsRef, args) => {
    var values = passedTypes.map(type => {
      var value = type.readValueFromPointer(args);
      args += type.argPackAdvance;
      return value;
    });
    var result = kind === 1 ? new callee(...values) : callee.call(kind === 0 ? object : values.shift(), ...values);
    return returnType.isVoid ? undefined : emval_returnValue(returnType, destructorsRef, result);
  });
}
