package dev.sinter.passes.gpu;

import dev.sinter.ir.Axis;
import dev.sinter.ir.Dim;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.ThreadCode;
import dev.sinter.ir.kernel.ThreadKernel.Expr;
import dev.sinter.ir.kernel.ThreadKernel.Memory;
import dev.sinter.ir.kernel.ThreadKernel.Place;
import dev.sinter.ir.kernel.ThreadKernel.Register;
import dev.sinter.ir.kernel.ThreadKernel.RegisterType;
import dev.sinter.ir.kernel.ThreadKernel.Step;
import dev.sinter.ir.kernel.TileKernel;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.ir.kernel.TileKernel.Store;
import dev.sinter.ir.kernel.TileKernel.TileIndex;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Lowers the definitions and stores of a kernel, each value in the scope that it belongs to.
final class ValueLowering {
  private final TileKernel kernel;
  private final List<Set<String>> dependences;
  private final List<DType> dtypes;
  private final ReduceLowering reductions;

  /// How a reduction is computed by threads.
  @FunctionalInterface
  interface ReduceLowering {
    /// The value of a reduction whose own axes `home` binds, if the threads of a group share it.
    Optional<Register> reduce(Scope home, Definition.Reduce reduce, List<Axis> axes);
  }

  /// @param reductions what to do instead of a loop of one thread
  ValueLowering(TileKernel kernel, ReduceLowering reductions) {
    this.kernel = kernel;
    this.dependences = kernel.dependences();
    this.dtypes = kernel.dtypes();
    this.reductions = reductions;
  }

  List<Set<String>> dependences() {
    return dependences;
  }

  /// The value of a definition in `scope`.
  Register value(int number, Scope scope) {
    Register preset = preset(number, scope);
    if (preset != null) {
      return preset;
    }
    Scope home = scope.home(dependences.get(number));
    Register known = home.values().get(number);
    if (known == null) {
      known = lower(number, home);
      home.values().put(number, known);
    }
    return known;
  }

  private static @org.jspecify.annotations.Nullable Register preset(int number, Scope scope) {
    return scope.values().get(number);
  }

  private Register lower(int number, Scope scope) {
    ThreadCode code = scope.code();
    return switch (kernel.body().get(number)) {
      case Definition.Load load -> load(number, load, scope);
      case Definition.Constant(var literal) -> code.constant(literal);
      case Definition.IndexValue(DType dtype, Dim expr) ->
          code.cast(type(dtype), scope.index(expr));
      case Definition.Apply(ScalarFn fn, List<Integer> args) ->
          code.define(new Expr.Apply(fn, args.stream().map(a -> value(a, scope)).toList()));
      case Definition.Cast(DType dtype, int arg) -> code.cast(type(dtype), value(arg, scope));
      case Definition.Reduce reduce -> {
        List<Axis> axes = KernelClass.select(kernel, Set.copyOf(reduce.axes()));
        Optional<Register> together = reductions.reduce(scope, reduce, axes);
        Register sum = together.isPresent() ? together.get() : alone(reduce, axes, scope);
        yield code.cast(type(dtypes.get(number)), sum);
      }
    };
  }

  /// A reduction by one thread, a loop for each axis.
  private Register alone(Definition.Reduce reduce, List<Axis> axes, Scope scope) {
    Register first = scope.code().constant(reduce.reducer().identity(reduce.accumulator()));
    return nest(reduce, axes, scope, first);
  }

  private Register nest(Definition.Reduce reduce, List<Axis> axes, Scope scope, Register first) {
    if (axes.isEmpty()) {
      return joined(reduce, scope, first);
    }
    ThreadCode code = scope.code();
    return code.loop(
            scope.index(Dim.ZERO),
            scope.index(axes.getFirst().extent()),
            1,
            List.of(first),
            (body, index, inside) -> {
              Scope turn = scope.inside(body, scope.valid());
              turn.bind(axes.getFirst().symbol(), turn.symbol(index));
              return List.of(nest(reduce, axes.subList(1, axes.size()), turn, inside.getFirst()));
            })
        .getFirst();
  }

  /// `so far` joined with the argument of `reduce` at the point of `scope`.
  Register joined(Definition.Reduce reduce, Scope scope, Register soFar) {
    Register arg = scope.code().cast(type(reduce.accumulator()), value(reduce.arg(), scope));
    return scope.code().apply(reduce.reducer().join(), soFar, arg);
  }

  private Register load(int number, Definition.Load load, Scope scope) {
    RegisterType type = type(kernel.buffers().get(load.buffer()).type().dtype());
    Memory memory = new Memory.Global(load.buffer());
    Dim place = place(load.buffer(), load.at(), scope);
    Scope.Quad quad = scope.quad();
    boolean plain = load.guard().isEmpty() && isPlain(load.at());
    if (quad != null && plain && quad.loads().fits(place, type)) {
      return quad.loads().load(number, memory, place, type).get(quad.lane());
    }
    Optional<Register> only = scope.valid();
    if (load.guard().isPresent()) {
      Register guard = value(load.guard().get(), scope);
      only = Optional.of(only.map(v -> scope.code().apply(ScalarFn.AND, v, guard)).orElse(guard));
    }
    Register to = scope.code().fresh(type);
    Place from = at(memory, place, scope);
    scope.code().add(new Step.Load(List.of(to), from, only));
    return to;
  }

  /// The place `dim`, its constant part as an offset.
  static Place at(Memory memory, Dim dim, Scope scope) {
    Dim place = scope.resolved(dim);
    long offset = 0;
    for (Dim.Term term : place.terms()) {
      if (term.atoms().isEmpty()) {
        offset = term.coefficient();
      }
    }
    return new Place(memory, scope.index(place.minus(offset)), Math.toIntExact(offset));
  }

  /// Where an element lies, over axes, sizes and the symbols of computed indices.
  Dim place(int number, List<TileIndex> at, Scope scope) {
    TileKernel.Buffer buffer = kernel.buffers().get(number);
    List<Dim> index = new ArrayList<>();
    for (int i = 0; i < at.size(); i++) {
      Dim last = buffer.type().dim(i).minus(1);
      index.add(
          switch (at.get(i)) {
            case TileIndex.At(Dim expr) -> expr;
            case TileIndex.Computed(int value) -> scope.symbol(clamped(value, last, scope));
          });
    }
    return buffer.layout().offset(buffer.type().shape(), index);
  }

  private Register clamped(int number, Dim last, Scope scope) {
    ThreadCode code = scope.code();
    Register value = value(number, scope);
    Register zero = code.cast(value.type(), scope.index(Dim.ZERO));
    Register most = code.cast(value.type(), scope.index(last));
    Register low = code.apply(ScalarFn.MAX, value, zero);
    return code.cast(RegisterType.I32, code.apply(ScalarFn.MIN, low, most));
  }

  /// Writes `stores` at the point of `scope`, all values before the first write: a result may lie
  /// in the memory of an operand.
  void store(List<Store> stores, Scope scope, Optional<Register> only) {
    List<Register> values = stores.stream().map(s -> value(s.value(), scope)).toList();
    for (int i = 0; i < stores.size(); i++) {
      Store store = stores.get(i);
      Place to =
          at(new Memory.Global(store.buffer()), place(store.buffer(), store.at(), scope), scope);
      scope.code().add(new Step.Store(to, List.of(values.get(i)), only));
    }
  }

  /// Writes `stores` at four consecutive points.
  void storeQuad(List<Store> stores, QuadLoads quad, List<Scope> lanes, Optional<Register> only) {
    List<List<Register>> values = new ArrayList<>();
    for (Store store : stores) {
      values.add(lanes.stream().map(lane -> value(store.value(), lane)).toList());
    }
    for (int i = 0; i < stores.size(); i++) {
      Store store = stores.get(i);
      Memory memory = new Memory.Global(store.buffer());
      RegisterType type = values.get(i).getFirst().type();
      Dim first = isPlain(store.at()) ? place(store.buffer(), store.at(), quad.scope()) : Dim.ONE;
      if (quad.fits(first, type)) {
        Place to = new Place(memory, quad.scope().index(first), 0);
        quad.scope().code().add(new Step.Store(to, values.get(i), only));
      } else {
        for (int lane = 0; lane < lanes.size(); lane++) {
          Scope scope = lanes.get(lane);
          Place to = at(memory, place(store.buffer(), store.at(), scope), scope);
          scope.code().add(new Step.Store(to, List.of(values.get(i).get(lane)), only));
        }
      }
    }
  }

  /// Whether no index is computed: such a one may vary from point to point.
  private static boolean isPlain(List<TileIndex> at) {
    return at.stream().allMatch(TileIndex.At.class::isInstance);
  }

  /// The register type for `dtype`.
  static RegisterType type(DType dtype) {
    return RegisterType.of(dtype)
        .orElseThrow(() -> new CompilerBug("GpuLowering", "no register holds " + dtype));
  }
}
