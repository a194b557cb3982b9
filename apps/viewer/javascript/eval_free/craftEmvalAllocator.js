function craftEmvalAllocator(argCount) {
  return function (constructor, argTypes, args) {
    var values = [];
    for (var i = 0; i < argCount; ++i, argTypes += 4) {
      var type = requireRegisteredType(HEAPU32[argTypes >> 2], 'parameter ' + i);
      values.push(type.readValueFromPointer(args));
      args += type.argPackAdvance;
    }
    return Emval.toHandle(new constructor(...values));
  };
}
