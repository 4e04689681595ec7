package dev.sinter.ir.interpreter;

import dev.sinter.ir.Elem;
import dev.sinter.ir.Reducer;
import dev.sinter.ir.ScalarFn;
import dev.sinter.ir.ScalarMath;
import dev.sinter.ir.kernel.LoopKernel.Expr;
import dev.sinter.ir.kernel.LoopKernel.Statement;
import dev.sinter.ir.kernel.ScalarExpansion;
import dev.sinter.runtime.DType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The lanes of a vector, or the one of a scalar, as the machine has them: each operation on floats
/// rounds to the type in which they are computed, and functions are their expansions.
final class Lanes {
  private final DType dtype;

  /// The lanes of floats, else empty.
  final double[] reals;

  /// The lanes of integers and bools, else empty.
  final long[] integers;

  private Lanes(DType dtype, double[] reals, long[] integers) {
    this.dtype = dtype;
    this.reals = reals;
    this.integers = integers;
  }

  /// The type of a lane.
  DType dtype() {
    return dtype;
  }

  /// Lanes of zeros.
  static Lanes zeros(DType dtype, int count) {
    return new Lanes(
        dtype, new double[dtype.isFloat() ? count : 0], new long[dtype.isFloat() ? 0 : count]);
  }

  /// One number in all of `count` lanes.
  static Lanes of(Elem.Literal literal, int count) {
    Lanes out = zeros(literal.dtype(), count);
    Arrays.fill(out.reals, literal.dtype().round(literal.real()));
    Arrays.fill(out.integers, literal.integer());
    return out;
  }

  int count() {
    return Math.max(reals.length, integers.length);
  }

  /// The one lane of a scalar in all of `count` lanes.
  Lanes splat(int count) {
    Lanes out = zeros(dtype, count);
    for (int i = 0; i < count; i++) {
      out.copy(i, this, 0);
    }
    return out;
  }

  /// Takes a lane of another vector of the same type.
  void copy(int lane, Lanes from, int fromLane) {
    if (dtype.isFloat()) {
      reals[lane] = from.reals[fromLane];
    } else {
      integers[lane] = from.integers[fromLane];
    }
  }

  /// `fn` lane by lane.
  static Lanes apply(ScalarFn fn, List<Lanes> args) {
    DType type = args.getLast().dtype;
    Optional<ScalarExpansion> expansion = ScalarExpansion.of(fn);
    boolean expands = type.compute() == DType.F32 || fn == ScalarFn.THREEFRY;
    if (expands && expansion.isPresent()) {
      return expand(expansion.get(), args);
    }
    DType result = fn.result(args.stream().map(Lanes::dtype).toList());
    Lanes out = zeros(result, args.getFirst().count());
    for (int i = 0; i < out.count(); i++) {
      out.apply(i, fn, type, args);
    }
    return out;
  }

  private void apply(int lane, ScalarFn fn, DType type, List<Lanes> args) {
    if (fn == ScalarFn.SELECT) {
      copy(lane, args.get(args.getFirst().integers[lane] != 0 ? 1 : 2), lane);
    } else if (type.isFloat()) {
      double[] x = args.stream().mapToDouble(arg -> arg.reals[lane]).toArray();
      // In f64 the sum would round before it rounds to f32.
      double y =
          fn == ScalarFn.FMA && type.compute() == DType.F32
              ? Math.fma((float) x[0], (float) x[1], (float) x[2])
              : ScalarMath.apply(fn, type, x);
      if (dtype.isFloat()) {
        reals[lane] = type.compute().round(y);
      } else {
        integers[lane] = (long) y;
      }
    } else {
      long[] x = args.stream().mapToLong(arg -> arg.integers[lane]).toArray();
      integers[lane] = ScalarMath.apply(fn, type, x);
    }
  }

  private static Lanes expand(ScalarExpansion expansion, List<Lanes> args) {
    Map<String, Lanes> locals = new HashMap<>();
    for (int i = 0; i < args.size(); i++) {
      DType type = args.get(i).dtype.compute();
      locals.put(expansion.params().get(i), args.get(i).as(type));
    }
    for (Statement.Let step : expansion.steps()) {
      locals.put(step.name(), expanded(step.value(), locals, args.getFirst().count()));
    }
    return expanded(expansion.result(), locals, args.getFirst().count()).as(args.getFirst().dtype);
  }

  private static Lanes expanded(Expr expr, Map<String, Lanes> locals, int count) {
    return switch (expr) {
      case Expr.Local(String name) -> Objects.requireNonNull(locals.get(name));
      case Expr.Constant(Elem.Literal literal) -> of(literal, count);
      case Expr.Apply(ScalarFn fn, List<Expr> args) ->
          apply(fn, args.stream().map(arg -> expanded(arg, locals, count)).toList());
      case Expr.Cast(DType dtype, Expr arg) -> expanded(arg, locals, count).cast(dtype);
      case Expr.Bits(DType dtype, Expr arg) -> expanded(arg, locals, count).bits(dtype);
      case Expr.IndexValue _,
          Expr.Load _,
          Expr.LoadVector _,
          Expr.Splat _,
          Expr.JoinLanes _,
          Expr.Head _ ->
          throw new IllegalArgumentException("not lane by lane: " + expr);
    };
  }

  /// The same numbers called another float type, which is computed in the same one.
  private Lanes as(DType other) {
    return new Lanes(other, reals, integers);
  }

  /// Each lane converted.
  Lanes cast(DType to) {
    Lanes out = zeros(to, count());
    for (int i = 0; i < count(); i++) {
      if (to.isFloat()) {
        out.reals[i] =
            dtype.isFloat() ? to.round(reals[i]) : ScalarMath.toReal(integers[i], dtype, to);
      } else {
        out.integers[i] =
            dtype.isFloat() ? ScalarMath.toInteger(reals[i], to) : to.wrap(integers[i]);
      }
    }
    return out;
  }

  /// The 32 bits of each lane as another type of 32 bits.
  Lanes bits(DType to) {
    Lanes out = zeros(to, count());
    for (int i = 0; i < count(); i++) {
      int bits = dtype.isFloat() ? Float.floatToRawIntBits((float) reals[i]) : (int) integers[i];
      if (to.isFloat()) {
        out.reals[i] = Float.intBitsToFloat(bits);
      } else {
        out.integers[i] = to.wrap(bits);
      }
    }
    return out;
  }

  /// The lanes below `limit`, the reducer's identity in the others.
  Lanes head(Reducer reducer, long limit) {
    Lanes out = of(reducer.identity(dtype), count());
    for (int i = 0; i < Math.min(limit, count()); i++) {
      out.copy(i, this, i);
    }
    return out;
  }

  /// All lanes joined: the upper half to the lower one, until one is left.
  Lanes join(Reducer reducer) {
    Lanes rest = this;
    for (int half = count() / 2; half >= 1; half /= 2) {
      Lanes low = zeros(dtype, half);
      Lanes high = zeros(dtype, half);
      for (int i = 0; i < half; i++) {
        low.copy(i, rest, i);
        high.copy(i, rest, i + half);
      }
      rest = apply(reducer.join(), List.of(low, high));
    }
    return rest;
  }
}
