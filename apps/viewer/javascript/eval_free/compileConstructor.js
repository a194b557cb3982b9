function compileConstructor(dtype, dimension) {
  var useGetters = dtype === 'generic';
  var axes = Array.from({ length: Math.max(dimension, 0) }, (_, axis) => axis);
  var isGiven = at => typeof at === 'number';

  function View(data, shape, stride, offset) {
    this.data = data;
    this.shape = shape;
    this.stride = stride;
    this.offset = offset | 0;
  }
  function Nil(data) {
    this.data = data;
  }

  var nil = {
    dtype: dtype,
    dimension: -1,
    size: 0,
    shape: [],
    stride: [],
    order: [],
    index: () => -1,
    get: () => undefined,
    set: () => undefined,
    pick: () => null,
  };
  nil.lo = nil.hi = nil.transpose = nil.step = function () {
    return new Nil(this.data);
  };

  var view = {
    dtype: dtype,
    dimension: dimension,
    get size() {
      return this.shape.reduce((product, length) => product * length, 1);
    },
    get order() {
      return axes.slice().sort((a, b) => Math.abs(this.stride[a]) - Math.abs(this.stride[b]));
    },
    index: function () {
      var at = this.offset;
      for (var axis = 0; axis < dimension; ++axis) {
        at += this.stride[axis] * arguments[axis];
      }
      return at;
    },
    get: function () {
      var at = this.index.apply(this, arguments);
      return useGetters ? this.data.get(at) : this.data[at];
    },
    set: function () {
      var at = this.index.apply(this, arguments);
      var value = arguments[dimension];
      return useGetters ? this.data.set(at, value) : (this.data[at] = value);
    },
    hi: function (...at) {
      var shape = axes.map(axis => (isGiven(at[axis]) && at[axis] >= 0 ? at[axis] | 0 : this.shape[axis]));
      return new View(this.data, shape, this.stride.slice(), this.offset);
    },
    lo: function (...at) {
      var skipped = axes.map(axis => (isGiven(at[axis]) && at[axis] >= 0 ? at[axis] | 0 : 0));
      var offset = axes.reduce((sum, axis) => sum + this.stride[axis] * skipped[axis], this.offset);
      return new View(this.data, axes.map(axis => this.shape[axis] - skipped[axis]), this.stride.slice(), offset);
    },
    step: function (...by) {
      var steps = axes.map(axis => (isGiven(by[axis]) ? by[axis] | 0 : 1));
      var reversed = axes.filter(axis => steps[axis] < 0);
      var offset = reversed.reduce((sum, axis) => sum + this.stride[axis] * (this.shape[axis] - 1), this.offset);
      var shape = axes.map(axis => Math.ceil(this.shape[axis] / Math.abs(steps[axis])));
      return new View(this.data, shape, axes.map(axis => this.stride[axis] * steps[axis]), offset);
    },
    transpose: function (...to) {
      var source = axes.map(axis => (to[axis] === undefined ? axis : to[axis] | 0));
      return new View(this.data, source.map(axis => this.shape[axis]), source.map(axis => this.stride[axis]), this.offset);
    },
    pick: function (...at) {
      var isPicked = axis => isGiven(at[axis]) && at[axis] >= 0;
      var offset = axes.filter(isPicked).reduce((sum, axis) => sum + this.stride[axis] * at[axis], this.offset);
      var kept = axes.filter(axis => !isPicked(axis));
      var construct = CACHED_CONSTRUCTORS[dtype][kept.length + 1];
      return construct(this.data, kept.map(axis => this.shape[axis]), kept.map(axis => this.stride[axis]), offset);
    },
  };
  view.valueOf = dimension === 0 ? view.get : Object.prototype.valueOf;

  // Descriptors, so that `size` and `order` stay getters.
  Object.defineProperties(View.prototype, Object.getOwnPropertyDescriptors(view));
  Object.assign(Nil.prototype, nil);
  if (dimension < 0) {
    return data => new Nil(data);
  }
  return (data, shape = [], stride = [], offset = 0) => new View(data, shape.slice(), stride.slice(), offset);
}
