function __emval_get_method_caller(argCount, argTypes) {
  // The whole-slide viewer's modules, of an older compiler, have other names for the two.
  var lookUpTypes = typeof emval_lookupTypes === 'function' ? emval_lookupTypes : __emval_lookupTypes;
  var addCaller = typeof emval_addMethodCaller === 'function' ? emval_addMethodCaller : __emval_addMethodCaller;
  var types = lookUpTypes(argCount, argTypes);
  var returnType = types[0];
  var passedTypes = types.slice(1);
  var signature = returnType.name + '_$' + passedTypes.map(type => type.name).join('_') + '$';
  if (emval_registeredMethods[signature] === undefined) {
    emval_registeredMethods[signature] = addCaller(function (handle, name, destructors, args) {
      var values = passedTypes.map(type => {
        var value = type.readValueFromPointer(args);
        args += type.argPackAdvance;
        return value;
      });
      var result = handle[name](...values);
      passedTypes.forEach((type, i) => type.deleteObject && type.deleteObject(values[i]));
      return returnType.isVoid ? undefined : returnType.toWireType(destructors, result);
    });
  }
  return emval_registeredMethods[signature];
}
