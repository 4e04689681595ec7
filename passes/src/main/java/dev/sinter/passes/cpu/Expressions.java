package dev.sinter.passes.cpu;

import dev.sinter.ir.Dim;
import dev.sinter.ir.Elem;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.diagnostic.CompilerBug;
import dev.sinter.ir.kernel.LoopKernel;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.TileKernel.Definition;
import dev.sinter.passes.cpu.FlatKernel.Value;
import dev.sinter.passes.cpu.Scope.Binding;
import dev.sinter.passes.cpu.Scope.Instance;
import dev.sinter.runtime.DType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Expressions for values where their axes are bound: the local that holds a value if there is one,
/// else what it is made of, at its place in memory; vectors where an axis lies along the lanes.
final class Expressions {
  private final FlatKernel kernel;
  private final LocalNames names;
  private final ValueNames called;

  /// @param names of the function that they are in
  Expressions(FlatKernel kernel, LocalNames names) {
    this.kernel = kernel;
    this.names = names;
    this.called = new ValueNames(kernel);
  }

  /// The value at a copy: the local that holds it, or its expression.
  Expr expr(Scope scope, int v, Map<String, Integer> copy) {
    Set<String> axes = kernel.values().get(v).axes();
    Map<String, Integer> part = scope.project(copy, axes);
    Expr known = scope.value(new Instance("v" + v, part), axes);
    return known != null ? known : build(scope, v, part);
  }

  private Expr build(Scope scope, int v, Map<String, Integer> copy) {
    Value value = kernel.values().get(v);
    return switch (value.definition()) {
      case Definition.Load load -> load(scope, value, load, copy);
      case Definition.Constant(var literal) -> new Expr.Constant(literal);
      case Definition.IndexValue(DType dtype, Dim at) -> {
        Optional<Dim> stride = scope.vectorAxis(value.axes()).map(axis -> strideAlong(at, axis));
        yield new Expr.IndexValue(dtype, at.substitute(scope.indices(copy)), stride);
      }
      case Definition.Apply(ScalarFn fn, List<Integer> args) -> {
        List<Expr> built = new ArrayList<>();
        for (int arg : args) {
          built.add(operand(scope, arg, copy, value.axes()));
        }
        yield new Expr.Apply(fn, built);
      }
      case Definition.Cast(DType dtype, int arg) ->
          new Expr.Cast(dtype, operand(scope, arg, copy, value.axes()));
      case Definition.Reduce reduce ->
          throw new CompilerBug(
              "schedule", "a reduction of " + kernel.source().name() + " is not available");
    };
  }

  /// An operand of something that varies along `axes`: a vector if that is one.
  Expr operand(Scope scope, int v, Map<String, Integer> copy, Set<String> axes) {
    Expr expr = expr(scope, v, copy);
    boolean widen = scope.isVector(axes) && !scope.isVector(kernel.values().get(v).axes());
    return widen ? new Expr.Splat(expr) : expr;
  }

  /// A load at a copy; of a vector, the lanes below the end of its axis.
  Expr load(Scope scope, Value value, Definition.Load load, Map<String, Integer> copy) {
    Dim at = place(scope, value.place(), copy);
    Optional<String> axis = scope.vectorAxis(value.axes());
    if (kernel.vectors(load.buffer()) > 1) {
      return part(load.buffer(), at, axis.isPresent());
    }
    if (axis.isEmpty()) {
      return new Expr.Load(load.buffer(), at);
    }
    boolean whole = kernel.isPadded(load.buffer(), load.at(), axis.get());
    Optional<Dim> below = whole ? Optional.empty() : lanesBelow(scope, axis.get(), copy);
    return new Expr.LoadVector(load.buffer(), at, below);
  }

  /// The element at a place of a buffer whose elements are parts of integers, or the vector that
  /// begins there.
  private Expr part(int buffer, Dim at, boolean vector) {
    int parts = kernel.vectors(buffer);
    Dim integer = at.floorDiv(parts);
    Dim number = at.minus(integer.times(parts));
    Expr all =
        vector
            ? new Expr.LoadVector(buffer, integer, Optional.empty())
            : new Expr.Load(buffer, integer);
    return kernel.source().buffers().get(buffer).type().dtype().isFloat()
        ? upperHalf(all, number, vector)
        : signed(all, number, Integer.SIZE / parts, vector);
  }

  /// The half of this number of integers, as the upper half of floats.
  private static Expr upperHalf(Expr all, Dim number, boolean vector) {
    Expr bits =
        number.is(1)
            ? apply(ScalarFn.AND, all, integer(0xffff_0000), vector)
            : apply(
                ScalarFn.SHL,
                number.is(0)
                    ? all
                    : apply(ScalarFn.SHR, all, integer(number.times(Short.SIZE)), vector),
                integer(Short.SIZE),
                vector);
    return new Expr.Bits(DType.F32, bits);
  }

  /// The part of this number of integers, of `bits` bits each: shifted to the upper end, and down
  /// from there with its sign.
  private static Expr signed(Expr all, Dim number, int bits, boolean vector) {
    Dim above = Dim.of(Integer.SIZE - bits).minus(number.times(bits));
    Expr upper = above.is(0) ? all : apply(ScalarFn.SHL, all, integer(above), vector);
    return apply(ScalarFn.SHR, upper, integer(Integer.SIZE - bits), vector);
  }

  private static Expr integer(Dim value) {
    return value.isConstant()
        ? integer(Math.toIntExact(value.constant()))
        : new Expr.IndexValue(DType.I32, value, Optional.empty());
  }

  private static Expr integer(int value) {
    return new Expr.Constant((Elem.Literal) Elem.literal(DType.I32, (long) value));
  }

  private static Expr apply(ScalarFn fn, Expr a, Expr scalar, boolean vector) {
    return new Expr.Apply(fn, List.of(a, vector ? new Expr.Splat(scalar) : scalar));
  }

  private static Dim strideAlong(Dim place, String axis) {
    Dim stride = place.coefficient(axis);
    if (stride == null) {
      throw new CompilerBug("schedule", place + " is not linear in the vector axis " + axis);
    }
    return stride;
  }

  /// How many lanes of a copy are below the end of its axis, if the copy may reach over it.
  static Optional<Dim> lanesBelow(Scope scope, String axis, Map<String, Integer> copy) {
    Binding binding = scope.binding(axis);
    int number = copy.getOrDefault(axis, 0);
    return binding
        .end()
        .filter(end -> number == binding.at().size() - 1)
        .map(end -> end.minus(binding.at().get(number)));
  }

  /// A place with the axes at their indices, computed indices in locals.
  Dim place(Scope scope, Dim place, Map<String, Integer> copy) {
    Map<String, Dim> known = new HashMap<>(scope.indices(copy));
    for (String symbol : place.symbols()) {
      if (symbol.startsWith("#")) {
        known.put(symbol, computedIndex(scope, symbol, copy));
      }
    }
    return place.substitute(known);
  }

  private Dim computedIndex(Scope scope, String symbol, Map<String, Integer> copy) {
    FlatKernel.Computed computed = kernel.computed(symbol);
    Set<String> axes = kernel.values().get(computed.value()).axes();
    Instance key = new Instance(symbol, scope.project(copy, axes));
    Dim known = scope.index(key, axes);
    if (known != null) {
      return known;
    }
    String name =
        names.fresh(called.value(computed.value()) + "At" + ValueNames.suffix(key.copy()));
    Expr value = expr(scope, computed.value(), copy);
    scope.out.add(new Statement.IntOf(name, value, computed.limit()));
    scope.put(key, Dim.symbol(name));
    return Dim.symbol(name);
  }

  /// A scalar as a value of `type`.
  static Expr splat(Expr scalar, LoopKernel.Type type) {
    return type.vector() ? new Expr.Splat(scalar) : scalar;
  }
}
